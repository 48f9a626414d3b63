//! Handlers of one's own beside the API: extractors, states, layers, mounts.

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get as on_get;
use relations::Database;
use relations_rest::{ById, Filtered, Filters, Problem};
use serde_json::json;

use crate::shop::{Order, api, filled};
use crate::support::{get, post};

#[derive(Clone)]
struct State {
    filters: Filters,
    greeting: &'static str,
}

impl FromRef<State> for Filters {
    fn from_ref(state: &State) -> Self {
        state.filters.clone()
    }
}

async fn total(filtered: Filtered<Order>) -> Result<String, Problem> {
    let orders = filtered.query().all(filtered.database()).await?;
    Ok(orders.iter().map(|order| order.quantity).sum::<i32>().to_string())
}

async fn page(filtered: Filtered<Order>) -> Result<String, Problem> {
    filtered.page().await?.to_json()
}

async fn half(ById(order): ById<Order>) -> String {
    (order.quantity / 2).to_string()
}

async fn hello(state: axum::extract::State<State>) -> &'static str {
    state.greeting
}

fn app(db: &Database) -> Router {
    let api = api(db);
    let state = State { filters: api.filters().unwrap(), greeting: "hello" };
    Router::new()
        .route("/total", on_get(total))
        .route("/page", on_get(page))
        .route("/half/{id}", on_get(half))
        .route("/hello", on_get(hello))
        .merge(api.router().unwrap())
        .nest("/v1", api.router().unwrap())
        .with_state(state)
}

behaviour! {
    async fn handlers_take_the_same_filters(db) {
        let _ = filled(db).await;
        let app = app(db);
        assert_eq!(get(&app, "/hello").await.is(200).text, "hello");
        assert_eq!(get(&app, "/total").await.is(200).text, "19");
        let uri = crate::support::with("/total", "where", r#"{"customer": {"name": "Ada"}}"#);
        assert_eq!(get(&app, &uri).await.is(200).text, "10");
        assert_eq!(get(&app, "/total?order=nope").await.is(400).code(), "UNKNOWN_PROPERTY");
        let typed = get(&app, "/page?include=customer&order=-id&limit=2").await.is(200);
        let served = get(&app, "/orders?include=customer&order=-id&limit=2").await.is(200);
        assert_eq!(typed.text, served.text);
        assert_eq!(get(&app, "/half/2").await.is(200).text, "3");
        assert_eq!(get(&app, "/half/9").await.is(404).code(), "NOT_FOUND");
    }

    async fn links_and_locations_know_where_the_api_is_mounted(db) {
        let _ = filled(db).await;
        let app = app(db);
        assert_eq!(get(&app, "/v1/orders/1/customer").await.is(200).json()["name"], json!("Ada"));
        let link = get(&app, "/v1/orders?limit=1").await.is(200);
        assert_eq!(link.header("link"), "</v1/orders?limit=1&after=1>; rel=\"next\"");
        let new = post(&app, "/v1/customers", r#"{"name": "Mia"}"#).await.is(201);
        assert_eq!(new.header("location"), "/v1/customers/4");
    }
}
