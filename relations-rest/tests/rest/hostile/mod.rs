//! Hostile filters: from a generator, and known tricks. The database has no tables, so that a statement that is
//! sent is an error of 5xx.

mod generator;

use std::time::{Duration, Instant};

use axum::Router;

use crate::shop::router;
use crate::support::{Answer, filtered, get, list, post, send, sqlite};
use generator::{NAMES, Random, filter, value};

fn is_refused(answer: &Answer, request: &str) {
    assert!((400..500).contains(&answer.status), "{request}: {answer:?}");
    answer.code();
}

async fn empty() -> Router {
    router(&sqlite().await)
}

#[tokio::test]
async fn a_thousand_hostile_filters_send_no_statement() {
    let (router, mut random) = (empty().await, Random(7));
    let mut slowest = Duration::ZERO;
    for _ in 0..1_000 {
        let filter = filter(&mut random);
        let start = Instant::now();
        let answer = match random.below(3) {
            0 => filtered(&router, "/orders", &filter).await,
            1 => post(&router, "/orders/query", &filter).await,
            _ => filtered(&router, "/orders/1/lines", &filter).await,
        };
        slowest = slowest.max(start.elapsed());
        is_refused(&answer, &filter);
    }
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
}

#[tokio::test]
async fn whatever_is_asked_is_answered() {
    // Here a filter may be right: then the statement fails for want of a table, which is no panic.
    let (router, mut random) = (empty().await, Random(11));
    for _ in 0..1_000 {
        let condition = format!("{{\"{}\": {}}}", random.of(&NAMES), value(&mut random, 6));
        let request = axum::http::Request::builder().method("POST").uri("/orders/query");
        let request = request.header("content-type", "application/json");
        let body = axum::body::Body::from(format!("{{\"where\": {condition}}}"));
        let response = tower::ServiceExt::oneshot(router.clone(), request.body(body).unwrap());
        let status = response.await.unwrap().status();
        // A condition that nothing can meet needs no statement.
        let is_answered = status.is_client_error() || status == 500 || status == 200;
        assert!(is_answered, "{condition} {status}");
    }
}

#[tokio::test]
async fn costs_are_limited_before_a_statement() {
    let router = empty().await;
    let deep = |levels: usize| format!("{}{{}}{}", "{\"not\": ".repeat(levels), "}".repeat(levels));
    let wide: Vec<String> = (0..200).map(|at| format!("{{\"quantity\": {at}}}")).collect();
    let wide = format!("{{\"or\": [{}]}}", wide.join(","));
    let chain =
        "{\"lines\": {\"any\": {\"order\": {\"lines\": {\"any\": {\"order\": {\"id\": 1}}}}}}}";
    let chain = format!("{{\"order\": {chain}}}");
    for (condition, path) in [(deep(17), "/orders"), (wide, "/orders"), (chain, "/lines")] {
        let answer = list(&router, path, &condition).await.is(400);
        assert_eq!(answer.code(), "TOO_COSTLY", "{condition}");
    }
    let answer = post(&router, "/orders/query", &format!("{{\"where\": {}}}", deep(1_000))).await;
    assert_eq!(answer.is(400).code(), "INVALID_JSON");
    let long = format!("{{\"where\": {{\"note\": \"{}\"}}}}", "x".repeat(17_000));
    assert_eq!(filtered(&router, "/orders", &long).await.is(414).code(), "FILTER_TOO_LONG");
    assert_eq!(post(&router, "/orders/query", &long).await.is(413).code(), "FILTER_TOO_LONG");
    let huge = format!("{{\"note\": \"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(post(&router, "/orders", &huge).await.is(413).code(), "BODY_TOO_LARGE");
    let product =
        r#"{"limit": 1000, "include": [{"relation": "orders", "scope": {"limit": 1000}}]}"#;
    assert_eq!(filtered(&router, "/customers", product).await.is(400).code(), "TOO_COSTLY");
    let nested = "/customers?include=orders.lines.product.tags.products";
    assert_eq!(get(&router, nested).await.is(400).code(), "TOO_COSTLY");
    assert_eq!(get(&router, "/orders?limit=1001").await.is(400).code(), "INVALID_LIMIT");
    assert_eq!(get(&router, "/orders?limit=0").await.is(400).code(), "INVALID_LIMIT");
}

#[tokio::test]
async fn tricks_with_names() {
    let router = empty().await;
    for uri in [
        "/orders?filter[where][id]=1",
        "/orders?limit=1&limit=2",
        "/orders?%ff=1",
        "/orders?nope=1",
        "/orders?where=1",
        "/orders?filter=1",
        "/orders?filter=null",
        "/orders?include=customer,customer.tokens",
        "/orders?fields=,tokens",
        "/orders?fields=",
        "/orders?filter={%22fields%22:[]}",
        "/orders?order=id%00",
        "/orders?order=id%20asc%20desc",
        "/orders?order=-id%20asc",
        "/orders?filter={}&where={&x",
        "/orders?limit=1&filter={%22limit%22:2}",
        "/orders?order=customer",
        "/orders?order=lines.price",
        "/orders?order=customer.orders.count",
        "/orders?include=lines:all",
        "/orders?skip=1&offset=2",
        "/orders?skip=18446744073709551615",
    ] {
        is_refused(&get(&router, uri).await, uri);
    }
    let twice = r#"{"include": [{"relation": "lines"}, {"relation": "lines", "count": true}]}"#;
    assert_eq!(filtered(&router, "/orders", twice).await.is(400).code(), "DUPLICATE_RELATION");
    let answer = list(&router, "/orders", r#"{"quantty": 1}"#).await.is(400);
    assert_eq!(
        (answer.pointer().as_str(), answer.json()["suggestion"].as_str()),
        ("/where/quantty", Some("quantity"))
    );
    let answer = list(&router, "/orders", r#"{"a/b~c": 1}"#).await.is(400);
    assert_eq!(answer.pointer(), "/where/a~1b~0c");
    let answer = send(&router, "PUT", "/orders/1", &[], Some("{\"__proto__\": {}}")).await.is(422);
    assert_eq!(answer.code(), "UNKNOWN_PROPERTY");
}
