//! Building a query, before it is sent.

use std::fmt::Write as _;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use relations::driver::{Rows, Statement};
use relations::prelude::*;
use relations::{Engine, Executor};
use tokio_postgres::types::ToSql;

use crate::Result;
use crate::data::{Customer, Order, OrderAndCustomer};
use crate::workload::Workload;

/// A search whose conditions are optional.
#[derive(Clone, Copy)]
pub(super) struct Search {
    least: Option<i32>,
    most: Option<i32>,
    name: Option<&'static str>,
}

/// Three filters, two orders and an include, as far as the statement that would be sent: its SQL and
/// its values. Both sides give the length of the SQL, which is the same text.
pub(super) fn dynamic() -> Result<Workload<'static, Search, usize>> {
    let search = Search { least: Some(3), most: Some(7), name: Some("Customer 1%") };
    let (sql, _) = by_hand(search)?;
    assert_eq!(sql, query(search).to_sql(Engine::Postgres)?);
    let title = "the SQL of a query with three filters, two orders and an include";
    Ok(Workload::new("building/dynamic", title, vec![search])
        .library("built", async |search: Search| {
            let unsent = Unsent::default();
            // The query ends where it would wait for an answer.
            let answered = query(search).all(&unsent).now_or_never();
            assert!(answered.is_none());
            Ok::<_, Box<dyn std::error::Error>>(unsent.0.into_inner())
        })
        .hand("built", async |search: Search| by_hand(search).map(|(sql, _)| sql.len())))
}

fn query(search: Search) -> relations::Query<Order, OrderAndCustomer> {
    let mut query = Order::find();
    if let Some(least) = search.least {
        query = query.filter(Order::QUANTITY.ge(least));
    }
    if let Some(most) = search.most {
        query = query.filter(Order::QUANTITY.le(most));
    }
    if let Some(name) = search.name {
        query = query.filter(Order::CUSTOMER.column(Customer::NAME).like(name));
    }
    let query = query.order_by(Order::QUANTITY.desc()).order_by(Order::ID.asc()).limit(20);
    query.include(Order::CUSTOMER)
}

fn by_hand(search: Search) -> Result<(String, Vec<Box<dyn ToSql + Sync>>)> {
    let mut sql = String::from(
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."quantity", "customer_1"."pk", "customer_1"."name", "customer_1"."email" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
    );
    let mut values: Vec<Box<dyn ToSql + Sync>> = Vec::new();
    let mut filter = |condition: &str, value: Box<dyn ToSql + Sync>| {
        sql.push_str(if values.is_empty() { " WHERE " } else { " AND " });
        values.push(value);
        write!(sql, "{condition} ${}", values.len())
    };
    if let Some(least) = search.least {
        filter(r#""orders"."quantity" >="#, Box::new(least))?;
    }
    if let Some(most) = search.most {
        filter(r#""orders"."quantity" <="#, Box::new(most))?;
    }
    if let Some(name) = search.name {
        filter(r#""customer_1"."name" LIKE"#, Box::new(name))?;
    }
    sql.push_str(r#" ORDER BY "orders"."quantity" DESC, "orders"."id" ASC LIMIT 20"#);
    Ok((sql, values))
}

/// Takes the length of the first statement that is to be sent, and never answers.
#[derive(Default)]
struct Unsent(AtomicUsize);

impl Executor for Unsent {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> relations::Result<Rows> {
        self.0.store(statement.sql().len(), Ordering::Relaxed);
        pending().await
    }
}
