//! Entities of some columns of a table, views, and partials in handlers of one's own.

use axum::Router;
use axum::routing::get as on_get;
use relations::prelude::*;
use relations_rest::{Api, Filtered, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::shop::{Customer, Order, Status, api, filled};
use crate::support::{delete, get, list, patch, post, with};

/// Some columns of the table of customers, for another part of an API.
#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(table = "customers")]
#[has_many(OpenOrder, name = "orders", key_to = "customer_id")]
struct Contact {
    #[id(generated)]
    id: i64,
    name: String,
}

/// Rows of a view.
#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct OpenOrder {
    #[id]
    id: i64,
    #[belongs_to(Contact, name = "contact")]
    customer_id: i64,
    quantity: i32,
}

/// The answer of a handler of one's own.
#[derive(Debug, Serialize, Partial)]
#[partial(Order)]
struct OrderStatus {
    id: i64,
    status: Status,
    #[include]
    customer: CustomerName,
}

#[derive(Debug, Serialize, Partial)]
#[partial(Customer)]
struct CustomerName {
    name: String,
}

async fn statuses(orders: Filtered<Order>) -> Result<axum::Json<Vec<OrderStatus>>, Problem> {
    let query = orders.query().limit(orders.limit()).select_as::<OrderStatus>();
    Ok(axum::Json(query.all(orders.database()).await?))
}

behaviour! {
    async fn an_entity_of_some_columns_shows_and_writes_those_alone(db) {
        let _ = filled(db).await;
        relations::sql("CREATE VIEW open_orders AS SELECT id, customer_id, quantity FROM orders WHERE lower(status) = 'open'", ())
            .execute(db).await.unwrap();
        let api = Api::new(db).serve::<Contact>(|it| it.all().path("contacts")).serve::<OpenOrder>(|it| it.read());
        let router: Router = api.router().unwrap();
        assert_eq!(get(&router, "/contacts/1").await.is(200).text, r#"{"id":1,"name":"Ada"}"#);
        assert_eq!(post(&router, "/contacts", r#"{"name": "Mia"}"#).await.is(201).json()["id"], 4);
        assert_eq!(post(&router, "/contacts", r#"{"name": "Mia", "country": "NO"}"#).await.is(422).code(), "UNKNOWN_PROPERTY");
        patch(&router, "/contacts/1", r#"{"name": "Ada L"}"#).await.is(204);
        let row = Customer::find_by_id(1).one(db).await.unwrap();
        assert_eq!((row.name.as_str(), row.email.as_deref()), ("Ada L", Some("ada@example.org")));
        for condition in [r#"{"country": "NO"}"#, r#"{"email": {"like": "%"}}"#] {
            assert_eq!(list(&router, "/contacts", condition).await.is(400).code(), "UNKNOWN_PROPERTY", "{condition}");
        }
        // A view is read, by relations too, and has no routes that write.
        assert_eq!(get(&router, "/open_orders?include=contact").await.is(200).all("contact")[1]["name"], json!("Bob"));
        assert_eq!(get(&router, "/contacts/1/orders").await.is(200).ids(), [1]);
        assert_eq!(get(&router, "/contacts/1/orders/count").await.is(200).text, r#"{"count":1}"#);
        for (path, allowed) in [("/open_orders", "GET,HEAD"), ("/open_orders/1", "GET,HEAD"), ("/contacts/1/orders", "GET,HEAD")] {
            let refused = delete(&router, &with(path, "where", r#"{"id": 1}"#)).await;
            assert_eq!((refused.status, refused.header("allow")), (405, allowed), "{path}");
        }
        let document = api.openapi().unwrap();
        assert!(document["paths"]["/open_orders"].get("post").is_none() && document["paths"]["/open_orders/{id}"].get("delete").is_none());
        assert!(!document.to_string().contains("country"));
    }

    async fn a_handler_answers_partials(db) {
        let _ = filled(db).await;
        let app = Router::new().route("/statuses", on_get(statuses)).with_state(api(db).filters().unwrap());
        let uri = with("/statuses", "filter", r#"{"where": {"customer": {"country": "NO"}}, "order": "-id", "limit": 1}"#);
        assert_eq!(get(&app, &uri).await.is(200).text, r#"[{"id":2,"status":"shipped","customer":{"name":"Ada"}}]"#);
    }
}
