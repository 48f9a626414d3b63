//! Each test has a database of its own in memory, and calls the service without a port.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test ends where it fails")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

async fn service() -> Router {
    let db = relations::connect("sqlite::memory:").await.expect("a database in memory");
    crate::prepare(&db).await.expect("a shop");
    crate::api::router(db)
}

async fn call(service: &Router, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let answer = service.clone().oneshot(request).await.expect("an answer");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn get(service: &Router, path: &str) -> (StatusCode, Value) {
    call(service, Method::GET, path, Value::Null).await
}

fn names(page: &Value) -> Vec<&str> {
    let rows = page["rows"].as_array().expect("rows");
    rows.iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn products_are_filtered_and_sorted() {
    let service = service().await;
    let (_, page) = get(&service, "/products?sort=-price").await;
    assert_eq!(names(&page), ["Cup", "Coffee", "Tea"]);
    let (_, page) = get(&service, "/products?in_stock=true&search=T").await;
    assert_eq!(names(&page), ["Tea"]);
    let (_, page) = get(&service, "/products?after=1").await;
    assert_eq!(names(&page), ["Coffee", "Cup"]);
    let (status, body) = get(&service, "/products?sort=id;drop").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body, json!({ "error": "cannot sort by `id;drop`" }));
}

#[tokio::test]
async fn an_order_is_written_whole() {
    let service = service().await;
    let body = json!({ "customer_id": 1, "lines": [
        { "product_id": 2, "quantity": 1 },
        { "product_id": 1, "quantity": 2 },
    ] });
    let (status, order) = call(&service, Method::POST, "/orders", body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(order["customer"]["name"], "Ada");
    assert_eq!(order["lines"][0]["product"]["name"], "Tea");
    assert_eq!(order["lines"][0]["product"]["stock"], 8);
    assert_eq!(get(&service, "/orders/1").await, (StatusCode::OK, order));
}

#[tokio::test]
async fn an_order_that_cannot_be_filled_changes_nothing() {
    let service = service().await;
    let body = json!({ "customer_id": 1, "lines": [
        { "product_id": 1, "quantity": 1 },
        { "product_id": 3, "quantity": 1 },
    ] });
    let (status, body) = call(&service, Method::POST, "/orders", body).await;
    assert_eq!((status, body), (StatusCode::CONFLICT, json!({ "error": "Cup is out of stock" })));
    let (_, page) = get(&service, "/products?search=Tea").await;
    assert_eq!(page["rows"][0]["stock"], 10);
    assert_eq!(get(&service, "/orders/1").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let service = service().await;
    let change = async |version: &Value, body| {
        let path = format!("/products/1?version={version}");
        call(&service, Method::PATCH, &path, body).await
    };
    let (status, tea) = change(&json!(1), json!({ "description": "green", "price": 500 })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&tea["description"], &tea["price"]), (&json!("green"), &json!(500)));
    let (_, tea) = change(&tea["version"], json!({ "stock": 4 })).await;
    assert_eq!((&tea["description"], &tea["stock"]), (&json!("green"), &json!(4)));
    let (_, tea) = change(&tea["version"], json!({ "description": null })).await;
    assert_eq!(tea["description"], Value::Null);
    let (status, _) = change(&tea["version"], json!({ "id": 7 })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    // A client that has seen an older version.
    let (status, _) = change(&json!(1), json!({ "price": 1 })).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn errors_have_statuses() {
    let service = service().await;
    assert_eq!(get(&service, "/orders/7").await.0, StatusCode::NOT_FOUND);
    let tea = json!({ "name": "Tea", "price": 1, "stock": 1 });
    let (status, body) = call(&service, Method::POST, "/products", tea).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body, json!({ "error": "this Product already exists" }));
    let lines = json!([{ "product_id": 1, "quantity": 1 }]);
    let order = json!({ "customer_id": 4711, "lines": lines });
    let (status, _) = call(&service, Method::POST, "/orders", order).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let order = json!({ "customer_id": 1, "lines": lines });
    call(&service, Method::POST, "/orders", order).await;
    let (status, body) = call(&service, Method::DELETE, "/customers/1", Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body, json!({ "error": "still used by 1 Order" }));
}
