//! Shops as a REST API: entities, relations, filters, nested writes, a tenant for each request, and the explorer.
//!
//! `cargo run -p relations-rest --example shop_api --features sqlite` serves a database in memory and prints URLs
//! to try. With `DATABASE_URL=postgres://…` it serves that database and creates the tables that are missing;
//! `PORT=3001` chooses another port. `-- openapi` prints the OpenAPI document instead, and serves nothing.

// Entities are served as they read: `|it| it.all()`.
#![allow(clippy::redundant_closure_for_method_calls)]

use std::error::Error;

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use relations::prelude::*;
use relations::{Database, connect};
use relations_rest::{Api, Problem, SetupError};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Order)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[index]
    #[tenant]
    shop_id: i64,
    name: String,
    #[unique]
    email: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Value)]
#[serde(rename_all = "lowercase")]
enum Status {
    Open,
    Shipped,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Line)]
struct Order {
    #[id(generated)]
    id: i64,
    #[index]
    #[tenant]
    shop_id: i64,
    #[belongs_to(Customer, on_delete = "restrict")]
    customer_id: i64,
    status: Status,
    note: Option<String>,
    #[version]
    version: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    order_id: i64,
    #[id]
    number: i32,
    #[tenant]
    shop_id: i64,
    #[belongs_to(Product)]
    product_id: i64,
    quantity: i32,
}

/// All shops sell the same products.
#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(shared)]
#[has_many(Tag, through(ProductTag))]
struct Product {
    #[id(generated)]
    id: i64,
    #[unique]
    name: String,
    /// In cents.
    price: i64,
    #[belongs_to(Category)]
    category_id: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(shared)]
#[has_many(Product, through(ProductTag))]
struct Tag {
    #[id]
    word: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(shared)]
struct ProductTag {
    #[id]
    #[belongs_to(Product)]
    product_id: i64,
    #[id]
    #[belongs_to(Tag)]
    tag_id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(shared)]
#[has_many(Category, name = "children", key_to = "parent_id")]
struct Category {
    #[id(generated)]
    id: i64,
    title: String,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

/// The shop that a request is for, which the layer has found out.
#[derive(Debug, Clone, Copy)]
struct Shop(i64);

/// The tokens of the shops. A real service looks up sessions, or checks signatures.
const TOKENS: [(&str, i64); 2] = [("token-of-shop-1", 1), ("token-of-shop-2", 2)];

/// Takes the shop from the token of a request. One without a token is for shop 1, so that the URLs below can be
/// tried in a browser.
async fn authenticate(mut request: Request, next: Next) -> Response {
    let shop = match request.headers().get(AUTHORIZATION) {
        None => Some(1),
        Some(header) => {
            let token = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            TOKENS.iter().find(|(known, _)| token == Some(known)).map(|(_, shop)| *shop)
        }
    };
    let Some(shop) = shop else {
        return Problem::new(401, "UNAUTHENTICATED", "the token is not one of a shop")
            .into_response();
    };
    request.extensions_mut().insert(Shop(shop));
    next.run(request).await
}

/// The tenant of a request. Without the layer above nothing is answered.
fn shop(parts: &Parts) -> Result<i64, Problem> {
    let shop = parts.extensions.get::<Shop>().map(|Shop(shop)| *shop);
    shop.ok_or_else(|| Problem::new(401, "UNAUTHENTICATED", "the request is of no shop"))
}

fn api(db: &Database) -> Api {
    Api::new(db)
        .serve::<Customer>(|it| it.all())
        .serve::<Order>(|it| it.all())
        .serve::<Line>(|it| it.all())
        .serve::<Product>(|it| it.all())
        .serve::<Tag>(|it| it.read().create())
        .serve::<Category>(|it| it.all())
        .tenant(shop)
        .title("Shop")
        .explorer()
        .show_statements()
}

fn app(db: &Database) -> Result<axum::Router, SetupError> {
    Ok(api(db).router()?.layer(from_fn(authenticate)))
}

/// Creates the tables that are missing, and fills an empty shop.
async fn prepare(db: &Database) -> relations::Result<()> {
    db.create_if_missing(schema![Customer, Order, Line, Product, Tag, ProductTag, Category])
        .await?;
    if Product::find().first(db).await?.is_some() {
        return Ok(());
    }
    let drinks = NewCategory { title: "Drinks".into(), parent_id: None }.insert(db).await?;
    let tea = NewCategory { title: "Tea".into(), parent_id: Some(drinks.id) }.insert(db).await?;
    let products =
        [("Green tea", 450, Some(tea.id)), ("Coffee", 690, Some(drinks.id)), ("Cup", 1200, None)];
    let products = products.map(|(name, price, category_id)| NewProduct {
        name: name.into(),
        price,
        category_id,
    });
    let products = NewProduct::insert_many(products, db).await?;
    NewTag { word: "hot".into() }.insert(db).await?;
    NewTag { word: "new".into() }.insert(db).await?;
    NewProductTag { product_id: 1, tag_id: "hot".into() }.insert(db).await?;
    for (shop_id, name) in [(1_i64, "Ada"), (1, "Bob"), (2, "Eve")] {
        let email = Some(format!("{}@example.org", name.to_lowercase()));
        let (db, name) = (&db.tenant(shop_id), name.to_owned());
        let customer = NewCustomer { shop_id: None, name, email }.insert(db).await?;
        for (status, quantity) in [(Status::Open, 2), (Status::Shipped, 1)] {
            let new = NewOrder { shop_id: None, customer_id: customer.id, status, note: None };
            let order = new.insert(db).await?;
            let lines = (1..).zip(&products).map(|(number, product)| NewLine {
                order_id: order.id,
                number,
                shop_id: None,
                product_id: product.id,
                quantity,
            });
            NewLine::insert_many(lines, db).await?;
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    if std::env::args().nth(1).is_some_and(|word| word == "openapi") {
        println!("{:#}", api(&db).openapi()?);
        return Ok(());
    }
    prepare(&db).await?;
    let app = app(&db)?;
    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let address = listener.local_addr()?;
    println!("listening on http://{address}; try:");
    for path in [
        "/explorer",
        "/openapi.json",
        "/orders?include=customer,lines.product&order=customer.name&limit=2",
        "/orders?where={\"lines\":{\"any\":{\"quantity\":{\"gt\":1}}}}",
        "/orders/1/customer",
        "/customers/1/orders",
        "/products/1/tags",
        "/categories/2/ancestors",
    ] {
        println!("  http://{address}{path}");
    }
    println!(
        "  curl http://{address}/orders -H 'content-type: application/json' -d \
         '{{\"status\":\"open\",\"customer\":{{\"name\":\"Mia\"}},\"lines\":[{{\"number\":1,\"product_id\":1,\
         \"quantity\":3}}]}}'"
    );
    println!("  curl http://{address}/customers -H 'authorization: Bearer token-of-shop-2'");
    axum::serve(listener, app).await?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;

    async fn send(db: &Database, method: &str, path: &str, token: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/json");
        let body = if method == "GET" { Body::empty() } else { Body::from(r#"{"note": "x"}"#) };
        let response = app(db).unwrap().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_shop_sees_and_changes_its_own() {
        let db = connect("sqlite::memory:").await.unwrap();
        prepare(&db).await.unwrap();
        let second = "token-of-shop-2";
        let (status, customers) = send(&db, "GET", "/customers?fields=name", second).await;
        assert_eq!((status, customers.as_str()), (200, r#"[{"name":"Eve"}]"#));
        assert_eq!(send(&db, "GET", "/lines/count", second).await.1, r#"{"count":6}"#);
        for (method, path) in [
            ("GET", "/customers/1"),
            ("GET", "/customers/1/orders"),
            ("GET", "/orders/1/lines/count"),
            ("PATCH", "/orders/1"),
            ("DELETE", "/orders/1"),
        ] {
            assert_eq!(send(&db, method, path, second).await.0, 404, "{method} {path}");
        }
        assert_eq!(send(&db, "PATCH", "/orders/1", "token-of-shop-1").await.0, 204);
        assert_eq!(send(&db, "GET", "/customers", "another").await.0, 401);
    }

    #[tokio::test]
    async fn no_request_passes_by_the_layer() {
        let db = connect("sqlite::memory:").await.unwrap();
        prepare(&db).await.unwrap();
        let app: axum::Router = api(&db).router().unwrap();
        let request = Request::get("/customers").body(Body::empty()).unwrap();
        assert_eq!(app.oneshot(request).await.unwrap().status().as_u16(), 401);
    }
}
