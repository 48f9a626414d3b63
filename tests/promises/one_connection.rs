//! One call takes one connection, through whatever executor, and keeps it until it returns.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Executor, Filter};
use deadpool_postgres::{Hook, Manager, Pool};
use futures_util::future::join;

use crate::cast::{self, Customer, Line, NewCustomer, Order};
use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Draft {
    #[id]
    pub id: i64,
    pub title: String,
    #[version]
    pub version: i32,
}

/// The calls that may take several statements.
const CALLS: [&str; 12] = [
    "include batched",
    "include pipelined",
    "preload",
    "load",
    "stale update",
    "update of a missing row",
    "stale delete",
    "delete of a referenced row",
    "deletes of referenced rows",
    "upsert",
    "page behind a missing row",
    "filtered target of an id",
];

async fn fill(db: &Database) {
    cast::create(db).await;
    db.create(schema![Draft]).await.unwrap();
    let (ada, bob) = cast::customers(db).await;
    for customer in [&ada, &bob, &ada] {
        cast::order(db, customer, 3).await;
    }
    NewDraft { id: 7, title: "one".into() }.insert(db).await.unwrap();
}

async fn call(name: &str, db: &impl Executor) {
    let draft = |id| Draft { id, title: "two".into(), version: 5 };
    let orders = || Order::find().order_by(Order::ID.asc());
    let hand = || Order { id: 1, customer_id: 2, payer_id: None, quantity: 3 };
    let ada = || Customer { id: 1, pk: 2, name: "Ada".into(), email: None };
    match name {
        "include batched" => {
            let customers = Order::CUSTOMER.batched().include(Customer::ORDERS.batched());
            let lines = Order::LINES.batched().include(Line::PRODUCT.batched());
            let all = orders().include(customers).include(lines).all(db).await.unwrap();
            assert_eq!(all.len(), 3);
        }
        "include pipelined" => {
            let all = orders().include(Order::CUSTOMER.batched()).include(Order::LINES.batched());
            assert_eq!(all.all(db).await.unwrap().len(), 3);
        }
        "preload" => {
            let customers = Order::CUSTOMER.include(Customer::ORDERS.batched());
            assert_eq!(Order::preload([hand()]).include(customers).all(db).await.unwrap().len(), 1);
        }
        "load" => assert_eq!(Order::CUSTOMER.load(db, &[hand()]).await.unwrap().len(), 1),
        "stale update" => assert!(draft(7).update(db).await.unwrap_err().is_stale()),
        "update of a missing row" => assert!(draft(8).update(db).await.unwrap_err().is_not_found()),
        "stale delete" => assert!(draft(7).delete(db).await.unwrap_err().is_stale()),
        "delete of a referenced row" => {
            assert_eq!(ada().delete(db).await.unwrap_err().referencing_rows(), Some(2));
        }
        "deletes of referenced rows" => {
            let error = Customer::find().all_rows().delete(db).await.unwrap_err();
            assert_eq!(error.referencing_rows(), Some(3));
        }
        "upsert" => {
            let new = NewCustomer { id: 1, pk: 2, name: "Eve".into(), email: None };
            let there = new.on_conflict(Customer::ID).do_nothing().insert(db).await.unwrap();
            assert!(!there.is_inserted());
        }
        "page behind a missing row" => {
            let by_quantity = Order::find().order_by(Order::QUANTITY.asc());
            let error = by_quantity.page(2).after(99).fetch(db).await.unwrap_err();
            assert!(error.is_not_found());
        }
        "filtered target of an id" => {
            let never: Filter<Customer> = Customer::NAME.eq("Nobody");
            let found = Order::CUSTOMER.of_id(1).filter(never).include(Customer::ORDERS.batched());
            assert_eq!(found.optional(db).await.unwrap().map(|found| found.name.clone()), None);
        }
        other => panic!("{other}"),
    }
}

/// Whether a call keeps the only connection of a pool until it returns, though another caller waits
/// for it. Should the call give it back in between, the other caller gets it first.
async fn keeps_its_connection(name: &str, executor: &str, pool: &Database, db: &impl Executor) {
    let order = Mutex::new(Vec::new());
    let first = async {
        call(name, db).await;
        order.lock().unwrap().push("the call");
    };
    let second = async {
        let transaction = pool.begin().await.unwrap();
        order.lock().unwrap().push("the other");
        transaction.rollback().await.unwrap();
    };
    join(first, second).await;
    assert_eq!(order.into_inner().unwrap(), ["the call", "the other"], "{name} through {executor}");
}

#[tokio::test]
async fn a_call_keeps_its_connection_through_any_executor() {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(support::postgres_url().await);
    for url in urls {
        for far in [false, true] {
            if far && url.starts_with("sqlite") {
                continue;
            }
            let options = ConnectOptions::new(&url).pool_size(1).high_latency(far);
            let db = options.connect().await.unwrap();
            fill(&db).await;
            for name in CALLS {
                let stats = db.query_stats();
                keeps_its_connection(name, "a database", &db, &db).await;
                keeps_its_connection(name, "a pointer", &db, &Arc::new(&db)).await;
                let chosen: &dyn Executor = &db;
                keeps_its_connection(name, "a trait object", &db, &chosen).await;
                let shared: Arc<dyn Executor> = Arc::new(db.batched());
                keeps_its_connection(name, "a shared trait object", &db, &shared).await;
                keeps_its_connection(name, "query_stats", &db, &stats).await;
                keeps_its_connection(name, "batched", &db, &db.batched()).await;
                keeps_its_connection(name, "cached", &db, &db.batched().cached()).await;
                keeps_its_connection(name, "all of them", &db, &stats.batched().cached()).await;
            }
            db.drop(schema![Customer, Order, Line, cast::Product, Draft]).await.unwrap();
        }
    }
}

/// A pool of deadpool's, and how often it has lent a connection.
fn counted(url: &str) -> (Pool, Arc<AtomicUsize>) {
    let lent = Arc::new(AtomicUsize::new(0));
    let hook = || {
        let lent = Arc::clone(&lent);
        Hook::sync_fn(move |_, _| {
            lent.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    };
    let manager = Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
    let pool = Pool::builder(manager).max_size(4).post_create(hook()).pre_recycle(hook());
    (pool.build().unwrap(), lent)
}

#[tokio::test]
async fn a_call_is_lent_one_connection_by_a_pool_of_deadpools() {
    let Some(url) = support::postgres_url().await else { return };
    let (pool, lent) = counted(&url);
    let db = Database::from(pool.clone());
    fill(&db).await;
    for name in CALLS {
        let stats = db.query_stats();
        let lent_by = |before: usize| lent.load(Ordering::Relaxed) - before;
        let before = lent.load(Ordering::Relaxed);
        call(name, &db).await;
        assert_eq!(lent_by(before), 1, "{name} through a database");
        call(name, &pool).await;
        assert_eq!(lent_by(before), 2, "{name} through a pool");
        call(name, &stats).await;
        assert_eq!(lent_by(before), 3, "{name} through query_stats");
        call(name, &stats.batched()).await;
        assert_eq!(lent_by(before), 4, "{name} through both");
    }
}

/// SQL that changes a session runs wherever its connection is closed afterwards.
#[tokio::test]
async fn wrappers_pass_on_that_a_session_is_closed() {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(support::postgres_url().await);
    for url in urls {
        let db = ::relations::connect(&url).await.unwrap();
        let sql = || match db.engine() {
            ::relations::Engine::Postgres => ::relations::sql("SET search_path TO pg_catalog", ()),
            ::relations::Engine::Sqlite => ::relations::sql("PRAGMA foreign_keys = OFF", ()),
        };
        assert!(sql().execute(&db).await.unwrap_err().is_invalid_request());
        assert!(sql().execute(&db.batched()).await.unwrap_err().is_invalid_request());
        let session = Arc::new(db.sql_session().await.unwrap());
        sql().execute(&session).await.unwrap();
        let batched = ::relations::Batched::new(Arc::clone(&session));
        sql().execute(&batched).await.unwrap();
        sql().execute(&::relations::driver::QueryStats::new(batched)).await.unwrap();
    }
}

/// A failed transaction is known through all wrappers, so that nothing more is asked of it.
#[tokio::test]
async fn wrappers_pass_on_that_a_transaction_has_failed() {
    let Some(url) = support::postgres_url().await else { return };
    let db = ::relations::connect(&url).await.unwrap();
    fill(&db).await;
    let transaction = Arc::new(db.begin().await.unwrap());
    let stats = ::relations::driver::QueryStats::new(Arc::clone(&transaction));
    let ada = Customer { id: 1, pk: 2, name: "Ada".into(), email: None };
    let error = ada.delete(&stats.batched()).await.unwrap_err();
    assert!(error.is_foreign_key_violation() && error.referencing_rows().is_none());
    assert!(transaction.is_failed());
    assert_eq!(stats.statements(), 1);
}
