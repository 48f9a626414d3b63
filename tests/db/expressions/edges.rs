//! Values that one engine alone has, or has in several ways; pages and streams.

use ::relations::expression::{DateUnit, case, coalesce, concat, count, date_trunc, sql_expr};
use ::relations::{connect, sql};
use futures_util::TryStreamExt;
use uuid::Uuid;

use super::*;

#[derive(Debug, Clone, PartialEq, Eq, Value)]
pub enum Mood {
    Sad,
    Happy,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Diary {
    #[id]
    pub id: i64,
    #[column(type = "mood")]
    pub mood: Option<Mood>,
    #[column(type = "citext")]
    pub title: String,
    #[column(type = "json")]
    pub data: serde_json::Value,
    #[column(type = "char(5)")]
    pub code: String,
}

#[tokio::test]
async fn types_of_postgres_are_values_of_expressions() {
    let Some(db) = crate::support::postgres().await else { return };
    let db = &db;
    sql("CREATE EXTENSION IF NOT EXISTS citext", ()).execute(db).await.unwrap();
    sql("CREATE TYPE mood AS ENUM ('sad', 'happy')", ()).execute(db).await.unwrap();
    db.create(schema![Diary]).await.unwrap();
    for (id, mood, title, data) in [
        (1, Some(Mood::Happy), "One", "{\"a\": 1}"),
        (2, None, "ONE", "{\"a\":1}"),
        (3, Some(Mood::Sad), "two", "[]"),
    ] {
        let data = serde_json::from_str(data).unwrap();
        let diary = NewDiary { id, mood, title: title.into(), data, code: "ab".into() };
        diary.insert(db).await.unwrap();
    }
    let all = || Diary::find().order_by(Diary::ID.asc());
    let moods = all().select(coalesce(Diary::MOOD, Mood::Sad)).all(db).await.unwrap();
    assert_eq!(moods, [Mood::Happy, Mood::Sad, Mood::Sad]);
    let chosen = case().when(Diary::ID.eq(1), Mood::Sad).otherwise(Diary::MOOD);
    let chosen =
        all().filter(chosen.clone().eq(Mood::Sad)).select((Diary::ID, chosen)).all(db).await;
    assert_eq!(chosen.unwrap(), [(1, Some(Mood::Sad)), (3, Some(Mood::Sad))]);
    let grouped = Diary::find().group_by(Diary::TITLE).having(count().gt(1));
    let grouped =
        grouped.select((Diary::MOOD.max(), count(), Diary::MOOD.count_distinct())).one(db).await;
    assert_eq!(grouped.unwrap(), (Some(Mood::Happy), 2, 1));
    let by_mood = Diary::find().group_by(Diary::MOOD).select((Diary::MOOD, count()));
    let by_mood = by_mood.order_by(Diary::MOOD.asc()).all(db).await.unwrap();
    assert_eq!(by_mood, [(Some(Mood::Sad), 1), (Some(Mood::Happy), 1), (None, 1)]);
    let by_json =
        Diary::find().group_by(Diary::DATA).select((Diary::DATA, count())).order_by(count().desc());
    assert_eq!(by_json.all(db).await.unwrap()[0], (serde_json::json!({"a": 1}), 2));
    let distinct =
        Diary::find().aggregate((Diary::DATA.count_distinct(), Diary::TITLE.count_distinct()));
    assert_eq!(distinct.one(db).await.unwrap(), (2, 2));
    let texts =
        all().select(concat((Diary::TITLE.lower(), "/", Diary::CODE))).first(db).await.unwrap();
    assert_eq!(texts.as_deref(), Some("one/ab"));
    let at = all().filter(Diary::DATA.at("a").as_integer().eq(1)).count(db).await.unwrap();
    assert_eq!(at, 2);
    assert_eq!(all().filter(Diary::TITLE.lower().eq("ONE")).count(db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_time_zone_of_the_session_changes_nothing() {
    let Some(db) = crate::support::postgres().await else { return };
    sales(&db).await;
    let session = db.sql_session().await.unwrap();
    sql("SET TIME ZONE 'Pacific/Auckland'", ()).execute(&session).await.unwrap();
    let (at, day_of) = (Sale::PLACED_AT, Sale::DAY);
    let values = (
        (at.day(), at.hour(), at.cast::<NaiveDate>()),
        (
            date_trunc(DateUnit::Day, at),
            date_trunc(DateUnit::Month, day_of),
            day_of.cast::<DateTime<Utc>>(),
        ),
        (at + ::relations::expression::days(60), Sale::LOCAL.cast::<DateTime<Utc>>()),
    );
    let found = Sale::find_by_id(1).select(values).one(&session).await.unwrap();
    let expected = (
        (31, 23, day("2024-01-31")),
        (instant("2024-01-31 00:00:00"), day("2024-01-01"), instant("2024-01-31 00:00:00")),
        (instant("2024-03-31 23:30:15.75"), instant("2024-01-31 23:30:15.75")),
    );
    assert_eq!(found, expected);
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Spelled {
    #[id]
    pub id: i64,
    pub at: Option<DateTime<Utc>>,
    pub code: Uuid,
    pub price: Decimal,
}

#[tokio::test]
async fn spellings_of_sqlite_are_one_key() {
    let db = &connect("sqlite::memory:").await.unwrap();
    db.create(schema![Spelled]).await.unwrap();
    let code = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let rows = "INSERT INTO spelleds (id, at, code, price) VALUES \
                (1, '2024-05-01 10:00:00.000000+00:00', $1, '1.50'), \
                (2, '2024-05-01T12:00:00+02:00', upper($1), '1.5'), \
                (3, NULL, replace($1, '-', ''), '2')";
    sql(rows, (code,)).execute(db).await.unwrap();
    let by = Spelled::find()
        .group_by(Spelled::AT)
        .select((Spelled::AT, count()))
        .order_by(count().desc());
    assert_eq!(by.all(db).await.unwrap(), [(Some(instant("2024-05-01 10:00:00")), 2), (None, 1)]);
    let by = Spelled::find().group_by(Spelled::CODE).select((Spelled::CODE, count()));
    assert_eq!(by.all(db).await.unwrap(), [(code.parse().unwrap(), 3)]);
    let values = (
        Spelled::AT.count_distinct(),
        Spelled::CODE.count_distinct(),
        Spelled::PRICE.count_distinct(),
    );
    assert_eq!(Spelled::find().aggregate(values).one(db).await.unwrap(), (1, 1, 2));
    let hours = Spelled::find().filter(Spelled::AT.hour().eq(10)).count(db).await.unwrap();
    assert_eq!(hours, 2);
    let at = coalesce(Spelled::AT, instant("2024-05-01 10:00:00"));
    assert_eq!(
        Spelled::find().filter(at.eq(instant("2024-05-01 10:00:00"))).count(db).await.unwrap(),
        3
    );
    let is_in = Spelled::find()
        .filter(coalesce(Spelled::AT, Spelled::AT).is_in([instant("2024-05-01 10:00:00")]));
    assert_eq!(is_in.count(db).await.unwrap(), 2);
    // A value that is not one of its type is an error, not a null.
    sql("UPDATE spelleds SET at = 'soon' WHERE id = 3", ()).execute(db).await.unwrap();
    assert!(Spelled::find().select(Spelled::AT.year()).all(db).await.is_err());
}

behaviour! {
    async fn pages_and_streams_follow_expressions(db) {
        sales(db).await;
        let orders: [::relations::Ordering<Sale>; 6] = [
            Sale::PRODUCT.length().desc(),
            (Sale::PRICE * Sale::QUANTITY).desc(),
            coalesce(Sale::NOTE.lower(), "none").asc(),
            Sale::NOTE.trim().asc(),
            date_trunc(DateUnit::Month, Sale::PLACED_AT).desc(),
            case().when(Sale::OPEN.eq(true), Sale::DISCOUNT).or_null().desc().nulls_last(),
        ];
        for order in orders {
            let query = || Sale::find().order_by(order.clone());
            let all = query().order_by(Sale::ID.asc()).all(db).await.unwrap();
            let mut direction = query().stream(db).chunk(1);
            let mut streamed = Vec::new();
            while let Some(sale) = direction.try_next().await.unwrap() {
                streamed.push(sale.id);
            }
            let whole: Vec<i64> = query().stream(db).map_ok(|sale| sale.id).try_collect().await.unwrap();
            assert_eq!(streamed, whole, "{order:?}");
            assert_eq!(streamed.len(), all.len());
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = query().page(1);
                let page = match after {
                    Some(id) => page.after(id),
                    None => page,
                };
                let page = page.fetch(db).await.unwrap();
                let Some(sale) = page.rows.first() else { break };
                after = Some(sale.id);
                paged.push(sale.id);
                if page.next.is_none() {
                    break;
                }
            }
            assert_eq!(paged, whole, "{order:?}");
        }
        let by_sql = sql_expr::<i64>("sales.cents % $1", (7_i64,));
        let query = Sale::find().order_by(by_sql.desc());
        let streamed: Vec<i64> = query.clone().stream(db).chunk(1).map_ok(|sale| sale.id).try_collect().await.unwrap();
        let whole: Vec<i64> = query.stream(db).map_ok(|sale| sale.id).try_collect().await.unwrap();
        assert_eq!(streamed, whole);
    }

    async fn includes_are_filtered_and_ordered_by_expressions(db) {
        sales(db).await;
        let dear = Shop::SALES
            .filter((Sale::PRICE * Sale::QUANTITY).gt(decimal("4")))
            .order_by(Sale::PRODUCT.length().desc())
            .limit(1);
        let shops = Shop::find().order_by(Shop::NAME.lower().asc()).include(dear).all(db).await.unwrap();
        let found: Vec<(&str, Vec<i64>)> =
            shops.iter().map(|shop| (&*shop.name, shop.sales.iter().map(|sale| sale.id).collect())).collect();
        assert_eq!(found, [("Closed", vec![]), ("North", vec![3]), ("South", vec![4])]);
        let any = Shop::find().filter(Shop::SALES.any(Sale::NOTE.trim().lower().eq("gift")));
        assert_eq!(any.one(db).await.unwrap().name, "North");
        let total = Shop::SALES.max(concat((Sale::PRODUCT, "@", Sale::SHOP.column(Shop::NAME))));
        let totals = Shop::find().order_by(Shop::ID.asc()).select(total).all(db).await.unwrap();
        assert_eq!(totals[1].as_deref(), Some("coffee@South"));
        let deleted = Sale::find().filter(Sale::PRODUCT.upper().eq("TEA")).delete(db).await.unwrap();
        assert_eq!(deleted, 2);
    }
}
