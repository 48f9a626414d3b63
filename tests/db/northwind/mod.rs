//! Northwind: a schema and data that others made, under entities of ours.
//!
//! The results of the library are compared with hand-written SQL that `tokio_postgres` runs.

mod catalogue;
mod copy;
mod entities;
mod follow;
mod mismatch;
mod pages;
mod queries;
mod relations;
mod writes;

use std::sync::atomic::{AtomicUsize, Ordering};

use ::relations::Database;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use crate::support;

const DUMP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/northwind/northwind.sql");

/// The database under test, and a client that is asked by hand what is right.
pub struct Northwind {
    pub db: Database,
    pub client: Client,
}

impl Northwind {
    async fn at(url: &str) -> Self {
        let db = support::connected(url).await;
        Self { db, client: client(url).await }
    }
}

/// Northwind in a database that all tests read and none writes. Without a dump or PostgreSQL, the
/// test says so and is skipped; in CI that is a failure.
pub async fn shared() -> Option<Northwind> {
    static SHARED: OnceCell<Option<String>> = OnceCell::const_new();
    let url = SHARED.get_or_init(new_copy).await.as_deref()?;
    Some(Northwind::at(url).await)
}

/// Northwind in a database of the test's own.
pub async fn fresh() -> Option<Northwind> {
    Some(Northwind::at(&new_copy().await?).await)
}

/// The URL of a new copy.
async fn new_copy() -> Option<String> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);

    let template = template().await?;
    let (address, name) = template.rsplit_once('/').expect("the URL names a database");
    let copy = format!("{name}_northwind_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let server = std::env::var("RELATIONS_TEST_POSTGRES").expect("the template is on a server");
    client(&server)
        .await
        .batch_execute(&format!("CREATE DATABASE {copy} TEMPLATE {name} STRATEGY file_copy"))
        .await
        .expect("a template that nobody is connected to is copied");
    Some(format!("{address}/{copy}"))
}

/// The URL of the database that the dump is loaded into, once, and that nobody connects to after.
async fn template() -> Option<&'static str> {
    static TEMPLATE: OnceCell<Option<String>> = OnceCell::const_new();
    let load = || async {
        let Ok(dump) = std::fs::read_to_string(DUMP) else {
            assert!(std::env::var_os("CI").is_none(), "CI tests Northwind; {DUMP} is missing");
            eprintln!("skipped: no Northwind at {DUMP}");
            return None;
        };
        let url = support::postgres_url().await?;
        let (client, connection) =
            tokio_postgres::connect(&url, NoTls).await.expect("the fresh database answers");
        let connection = tokio::spawn(connection);
        client.batch_execute(&dump).await.expect("the dump loads");
        drop(client);
        let _ = connection.await;
        Some(url)
    };
    TEMPLATE.get_or_init(load).await.as_deref()
}

/// A client of the database at a URL.
async fn client(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.expect("the database answers");
    tokio::spawn(connection);
    client
}
