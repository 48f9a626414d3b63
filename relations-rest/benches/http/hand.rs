//! Hand-written code for the same endpoints.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::future::try_join;
use futures_util::stream::{StreamExt, TryStreamExt, unfold};
use serde::{Deserialize, Serialize};
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row, RowStream};

use crate::data::{Customer, Line, Order};

/// Bytes of a piece of an export.
const PIECE: usize = 32 << 10;

/// A failure, as an answer of 500.
struct Failure;

impl<E: std::error::Error> From<E> for Failure {
    fn from(_: E) -> Self {
        Self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

type Answer = Result<Response, Failure>;

/// The endpoints, of which includes see one snapshot or not.
pub(crate) fn router(url: &str, in_snapshot: bool) -> crate::Result<Router> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    let pool = Pool::builder(manager).max_size(4).build()?;
    let list = move |pool: State<Pool>, page: Query<Page>, headers: HeaderMap| {
        orders(pool, page, headers, in_snapshot)
    };
    Ok(Router::new()
        .route("/orders/{id}/customer", get(customer))
        .route("/orders", get(list))
        .route("/customers/{id}/orders", get(orders_of))
        .with_state(pool))
}

fn read_customer(row: &Row, at: usize) -> Result<Customer, tokio_postgres::Error> {
    Ok(Customer { id: row.try_get(at)?, name: row.try_get(at + 1)?, email: row.try_get(at + 2)? })
}

fn read_order(row: &Row) -> Result<Order, tokio_postgres::Error> {
    Ok(Order { id: row.try_get(0)?, customer_id: row.try_get(1)?, quantity: row.try_get(2)? })
}

async fn customer(State(pool): State<Pool>, Path(id): Path<i64>) -> Answer {
    let client = pool.get().await?;
    let sql = "SELECT c.id, c.name, c.email FROM orders o JOIN customers c ON c.id = o.customer_id \
               WHERE o.id = $1";
    let statement = client.prepare_cached(sql).await?;
    match client.query_opt(&statement, &[&id]).await? {
        Some(row) => Ok(Json(read_customer(&row, 0)?).into_response()),
        None => Ok(StatusCode::NOT_FOUND.into_response()),
    }
}

async fn orders_of(State(pool): State<Pool>, Path(id): Path<i64>) -> Answer {
    let client = pool.get().await?;
    let sql =
        "SELECT id, customer_id, quantity FROM orders WHERE customer_id = $1 ORDER BY id LIMIT 100";
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &[&id]).await?;
    if rows.is_empty() {
        let statement = client.prepare_cached("SELECT 1 FROM customers WHERE id = $1").await?;
        if client.query_opt(&statement, &[&id]).await?.is_none() {
            return Ok(StatusCode::NOT_FOUND.into_response());
        }
    }
    let orders: Result<Vec<Order>, _> = rows.iter().map(read_order).collect();
    Ok(Json(orders?).into_response())
}

#[derive(Deserialize)]
struct Page {
    limit: Option<i64>,
}

#[derive(Serialize)]
struct WholeOrder {
    id: i64,
    customer_id: i64,
    quantity: i32,
    customer: Customer,
    lines: Vec<Line>,
}

/// Begins or ends a transaction, if there is to be one. It is sent together with what is polled with it.
async fn control(client: &Client, sql: &str, is_sent: bool) -> Result<(), tokio_postgres::Error> {
    if is_sent { client.batch_execute(sql).await } else { Ok(()) }
}

async fn orders(
    State(pool): State<Pool>,
    Query(page): Query<Page>,
    headers: HeaderMap,
    in_snapshot: bool,
) -> Answer {
    if headers.get(ACCEPT).is_some_and(|accept| accept == crate::NDJSON) {
        return export(pool).await;
    }
    let client = pool.get().await?;
    let sql = "SELECT o.id, o.customer_id, o.quantity, c.id, c.name, c.email FROM orders o \
               JOIN customers c ON c.id = o.customer_id ORDER BY o.id LIMIT $1";
    let statement = client.prepare_cached(sql).await?;
    let opening = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let limit = page.limit.unwrap_or(100);
    let parameters: [&(dyn ToSql + Sync); 1] = [&limit];
    let begun = control(&client, opening, in_snapshot);
    let ((), rows) = try_join(begun, client.query(&statement, &parameters)).await?;
    let mut orders = Vec::with_capacity(rows.len());
    let mut ids = Vec::with_capacity(rows.len());
    for row in &rows {
        let Order { id, customer_id, quantity } = read_order(row)?;
        ids.push(id);
        let customer = read_customer(row, 3)?;
        orders.push(WholeOrder { id, customer_id, quantity, customer, lines: Vec::new() });
    }
    let sql = "SELECT id, order_id, price FROM lines WHERE order_id = ANY($1) ORDER BY id";
    let statement = client.prepare_cached(sql).await?;
    let mut lines: HashMap<i64, Vec<Line>> = HashMap::new();
    let parameters: [&(dyn ToSql + Sync); 1] = [&ids];
    let queried = client.query(&statement, &parameters);
    let (rows, ()) = try_join(queried, control(&client, "COMMIT", in_snapshot)).await?;
    for row in rows {
        let line = Line { id: row.try_get(0)?, order_id: row.try_get(1)?, price: row.try_get(2)? };
        lines.entry(line.order_id).or_default().push(line);
    }
    for order in &mut orders {
        order.lines = lines.remove(&order.id).unwrap_or_default();
    }
    Ok(Json(orders).into_response())
}

/// All orders, one on each line, in pieces.
async fn export(pool: Pool) -> Answer {
    let client = pool.get().await?;
    let sql = "SELECT id, customer_id, quantity FROM orders ORDER BY id";
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query_raw(&statement, std::iter::empty::<i32>()).await?;
    // The connection returns to the pool with the last piece.
    let pieces = unfold(Some((Box::pin(rows), client)), |state| async {
        let (mut rows, client) = state?;
        match piece(&mut rows).await {
            Ok((piece, false)) => Some((Ok(piece), Some((rows, client)))),
            Ok((piece, true)) => Some((Ok(piece), None)),
            Err(error) => Some((Err(error), None)),
        }
    });
    let body = Body::from_stream(pieces.map_err(crate::Error::from).boxed());
    Ok(([(CONTENT_TYPE, crate::NDJSON)], body).into_response())
}

/// The next piece of an export, and whether it is the last one.
async fn piece(rows: &mut std::pin::Pin<Box<RowStream>>) -> crate::Result<(Bytes, bool)> {
    let mut piece = Vec::with_capacity(PIECE + 1024);
    while let Some(row) = rows.try_next().await? {
        serde_json::to_writer(&mut piece, &read_order(&row)?)?;
        piece.push(b'\n');
        if piece.len() >= PIECE {
            return Ok((piece.into(), false));
        }
    }
    Ok((piece.into(), true))
}
