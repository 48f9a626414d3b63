//! A web service with axum: pages with dynamic filters, nested writes, `PATCH`, optimistic locking, and
//! errors as HTTP statuses.
//!
//! `cargo run --example axum_shop --features sqlite,serde` serves a database in memory on port 3000:
//!
//! ```sh
//! curl localhost:3000/products?sort=-price
//! curl localhost:3000/orders -H 'content-type: application/json' \
//!     -d '{"customer_id": 1, "lines": [{"product_id": 1, "quantity": 2}]}'
//! curl localhost:3000/orders/1
//! curl -X PATCH 'localhost:3000/products/1?version=2' -H 'content-type: application/json' \
//!     -d '{"description": null}'
//! ```
//!
//! With `DATABASE_URL=postgres://…` it serves that database and creates the tables that are missing.
//! `cargo test --example axum_shop --features sqlite,serde` tests it without a port.

mod api;
mod entities;
mod error;
#[cfg(test)]
mod tests;

use std::error::Error;

use relations::prelude::*;
use relations::{Database, connect};
use tokio::net::TcpListener;

use crate::entities::{Customer, Line, NewCustomer, NewProduct, Order, Product};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    prepare(&db).await?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, api::router(db)).await?;
    Ok(())
}

/// Creates the tables that are missing, and fills an empty shop.
async fn prepare(db: &Database) -> relations::Result<()> {
    db.create_if_missing(schema![Customer, Order, Line, Product]).await?;
    if Product::find().first(db).await?.is_some() {
        return Ok(());
    }
    NewCustomer { name: "Ada".into(), email: "ada@example.org".into() }.insert(db).await?;
    let products = [("Tea", 450, 10), ("Coffee", 690, 3), ("Cup", 1200, 0)];
    let products = products.map(|(name, price, stock)| NewProduct {
        name: name.into(),
        description: None,
        price,
        stock,
    });
    NewProduct::insert_many(products, db).await?;
    Ok(())
}
