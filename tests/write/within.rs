//! Statements of a transaction at the same time as one within it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::{Database, Executor, Result, Transaction};
use futures_util::FutureExt;
use futures_util::future::{join_all, maybe_done};
use tokio::join;
use tokio::time::timeout;

use crate::cast::{self, Customer, NewCustomer};
use crate::support;

fn new(id: i64) -> NewCustomer {
    NewCustomer { id, pk: id, name: "Ada".into(), email: None }
}

async fn ids(db: &impl Executor) -> Vec<i64> {
    let customers = Customer::find().order_by(Customer::ID.asc()).all(db).await.unwrap();
    customers.into_iter().map(|customer| customer.id).collect()
}

/// Work that is rolled back.
async fn fail(tx: &Transaction) -> Result<()> {
    Customer::find_by_id(-1).one(tx).await.map(drop)
}

/// A nested transaction that is abandoned once it has written this.
async fn drop_one_within(tx: &Transaction, id: i64) {
    let within = tx.transaction(async |tx| {
        new(id).insert(tx).await?;
        std::future::pending().await
    });
    timeout(Duration::from_millis(50), within).await.map(|done: Result<()>| done).unwrap_err();
}

/// Begins it, and goes on with it later.
fn begun<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let mut work = Box::pin(maybe_done(work));
    // SQLite may have done it at once.
    let _ = work.as_mut().now_or_never();
    async move {
        work.as_mut().await;
        work.as_mut().take_output().unwrap()
    }
}

/// Goes on with it so many times, and then drops it.
async fn for_a_while(polls: usize, work: impl Future) {
    let mut work = pin!(work);
    for _ in 0..polls {
        let woken = poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_ready()));
        if woken.await {
            break;
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

/// A task that waits forever fails.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), work).await.expect("somebody waits for good")
}

behaviour! {
    /// PostgreSQL has to prepare the first one, and SQLite has a thread for each.
    async fn a_statement_under_way_comes_before_one_within(db) {
        cast::create(db).await;
        for id in 0..100 {
            let tx = db.begin().await.unwrap();
            let (inserted, failed) = join!(new(id).insert(&tx), tx.transaction(async |tx| fail(tx).await));
            assert!(failed.unwrap_err().is_not_found());
            inserted.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(Customer::find_by_id(id).count(db).await.unwrap(), 1, "{id}");
        }
    }

    async fn a_statement_after_one_was_dropped_comes_before_the_next_or_not_at_all(db) {
        cast::create(db).await;
        let tx = db.begin().await.unwrap();
        drop_one_within(&tx, 1).await;
        let (inserted, failed) = join!(new(2).insert(&tx), tx.transaction(async |tx| fail(tx).await));
        inserted.unwrap();
        assert!(failed.unwrap_err().is_not_found());
        drop_one_within(&tx, 3).await;
        let (failed, inserted) = join!(tx.transaction(async |tx| fail(tx).await), new(4).insert(&tx));
        assert!(failed.unwrap_err().is_not_found());
        // On a slow machine the abandoned one may be under way for so long that it comes before the next.
        let expected = match inserted {
            Ok(_) => vec![2, 4],
            Err(error) => {
                assert!(error.is_invalid_request(), "{error}");
                vec![2]
            }
        };
        tx.commit().await.unwrap();
        assert_eq!(ids(db).await, expected);
    }

    async fn of_two_within_at_once_one_is_refused(db) {
        cast::create(db).await;
        let tx = db.begin().await.unwrap();
        for (dropped, first, second) in [(false, 1, 2), (true, 3, 4)] {
            if dropped {
                drop_one_within(&tx, 5).await;
            }
            // The first goes on when the second has ended, however fast it is.
            let ended = tokio::sync::Notify::new();
            let (one, other) = join!(
                tx.transaction(async |tx| {
                    let inserted = new(first).insert(tx).await;
                    ended.notified().await;
                    inserted
                }),
                async {
                    let other = tx.transaction(async |tx| new(second).insert(tx).await).await;
                    ended.notify_one();
                    other
                },
            );
            assert_eq!(one.unwrap().id, first);
            assert!(other.unwrap_err().is_invalid_request());
        }
        tx.commit().await.unwrap();
        assert_eq!(ids(db).await, [1, 3]);
    }

    async fn one_within_that_is_dropped_before_it_begins_takes_nothing_back(db) {
        cast::create(db).await;
        let tx = db.begin().await.unwrap();
        let inserted = begun(new(1).insert(&tx));
        drop(begun(tx.transaction(async |tx| fail(tx).await)));
        inserted.await.unwrap();
        new(2).insert(&tx).await.unwrap();
        tx.transaction(async |tx| new(3).insert(tx).await).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids(db).await, [1, 2, 3]);
    }

    async fn one_within_may_be_dropped_at_any_time(db) {
        cast::create(db).await;
        let tx = db.begin().await.unwrap();
        let mut outer = Vec::new();
        for (id, polls) in (0..).zip((0..30).chain(0..30)) {
            let within = tx.transaction(async |tx| if id < 30 { fail(tx).await } else { Ok(()) });
            for_a_while(polls, within).await;
            new(id).insert(&tx).await.unwrap();
            outer.push(id);
        }
        tx.commit().await.unwrap();
        assert_eq!(ids(db).await, outer);
    }

    async fn a_statement_that_is_dropped_holds_up_nothing(db) {
        cast::create(db).await;
        let tx = db.begin().await.unwrap();
        for id in 0..3 {
            drop(begun(fail(&tx)));
            in_time(tx.transaction(async |tx| new(id).insert(tx).await)).await.unwrap();
            drop(begun(tx.transaction(async |tx| fail(tx).await)));
        }
        in_time(tx.commit()).await.unwrap();
        assert_eq!(ids(db).await, [0, 1, 2]);
    }

    /// It is on its way, and is answered by any caller.
    async fn a_statement_that_nobody_polls_holds_up_nothing(db) {
        cast::create(db).await;
        let tx = db.begin().await.unwrap();
        new(1).insert(&tx).await.unwrap();
        let inserted = begun(new(2).insert(&tx));
        in_time(tx.transaction(async |tx| fail(tx).await)).await.unwrap_err();
        in_time(tx.transaction(async |tx| new(3).insert(tx).await)).await.unwrap();
        inserted.await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids(db).await, [1, 2, 3]);
    }
}

/// Tasks that write by a transaction while those within it fail: what was written is there, and what
/// was refused is not.
async fn what_was_written_is_there(db: Database) {
    const TASKS: i64 = 4;
    cast::create(&db).await;
    let (start, mut round) = (Instant::now(), 0);
    while round < 500 && start.elapsed() < Duration::from_secs(5) {
        let tx = Arc::new(db.begin().await.unwrap());
        let tasks = (0..TASKS).map(|task| {
            let (tx, id) = (Arc::clone(&tx), round * TASKS + task);
            tokio::spawn(async move { new(id).insert(&tx).await.map(|new| new.id) })
        });
        let tasks: Vec<_> = tasks.collect();
        for _ in 0..2 {
            if round % 3 > 0 {
                tokio::task::yield_now().await;
            }
            assert!(tx.transaction(async |tx| fail(tx).await).await.is_err());
        }
        if round % 10 == 0 {
            drop(begun(tx.transaction(async |tx| fail(tx).await)));
        }
        let mut written = Vec::new();
        for task in join_all(tasks).await {
            match task.unwrap() {
                Ok(id) => written.push(id),
                Err(error) => assert!(error.is_invalid_request(), "{error:?}"),
            }
        }
        Arc::into_inner(tx).unwrap().commit().await.unwrap();
        let there =
            Customer::find().filter(Customer::ID.ge(round * TASKS)).order_by(Customer::ID.asc());
        let there: Vec<_> = there.all(&db).await.unwrap().iter().map(|found| found.id).collect();
        assert_eq!(there, written, "round {round}");
        round += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_beside_those_within_is_there_on_sqlite() {
    what_was_written_is_there(support::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_beside_those_within_is_there_on_postgres() {
    let Some(db) = support::postgres().await else { return };
    what_was_written_is_there(db).await;
}
