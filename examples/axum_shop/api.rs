//! The routes, and a handler for each.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use relations::prelude::*;
use relations::{Database, NotIncluded, Ordering, Page};
use serde::Deserialize;

use crate::entities::{
    Customer, Line, LineWith, NewLine, NewOrder, NewProduct, Order, OrderWith, Product,
    ProductPatch,
};
use crate::error::ApiError;

type Result<T, E = ApiError> = std::result::Result<T, E>;

/// An order as a client sees it. The type says what is loaded.
type FullOrder = OrderWith<Customer, Vec<LineWith<NotIncluded, Product>>>;

pub(crate) fn router(db: Database) -> Router {
    Router::new()
        .route("/products", get(list_products).post(create_product))
        .route("/products/{id}", patch(update_product))
        .route("/orders", post(create_order))
        .route("/orders/{id}", get(get_order))
        .route("/customers/{id}", delete(delete_customer))
        .with_state(db)
}

/// Filters that may be given, a sort order, and the cursor of a page.
#[derive(Debug, Deserialize)]
struct ProductQuery {
    search: Option<String>,
    in_stock: Option<bool>,
    sort: Option<String>,
    after: Option<i64>,
}

async fn list_products(
    State(db): State<Database>,
    Query(query): Query<ProductQuery>,
) -> Result<Json<Page<Product, i64>>> {
    let mut products = Product::find();
    if let Some(text) = query.search {
        products = products.filter(Product::NAME.starts_with(text));
    }
    if let Some(in_stock) = query.in_stock {
        let filter = Product::STOCK.gt(0);
        products = products.filter(if in_stock { filter } else { !filter });
    }
    if let Some(sort) = query.sort {
        products = products.order_by(sort_order(&sort)?);
    }
    let mut page = products.page(20);
    if let Some(id) = query.after {
        page = page.after(id);
    }
    Ok(Json(page.fetch(&db).await?))
}

fn sort_order(sort: &str) -> Result<Ordering<Product>> {
    Ok(match sort {
        "name" => Product::NAME.asc(),
        "-name" => Product::NAME.desc(),
        "price" => Product::PRICE.asc(),
        "-price" => Product::PRICE.desc(),
        _ => return Err(ApiError::BadRequest(format!("cannot sort by `{sort}`"))),
    })
}

async fn create_product(
    State(db): State<Database>,
    Json(new): Json<NewProduct>,
) -> Result<(StatusCode, Json<Product>)> {
    let product = new.insert(&db).await?;
    Ok((StatusCode::CREATED, Json(product)))
}

/// The version of a product that the client has seen.
#[derive(Debug, Deserialize)]
struct SeenVersion {
    version: i64,
}

/// Changes the properties that the body names: one that is left out stays as it is, and
/// `"description": null` removes the description.
async fn update_product(
    State(db): State<Database>,
    Path(id): Path<i64>,
    Query(seen): Query<SeenVersion>,
    Json(change): Json<ProductPatch>,
) -> Result<Json<Product>> {
    let mut product = Product::find_by_id(id).one(&db).await?.edit();
    if product.version != seen.version {
        return Err(ApiError::Conflict("this product has changed; load it again".to_owned()));
    }
    change.apply(&mut product);
    // Writes the changed columns. Optimistic locking: fails if another request has updated the product.
    product.save(&db).await?;
    Ok(Json(product.into_inner()))
}

#[derive(Debug, Deserialize)]
struct OrderBody {
    customer_id: i64,
    lines: Vec<LineBody>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct LineBody {
    product_id: i64,
    quantity: i32,
}

/// Takes the products from the stock and writes the order with its lines, all or nothing.
async fn create_order(
    State(db): State<Database>,
    Json(mut body): Json<OrderBody>,
) -> Result<(StatusCode, Json<FullOrder>)> {
    if body.lines.is_empty() || body.lines.iter().any(|line| line.quantity < 1) {
        return Err(ApiError::BadRequest(
            "an order has lines, each of one product at least".into(),
        ));
    }
    // Locking products in one order avoids deadlocks between orders.
    body.lines.sort_by_key(|line| line.product_id);
    let order = db
        .try_transaction(async |tx| -> Result<FullOrder> {
            let mut lines = Vec::with_capacity(body.lines.len());
            for LineBody { product_id, quantity } in body.lines.iter().copied() {
                let product = Product::find_by_id(product_id).one(tx).await?;
                let taken = Product::find_by_id(product_id)
                    .filter(Product::STOCK.ge(quantity))
                    .set_expr(Product::STOCK, Product::STOCK - quantity)
                    .update(tx)
                    .await?;
                if taken == 0 {
                    return Err(ApiError::Conflict(format!("{} is out of stock", product.name)));
                }
                lines.push((product_id, quantity, product.price));
            }
            let order = NewOrder { customer_id: body.customer_id }
                .with(Order::LINES, |order_id| {
                    lines.into_iter().map(move |(product_id, quantity, price)| NewLine {
                        order_id,
                        product_id,
                        quantity,
                        price,
                    })
                })
                .insert(tx)
                .await?;
            Ok(full_order(order.id).one(tx).await?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(order)))
}

async fn get_order(State(db): State<Database>, Path(id): Path<i64>) -> Result<Json<FullOrder>> {
    Ok(Json(full_order(id).one(&db).await?))
}

/// The query of an order with all that a client sees.
fn full_order(id: i64) -> relations::Query<Order, FullOrder> {
    Order::find_by_id(id)
        .include(Order::CUSTOMER)
        .include(Order::LINES.order_by(Line::PRODUCT_ID.asc()).include(Line::PRODUCT))
}

async fn delete_customer(State(db): State<Database>, Path(id): Path<i64>) -> Result<StatusCode> {
    Customer::find_by_id(id).one(&db).await?.delete(&db).await?;
    Ok(StatusCode::NO_CONTENT)
}
