//! New rows, nested ones, changes, versions.

use relations::prelude::*;
use relations::repository::{Observer, Observers};
use relations::{Result, Transaction};
use serde_json::json;

use crate::shop::{Customer, Line, Order, filled, router};
use crate::support::{delete, get, patch, post, put, send, with};

#[derive(Debug, Clone, PartialEq, Entity)]
struct Audit {
    #[id(generated)]
    id: i64,
    told: String,
}

struct Auditor;

impl Auditor {
    async fn note(tx: &Transaction, what: &str, orders: &[Order]) -> Result<()> {
        let quantities: Vec<_> = orders.iter().map(|order| order.quantity).collect();
        NewAudit { told: format!("{what} {quantities:?}") }.insert(tx).await.map(drop)
    }
}

impl Observer<Order> for Auditor {
    async fn inserted(&self, tx: &Transaction, orders: &[Order]) -> Result<()> {
        Self::note(tx, "+", orders).await
    }

    async fn updated(&self, tx: &Transaction, before: &[Order], after: &[Order]) -> Result<()> {
        Self::note(tx, "from", before).await?;
        Self::note(tx, "to", after).await
    }

    async fn deleted(&self, tx: &Transaction, orders: &[Order]) -> Result<()> {
        Self::note(tx, "-", orders).await
    }
}

behaviour! {
    async fn a_new_row_is_located(db) {
        let router = filled(db).await;
        let body = r#"{"name": "Mia", "email": null}"#;
        let answer = post(&router, "/customers", body).await.is(201);
        assert_eq!(answer.header("location"), "/customers/4");
        assert_eq!(answer.json(), json!({"id": 4, "name": "Mia", "email": null, "country": "NO"}));
        let body = r#"{"name": "Zoe", "country": "SE"}"#;
        assert_eq!(post(&router, "/customers", body).await.is(201).json()["country"], "SE");
        let minimal = [("prefer", "return=minimal")];
        let answer = send(&router, "POST", "/customers", &minimal, Some(r#"{"name": "Max"}"#)).await.is(201);
        assert_eq!((answer.text.as_str(), answer.header("location")), ("", "/customers/6"));
        let order = r#"{"customer_id": 1, "status": "open", "quantity": 2}"#;
        let answer = post(&router, "/orders", order).await.is(201);
        assert_eq!((answer.header("etag"), answer.json()["version"].as_i64()), ("\"1\"", Some(1)));
    }

    async fn writes_of_an_observed_database_are_observed(db) {
        drop(filled(db).await);
        db.create(schema![Audit]).await.unwrap();
        let router = router(&db.observed(Observers::new().on::<Order>(Auditor)));
        let order = r#"{"customer_id": 1, "status": "open", "quantity": 20}"#;
        let order = post(&router, "/orders", order).await.is(201);
        let path = order.header("location").to_owned();
        patch(&router, &path, r#"{"quantity": 30}"#).await.is(204);
        let nested = r#"{"name": "Mia", "orders": [{"status": "open", "quantity": 40}]}"#;
        post(&router, "/customers", nested).await.is(201);
        delete(&router, &path).await.is(204);
        let noted = Audit::find().order_by(Audit::ID.asc()).all(db).await.unwrap();
        let noted: Vec<_> = noted.into_iter().map(|audit| audit.told).collect();
        assert_eq!(noted, ["+ [20]", "from [20]", "to [30]", "+ [40]", "- [30]"]);
    }

    async fn a_body_is_taken_whole_or_refused(db) {
        let router = filled(db).await;
        let table = [
            (r#"{"customer_id": 1, "status": "open"}"#, "MISSING_PROPERTY", "/quantity"),
            (r#"{"customer_id": 1, "status": "gone", "quantity": 1}"#, "WRONG_TYPE", "/status"),
            (r#"{"customer_id": 1, "status": "open", "quantity": "1"}"#, "WRONG_TYPE", "/quantity"),
            (r#"{"customer_id": 1, "status": "open", "quantity": null}"#, "WRONG_TYPE", "/quantity"),
            (r#"{"customer_id": 1, "status": "open", "quantity": 3000000000}"#, "WRONG_TYPE", "/quantity"),
            (r#"{"customer_id": 1, "status": "open", "quantty": 1}"#, "UNKNOWN_PROPERTY", "/quantty"),
            (r#"{"id": 7, "customer_id": 1, "status": "open", "quantity": 1}"#, "READ_ONLY", "/id"),
            (r#"{"version": 7, "customer_id": 1, "status": "open", "quantity": 1}"#, "READ_ONLY", "/version"),
        ];
        for (body, code, pointer) in table {
            let answer = post(&router, "/orders", body).await.is(422);
            assert_eq!((answer.code().as_str(), answer.pointer().as_str()), (code, pointer), "{body}");
        }
        let answer = post(&router, "/orders", r#"{"customer_id": 1, "status": "open", "quantty": 1}"#).await;
        assert_eq!(answer.json()["suggestion"], "quantity");
        assert_eq!(post(&router, "/orders", r#"{"a": 1, "a": 2}"#).await.is(400).code(), "DUPLICATE_MEMBER");
        assert_eq!(post(&router, "/orders", "[]").await.is(400).code(), "WRONG_TYPE");
        assert_eq!(post(&router, "/orders", "{").await.is(400).code(), "INVALID_JSON");
        let plain = send(&router, "POST", "/orders", &[("content-type", "text/plain")], None).await;
        assert_eq!(plain.is(415).code(), "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(Order::find().count(db).await.unwrap(), 3);
    }

    async fn nested_rows_are_inserted_together(db) {
        let router = filled(db).await;
        let body = r#"{"status": "open", "quantity": 2, "customer": {"name": "Mia"},
            "lines": [{"number": 1, "price": 5, "product": {"name": "Pot", "tags": [{"word": "clay"}]}},
                      {"number": 2, "price": 6, "product_id": 1}]}"#;
        let answer = post(&router, "/orders", body).await.is(201);
        let order = answer.json();
        assert_eq!(order["customer"]["name"], "Mia");
        assert_eq!(order["lines"][0]["product"]["tags"][0]["word"], "clay");
        assert_eq!(order["lines"][1]["order_id"], order["id"]);
        assert_eq!(Line::find().count(db).await.unwrap(), 5);

        // The last of them fails, and nothing of the rest is there.
        let before = (Customer::find().count(db).await.unwrap(), Order::find().count(db).await.unwrap());
        let body = r#"{"status": "open", "quantity": 2, "customer": {"name": "Tom"},
            "lines": [{"number": 1, "price": 5, "product_id": 1}, {"number": 1, "price": 6, "product_id": 1}]}"#;
        assert_eq!(post(&router, "/orders", body).await.is(409).code(), "CONFLICT");
        let body = r#"{"status": "open", "quantity": 2, "customer": {"name": "Tom"},
            "lines": [{"number": 1, "prize": 5, "product_id": 1}]}"#;
        let refused = post(&router, "/orders", body).await.is(422);
        assert_eq!((refused.code(), refused.pointer()), ("UNKNOWN_PROPERTY".into(), "/lines/0/prize".into()));
        let after = (Customer::find().count(db).await.unwrap(), Order::find().count(db).await.unwrap());
        assert_eq!(before, after);
    }

    async fn absent_and_null_differ_in_a_patch(db) {
        let router = filled(db).await;
        let answer = patch(&router, "/orders/1", r#"{"quantity": 4}"#).await.is(204);
        assert_eq!((answer.text.as_str(), answer.header("etag")), ("", "\"2\""));
        assert_eq!(get(&router, "/orders/1").await.json()["note"], "gift");
        let prefer = [("prefer", "return=representation")];
        let answer = send(&router, "PATCH", "/orders/1", &prefer, Some(r#"{"note": null}"#)).await.is(200);
        assert_eq!((answer.json()["note"].clone(), answer.json()["quantity"].clone()), (json!(null), json!(4)));
        assert_eq!(patch(&router, "/orders/9", r#"{"quantity": 4}"#).await.is(404).code(), "NOT_FOUND");
        assert_eq!(patch(&router, "/orders/1", "{}").await.status, 204);
        let refused = patch(&router, "/orders/1", r#"{"quantity": null}"#).await.is(422);
        assert_eq!(refused.pointer(), "/quantity");
        let refused = patch(&router, "/orders/1", r#"{"id": 2}"#).await.is(422);
        assert_eq!(refused.code(), "READ_ONLY");
        patch(&router, "/orders/1", r#"{"id": 1, "quantity": 5}"#).await.is(204);
        let refused = patch(&router, "/orders/1", r#"{"lines": []}"#).await.is(422);
        assert_eq!(refused.code(), "NESTED_CHANGE");
    }

    async fn a_put_replaces_what_may_be_written(db) {
        let router = filled(db).await;
        let body = r#"{"customer_id": 2, "status": "shipped", "quantity": 1}"#;
        put(&router, "/orders/1", body).await.is(204);
        let order = get(&router, "/orders/1").await.json();
        assert_eq!((order["note"].clone(), order["payer_id"].clone()), (json!(null), json!(null)));
        // A row can be sent back as it came.
        let row = get(&router, "/orders/1").await.text;
        put(&router, "/orders/1", &row).await.is(204);
        assert_eq!(put(&router, "/orders/1", &row).await.is(412).code(), "STALE");
        let refused = put(&router, "/orders/1", r#"{"customer_id": 2}"#).await.is(422);
        assert_eq!(refused.code(), "MISSING_PROPERTY");
        assert_eq!(put(&router, "/orders/9", body).await.is(404).code(), "NOT_FOUND");
    }

    async fn if_match_compares_the_version(db) {
        let router = filled(db).await;
        let body = Some(r#"{"quantity": 4}"#);
        let stale = send(&router, "PATCH", "/orders/1", &[("if-match", "\"7\"")], body).await.is(412);
        assert_eq!(stale.code(), "STALE");
        send(&router, "PATCH", "/orders/1", &[("if-match", "\"1\"")], body).await.is(204);
        send(&router, "PATCH", "/orders/1", &[("if-match", "*")], body).await.is(204);
        let stale = send(&router, "DELETE", "/orders/2", &[("if-match", "\"x\"")], None).await.is(412);
        assert_eq!(stale.code(), "STALE");
        let gone = send(&router, "DELETE", "/orders/9", &[("if-match", "\"1\"")], None).await.is(404);
        assert_eq!(gone.code(), "NOT_FOUND");
        send(&router, "DELETE", "/orders/2", &[("if-match", "\"1\"")], None).await.is(204);
        let none = send(&router, "PATCH", "/customers/1", &[("if-match", "\"1\"")], Some(r#"{"name": "A"}"#)).await;
        assert_eq!(none.is(412).code(), "STALE");
    }

    async fn deletes(db) {
        let router = filled(db).await;
        let referenced = delete(&router, "/customers/1").await.is(409);
        assert_eq!(referenced.code(), "STILL_REFERENCED");
        assert_eq!(delete(&router, "/customers/3").await.is(204).text, "");
        assert_eq!(delete(&router, "/customers/3").await.is(404).code(), "NOT_FOUND");
        let prefer = [("prefer", "return=representation")];
        let answer = send(&router, "DELETE", "/orders/3", &prefer, None).await.is(200);
        assert_eq!(answer.json()["quantity"], 9);
    }

    async fn rows_of_a_where_change_together(db) {
        let router = filled(db).await;
        let open = with("/orders", "where", r#"{"status": "open"}"#);
        assert_eq!(patch(&router, &open, r#"{"note": "late"}"#).await.is(200).text, r#"{"count":2}"#);
        for uri in ["/orders".to_owned(), with("/orders", "where", "{}"), with("/orders", "where", r#"{"and": []}"#),
            with("/orders", "where", r#"{"or": [{}]}"#), with("/orders", "where", r#"{"lines": {}}"#)] {
            assert_eq!(patch(&router, &uri, r#"{"note": "all"}"#).await.is(400).code(), "WHERE_REQUIRED", "{uri}");
            assert_eq!(delete(&router, &uri).await.is(400).code(), "WHERE_REQUIRED", "{uri}");
        }
        let uri = with("/orders", "where", r#"{"lines": {"none": {}}}"#);
        assert_eq!(delete(&router, &uri).await.is(200).text, r#"{"count":1}"#);
        assert_eq!(Order::find().count(db).await.unwrap(), 2);
        assert_eq!(patch(&router, &open, "{}").await.is(422).code(), "NOTHING_TO_CHANGE");
        assert_eq!(patch(&router, &open, r#"{"id": 5}"#).await.is(422).code(), "READ_ONLY");
    }

    async fn constraints_are_told_by_relation_and_key(db) {
        let router = filled(db).await;
        let body = r#"{"customer_id": 77, "status": "open", "quantity": 2}"#;
        let missing = post(&router, "/orders", body).await.is(422);
        assert_eq!(missing.code(), "TARGET_NOT_FOUND");
        assert_eq!(missing.json()["relation"], "customer");
        let taken = post(&router, "/customers", r#"{"name": "A", "email": "ada@example.org"}"#).await.is(409);
        assert_eq!((taken.code(), taken.json()["key"].clone()), ("CONFLICT".into(), json!(["email"])));
        assert_eq!(missing.json()["key"], json!(["customer_id"]));
        let line = r#"{"order_id": 1, "number": 1, "product_id": 1, "price": 1}"#;
        let twice = post(&router, "/lines", line).await.is(409);
        assert_eq!(twice.json()["key"], json!(["order_id", "number"]));
        let table = "orders";
        for answer in [missing, taken] {
            assert!(!answer.text.contains("INSERT") && !answer.text.contains(&format!("{table}_")), "{answer:?}");
        }
    }
}
