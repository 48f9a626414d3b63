//! Foreign keys of which a part is set to null.

use ::relations::Engine;
use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Account {
    #[id]
    tenant_id: i64,
    #[id]
    number: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(
    Account,
    name = "account",
    key_from("tenant_id", "account_number"),
    key_to("tenant_id", "number"),
    on_delete = "set null(account_number)"
)]
struct Posting {
    #[id]
    id: i64,
    tenant_id: i64,
    account_number: Option<i64>,
}

#[test]
fn the_columns_stand_in_the_constraint() {
    let sql = schema![Account, Posting].create_sql(Engine::Postgres).unwrap();
    let key = sql.iter().find(|sql| sql.contains("FOREIGN KEY")).unwrap();
    assert!(key.ends_with(r#" ON DELETE SET NULL ("account_number")"#), "{key}");
    let again = schema![Account, Posting].create_if_missing_sql(Engine::Postgres).unwrap();
    assert!(again.iter().any(|sql| sql.contains(key)), "{again:?}");
    let error = schema![Account, Posting].create_sql(Engine::Sqlite).unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(
        error.to_string(),
        "SQLite sets a whole key to null, and `Posting.account` sets `account_number` alone; choose \
         another action, or use PostgreSQL"
    );
}

#[tokio::test]
async fn a_part_of_the_key_is_set_to_null() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(schema![Account, Posting]).await.unwrap();
    let account = NewAccount { tenant_id: 5, number: 70 }.insert(&db).await.unwrap();
    let new = NewPosting { id: 1, tenant_id: 5, account_number: Some(70) };
    let posting = new.insert(&db).await.unwrap();
    assert_eq!(posting.account(&db).await.unwrap(), Some(account.clone()));
    account.delete(&db).await.unwrap();
    let left = Posting { account_number: None, ..posting };
    assert_eq!(Posting::find().all(&db).await.unwrap(), [left]);
}
