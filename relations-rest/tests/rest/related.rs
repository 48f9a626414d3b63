//! Routes of relations: to one, to many, through a join table, trees.

use relations::prelude::*;
use serde_json::json;

use crate::shop::{Customer, Order, filled};
use crate::support::{delete, filtered, get, list, patch, post, put, send, with};

behaviour! {
    async fn to_one(db) {
        let router = filled(db).await;
        let ada = Customer::find_by_id(1).one(db).await.unwrap();
        let answer = get(&router, "/orders/1/customer").await.is(200);
        assert_eq!(answer.text, serde_json::to_string(&ada).unwrap());
        assert_eq!(get(&router, "/orders/1/payer").await.is(200).json()["name"], "Bob");
        // A null key, and no source.
        assert_eq!(get(&router, "/orders/2/payer").await.is(204).text, "");
        assert_eq!(get(&router, "/orders/9/customer").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/orders/9/payer").await.is(404).code(), "NOT_FOUND");
        // Has one.
        assert_eq!(get(&router, "/customers/1/profile").await.is(200).json()["bio"], "countess");
        assert_eq!(get(&router, "/customers/2/profile").await.is(204).text, "");
        assert_eq!(get(&router, "/customers/9/profile").await.is(404).code(), "NOT_FOUND");
        let nested = get(&router, "/lines/1/1/order?include=customer&fields=id").await.is(200);
        assert_eq!(nested.json()["customer"]["name"], "Ada");
    }

    async fn to_many(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/customers/1/orders").await.is(200).ids(), [1, 2]);
        assert_eq!(get(&router, "/customers/3/orders").await.is(200).text, "[]");
        assert_eq!(get(&router, "/customers/9/orders").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/customers/2/paid").await.is(200).ids(), [1]);
        assert_eq!(get(&router, "/customers/1/orders/count").await.is(200).text, r#"{"count":2}"#);
        assert_eq!(get(&router, "/customers/3/orders/count").await.is(200).text, r#"{"count":0}"#);
        assert_eq!(get(&router, "/customers/9/orders/count").await.is(404).code(), "NOT_FOUND");
        let some = list(&router, "/customers/1/orders", r#"{"status": "shipped"}"#).await.is(200);
        assert_eq!(some.ids(), [2]);
        let page = filtered(&router, "/customers/1/orders", r#"{"limit": 1, "include": ["lines"]}"#).await;
        assert_eq!(page.ids(), [1]);
        assert!(page.header("link").contains("/customers/1/orders?"), "{page:?}");
    }

    async fn new_targets_get_the_key_of_the_path(db) {
        let router = filled(db).await;
        let answer = post(&router, "/customers/2/orders", r#"{"status": "open", "quantity": 5}"#).await.is(201);
        assert_eq!(answer.json()["customer_id"], 2);
        assert_eq!(answer.header("location"), "/orders/4");
        let same = r#"{"status": "open", "quantity": 5, "customer_id": 2}"#;
        post(&router, "/customers/2/orders", same).await.is(201);
        let other = r#"{"status": "open", "quantity": 5, "customer_id": 1}"#;
        let refused = post(&router, "/customers/2/orders", other).await.is(422);
        assert_eq!((refused.code(), refused.pointer()), ("KEY_MISMATCH".into(), "/customer_id".into()));
        assert_eq!(post(&router, "/customers/9/orders", same).await.is(404).code(), "NOT_FOUND");
        let payer = post(&router, "/customers/3/paid", r#"{"customer_id": 1, "status": "open", "quantity": 1}"#);
        assert_eq!(payer.await.is(201).json()["payer_id"], 3);
        post(&router, "/customers/2/profile", r#"{"bio": "new"}"#).await.is(201);
        assert_eq!(post(&router, "/customers/2/profile", r#"{"bio": "second"}"#).await.is(409).code(), "CONFLICT");
    }

    async fn targets_of_a_row_change_together(db) {
        let router = filled(db).await;
        let uri = with("/customers/1/orders", "where", r#"{"quantity": {"gt": 0}}"#);
        assert_eq!(patch(&router, &uri, r#"{"note": "x"}"#).await.is(200).text, r#"{"count":2}"#);
        assert_eq!(get(&router, "/orders/3").await.json()["note"], json!(null));
        assert_eq!(get(&router, "/orders/1").await.json()["note"], "x");
        assert_eq!(patch(&router, "/customers/1/orders", r#"{"note": "x"}"#).await.is(400).code(), "WHERE_REQUIRED");
        let uri = with("/customers/1/orders", "where", r#"{"id": {"inq": [2, 3]}}"#);
        assert_eq!(delete(&router, &uri).await.is(200).text, r#"{"count":1}"#);
        assert_eq!(Order::find().count(db).await.unwrap(), 2);
        assert_eq!(delete(&router, &with("/customers/9/orders", "where", r#"{"id": 1}"#)).await.status, 404);
    }

    async fn links_are_put_and_deleted(db) {
        let router = filled(db).await;
        assert_eq!(put(&router, "/products/2/tags/new", "").await.is(204).text, "");
        assert_eq!(put(&router, "/products/2/tags/new", "").await.status, 204);
        assert_eq!(get(&router, "/products/2/tags").await.is(200).all("word"), [json!("new")]);
        assert_eq!(get(&router, "/tags/new/products/count").await.is(200).text, r#"{"count":1}"#);
        assert_eq!(delete(&router, "/products/2/tags/new").await.status, 204);
        assert_eq!(delete(&router, "/products/2/tags/new").await.is(404).code(), "NOT_LINKED");
        assert_eq!(put(&router, "/products/9/tags/new", "").await.is(404).code(), "NOT_FOUND");
        assert_eq!(put(&router, "/products/1/tags/none", "").await.is(404).code(), "NOT_FOUND");
        // A new target by the link.
        let answer = post(&router, "/products/1/tags", r#"{"word": "green/new"}"#).await.is(201);
        assert_eq!(answer.header("location"), "/tags/green%2Fnew");
        assert_eq!(get(&router, answer.header("location")).await.is(200).json()["word"], "green/new");
        assert_eq!(get(&router, "/products/1/tags").await.all("word"), [json!("green/new"), json!("hot")]);
    }

    async fn trees(db) {
        let router = filled(db).await;
        let above = get(&router, "/categories/3/ancestors").await.is(200);
        assert_eq!((above.ids(), above.all("depth")), (vec![2, 1], vec![json!(1), json!(2)]));
        assert_eq!(get(&router, "/categories/1/ancestors").await.is(200).text, "[]");
        assert_eq!(get(&router, "/categories/3/parent/ancestors?depth=1").await.is(200).ids(), [2]);
        assert_eq!(get(&router, "/categories/1/descendants").await.is(200).ids(), [2, 4, 3]);
        let nested = get(&router, "/categories/1/descendants?nested=true").await.is(200).json();
        assert_eq!(nested, json!([
            {"id": 2, "title": "Drinks", "parent_id": 1, "children": [
                {"id": 3, "title": "Tea", "parent_id": 2, "children": []},
            ]},
            {"id": 4, "title": "Cups", "parent_id": 1, "children": []},
        ]));
        assert_eq!(get(&router, "/categories/9/ancestors").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/categories/9/descendants").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/categories/1/descendants?depth=x").await.is(400).code(), "WRONG_TYPE");
        assert_eq!(get(&router, "/categories/1/children").await.is(200).ids(), [2, 4]);
    }

    async fn what_is_not_served_is_not_there(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/tokens").await.status, 404);
        assert_eq!(get(&router, "/customers/1/tokens").await.status, 404);
        assert_eq!(get(&router, "/product_tags").await.status, 404);
        assert_eq!(get(&router, "/customers?include=tokens").await.is(400).code(), "UNKNOWN_RELATION");
        let asked = list(&router, "/customers", r#"{"tokens": {"any": {"secret": {"like": "h%"}}}}"#).await;
        assert_eq!(asked.is(400).code(), "UNKNOWN_PROPERTY");
        assert_eq!(get(&router, "/customers?order=tokens.count").await.is(400).code(), "UNKNOWN_RELATION");
        let body = r#"{"name": "M", "tokens": [{"secret": "x"}]}"#;
        assert_eq!(post(&router, "/customers", body).await.is(422).code(), "UNKNOWN_PROPERTY");
        assert_eq!(send(&router, "TRACE", "/customers", &[], None).await.status, 405);
    }
}
