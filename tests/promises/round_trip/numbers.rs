//! Values of PostgreSQL's that a Rust type does not hold are refused, and never cut.

use ::relations::Json;
use ::relations::prelude::*;
use rust_decimal::Decimal;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "readings")]
struct Reading {
    #[id]
    id: i64,
    value: Option<Decimal>,
    of_day: Option<chrono::NaiveTime>,
    other_time: Option<time::Time>,
    day: Option<chrono::NaiveDate>,
    at: Option<chrono::DateTime<chrono::Utc>>,
    other_at: Option<time::OffsetDateTime>,
    facts: Option<serde_json::Value>,
    typed: Option<Json<Vec<f64>>>,
    list: Option<Vec<Decimal>>,
}

/// An entity of this table with strings for numbers that Rust does not have.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "readings")]
struct Text {
    #[id]
    id: i64,
    #[column(type = "numeric")]
    value: Option<String>,
    #[column(type = "time")]
    of_day: Option<String>,
    #[column(type = "timestamptz")]
    at: Option<String>,
    #[column(type = "jsonb")]
    facts: Option<String>,
}

#[tokio::test]
async fn what_would_lose_digits_is_refused_and_says_what_to_write() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(schema![Reading]).await.unwrap();
    let refused = [
        ("value", "1234567890123456789012345678901234567890", "type = \"numeric\""),
        ("value", "0.12345678901234567890123456789012345", "type = \"numeric\""),
        ("value", "79228162514264337593543950336", "type = \"numeric\""),
        ("value", "0.00000000000000000000000000001", "type = \"numeric\""),
        ("value", "NaN", "type = \"numeric\""),
        ("value", "-Infinity", "type = \"numeric\""),
        ("of_day", "24:00", "type = \"time\""),
        ("other_time", "24:00", "type = \"time\""),
        ("day", "infinity", "type = \"date\""),
        ("at", "-infinity", "type = \"timestamptz\""),
        ("other_at", "infinity", "type = \"timestamptz\""),
        ("facts", "{\"a\": [1, 12345678901234567890123]}", "type = \"jsonb\""),
        ("facts", "0.1234567890123456789", "type = \"jsonb\""),
        ("typed", "[0.1234567890123456789]", "type = \"jsonb\""),
        ("list", "{1,1234567890123456789012345678901234567890}", "type = \"numeric\""),
    ];
    for (id, (column, text, advice)) in (1..).zip(refused) {
        let insert = format!("INSERT INTO readings (id, {column}) VALUES ({id}, '{text}')");
        ::relations::sql(insert.as_str(), ()).execute(&db).await.unwrap();
        let error = Reading::find_by_id(id).one(&db).await.unwrap_err();
        assert!(error.is_row_mismatch(), "{column} {text}: {error:?}");
        assert!(error.to_string().contains(advice), "{error}");
        assert!(error.to_string().contains("`String`"), "{error}");
        // Nothing can have been written back.
        let found = Text::find_by_id(id).one(&db).await.unwrap();
        if column == "value" {
            assert_eq!(found.value.as_deref(), Some(text));
            let same = Text::find().filter(Text::VALUE.eq(text));
            assert_eq!(same.one(&db).await.unwrap().id, id);
        }
        let (mut found, before) = (found.clone(), found);
        found.update(&db).await.unwrap();
        assert_eq!(Text::find_by_id(id).one(&db).await.unwrap(), before);
    }
}

#[tokio::test]
async fn what_is_read_has_all_of_its_digits() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(schema![Reading]).await.unwrap();
    let kept = [
        ("0", "0"),
        ("0.00", "0.00"),
        ("2.50", "2.50"),
        ("-0.0000000000000000000000000001", "-0.0000000000000000000000000001"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
        ("1e20", "100000000000000000000"),
        ("1.00000000000000000000000000000000000", "1.0000000000000000000000000000"),
        ("10000", "10000"),
        ("10000.0001", "10000.0001"),
        ("123456789.123456789", "123456789.123456789"),
        ("0.00010000", "0.00010000"),
        ("7922816251426433759354395033.0", "7922816251426433759354395033.0"),
        ("79228162514264337593543950335.000", "79228162514264337593543950335"),
    ];
    for (id, (text, read)) in (1..).zip(kept) {
        let insert = format!("INSERT INTO readings (id, value) VALUES ({id}, {text})");
        ::relations::sql(insert.as_str(), ()).execute(&db).await.unwrap();
        let reading = Reading::find_by_id(id).one(&db).await.unwrap();
        assert_eq!(reading.value.unwrap().to_string(), read, "{text}");
        let found = Reading::find().filter(Reading::VALUE.eq(reading.value.unwrap()));
        assert!(found.all(&db).await.unwrap().contains(&reading), "{text}");
    }
}
