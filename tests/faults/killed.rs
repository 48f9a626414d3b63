//! Backends are killed.

use std::time::Duration;

use ::relations::Filter;
use ::relations::prelude::*;

use crate::proxy::{Proxy, Then};
use crate::server::{self, Server};
use crate::tally::tried;
use crate::writers::{Entry, NewEntry, Receipt, Writers};

/// The time that a call may take if it waits for nothing.
const SOON: Duration = Duration::from_secs(5);

fn new(number: i64) -> NewEntry {
    NewEntry { writer: 0, number }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_query() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (server.pool(1).await, server.watcher().await);
        db.create(schema![Entry]).await.unwrap();
        new(1).insert(&db).await.unwrap();
        for _ in 0..5 {
            let sleeps = Filter::raw("(SELECT 1 FROM pg_sleep(60)) = 1", ());
            let query = Entry::find().filter(sleeps);
            let (answer, ()) = tokio::join!(tally.within(SOON, "a query", query.all(&db)), async {
                watcher.sees_sleep().await;
                assert_eq!(watcher.kill().await, 1);
                tally.injected.add(1);
            });
            let error = answer.unwrap_err();
            assert!(error.is_connection() && !error.is_retryable(), "{error:?}");
            let found = tally.within(SOON, "the next query", Entry::find().all(&db)).await;
            assert_eq!(found.unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_transaction() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (server.pool(1).await, server.watcher().await);
        db.create(schema![Entry]).await.unwrap();
        for statement_first in [true, false].repeat(5) {
            let transaction = db.begin().await.unwrap();
            new(1).insert(&transaction).await.unwrap();
            assert_eq!(watcher.kill().await, 1);
            tally.injected.add(1);
            if statement_first {
                let written = new(2).insert(&transaction);
                let error = tally.within(SOON, "a statement", written).await.unwrap_err();
                assert!(error.is_connection() && !error.is_commit_unknown(), "{error:?}");
            }
            let committed = transaction.commit();
            let error = tally.within(SOON, "a commit", committed).await.unwrap_err();
            assert!(!error.is_retryable(), "{error:?}");
            // Whether the driver has been told yet, when nobody has tried, is left to chance.
            assert!(!(statement_first && error.is_commit_unknown()), "{error:?}");
            assert_eq!(error.is_connection() || error.is_commit_unknown(), !statement_first);
            let found = tally.within(SOON, "the next query", Entry::find().all(&db)).await;
            assert_eq!(found.unwrap(), []);
        }
    })
    .await;
}

/// A caller never notices that a connection died in the pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_in_the_pool() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (server.pool(4).await, server.watcher().await);
        db.create(schema![Entry, Receipt]).await.unwrap();
        for number in 0..20 {
            // All of the pool is made use of, and then idle.
            let all = tokio::join!(
                Entry::find().all(&db),
                Entry::find().all(&db),
                Entry::find().all(&db),
                Entry::find().all(&db),
            );
            all.0.and(all.1).and(all.2).and(all.3).unwrap();
            assert!(watcher.kill().await > 0);
            tally.injected.add(1);
            if number % 2 == 0 {
                let found = tally.within(SOON, "a query", Entry::find().count(&db)).await;
                assert_eq!(found.unwrap(), number);
            }
            tally.within(SOON, "a write", new(number).insert(&db)).await.unwrap();
            tally.acknowledged.add(1);
        }
    })
    .await;
}

/// The message in which a driver sends the values of a prepared statement.
const BIND: u8 = b'B';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_prepare_and_execute() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let proxy = Proxy::start(&server.url).await;
        let (db, watcher) = (server::pool(&proxy.url, 1).await, server.watcher().await);
        db.create(schema![Entry]).await.unwrap();
        let mut written = 0;
        for number in 0..10 {
            // Of all that is prepared on a connection, this is the first time each time.
            let held = proxy.hold(BIND, b"");
            let kill = async {
                let held = held.await;
                assert_eq!(watcher.kill().await, 1);
                tally.injected.add(1);
                // The connection may be gone by now, and the message with it.
                let _ = held.send(Then::Pass);
            };
            let failed = if number % 2 == 0 {
                let query = tally.within(SOON, "a query", Entry::find().all(&db));
                tokio::join!(query, kill).0.map(drop)
            } else {
                let write = tally.within(SOON, "a write", new(number).insert(&db));
                tokio::join!(write, kill).0.map(drop)
            };
            // The server has not got the values, so that a write may be sent again; or it may not.
            match failed {
                Ok(()) if number % 2 == 0 => {}
                Ok(()) => {
                    tally.acknowledged.add(1);
                    written += 1;
                }
                Err(error) => {
                    assert!(error.is_connection() && !error.is_retryable(), "{error:?}");
                }
            }
            let found = tally.within(SOON, "the next query", Entry::find().count(&db)).await;
            assert_eq!(found.unwrap(), written);
        }
    })
    .await;
}

/// All backends again and again, while others write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_any_moment() {
    tried(60, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (server.pool(6).await, server.watcher().await);
        let writers = Writers::start(&[db], 8, &tally).await;
        for _ in 0..40 {
            writers.calm(false);
            writers.write(1).await;
            watcher.kill().await;
            tally.injected.add(1);
        }
        writers.calm(true);
        writers.write(30).await;
        writers.finish().await;
    })
    .await;
}
