//! Runtimes that end, or are not driven, while a pool is used from another one.

use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, connect};
use futures_util::future::join_all;
use tokio::runtime::{Builder, Runtime};

use super::Folder;
use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Note {
    #[id(generated)]
    id: i64,
    text: String,
}

fn note(text: &str) -> NewNote {
    NewNote { text: text.to_owned() }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The texts in a database, as a pool of its own sees them.
fn texts(url: &str) -> Vec<String> {
    one_thread().block_on(async {
        let notes = Note::find().order_by(Note::ID.asc()).all(&connect(url).await.unwrap()).await;
        notes.unwrap().into_iter().map(|note| note.text).collect()
    })
}

/// The end of a runtime while a transaction is open.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// A task holds the transaction.
    Task,
    /// The runtime is shut down and does not wait for its threads.
    TaskInBackground,
    /// The transaction is dropped after the runtime.
    Outlived,
    /// The transaction is dropped while the runtime lives and nobody drives it.
    Undriven,
}

/// Opens a transaction with one row in it, ends the runtime, and writes five rows on another one.
fn acknowledged_after(ending: Ending, url: &str, pool: usize, multi: bool) {
    let first = if multi { threads() } else { one_thread() };
    let db: Database = first.block_on(async {
        let db = ConnectOptions::new(url).pool_size(pool).connect().await.unwrap();
        db.create_if_missing(schema![Note]).await.unwrap();
        db
    });
    let held = first.block_on(async {
        let transaction = db.begin().await.unwrap();
        note("uncommitted").insert(&transaction).await.unwrap();
        transaction
    });
    let alive = match ending {
        Ending::Task | Ending::TaskInBackground => {
            first.spawn(async move {
                let _held = held;
                std::future::pending::<()>().await;
            });
            first.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
            match ending {
                Ending::Task => drop(first),
                _ => first.shutdown_background(),
            }
            None
        }
        Ending::Outlived => {
            drop(first);
            drop(held);
            None
        }
        Ending::Undriven => {
            drop(held);
            Some(first)
        }
    };
    let begun = Instant::now();
    let second = threads();
    let written: Vec<_> = second.block_on(async {
        let mut written = Vec::new();
        for number in 0..5 {
            let text = format!("{ending:?} {number}");
            note(&text).insert(&db).await.unwrap_or_else(|error| panic!("{ending:?}: {error}"));
            written.push(text);
        }
        assert_eq!(Note::find().count(&db).await.unwrap(), 5);
        written
    });
    assert!(begun.elapsed() < Duration::from_secs(3), "{ending:?} took {:?}", begun.elapsed());
    drop(db);
    drop(second);
    drop(alive);
    assert_eq!(texts(url), written, "{ending:?}, a pool of {pool}");
}

const ENDINGS: [Ending; 4] =
    [Ending::Task, Ending::TaskInBackground, Ending::Outlived, Ending::Undriven];

#[test]
fn rows_written_after_a_runtime_ended_stay_on_sqlite() {
    for ending in ENDINGS {
        for (pool, multi) in [(1, false), (1, true), (4, true)] {
            let folder = Folder::new();
            acknowledged_after(ending, &folder.url(), pool, multi);
        }
    }
}

#[test]
fn rows_written_after_a_runtime_ended_stay_on_postgres() {
    for ending in ENDINGS {
        for (pool, multi) in [(1, false), (4, true)] {
            let Some(url) = one_thread().block_on(support::postgres_url()) else { return };
            acknowledged_after(ending, &url, pool, multi);
        }
    }
}

/// A pool that one runtime has filled is used from another one, while the first is alive and nobody
/// drives it.
#[test]
fn a_second_runtime_needs_nobody_to_drive_the_first() {
    let Some(url) = one_thread().block_on(support::postgres_url()) else { return };
    for pool in [1, 2, 5] {
        let first = one_thread();
        let db = first.block_on(async {
            let db = ConnectOptions::new(&url).pool_size(pool).connect().await.unwrap();
            db.create_if_missing(schema![Note]).await.unwrap();
            let held = join_all((0..pool).map(|_| db.begin())).await;
            assert!(held.iter().all(Result::is_ok));
            drop(held);
            tokio::time::sleep(Duration::from_millis(50)).await;
            db
        });
        let begun = Instant::now();
        for second in [one_thread(), threads()] {
            second.block_on(async {
                let transaction = db.begin().await.unwrap();
                note("second").insert(&transaction).await.unwrap();
                transaction.commit().await.unwrap();
                assert!(Note::find().count(&db).await.unwrap() > 0);
            });
        }
        assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
        let open: i64 = first.block_on(async {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
            let mut open = 0;
            // The server takes leave of a connection a moment after it is closed.
            for _ in 0..100 {
                open = ::relations::sql(sql, ()).one(&db).await.unwrap();
                if open <= pool as i64 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            open
        });
        assert!(open <= pool as i64, "{open} connections of {pool}");
    }
}

/// Connections that are held by tasks of a runtime that nobody drives are waited for no longer than
/// the pool's time-out says.
#[test]
fn time_outs_hold_on_a_second_runtime() {
    let Some(url) = one_thread().block_on(support::postgres_url()) else { return };
    let first = one_thread();
    let db = first.block_on(async {
        let options =
            ConnectOptions::new(&url).pool_size(1).wait_timeout(Duration::from_millis(200));
        options.connect().await.unwrap()
    });
    let held = first.block_on(db.begin()).unwrap();
    let second = threads();
    let error = second.block_on(db.begin()).unwrap_err();
    assert!(error.is_connection(), "{error}");
    drop(held);
    assert_eq!(second.block_on(::relations::sql("SELECT 1", ()).one::<i32>(&db)).unwrap(), 1);
}

/// Statements are stopped in time on a runtime that did not open their connection.
#[test]
fn statements_are_stopped_on_a_second_runtime() {
    let Some(url) = one_thread().block_on(support::postgres_url()) else { return };
    let first = one_thread();
    let db = first.block_on(async {
        let options = ConnectOptions::new(&url).pool_size(1);
        options.statement_timeout(Duration::from_millis(200)).connect().await.unwrap()
    });
    for second in [one_thread(), threads()] {
        let begun = Instant::now();
        let slow = ::relations::sql("SELECT pg_sleep(20)", ()).execute(&db);
        let error = second.block_on(slow).unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5), "took {:?}", begun.elapsed());
        assert_eq!(second.block_on(::relations::sql("SELECT 1", ()).one::<i32>(&db)).unwrap(), 1);
    }
    drop(first);
}

/// Batched lookups that one runtime has begun still work after that runtime has ended.
#[test]
fn batches_outlive_their_runtime() {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(one_thread().block_on(support::postgres_url()));
    for url in urls {
        let first = threads();
        let (db, batched) = first.block_on(async {
            let db = ConnectOptions::new(&url).pool_size(1).connect().await.unwrap();
            db.create_if_missing(schema![Note]).await.unwrap();
            note("there").insert(&db).await.unwrap();
            let batched = db.batched();
            (db, batched)
        });
        // Lookups are under way when the runtime ends.
        for _ in 0..20 {
            let batched = batched.clone();
            first.spawn(async move { Note::find_by_id(1).one(&batched).await });
        }
        first.shutdown_background();
        let second = threads();
        let found = second.block_on(async {
            let all = join_all([1, 2, 1].map(|id| Note::find_by_id(id).optional(&batched)));
            tokio::time::timeout(Duration::from_secs(5), all).await.unwrap()
        });
        let found: Vec<_> = found.into_iter().map(|one| one.unwrap().is_some()).collect();
        assert_eq!(found, [true, false, true], "{url}");
        assert_eq!(second.block_on(Note::find().count(&db)).unwrap(), 1);
    }
}

behaviour! {
    async fn a_transaction_that_is_dropped_leaves_nothing_and_blocks_nobody(db) {
        db.create(schema![Note]).await.unwrap();
        for number in 0..10 {
            let transaction = db.begin().await.unwrap();
            note("dropped").insert(&transaction).await.unwrap();
            if number % 2 == 0 {
                // Halfway through a statement.
                let insert = note("never").insert(&transaction);
                let _ = tokio::time::timeout(Duration::ZERO, insert).await;
            }
            drop(transaction);
            note("kept").insert(db).await.unwrap();
        }
        let notes = Note::find().all(db).await.unwrap();
        assert_eq!(notes.iter().map(|note| &*note.text).collect::<Vec<_>>(), ["kept"; 10]);
    }
}
