//! A commit whose answer never comes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Result, TransactionOptions};

use crate::proxy::{Proxy, Then};
use crate::server::{self, Server};
use crate::tally::{Tally, tried};
use crate::writers::{Entry, NewEntry};

/// The time that a call may take if it waits for nothing.
const SOON: Duration = Duration::from_secs(5);

/// The message in which the driver sends a statement without parameters.
const QUERY: u8 = b'Q';

/// Writes an entry in work that may be done again, and tells how often it was done.
async fn work(db: &Database, number: i64) -> (Result<()>, u32) {
    let times = AtomicU32::new(0);
    let options = TransactionOptions::new().retries(5);
    let done = db.transaction_with(options, async |transaction| {
        times.fetch_add(1, Ordering::Relaxed);
        NewEntry { writer: 0, number }.insert(transaction).await.map(drop)
    });
    (done.await, times.into_inner())
}

/// Writes one entry by a transaction whose commit is dealt with so.
async fn one(db: &Database, proxy: &Proxy, tally: &Tally, number: i64, then: Then) -> Result<()> {
    let held = proxy.hold(QUERY, b"COMMIT");
    let (done, ()) = tokio::join!(tally.within(SOON, "a transaction", work(db, number)), async {
        held.await.send(then).unwrap();
        tally.injected.add(1);
    });
    let (done, times) = done;
    assert_eq!(times, 1, "work is never done again when it may hold");
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_not_answered_is_unknown_and_not_tried_again() {
    tried(40, async |tally| {
        let Some(server) = Server::start().await else { return };
        let proxy = Proxy::start(&server.url).await;
        let db = server::pool(&proxy.url, 1).await;
        db.create(schema![Entry]).await.unwrap();
        let mut written = 0;
        for number in 0..12 {
            // The server never gets it, or it does; who waits for it cannot tell.
            let then = if number % 2 == 0 { Then::Break } else { Then::LoseAnswer };
            let error = one(&db, &proxy, &tally, number, then).await.unwrap_err();
            assert!(error.is_commit_unknown(), "{error:?}");
            assert!(!error.is_connection() && !error.is_retryable(), "{error:?}");
            assert!(error.to_string().contains("look whether"), "{error}");
            let looked = Entry::find().filter(Entry::NUMBER.eq(number)).count(&db);
            let found = tally.within(SOON, "the next query", looked).await.unwrap();
            assert_eq!(found, i64::from(then == Then::LoseAnswer));
            written += found;
        }
        one(&db, &proxy, &tally, 100, Then::Pass).await.unwrap();
        tally.acknowledged.add(1);
        assert_eq!(Entry::find().count(&db).await.unwrap(), written + 1);
    })
    .await;
}

/// Without a time-out nobody could know it from a commit that takes long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_commit_ends_by_its_time_out() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let proxy = Proxy::start(&server.url).await;
        let limit = Duration::from_millis(500);
        let options = ConnectOptions::new(&proxy.url).pool_size(1).statement_timeout(limit);
        let db = options.connect().await.unwrap();
        db.create(schema![Entry]).await.unwrap();
        for number in 0..2 {
            let error = one(&db, &proxy, &tally, number, Then::Silence).await.unwrap_err();
            assert!(error.is_commit_unknown() && !error.is_timeout(), "{error:?}");
            let found = tally.within(SOON, "the next query", Entry::find().count(&db)).await;
            assert_eq!(found.unwrap(), number + 1);
        }
    })
    .await;
}
