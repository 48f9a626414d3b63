//! Every workload by hand: the best that tokio-postgres can do.

/// Implements [`FromRow`] by the positions of columns.
macro_rules! from_row {
    ($($entity:ident { $($property:ident = $position:literal),* })*) => {
        $(impl crate::hand::FromRow for $entity {
            fn read(row: &tokio_postgres::Row, from: usize) -> crate::Result<Self> {
                Ok(Self { $($property: row.try_get(from + $position)?),* })
            }
        })*
    };
}

pub(crate) mod forum;
mod loads;

use std::collections::HashMap;

use deadpool_postgres::{Client, Pool};
use futures_util::future::{try_join_all, try_join4};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use crate::Result;
use crate::data::{Category, Customer, Delivery, Line, Order, Product};
use crate::workloads::reports::Sold;

pub(crate) use loads::{CUSTOMER_OF_ORDER, Repeated};

pub(crate) const FIND_ORDER: &str = "SELECT id, customer_id, quantity FROM orders WHERE id = $1";
pub(crate) const FIND_CUSTOMER: &str = "SELECT pk, name, email FROM customers WHERE pk = $1";

pub(crate) const GROUP_ORDERS: &str = "SELECT customer_id, sum(quantity)::bigint, count(*) FROM orders \
                                       WHERE id <= $1 GROUP BY customer_id \
                                       ORDER BY 2 DESC, customer_id LIMIT 20";

/// Gives a tenant to the transaction, for policies of row-level security.
const SET_TENANT: &str = "SELECT set_config('app.tenant', $1, true)";

pub(crate) const FIND_OWN_ORDER: &str =
    "SELECT id, customer_id, quantity FROM orders WHERE id = $1 AND customer_id = $2";
pub(crate) const OWN_ORDERS: &str =
    "SELECT id, customer_id, quantity FROM orders WHERE customer_id = $1 ORDER BY id";

pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A type read from the columns of a row, from a position on.
pub(crate) trait FromRow: Sized {
    fn read(row: &Row, from: usize) -> Result<Self>;
}

from_row! {
    Customer { pk = 0, name = 1, email = 2 }
    Order { id = 0, customer_id = 1, quantity = 2 }
    Line { id = 0, order_id = 1, product_id = 2, price = 3 }
    Product { id = 0, title = 1 }
    Category { id = 0, title = 1, parent_id = 2 }
    Delivery { id = 0, customer_id = 1, quantity = 2, note = 3 }
}

impl FromRow for Sold {
    fn read(row: &Row, from: usize) -> Result<Self> {
        Ok((row.try_get(from)?, row.try_get(from + 1)?, row.try_get(from + 2)?))
    }
}

fn read_all<T: FromRow>(rows: &[Row]) -> Result<Vec<T>> {
    rows.iter().map(|row| T::read(row, 0)).collect()
}

/// A connection in hand, for statements that are in hand too.
pub(crate) struct Held(tokio_postgres::Client);

impl Held {
    pub(crate) fn of(client: tokio_postgres::Client) -> Self {
        Self(client)
    }

    pub(crate) async fn prepare(&self, sql: &str) -> Result<Statement> {
        Ok(self.0.prepare(sql).await?)
    }

    pub(crate) async fn one<T: FromRow>(
        &self,
        statement: &Statement,
        values: Values<'_>,
    ) -> Result<T> {
        T::read(&self.0.query_one(statement, values).await?, 0)
    }

    pub(crate) async fn all<T: FromRow>(
        &self,
        statement: &Statement,
        values: Values<'_>,
    ) -> Result<Vec<T>> {
        read_all(&self.0.query(statement, values).await?)
    }

    pub(crate) async fn execute(&self, statement: &Statement, values: Values<'_>) -> Result<u64> {
        Ok(self.0.execute(statement, values).await?)
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        Ok(self.0.batch_execute(sql).await?)
    }
}

/// A pool, whose connections keep their prepared statements. Each call takes one of each.
pub(crate) struct Pooled(Pool);

impl Pooled {
    pub(crate) fn of(pool: Pool) -> Self {
        Self(pool)
    }

    pub(crate) async fn connection(&self) -> Result<Client> {
        Ok(self.0.get().await?)
    }

    pub(crate) async fn one<T: FromRow>(&self, sql: &str, values: Values<'_>) -> Result<T> {
        one(&self.0.get().await?, sql, values).await
    }

    pub(crate) async fn all<T: FromRow>(&self, sql: &str, values: Values<'_>) -> Result<Vec<T>> {
        all(&self.0.get().await?, sql, values).await
    }

    /// The customer of each order, asked for together on one connection.
    pub(crate) async fn customers_at_once(&self, orders: &[Order]) -> Result<Vec<Customer>> {
        let client = self.0.get().await?;
        let find = async |order: &Order| one(&client, FIND_CUSTOMER, &[&order.customer_id]).await;
        try_join_all(orders.iter().map(find)).await
    }

    /// The rows of a statement in a transaction that has a tenant as a setting, all in one round trip.
    pub(crate) async fn all_of_tenant<T: FromRow>(
        &self,
        tenant: i64,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Vec<T>> {
        let client = self.0.get().await?;
        let set = client.prepare_cached(SET_TENANT).await?;
        let statement = client.prepare_cached(sql).await?;
        let tenant = tenant.to_string();
        let ((), _, rows, ()) = try_join4(
            client.batch_execute("BEGIN"),
            client.query_one(&set, &[&tenant]),
            client.query(&statement, values),
            client.batch_execute("COMMIT"),
        )
        .await?;
        read_all(&rows)
    }

    pub(crate) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(sql).await?;
        Ok(client.execute(&statement, values).await?)
    }
}

/// The only row of a statement.
pub(crate) async fn one<T: FromRow>(client: &Client, sql: &str, values: Values<'_>) -> Result<T> {
    let statement = client.prepare_cached(sql).await?;
    T::read(&client.query_one(&statement, values).await?, 0)
}

async fn rows(client: &Client, sql: &str, values: Values<'_>) -> Result<Vec<Row>> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query(&statement, values).await?)
}

async fn all<T: FromRow>(client: &Client, sql: &str, values: Values<'_>) -> Result<Vec<T>> {
    read_all(&rows(client, sql, values).await?)
}

/// The rows of a statement by the key in their first column.
async fn by_key(client: &Client, sql: &str, values: Values<'_>) -> Result<HashMap<i64, Row>> {
    let rows = rows(client, sql, values).await?;
    rows.into_iter().map(|row| Ok((row.try_get(0)?, row))).collect()
}

/// Each key once.
fn once(keys: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut keys: Vec<i64> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
