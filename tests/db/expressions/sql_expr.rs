//! SQL of one's own as a value of each row.

use ::relations::expression::{SqlExpression, coalesce, count, sql_expr};
use ::relations::{Engine, Executor, Filter};

use super::*;

behaviour! {
    async fn sql_is_selected_ordered_by_and_compared(db) {
        sales(db).await;
        // A value is used twice, and they are numbered as they like.
        let score = sql_expr::<i64>("abs(sales.cents - $2) * $1 + $2 - $2", (2_i64, 1_000_i64));
        let found = Sale::find()
            .filter(score.clone().lt(1_000).and(Sale::OPEN.eq(true)))
            .order_by(score.clone().desc())
            .select((Sale::ID, score.clone()))
            .all(db)
            .await
            .unwrap();
        assert_eq!(found, [(4, 200), (3, 50)]);
        assert_eq!(ids(db, score.clone().eq(Sale::ID + 46)).await, [0_i64; 0]);
        assert_eq!(ids(db, score.clone().is_in([50, 200])).await, [3, 4]);
        assert_eq!(ids(db, Sale::CENTS.gt(score.clone())).await, [3, 4]);
        assert_eq!(ids(db, (Sale::CENTS + score.clone()).eq(1_075)).await, [3]);
        let sum = Sale::find().group_by(score.clone()).select((score.clone(), count())).order_by(score.asc());
        assert_eq!(sum.all(db).await.unwrap(), [(50, 1), (200, 1), (1_700, 2)]);
        let note = sql_expr::<Option<String>>("sales.note", ());
        assert_eq!(ids(db, note.clone().is_null()).await, [2, 4]);
        let found = Sale::find().order_by(note.clone().asc().nulls_first()).order_by(Sale::ID.desc());
        let found = found.limit(2).select((Sale::ID, note)).all(db).await.unwrap();
        assert_eq!(found, [(4, None), (2, None)]);
        let loaded = Sale::find()
            .order_by(sql_expr::<i64>("0 - sales.id", ()).asc())
            .include(Sale::SHOP)
            .all(db)
            .await
            .unwrap();
        assert_eq!(loaded.iter().map(|sale| (sale.id, &*sale.shop.name)).collect::<Vec<_>>()[0], (4, "South"));
        let set = sql_expr::<i64>("sales.cents + $1", (1_i64,));
        Sale::find_by_id(1).set_expr(Sale::CENTS, set).update(db).await.unwrap();
        assert_eq!(Sale::find_by_id(1).select(Sale::CENTS).one(db).await.unwrap(), 151);
        let text = sql_expr::<Option<i64>>("sales.discount", ());
        let discount = ::relations::expression::Expression::<Sale, Option<i64>>::from(text);
        assert_eq!(ids(db, coalesce(discount, -1).eq(-1)).await, [2]);
    }

    async fn a_wrong_placeholder_is_told_before_anything_is_sent(db) {
        let refused = async |score: SqlExpression<i64>| {
            let error = Sale::find().select(score.clone()).all(db).await.unwrap_err();
            assert!(error.is_invalid_request(), "{error}");
            let ordered = Sale::find().order_by(score.clone().desc()).all(db).await.unwrap_err();
            assert!(ordered.is_invalid_request(), "{ordered}");
            let filtered = Sale::find().filter(score.gt(1)).count(db).await.unwrap_err();
            assert!(filtered.is_invalid_request(), "{filtered}");
            error.to_string()
        };
        let said = refused(sql_expr("cents + $2", (1_i64,))).await;
        assert!(said.contains("`sql_expr`"), "{said}");
        let said = refused(sql_expr("cents", (1_i64,))).await;
        assert!(said.contains("asks for 0 values and is given 1"), "{said}");
        let said = refused(sql_expr(" ", ())).await;
        assert!(said.contains("there is no expression in the SQL"), "{said}");
        for sql in ["1; DELETE FROM sales", "(1", "1)", "'open", "1 -- '\u{0}"] {
            refused(sql_expr(sql, ())).await;
        }
        if db.engine() == Engine::Postgres {
            refused(sql_expr("CAST(set_config('a.b', 'c', false) AS bigint)", ())).await;
        }
    }

    async fn a_value_of_another_type_is_told(db) {
        sales(db).await;
        let error = Sale::find().select(sql_expr::<i64>("sales.product", ())).all(db).await.unwrap_err();
        assert!(error.is_row_mismatch(), "{error}");
        let null = Sale::find().select(sql_expr::<i64>("sales.discount", ())).all(db).await.unwrap_err();
        assert!(null.is_row_mismatch(), "{null}");
        let filter: Filter<Sale> = Filter::any([Filter::raw("cents = $1", (150_i64,)), Sale::ID.eq(4)]);
        assert_eq!(ids(db, filter).await, [1, 2, 4]);
    }
}
