//! JSON is what serde says: renames, words of enums, types of one's own, formats, skipped fields.

use chrono::{DateTime, NaiveDate, Utc};
use relations::prelude::*;
use relations::{Json, schema};
use relations_rest::Api;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value as JsonValue, json};
use uuid::Uuid;

use crate::support::{get, list, patch, post};

/// An address with an `@`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Value)]
#[serde(try_from = "String")]
struct Email(String);

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.contains('@') { Ok(Self(text)) } else { Err("an address has an @".to_owned()) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Value)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Level {
    VeryLow,
    High,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Settings {
    theme: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
#[has_many(SubAccount)]
#[allow(clippy::struct_field_names)]
struct Account {
    #[id]
    account_id: Uuid,
    #[serde(rename = "mail", alias = "e-mail")]
    email_address: Email,
    level: Level,
    balance: Decimal,
    born_on: Option<NaiveDate>,
    #[serde(with = "chrono::serde::ts_seconds")]
    seen_at: DateTime<Utc>,
    settings: Json<Settings>,
    free: Json<JsonValue>,
    #[serde(default)]
    points: i32,
    #[serde(skip_serializing)]
    password: String,
    #[serde(skip_deserializing)]
    #[column(default = "0")]
    rank: i32,
    #[serde(skip)]
    #[column(default = "''")]
    internal: String,
    picture: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
struct SubAccount {
    #[id(generated)]
    id: i64,
    #[belongs_to(Account)]
    account_id: Uuid,
}

const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

behaviour! {
    async fn what_goes_in_comes_out(db) {
        db.create(schema![Account, SubAccount]).await.unwrap();
        let api = Api::new(db).serve::<Account>(|it| it.all()).serve::<SubAccount>(|it| it.all());
        let router = api.router::<()>().unwrap();
        let body = json!({
            "accountId": ID, "mail": "a@b.example", "level": "VERY_LOW", "balance": "12.50",
            "bornOn": "1815-12-10", "seenAt": 1_700_000_000, "settings": {"theme": "dark"},
            "free": {"a": [1, null]}, "password": "hunter2", "picture": [1, 2],
            "subAccounts": [{}],
        });
        let answer = post(&router, "/accounts", &body.to_string()).await.is(201);
        assert_eq!(answer.header("location"), format!("/accounts/{ID}"));
        let row = Account::find().one(db).await.unwrap();
        assert_eq!((row.password.as_str(), row.points, row.level), ("hunter2", 0, Level::VeryLow));
        let answer = get(&router, &format!("/accounts/{ID}")).await.is(200);
        assert_eq!(answer.text, serde_json::to_string(&row).unwrap());
        let typed = Account::find().include(Account::SUB_ACCOUNTS).all(db).await.unwrap();
        let answer = get(&router, "/accounts?include=subAccounts").await.is(200);
        assert_eq!(answer.text, serde_json::to_string(&typed).unwrap());
        let found = [
            r#"{"mail": "a@b.example"}"#, r#"{"level": "VERY_LOW"}"#, r#"{"level": {"inq": ["VERY_LOW"]}}"#,
            r#"{"balance": {"gt": "12.49"}}"#, r#"{"bornOn": "1815-12-10"}"#, r#"{"seenAt": 1700000000}"#,
            r#"{"seenAt": {"between": [1600000000, 1800000000]}}"#, r#"{"rank": 0}"#, r#"{"points": {"lt": 1}}"#,
            r#"{"subAccounts": {"any": {"account": {"mail": {"like": "a%"}}}}}"#, r#"{"nickName": null}"#,
        ];
        for condition in found {
            assert_eq!(list(&router, "/accounts", condition).await.is(200).json().as_array().unwrap().len(), 1, "{condition}");
        }
        let refused = [
            (r#"{"email_address": "a@b.example"}"#, "UNKNOWN_PROPERTY"), (r#"{"mail": "x"}"#, "WRONG_TYPE"),
            (r#"{"level": "VeryLow"}"#, "WRONG_TYPE"), (r#"{"password": "hunter2"}"#, "UNKNOWN_PROPERTY"),
            (r#"{"internal": ""}"#, "UNKNOWN_PROPERTY"), (r#"{"seenAt": "2026-01-01"}"#, "WRONG_TYPE"),
        ];
        for (condition, code) in refused {
            assert_eq!(list(&router, "/accounts", condition).await.is(400).code(), code, "{condition}");
        }
        let uri = format!("/accounts/{ID}");
        patch(&router, &uri, r#"{"level": "HIGH", "balance": "1.00", "nickName": "A", "password": "new"}"#).await.is(204);
        let changed = Account::find().one(db).await.unwrap();
        assert_eq!((changed.level, changed.password.as_str(), changed.seen_at), (Level::High, "new", row.seen_at));
        assert_eq!(patch(&router, &uri, r#"{"rank": 5}"#).await.is(422).code(), "READ_ONLY");
        assert_eq!(patch(&router, &uri, r#"{"internal": "x"}"#).await.is(422).code(), "UNKNOWN_PROPERTY");
        let wrong = patch(&router, &uri, r#"{"mail": "x"}"#).await.is(422);
        assert_eq!(wrong.pointer(), "/mail");
        assert!(wrong.text.contains("an address has an @"), "{wrong:?}");
    }
}
