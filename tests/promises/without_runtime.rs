//! Outside of a tokio runtime each call is an error that says so, and never a panic.

use std::time::Duration;

use ::relations::driver::QueryStats;
use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Executor};
use futures_util::FutureExt;
use tokio::runtime::Runtime;

use crate::cast::{self, Customer, NewCustomer, Order};
use crate::support;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// The answer to a call that nothing has to be waited for.
fn refused<T>(name: &str, call: impl Future<Output = ::relations::Result<T>>) {
    let Some(answer) = call.now_or_never() else { panic!("{name} waits") };
    let Err(error) = answer else { panic!("{name} succeeds") };
    assert!(error.is_invalid_request(), "{name}: {error}");
    assert!(error.to_string().contains("there is no tokio runtime here"), "{name}: {error}");
}

/// Each kind of call, on an executor.
fn runs_nothing(name: &str, db: &impl Executor) {
    let order = Order { id: 1, customer_id: 2, payer_id: None, quantity: 3 };
    let new = NewCustomer { id: 5, pk: 6, name: "Eve".into(), email: None };
    refused(&format!("{name}: all"), Customer::find().all(db));
    refused(&format!("{name}: count"), Customer::find().count(db));
    refused(&format!("{name}: include"), Order::find().include(Order::LINES.batched()).all(db));
    refused(&format!("{name}: stream"), Customer::find().stream(db).try_next());
    refused(&format!("{name}: accessor"), order.customer(db));
    refused(&format!("{name}: insert"), new.insert(db));
    refused(&format!("{name}: update"), order.clone().update(db));
    refused(&format!("{name}: delete"), order.delete(db));
    refused(&format!("{name}: sql"), ::relations::sql("SELECT 1", ()).execute(db));
}

fn begins_nothing(name: &str, db: &Database) {
    runs_nothing(name, db);
    runs_nothing(name, &db.query_stats());
    runs_nothing(name, &db.batched());
    refused(&format!("{name}: begin"), db.begin());
    refused(&format!("{name}: transaction"), db.transaction(async |_| Ok(())));
    refused(&format!("{name}: session"), db.sql_session());
    refused(&format!("{name}: create"), db.create(schema![Customer]));
    refused(&format!("{name}: drop"), db.drop(schema![Customer]));
}

/// The URLs of empty databases.
fn urls(runtime: &Runtime) -> Vec<String> {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(runtime.block_on(support::postgres_url()));
    urls
}

#[test]
fn nothing_connects_outside_of_a_runtime() {
    for url in ["sqlite::memory:", "postgres://postgres@127.0.0.1:1/shop"] {
        refused(url, ::relations::connect(url));
        refused(url, ConnectOptions::new(url).high_latency(true).connect());
    }
}

#[test]
fn nothing_runs_outside_of_a_runtime() {
    let runtime = runtime();
    for url in urls(&runtime) {
        let db = runtime.block_on(async {
            let db = ::relations::connect(&url).await.unwrap();
            cast::create(&db).await;
            cast::customers(&db).await;
            db
        });
        begins_nothing(&url, &db);
        // Within one everything goes on.
        let count = runtime.block_on(Customer::find().count(&db)).unwrap();
        assert_eq!(count, 2, "{url}");
    }
}

#[test]
fn a_pool_of_deadpools_lends_nothing_outside_of_a_runtime() {
    let runtime = runtime();
    let Some(url) = runtime.block_on(support::postgres_url()) else { return };
    let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(1)))
        .build()
        .unwrap();
    let db = Database::from(pool.clone());
    begins_nothing("a database of a pool", &db);
    runs_nothing("a pool", &pool);
    runtime.block_on(cast::create(&db));
    assert_eq!(runtime.block_on(Customer::find().count(&pool)).unwrap(), 0);
    begins_nothing("a database of a pool", &db);
}

/// A transaction that was begun within a runtime ends with an error outside of it, if it needs a
/// thread or a timer of the runtime.
#[test]
fn a_transaction_that_leaves_its_runtime_tells_so() {
    let runtime = runtime();
    for url in urls(&runtime) {
        let options = ConnectOptions::new(&url).statement_timeout(Duration::from_mins(1));
        let (db, transaction) = runtime.block_on(async {
            let db = options.pool_size(1).connect().await.unwrap();
            cast::create(&db).await;
            let transaction = db.begin().await.unwrap();
            (db, transaction)
        });
        runs_nothing(&url, &transaction);
        runs_nothing(&url, &QueryStats::new(&transaction));
        drop(transaction);
        // Its connection goes back, or is replaced.
        assert_eq!(runtime.block_on(Customer::find().count(&db)).unwrap(), 0, "{url}");
    }
}
