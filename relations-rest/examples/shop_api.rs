//! A shop as a REST API: entities, relations, filters, nested writes, a tenant by header, and the explorer.
//!
//! `cargo run -p relations-rest --example shop_api --features sqlite` serves a database in memory and prints URLs
//! to try. With `DATABASE_URL=postgres://…` it serves that database and creates the tables that are missing;
//! `PORT=3001` chooses another port.

// Entities are served as they read: `|it| it.all()`.
#![allow(clippy::redundant_closure_for_method_calls)]

use std::error::Error;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use relations::prelude::*;
use relations::{Database, connect};
use relations_rest::{Api, Problem};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Order)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[index]
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
    #[belongs_to(Product)]
    product_id: i64,
    quantity: i32,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
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
#[has_many(Product, through(ProductTag))]
struct Tag {
    #[id]
    word: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct ProductTag {
    #[id]
    #[belongs_to(Product)]
    product_id: i64,
    #[id]
    #[belongs_to(Tag)]
    tag_id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
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

/// Takes the shop from a header. A real service would check a session or a token here.
async fn authenticate(mut request: Request, next: Next) -> Response {
    let shop = match request.headers().get("x-shop") {
        None => Some(1),
        Some(header) => header.to_str().ok().and_then(|text| text.parse().ok()),
    };
    let Some(shop) = shop else {
        return (StatusCode::UNAUTHORIZED, "`x-shop` is the number of a shop").into_response();
    };
    request.extensions_mut().insert(Shop(shop));
    next.run(request).await
}

fn shop(parts: &axum::http::request::Parts) -> Result<i64, Problem> {
    let shop = parts.extensions.get::<Shop>().map(|Shop(shop)| *shop);
    shop.ok_or_else(|| Problem::new(401, "UNAUTHENTICATED", "the request is of no shop"))
}

fn api(db: &Database) -> Api {
    Api::new(db)
        .serve::<Customer>(|it| {
            it.all()
                .scope(|parts| Ok(Customer::SHOP_ID.eq(shop(parts)?)))
                .fill(Customer::SHOP_ID, shop)
        })
        .serve::<Order>(|it| {
            it.all().scope(|parts| Ok(Order::SHOP_ID.eq(shop(parts)?))).fill(Order::SHOP_ID, shop)
        })
        // A line has no shop of its own; it is of the shop of its order.
        .serve::<Line>(|it| {
            it.all().scope(|parts| Ok(Line::ORDER.any(Order::SHOP_ID.eq(shop(parts)?))))
        })
        .serve::<Product>(|it| it.all())
        .serve::<Tag>(|it| it.read().create())
        .serve::<Category>(|it| it.all())
        .title("Shop")
        .explorer()
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
    for (shop_id, name) in [(1, "Ada"), (1, "Bob"), (2, "Eve")] {
        let email = Some(format!("{}@example.org", name.to_lowercase()));
        let customer = NewCustomer { shop_id, name: name.into(), email }.insert(db).await?;
        for (status, quantity) in [(Status::Open, 2), (Status::Shipped, 1)] {
            let new = NewOrder { shop_id, customer_id: customer.id, status, note: None };
            let order = new.insert(db).await?;
            let lines = (1..).zip(&products).map(|(number, product)| NewLine {
                order_id: order.id,
                number,
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
    prepare(&db).await?;
    let app: axum::Router = api(&db).router()?;
    let app = app.layer(from_fn(authenticate));
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
    println!("  curl http://{address}/customers -H 'x-shop: 2'");
    axum::serve(listener, app).await?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;

    async fn get(db: &Database, path: &str, shop: &str) -> (u16, String) {
        let app: axum::Router = api(db).router().unwrap();
        let request = Request::get(path).header("x-shop", shop).body(Body::empty()).unwrap();
        let response = app.layer(from_fn(authenticate)).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_shop_sees_its_own() {
        let db = connect("sqlite::memory:").await.unwrap();
        prepare(&db).await.unwrap();
        let (status, customers) = get(&db, "/customers?fields=name", "2").await;
        assert_eq!((status, customers.as_str()), (200, r#"[{"name":"Eve"}]"#));
        assert_eq!(get(&db, "/customers/1/orders", "2").await.0, 404);
        assert_eq!(get(&db, "/lines/count", "2").await.1, r#"{"count":6}"#);
        assert_eq!(get(&db, "/orders/1/lines", "2").await.0, 404);
        assert_eq!(get(&db, "/customers", "nobody").await.0, 401);
    }
}
