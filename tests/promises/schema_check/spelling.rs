//! Several spellings of one type, default or condition are no drift.

use ::relations::ConnectOptions;
use ::relations::prelude::*;
use ::relations::schema;

use super::shop::run;
use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "spelled")]
#[unique(code, filter = "closed is false and amount in (1,2)")]
#[unique(label, code, name = "both")]
pub struct Spelled {
    #[id(generated)]
    pub id: i64,
    #[column(type = "VarChar(5)", default = "'a'")]
    pub code: String,
    #[column(type = "char(3)", default = "'x'")]
    pub label: String,
    #[column(type = "mood", default = "'glad'")]
    pub mood: String,
    #[column(default = "'f'")]
    pub closed: bool,
    #[column(default = "1+1")]
    pub amount: i32,
    #[column(type = "int8")]
    pub long: i64,
    #[column(type = "TIMESTAMP WITH TIME ZONE", default = "current_timestamp")]
    pub at: chrono::DateTime<chrono::Utc>,
    #[column(type = "decimal(10,2)", default = "0")]
    pub price: rust_decimal::Decimal,
    #[column(type = "decimal(10,2)", generated = "price*amount")]
    pub total: rust_decimal::Decimal,
    #[column(type = "varchar(9)[]", default = "'{}'")]
    pub words: Vec<String>,
}

#[tokio::test]
async fn a_spelling_of_its_own_is_no_drift() {
    let Some(db) = support::postgres().await else { return };
    run(&db, ["CREATE TYPE mood AS ENUM ('sad', 'glad')"]).await;
    db.create(schema![Spelled]).await.unwrap();
    let report = db.check(schema![Spelled]).await.unwrap().strict();
    assert!(report.is_empty(), "{report}");
    run(&db, ["ALTER TABLE spelled ALTER mood SET DEFAULT 'sad'"]).await;
    let report = db.check(schema![Spelled]).await.unwrap();
    assert!(
        report.to_string().contains("has the default `'glad'`, and `spelled.mood` `'sad'::mood`"),
        "{report}"
    );
}

#[tokio::test]
async fn a_type_that_the_database_does_not_know_is_unsure() {
    let Some(db) = support::postgres().await else { return };
    run(&db, ["CREATE TYPE mood AS ENUM ('sad', 'glad')"]).await;
    db.create(schema![Spelled]).await.unwrap();
    run(
        &db,
        ["ALTER TABLE spelled ALTER mood DROP DEFAULT, ALTER mood TYPE text", "DROP TYPE mood"],
    )
    .await;
    let report = db.check(schema![Spelled]).await.unwrap();
    let text = report.to_string();
    assert!(text.contains("`Spelled.mood` was compared as a text"), "{text}");
    assert!(!text.contains("`Spelled.code`"), "{text}");
}

#[tokio::test]
async fn where_no_table_can_be_made_it_is_unsure() {
    let Some(url) = support::postgres_url().await else { return };
    let db = support::connected(&url).await;
    run(&db, ["CREATE TYPE mood AS ENUM ('sad', 'glad')"]).await;
    db.create(schema![Spelled]).await.unwrap();
    let (_, name) = url.rsplit_once('/').unwrap();
    run(&db, [format!("ALTER DATABASE {name} SET default_transaction_read_only = on")]).await;
    // A pooler may hand on a session that is older than the setting.
    let reader = ConnectOptions::new(&url).connect().await.unwrap();
    let report = reader.check(schema![Spelled]).await.unwrap();
    assert!(
        report.findings().any(|finding| finding.drift == ::relations::shape::Drift::Unsure),
        "{report}"
    );
    assert!(report.to_string().contains("was compared as a text"), "{report}");
}
