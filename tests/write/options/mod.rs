//! Connect options, and the lifetime of connections.

mod encryption;
mod prepared_statements;

use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Engine, Executor, Filter, connect};
use deadpool_postgres::{Manager, Pool};
use tokio_postgres::{Client, NoTls};

use crate::cast::{self, Customer, NewCustomer, Order};
use crate::support;

/// A pool of one connection over an empty database of each engine that there is.
async fn pools_of_one() -> Vec<ConnectOptions> {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(support::postgres_url().await);
    urls.into_iter().map(pool_of_one).collect()
}

fn pool_of_one(url: impl Into<String>) -> ConnectOptions {
    ConnectOptions::new(url).pool_size(1).wait_timeout(Duration::from_secs(2))
}

fn new(id: i64) -> NewCustomer {
    NewCustomer { id, pk: id, name: "Ada".into(), email: None }
}

/// A condition that takes a minute to look at.
fn slow(engine: Engine) -> Filter<Customer> {
    let sql = match engine {
        Engine::Postgres => "EXISTS (SELECT FROM pg_sleep(60))",
        Engine::Sqlite => {
            "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5000000000) \
             SELECT count(*) FROM n) > 0"
        }
    };
    Filter::raw(sql, ())
}

async fn count(db: &impl Executor) -> i64 {
    Customer::find().count(db).await.unwrap()
}

/// The number of running statements that take a minute.
async fn slow_ones(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event = 'PgSleep'";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Waits until there is nothing slow.
async fn nothing_is_slow(client: &Client) {
    for _ in 0..200 {
        if slow_ones(client).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a cancelled statement still runs");
}

/// Kills all connections to a database but this one.
async fn kill(client: &Client) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.execute(sql, &[]).await.unwrap();
}

#[tokio::test]
async fn a_pool_of_one_is_enough() {
    for options in pools_of_one().await {
        let db = options.wait_timeout(Duration::from_millis(500)).connect().await.unwrap();
        cast::create(&db).await;
        db.create_if_missing(schema![Customer, Order]).await.unwrap();
        let (ada, bob) = cast::customers(&db).await;
        for quantity in 0..5 {
            cast::order(&db, if quantity % 2 == 0 { &ada } else { &bob }, quantity).await;
        }
        let trees = Customer::find().include(Customer::ORDERS.include(Order::LINES));
        assert_eq!(trees.clone().all(&db).await.unwrap().len(), 2);
        assert_eq!(trees.page(1).fetch(&db).await.unwrap().rows.len(), 1);
        let mut stream = Order::find().include(Order::CUSTOMER).stream(&db);
        let mut streamed = 0;
        while let Some(order) = stream.try_next().await.unwrap() {
            // Its rows are not held by a connection.
            assert_eq!(order.customer, order.customer(&db).await.unwrap());
            streamed += 1;
        }
        assert_eq!(streamed, 5);
        let orders = Order::find().all(&db).await.unwrap();
        Order::CUSTOMER.load(&db, &orders).await.unwrap();
        assert!(ada.delete(&db).await.unwrap_err().is_foreign_key_violation());
        db.transaction(async |tx| {
            let trees = Customer::find().include(Customer::ORDERS.include(Order::LINES));
            assert_eq!(trees.all(tx).await?.len(), 2);
            tx.transaction(async |tx| Order::find().all_rows().delete(tx).await).await
        })
        .await
        .unwrap();
        // A call that needs a second connection gets an error, and does not wait forever.
        let second = db.transaction(async |_| Customer::find().count(&db).await);
        assert!(second.await.unwrap_err().is_connection());
        assert_eq!(count(&db).await, 2);
    }
}

#[tokio::test]
async fn a_statement_takes_only_so_long() {
    for options in pools_of_one().await {
        let limit = Duration::from_millis(300);
        let db = options.statement_timeout(limit).connect().await.unwrap();
        cast::create(&db).await;
        cast::customers(&db).await;
        let slow = || Customer::find().filter(slow(db.engine()));
        let begun = Instant::now();
        let error = slow().all(&db).await.unwrap_err();
        assert!(error.is_timeout() && !error.is_connection(), "{error:?}");
        assert!(error.to_string().starts_with("the statement took too long"), "{error}");
        assert!(begun.elapsed() >= limit);
        assert_eq!(count(&db).await, 2);
        let error = slow().include(Customer::ORDERS).all(&db).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        let error = slow().set(Customer::NAME, "Eve").update(&db).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(Customer::find().filter(Customer::NAME.eq("Eve")).count(&db).await.unwrap(), 0);
        let failed = db.transaction(async |tx| {
            new(3).insert(tx).await?;
            slow().all(tx).await.map(drop)
        });
        assert!(failed.await.unwrap_err().is_timeout());
        let swallowed = db.transaction(async |tx| {
            new(3).insert(tx).await?;
            slow().all(tx).await.unwrap_err();
            Ok(())
        });
        assert!(swallowed.await.is_err());
        assert_eq!(count(&db).await, 2);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn the_server_stops_what_took_too_long() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = pool_of_one(&url).statement_timeout(Duration::from_millis(200));
    let db = db.connect().await.unwrap();
    cast::create(&db).await;
    cast::customers(&db).await;
    let (late, seen) =
        tokio::join!(Customer::find().filter(slow(Engine::Postgres)).all(&db), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            slow_ones(&client).await
        });
    assert!(late.unwrap_err().is_timeout());
    assert_eq!(seen, 1);
    nothing_is_slow(&client).await;
}

#[tokio::test]
async fn what_nobody_waits_for_is_stopped() {
    for options in pools_of_one().await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        cast::customers(&db).await;
        let slow = || Customer::find().filter(slow(db.engine()));
        let begun = Instant::now();
        let soon = Duration::from_millis(50);
        tokio::time::timeout(soon, slow().all(&db)).await.unwrap_err();
        assert_eq!(count(&db).await, 2);
        tokio::time::timeout(soon, slow().include(Customer::ORDERS).all(&db)).await.unwrap_err();
        assert_eq!(count(&db).await, 2);
        let renamed = slow().set(Customer::NAME, "Eve").update(&db);
        tokio::time::timeout(soon, renamed).await.unwrap_err();
        let eve = Customer::find().filter(Customer::NAME.eq("Eve"));
        assert_eq!(eve.count(&db).await.unwrap(), 0);
        let transaction = db.transaction(async |tx| {
            new(3).insert(tx).await?;
            slow().all(tx).await.map(drop)
        });
        tokio::time::timeout(soon, transaction).await.unwrap_err();
        assert_eq!(count(&db).await, 2);
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn the_server_stops_what_nobody_waits_for() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = pool_of_one(&url).connect().await.unwrap();
    cast::create(&db).await;
    cast::customers(&db).await;
    let slow = || Customer::find().filter(slow(Engine::Postgres));
    let soon = Duration::from_millis(100);
    tokio::time::timeout(soon, slow().all(&db)).await.unwrap_err();
    assert_eq!(slow_ones(&client).await, 1);
    nothing_is_slow(&client).await;
    let transaction = db.transaction(async |tx| slow().all(tx).await);
    tokio::time::timeout(soon, transaction).await.unwrap_err();
    nothing_is_slow(&client).await;
}

/// Wherever a future is dropped, pairs are written whole, and the only connection is as good as new.
#[tokio::test]
async fn what_is_dropped_halfway_leaves_no_half() {
    for options in pools_of_one().await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let mut written = 0;
        for round in 0..60_u32 {
            // The last one has all the time that it needs, also on a busy machine.
            let patience =
                if round == 59 { 10_000_000 } else { u64::from(round) * u64::from(round) };
            let micros = Duration::from_micros(patience);
            let first = i64::from(round) * 2;
            let pair = db.transaction(async |tx| {
                new(first).insert(tx).await?;
                tx.transaction(async |tx| new(first + 1).insert(tx).await).await
            });
            let whole = tokio::time::timeout(micros, pair).await.is_ok();
            let ids = [first, first + 1];
            let found = Customer::find().filter(Customer::ID.is_in(ids)).count(&db).await.unwrap();
            // A transaction that is dropped during its `COMMIT` is committed or rolled back.
            assert!(found == 2 || (found == 0 && !whole), "{found} in round {round}");
            written += found;
            let trees = Customer::find().include(Customer::ORDERS.include(Order::LINES)).all(&db);
            let _ = tokio::time::timeout(micros, trees).await;
            let _ = tokio::time::timeout(micros, new(first + 1000).insert(&db)).await;
        }
        let pairs = Customer::find().filter(Customer::ID.lt(1000)).count(&db).await.unwrap();
        assert_eq!(pairs, written);
        assert!(written > 0, "none of the pairs was written in time");
    }
}

#[tokio::test]
async fn a_commit_that_is_dropped_leaves_a_usable_connection() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = pool_of_one(&url).connect().await.unwrap();
    cast::create(&db).await;
    // It takes a minute to commit a customer.
    let slow = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$; \
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON customers \
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";
    client.batch_execute(slow).await.unwrap();
    let committed = db.transaction(async |tx| new(1).insert(tx).await);
    tokio::time::timeout(Duration::from_millis(300), committed).await.unwrap_err();
    assert_eq!(count(&db).await, 0);
    nothing_is_slow(&client).await;
}

#[tokio::test]
async fn connections_that_died_unused_are_replaced() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = ConnectOptions::new(&url).pool_size(4).connect().await.unwrap();
    cast::create(&db).await;
    for round in 0..5 {
        // Four connections are open.
        let four = (0..4).map(|_| db.begin());
        let mut begun = Vec::new();
        for one in four {
            begun.push(one.await.unwrap());
        }
        for one in begun {
            one.rollback().await.unwrap();
        }
        kill(&client).await;
        // The pool has not had the time to see it; nothing of this was run before.
        new(round * 10).insert(&db).await.unwrap();
        let insert = db.transaction(async |tx| new(round * 10 + 1).insert(tx).await);
        insert.await.unwrap();
        kill(&client).await;
        assert_eq!(count(&db).await, (round + 1) * 2);
        kill(&client).await;
        let trees = Customer::find().include(Customer::ORDERS).all(&db).await.unwrap();
        assert_eq!(trees.len(), (round as usize + 1) * 2);
    }
}

#[tokio::test]
async fn connections_that_nobody_uses_are_closed() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let idle = Duration::from_millis(200);
    let db = ConnectOptions::new(&url).application_name("the shop").idle_timeout(idle);
    let db = db.connect().await.unwrap();
    cast::create(&db).await;
    let open = async || -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND application_name = 'the shop'";
        client.query_one(sql, &[]).await.unwrap().get(0)
    };
    let (one, other) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    assert_eq!(open().await, 2);
    one.rollback().await.unwrap();
    other.rollback().await.unwrap();
    let begun = Instant::now();
    while open().await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "they are still open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() > idle / 2);
    assert_eq!(count(&db).await, 0);
    // A database in memory stays, though nobody uses it.
    let memory = ConnectOptions::new("sqlite::memory:").idle_timeout(idle).connect().await.unwrap();
    cast::create(&memory).await;
    tokio::time::sleep(idle * 3).await;
    assert_eq!(count(&memory).await, 0);
}

#[tokio::test]
async fn unnamed_statements_leave_none_behind() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of_one(&url).unnamed_statements(true).connect().await.unwrap();
    cast::create(&db).await;
    let (ada, bob) = cast::customers(&db).await;
    let order = cast::order(&db, &ada, 2).await;
    assert_eq!(order.customer(&db).await.unwrap(), ada);
    let trees = Customer::find()
        .order_by(Customer::ID.asc())
        .include(Customer::ORDERS.pipelined().include(Order::LINES.pipelined()))
        .all(&db)
        .await
        .unwrap();
    assert_eq!((trees[0].orders.len(), trees[1].orders.len()), (1, 0));
    db.transaction(async |tx| {
        let order = cast::order_in(tx, &bob, 1).await;
        tx.transaction(async |tx| order.delete(tx).await).await
    })
    .await
    .unwrap();
    assert!(new(1).insert(&db).await.unwrap_err().is_unique_violation());
    let none = Filter::<Customer>::raw("NOT EXISTS (SELECT FROM pg_prepared_statements)", ());
    assert_eq!(Customer::find().filter(none).count(&db).await.unwrap(), 2);
}
