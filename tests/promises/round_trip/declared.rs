//! Columns of types that the entity declares keep their length and precision.

use ::relations::prelude::*;
use rust_decimal::Decimal;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "codes")]
struct Code {
    #[id]
    #[column(type = "bit(8)")]
    id: String,
    #[column(type = "char(5)")]
    short: String,
    #[column(type = "varchar(3)")]
    name: String,
    #[column(type = "numeric(10,2)")]
    price: Decimal,
    #[column(type = "varchar(3)[]")]
    names: Vec<String>,
    #[column(type = "bit(4)[]")]
    masks: Vec<String>,
    #[column(type = "timestamp(3) with time zone")]
    at: chrono::DateTime<chrono::Utc>,
    #[column(type = "interval day to second(3)")]
    span: String,
    #[column(type = "bit varying(6)")]
    loose: Option<String>,
    #[column(type = "\"Odd (type)\"")]
    odd: Option<String>,
    #[column(type = "json")]
    raw: serde_json::Value,
    #[column(type = "json")]
    raw_text: String,
    #[column(type = "xml")]
    page: Option<String>,
    #[column(type = "point")]
    place: Option<String>,
    #[column(type = "small_number[]")]
    numbers: Vec<i32>,
    maybe: Vec<Option<i64>>,
    maybe_texts: Option<Vec<Option<String>>>,
    #[column(type = "mood[]")]
    moods: Vec<Option<String>>,
}

fn new(id: &str) -> NewCode {
    NewCode {
        id: id.into(),
        short: "ab".into(),
        name: "abc".into(),
        price: Decimal::new(250, 2),
        names: vec!["a".into(), "abc".into()],
        masks: vec!["1010".into()],
        at: "2024-02-29T12:00:00.123Z".parse().unwrap(),
        span: "1 day 02:03:04.567".into(),
        loose: Some("101".into()),
        odd: Some("odd".into()),
        raw: serde_json::json!({ "b": [1, 2.5], "a": null }),
        raw_text: "{\"z\":  1, \"z\": 2}".into(),
        page: Some("<a>1</a>".into()),
        place: Some("(1,2)".into()),
        numbers: vec![1, 7],
        maybe: vec![Some(1), None, Some(3)],
        maybe_texts: Some(vec![None, Some("NULL".into()), Some(String::new())]),
        moods: vec![Some("fine".into()), None],
    }
}

async fn codes() -> Option<::relations::Database> {
    let db = crate::support::postgres().await?;
    for sql in [
        "CREATE TYPE mood AS ENUM ('fine', 'tired')",
        "CREATE DOMAIN small_number AS integer CHECK (VALUE < 10)",
        "CREATE DOMAIN \"Odd (type)\" AS text CHECK (VALUE <> '')",
    ] {
        ::relations::sql(sql, ()).execute(&db).await.unwrap();
    }
    db.create(schema![Code]).await.unwrap();
    Some(db)
}

#[tokio::test]
async fn values_of_declared_types_are_written_and_found() {
    let Some(db) = codes().await else { return };
    let code = new("10110000").insert(&db).await.unwrap();
    assert_eq!((code.id.as_str(), code.short.as_str()), ("10110000", "ab"));
    let many = vec![new("00000001"), new("11111111")];
    assert_eq!(NewCode::insert_many(many, &db).await.unwrap().len(), 2);
    assert_eq!(Code::find_by_id("10110000").one(&db).await.unwrap(), code);
    let by_id = || Code::ID.eq("10110000");
    let found = [
        Code::SHORT.eq("ab"),
        Code::SHORT.eq(&code.short),
        Code::NAME.eq("abc"),
        Code::PRICE.eq(code.price),
        Code::NAMES.eq(code.names.clone()),
        Code::MASKS.eq(code.masks.clone()),
        Code::AT.eq(code.at),
        Code::SPAN.eq(&code.span),
        Code::LOOSE.eq("101"),
        Code::ODD.eq("odd"),
        Code::RAW.eq(code.raw.clone()),
        Code::RAW_TEXT.eq(&code.raw_text),
        Code::PAGE.eq("<a>1</a>"),
        Code::PLACE.eq("(1,2)"),
        Code::NUMBERS.eq(code.numbers.clone()),
        Code::MAYBE.eq(code.maybe.clone()),
        Code::MAYBE_TEXTS.eq(code.maybe_texts.clone().unwrap()),
        Code::MOODS.eq(code.moods.clone()),
        Code::ID.is_in(["10110000", "0"]),
        Code::RAW.is_in([code.raw.clone()]),
        Code::PAGE.is_in(["<a>1</a>"]),
    ];
    for (number, filter) in found.into_iter().enumerate() {
        let rows = Code::find().filter(filter.and(by_id())).all(&db).await.unwrap();
        assert_eq!(rows, [code.clone()], "filter {number}");
    }
    // A value that is longer equals none that is cut off there.
    let missed = [
        Code::ID.eq("101100001"),
        Code::ID.eq("1"),
        Code::ID.eq("10110"),
        Code::SHORT.eq("ab   x"),
        Code::NAME.eq("abcd"),
        Code::PRICE.eq(Decimal::new(2501, 3)),
        Code::LOOSE.eq("1010000"),
        Code::NAMES.eq(vec!["a".to_owned(), "abcd".to_owned()]),
        Code::SPAN.eq("1 day 02:03:04.5674"),
        Code::RAW.eq(serde_json::json!({ "b": [1, 2.5] })),
        Code::MAYBE.eq(vec![Some(1), Some(3)]),
    ];
    for (number, filter) in missed.into_iter().enumerate() {
        assert_eq!(Code::find().filter(filter).count(&db).await.unwrap(), 0, "filter {number}");
    }
    let mut again = code.clone();
    again.update(&db).await.unwrap();
    assert_eq!(Code::find_by_id("10110000").one(&db).await.unwrap(), code);
    again.delete(&db).await.unwrap();
    assert_eq!(Code::find().count(&db).await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_not_cut() {
    let Some(db) = codes().await else { return };
    let long = [
        NewCode { id: "101".into(), ..new("0") },
        NewCode { short: "abcdef".into(), ..new("00000001") },
        NewCode { name: "abcd".into(), ..new("00000001") },
        NewCode { names: vec!["abcd".into()], ..new("00000001") },
        NewCode { masks: vec!["1".into()], ..new("00000001") },
        NewCode { loose: Some("1111111".into()), ..new("00000001") },
        NewCode { numbers: vec![10], ..new("00000001") },
    ];
    for (number, new) in long.into_iter().enumerate() {
        assert!(new.clone().insert(&db).await.is_err(), "row {number}");
        assert!(NewCode::insert_many(vec![new], &db).await.is_err(), "row {number}");
    }
    assert_eq!(Code::find().count(&db).await.unwrap(), 0);
}

#[tokio::test]
async fn rows_with_types_that_have_no_equality_can_be_distinct() {
    let Some(db) = codes().await else { return };
    new("00000001").insert(&db).await.unwrap();
    new("00000010").insert(&db).await.unwrap();
    assert_eq!(Code::find().distinct().all(&db).await.unwrap().len(), 2);
    assert_eq!(Code::find().distinct().count(&db).await.unwrap(), 2);
    let raw = Code::find().distinct().select(Code::RAW).all(&db).await.unwrap();
    assert_eq!(raw, [serde_json::json!({ "b": [1, 2.5], "a": null })]);
    let pages = Code::find().distinct().select(Code::PAGE).all(&db).await.unwrap();
    assert_eq!(pages, [Some("<a>1</a>".to_owned())]);
    assert!(Code::find().distinct().exists(&db).await.unwrap());
}
