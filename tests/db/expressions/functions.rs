//! Functions of each row.

use ::relations::expression::{Expression, case, coalesce, concat};

use super::*;

async fn texts<S>(db: &Database, selection: S) -> Vec<S::Output>
where
    S: ::relations::query::Selection<Sale> + Send + Sync,
{
    Sale::find().order_by(Sale::ID.asc()).select(selection).all(db).await.unwrap()
}

behaviour! {
    async fn texts_are_changed_and_joined(db) {
        sales(db).await;
        let note = |text: &str| Some(text.to_owned());
        assert_eq!(texts(db, Sale::NOTE.lower()).await, [note(" gift "), None, note("ete"), None]);
        assert_eq!(texts(db, Sale::NOTE.trim().upper()).await, [note("GIFT"), None, note("ETE"), None]);
        assert_eq!(texts(db, Sale::PRODUCT.upper()).await, ["TEA", "TEA", "ÜMLAUT", "COFFEE"]);
        assert_eq!(texts(db, Sale::PRODUCT.length()).await, [3, 3, 6, 6]);
        assert_eq!(texts(db, Sale::NOTE.length()).await, [Some(6), None, Some(3), None]);
        let label = concat((Sale::PRODUCT, ":", Sale::NOTE, Sale::ID.cast::<String>()));
        assert_eq!(texts(db, label).await, ["tea: Gift 1", "tea:2", "Ümlaut:ETE3", "coffee:4"]);
        assert_eq!(texts(db, coalesce(Sale::NOTE, "none")).await, [" Gift ", "none", "ETE", "none"]);
        let either: Vec<Option<String>> = texts(db, coalesce(Sale::NOTE, Sale::NOTE.lower())).await;
        assert_eq!(either[1], None);
        let or_product: Vec<String> = texts(db, coalesce(Sale::NOTE.trim(), Sale::PRODUCT)).await;
        assert_eq!(or_product, ["Gift", "tea", "ETE", "coffee"]);
        assert_eq!(ids(db, Sale::NOTE.lower().eq("ete")).await, [3]);
        assert_eq!(ids(db, Sale::PRODUCT.lower().like("%m_aut")).await, [3]);
        assert_eq!(ids(db, Sale::PRODUCT.upper().is_in(["TEA", "COFFEE"])).await, [1, 2, 4]);
        assert_eq!(ids(db, Sale::PRODUCT.upper().not_in(["TEA"])).await, [3, 4]);
        assert_eq!(ids(db, Sale::NOTE.trim().is_null()).await, [2, 4]);
        assert_eq!(ids(db, Sale::PRODUCT.length().in_range(4..7)).await, [3, 4]);
        assert_eq!(ids(db, Sale::SHOP.column(Shop::NAME).lower().starts_with("so")).await, [4]);
        assert_eq!(ids(db, Sale::NOTE.ilike("eT_")).await, [3]);
        let ordered = Sale::find().order_by(Sale::PRODUCT.length().desc()).order_by(Sale::ID.desc());
        assert_eq!(ordered.select(Sale::ID).all(db).await.unwrap(), [4, 3, 2, 1]);
    }

    async fn conditions_choose_a_value(db) {
        sales(db).await;
        let size = case()
            .when(Sale::QUANTITY.gt(3), "large")
            .when(Sale::QUANTITY.gt(1).and(Sale::OPEN.eq(true)), "middling")
            .otherwise("small");
        assert_eq!(texts(db, size.clone()).await, ["middling", "small", "small", "large"]);
        assert_eq!(ids(db, size.clone().eq("small")).await, [2, 3]);
        let found = Sale::find().order_by(size.desc()).order_by(Sale::ID.asc()).select(Sale::ID);
        assert_eq!(found.all(db).await.unwrap(), [2, 3, 1, 4]);
        let note: Expression<Sale, Option<String>> =
            case().when(Sale::OPEN.eq(true), Sale::NOTE).when(Sale::ID.eq(2), "two").or_null();
        let note = texts(db, note).await;
        assert_eq!(note, [Some(" Gift ".to_owned()), Some("two".to_owned()), Some("ETE".to_owned()), None]);
        let number = case().when(Sale::DISCOUNT.is_null(), 7).otherwise(Sale::CENTS);
        assert_eq!(texts(db, number).await, [150, 7, 1_025, 900]);
    }

    async fn numbers_of_two_types_are_calculated_with(db) {
        sales(db).await;
        let total: Vec<Decimal> = texts(db, Sale::PRICE * Sale::QUANTITY).await;
        assert_eq!(total, ["3.00", "4.5", "10.25", "36.00"].map(decimal));
        assert_eq!(texts(db, Sale::PRICE * 2).await, ["3.00", "3.0", "20.50", "18.00"].map(decimal));
        assert_eq!(texts(db, Sale::QUANTITY * Sale::CENTS).await, [300, 450, 1_025, 3_600]);
        assert_eq!(texts(db, Sale::WEIGHT * Sale::QUANTITY).await, [2.0, 4.5, 0.5, 8.0]);
        assert_eq!(texts(db, Sale::CENTS - Sale::DISCOUNT).await, [Some(140), None, Some(1_000), Some(900)]);
        let large = i64::from(i32::MAX);
        let beyond: Vec<i64> = texts(db, Sale::QUANTITY + (Sale::CENTS * 0_i64 + large)).await;
        assert_eq!(beyond[0], large + 2);
        assert_eq!(ids(db, (Sale::PRICE * Sale::QUANTITY).ge(decimal("10"))).await, [3, 4]);
        let found = Sale::find().order_by((Sale::PRICE * Sale::QUANTITY).desc()).select(Sale::ID);
        assert_eq!(found.all(db).await.unwrap(), [4, 3, 2, 1]);
        assert_eq!(Sale::find().sum(db, Sale::PRICE * Sale::QUANTITY).await.unwrap(), Some(decimal("53.75")));
        assert_eq!(Sale::find().max(db, Sale::PRODUCT.length()).await.unwrap(), Some(6));
        let sold = Shop::SALES.sum(Sale::PRICE * Sale::QUANTITY);
        let shops = Shop::find().order_by(sold.clone().desc().nulls_last()).select((Shop::NAME, sold));
        let row = |name: &str, sold: Option<&str>| (name.to_owned(), sold.map(decimal));
        let expected = [row("South", Some("36.00")), row("North", Some("17.75")), row("Closed", None)];
        assert_eq!(shops.all(db).await.unwrap(), expected);
        let left = Shop::QUOTA - coalesce(Shop::SALES.sum(Sale::CENTS), 0);
        let left = Shop::find().order_by(Shop::ID.asc()).select(left).all(db).await.unwrap();
        assert_eq!(left, [100 - 1_325, 5_000 - 900, 0]);
        // Through a relation to one.
        let of_quota = Sale::SHOP.column(Shop::QUOTA) - Sale::CENTS;
        assert_eq!(texts(db, of_quota).await, [-50, -50, -925, 4_100]);
    }

    async fn values_are_cast(db) {
        sales(db).await;
        assert_eq!(texts(db, Sale::PRICE.cast::<i64>()).await, [2, 2, 10, 9]);
        assert_eq!(texts(db, Sale::PRICE.cast::<f64>()).await, [1.5, 1.5, 10.25, 9.0]);
        let average: Vec<f64> = texts(db, Sale::CENTS.cast::<f64>() / 100.0).await;
        assert_eq!(average, [1.5, 1.5, 10.25, 9.0]);
        assert_eq!(texts(db, Sale::OPEN.cast::<String>()).await, ["true", "false", "true", "true"]);
        assert_eq!(texts(db, Sale::OPEN.cast::<i32>()).await, [1, 0, 1, 1]);
        assert_eq!(texts(db, Sale::DISCOUNT.cast::<Decimal>()).await[..2], [Some(decimal("10")), None]);
        assert_eq!(texts(db, Sale::ID.cast::<String>().cast::<i32>()).await, [1, 2, 3, 4]);
        assert_eq!(texts(db, Sale::PRICE.cast::<String>()).await[2..], ["10.25", "9.00"]);
        let days: Vec<NaiveDate> = texts(db, Sale::PLACED_AT.cast::<NaiveDate>()).await;
        assert_eq!(days[0], day("2024-01-31"));
        assert_eq!(texts(db, Sale::DAY.cast::<DateTime<Utc>>()).await[2], instant("2024-02-29 00:00:00"));
        assert_eq!(texts(db, Sale::LOCAL.cast::<DateTime<Utc>>()).await[1], instant("2024-02-01 00:10:00"));
        let out_of_range = Sale::find().select((Sale::CENTS * 1_000_000_000).cast::<i32>()).all(db).await;
        assert!(out_of_range.is_err());
        let no_number = Sale::find().select(Sale::PRODUCT.cast::<i64>()).all(db).await;
        assert!(no_number.is_err());
    }

    async fn rows_are_changed_by_expressions(db) {
        sales(db).await;
        let changed = Sale::find()
            .filter(Sale::ID.le(3))
            .set_expr(Sale::NOTE, coalesce(Sale::NOTE.trim(), "none").lower())
            .set_expr(Sale::CENTS, case().when(Sale::OPEN.eq(true), Sale::CENTS * 2).otherwise(0))
            .set_expr(Sale::PRODUCT, concat((Sale::SHOP.column(Shop::NAME), "/", Sale::PRODUCT)))
            .update(db)
            .await;
        assert_eq!(changed.unwrap(), 3);
        let found = texts(db, (Sale::NOTE, Sale::CENTS, Sale::PRODUCT)).await;
        let row = |note: Option<&str>, cents, product: &str| {
            (note.map(ToOwned::to_owned), cents, product.to_owned())
        };
        let expected = [
            row(Some("gift"), 300, "North/tea"),
            row(Some("none"), 0, "North/tea"),
            row(Some("ete"), 2_050, "North/Ümlaut"),
            row(None, 900, "coffee"),
        ];
        assert_eq!(found, expected);
        let city = Sale::OTHER.column(Shop::CITY);
        let changed = Sale::find().all_rows().set_expr(Sale::NOTE, city).update(db).await;
        assert_eq!(changed.unwrap(), 4);
        let notes = texts(db, Sale::NOTE).await;
        assert_eq!(notes, [None, None, Some("Oslo".to_owned()), None]);
    }

    async fn expressions_that_are_too_deep_are_told(db) {
        sales(db).await;
        let mut note = coalesce(Sale::NOTE, "x");
        for _ in 0..300 {
            note = note.lower();
        }
        let error = Sale::find().select(note).all(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("more than 200"), "{error}");
    }
}

#[tokio::test]
async fn letters_beyond_ascii_have_their_case_on_sqlite() {
    let db = crate::support::sqlite().await;
    sales(&db).await;
    Sale::find_by_id(1).set(Sale::NOTE, "Straße ÉTÉ İ".to_owned()).update(&db).await.unwrap();
    let notes = Sale::find_by_id(1).select((Sale::NOTE.lower(), Sale::NOTE.upper())).one(&db).await;
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(notes.unwrap(), (some("straße été i"), some("STRAßE ÉTÉ İ")));
    assert_eq!(ids(&db, Sale::NOTE.lower().eq("straße été i")).await, [1]);
    assert_eq!(ids(&db, Sale::NOTE.ilike("%_té _")).await, [1]);
}
