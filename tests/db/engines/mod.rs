//! Executors, and the state that cancelled and failed statements leave.

mod traces;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{
    ConnectOptions, Database, Engine, Executor, Filter, Result, Transaction, connect,
};
use deadpool_postgres::{Manager, Pool};
use futures_util::future::join_all;
use tokio_postgres::NoTls;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::cast::{self, Customer, NewCustomer, NewLine, NewOrder, NewProduct, Order};
use crate::support;

/// A file of SQLite that goes when this does.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = format!("relations-{}-{name}.db", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.display())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The options of a small pool over an empty database of each engine that there is.
async fn small(connections: usize) -> Vec<ConnectOptions> {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(support::postgres_url().await);
    let small = |url| ConnectOptions::new(url).pool_size(connections);
    urls.into_iter().map(|url| small(url).wait_timeout(Duration::from_millis(300))).collect()
}

/// Follows relations on whatever runs statements.
async fn walk(db: &impl Executor, id: i64) {
    let customer = NewCustomer { id, pk: id + 100, name: "Ada".into(), email: None };
    let ada = customer.insert(db).await.unwrap();
    let order = NewOrder { customer_id: ada.pk, payer_id: None, quantity: 1 };
    let order = order.insert(db).await.unwrap();
    assert_eq!(order.customer(db).await.unwrap(), ada);
    assert_eq!(ada.orders(db).await.unwrap(), [order.clone()]);
    assert_eq!(Order::CUSTOMER.load(db, [&order]).await.unwrap(), [ada.clone()]);
    assert_eq!(Order::CUSTOMER.of_id(order.id).one(db).await.unwrap(), ada);
    let found = Customer::find().filter(Customer::ID.is_in([id])).count(db).await.unwrap();
    assert_eq!(found, 1);
}

#[tokio::test]
async fn statements_run_on_the_clients_that_users_hold() {
    let Some(url) = support::postgres_url().await else { return };
    cast::create(&connect(&url).await.unwrap()).await;

    let mut client = support::client(&url).await;
    walk(&client, 1).await;
    let transaction = client.transaction().await.unwrap();
    walk(&transaction, 2).await;
    transaction.rollback().await.unwrap();
    walk(&client, 2).await;
    // Its statements are unnamed, so that it keeps none.
    let kept = "SELECT COUNT(*) FROM pg_prepared_statements \
                WHERE statement NOT LIKE '%pg_prepared%'";
    assert_eq!(client.query_one(kept, &[]).await.unwrap().get::<_, i64>(0), 0);
    walk(&Arc::new(client), 3).await;

    let pool = Pool::builder(Manager::new(url.parse().unwrap(), NoTls)).build().unwrap();
    walk(&pool, 4).await;
    walk(&&pool, 5).await;
    let mut client = pool.get().await.unwrap();
    walk(&client, 6).await;
    let transaction = client.transaction().await.unwrap();
    walk(&transaction, 7).await;
    transaction.commit().await.unwrap();
    walk(&Database::from(pool), 8).await;
    assert_eq!(Customer::find().count(&client).await.unwrap(), 8);
}

#[tokio::test]
async fn a_statement_is_prepared_once_a_connection() {
    let Some(url) = support::postgres_url().await else { return };
    cast::create(&connect(&url).await.unwrap()).await;
    let pool = Pool::builder(Manager::new(url.parse().unwrap(), NoTls)).build().unwrap();
    let client = pool.get().await.unwrap();
    for id in 1..=5 {
        walk(&client, id).await;
    }
    let sql = "SELECT COUNT(*), COUNT(DISTINCT statement) FROM pg_prepared_statements \
               WHERE statement NOT LIKE '%pg_prepared%'";
    let row = client.query_one(sql, &[]).await.unwrap();
    let (kept, distinct) = (row.get::<_, i64>(0), row.get::<_, i64>(1));
    // To load the target of one key is what the accessor asks for.
    assert_eq!((kept, distinct), (6, 6));
}

#[tokio::test]
async fn an_exhausted_pool_is_a_typed_error() {
    for options in small(1).await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let transaction = db.begin().await.unwrap();
        let error = Customer::find().count(&db).await.unwrap_err();
        assert!(error.is_connection(), "{error:?}");
        assert!(error.to_string().starts_with("no connection was free in time"), "{error}");
        assert!(db.begin().await.unwrap_err().is_connection());
        drop(transaction);
        assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_pool_that_cannot_be_is_a_typed_error() {
    for connections in [0, usize::MAX] {
        for options in small(connections).await {
            let error = options.connect().await.unwrap_err();
            assert!(error.is_invalid_request(), "{error:?}");
            assert!(error.to_string().contains("1 to 65,535 connections"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_dropped_call_keeps_no_connection() {
    for options in small(1).await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let transaction = db.begin().await.unwrap();
        let waiting = (0..50).map(|_| {
            let find = Customer::find();
            async { tokio::time::timeout(Duration::from_millis(20), find.count(&db)).await }
        });
        assert!(join_all(waiting).await.iter().all(Result::is_err));
        transaction.rollback().await.unwrap();
        for _ in 0..3 {
            assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_a_typed_error() {
    for url in ["", "orders.db", "mysql://localhost/x", "sqlite:", "postgres://localhost:x/y"] {
        let error = connect(url).await.unwrap_err();
        assert!(error.is_invalid_request(), "{url}: {error:?}");
    }
    let no_database = File::new("no-database");
    std::fs::write(&no_database.0, "This is a text and no database.".repeat(100)).unwrap();
    let mut urls = vec![
        "postgres://postgres@127.0.0.1:1/none".to_owned(),
        "sqlite:/no/such/folder/orders.db".to_owned(),
        no_database.url(),
    ];
    if let Some(url) = support::postgres_url().await {
        urls.push(url + "_of_which_there_is_none");
    }
    for url in urls {
        let error =
            ConnectOptions::new(&url).connect_timeout(Duration::from_secs(5)).connect().await;
        let error = error.unwrap_err();
        assert!(error.is_connection(), "{url}: {error:?}");
        assert!(std::error::Error::source(&error).is_some());
    }
}

/// Somebody listens there, and says nothing.
#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_only_so_long() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://postgres@{}/none?sslmode=disable", silent.local_addr().unwrap());
    let connected = ConnectOptions::new(url).connect_timeout(Duration::from_millis(50)).connect();
    let error = tokio::time::timeout(Duration::from_secs(5), connected).await.unwrap().unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    assert_eq!(error.to_string(), "cannot connect: the server does not answer");
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_typed_error_and_replaced() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = ConnectOptions::new(&url).pool_size(1).connect().await.unwrap();
    cast::create(&db).await;
    let transaction = db.begin().await.unwrap();
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.execute(terminate, &[]).await.unwrap();
    let error = Customer::find().count(&transaction).await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    drop(transaction);
    assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
}

/// Without replicas nobody needs to know how far the server has written.
#[tokio::test]
async fn a_transaction_ends_with_its_commit() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = ConnectOptions::new(&url).pool_size(1).connect().await.unwrap();
    cast::create(&db).await;
    let transaction = db.begin().await.unwrap();
    walk(&transaction, 1).await;
    transaction.commit().await.unwrap();
    let last = "SELECT query FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let sent: String = client.query_one(last, &[]).await.unwrap().get(0);
    assert_eq!(sent, "COMMIT");
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_open() {
    for options in small(1).await {
        let db = options.wait_timeout(Duration::from_secs(5)).connect().await.unwrap();
        cast::create(&db).await;
        for id in 1..=3 {
            let transaction = db.begin().await.unwrap();
            walk(&transaction, id).await;
            drop(transaction);
            assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
        }
        // A transaction whose caller stops waiting is never opened.
        for micros in [0, 1, 10, 100, 300, 1000, 3000] {
            let _ = tokio::time::timeout(Duration::from_micros(micros), db.begin()).await;
            let begun = async {
                let transaction = db.begin().await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
                transaction.commit().await
            };
            let _ = tokio::time::timeout(Duration::from_micros(micros), begun).await;
        }
        walk(&db, 9).await;
        let again = db.begin().await.unwrap();
        walk(&again, 10).await;
        again.commit().await.unwrap();
        assert_eq!(Customer::find().count(&db).await.unwrap(), 2);
    }
}

/// A transaction may end where no runtime is left to end it.
#[test]
fn a_database_may_be_dropped_outside_of_a_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for options in runtime.block_on(small(2)) {
        let (db, transaction) = runtime.block_on(async {
            let db = options.connect().await.unwrap();
            cast::create(&db).await;
            let transaction: Transaction = db.begin().await.unwrap();
            (db, transaction)
        });
        drop(transaction);
        drop(db);
    }
    drop(runtime);
}

#[tokio::test]
async fn a_failed_statement_is_told_again_by_the_commit() {
    for options in small(2).await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let transaction = db.begin().await.unwrap();
        let new = |id| NewCustomer { id, pk: id, name: "Ada".into(), email: None };
        new(1).insert(&transaction).await.unwrap();
        assert!(new(1).insert(&transaction).await.unwrap_err().is_unique_violation());
        let committed = transaction.commit().await;
        match db.engine() {
            // The server has rolled everything back, and would answer the commit as if all were well.
            Engine::Postgres => {
                let error = committed.unwrap_err();
                assert!(error.to_string().contains("rolled back"), "{error}");
                assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
            }
            // Only the statement itself was rolled back.
            Engine::Sqlite => {
                committed.unwrap();
                assert_eq!(Customer::find().count(&db).await.unwrap(), 1);
            }
        }
    }
}

#[tokio::test]
async fn transactions_that_lose_against_others_say_so() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let (mut ada, mut bob) = cast::customers(&db).await;
    let (first, second) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    ada.update(&first).await.unwrap();
    bob.update(&second).await.unwrap();
    let (one, other) = tokio::join!(bob.update(&first), ada.update(&second));
    let error = one.and(other).unwrap_err();
    assert!(error.is_serialization_failure(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tasks_share_a_database() {
    let file = File::new("fifty");
    let mut urls = vec!["sqlite::memory:".to_owned(), file.url()];
    urls.extend(support::postgres_url().await);
    for url in urls {
        let db = ConnectOptions::new(&url)
            .pool_size(8)
            .wait_timeout(Duration::from_mins(1))
            .connect()
            .await
            .unwrap();
        cast::create(&db).await;
        let tasks: Vec<_> = (0..50)
            .map(|id| {
                let db = db.clone();
                tokio::spawn(async move {
                    walk(&db, id).await;
                    let transaction = db.begin().await.unwrap();
                    walk(&transaction, id + 50).await;
                    if id % 2 == 0 {
                        transaction.commit().await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(Customer::find().count(&db).await.unwrap(), 75, "{url}");
        assert_eq!(Order::find().count(&db).await.unwrap(), 75, "{url}");
    }
}

#[tokio::test]
async fn a_file_keeps_what_was_written() {
    let file = File::new("kept");
    let db = connect(&file.url()).await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    drop(db);
    let again = connect(&file.url()).await.unwrap();
    assert_eq!(Customer::find_by_id(1).one(&again).await.unwrap(), ada);
    let memory = connect("sqlite::memory:").await.unwrap();
    assert!(Customer::find().count(&memory).await.is_err());
}
