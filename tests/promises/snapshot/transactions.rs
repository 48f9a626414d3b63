//! The transaction of a snapshot: it ends whatever happens, and what fails in it is told or read anew.

use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Executor, Filter, IsolationLevel, TransactionOptions};

use super::paused::{Pausing, elsewhere};
use super::world::{self, Item, Job, NewTag, Owner, Tag};
use crate::support::{self, Counting};

/// A database of one connection, and its URL.
async fn alone() -> Option<(Database, String)> {
    let url = support::postgres_url().await?;
    let db = ConnectOptions::new(&url).pool_size(1).connect().await.unwrap();
    world::create(&db).await;
    world::fill(&db).await;
    Some((db, url))
}

/// Whether the one connection can write, which it could not within a transaction that only reads.
async fn is_free(db: &Database) {
    let id = Tag::find().count(db).await.unwrap() + 1000;
    NewTag { id, word: String::new() }.insert(db).await.unwrap();
    let inside = "SELECT count(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let open: Vec<i64> = ::relations::sql(inside, ()).all(db).await.unwrap();
    assert_eq!(open, [0]);
}

fn raw<E>(sql: &str) -> Filter<E> {
    Filter::raw(sql, ())
}

#[tokio::test]
async fn a_connection_comes_back_without_a_transaction() {
    let Some((db, _)) = alone().await else { return };
    Job::find().include(Job::ITEMS.batched()).all(&db).await.unwrap();
    is_free(&db).await;
    Job::find().include(Job::ITEMS.pipelined()).all(&db).await.unwrap();
    is_free(&db).await;
    // The last statement is not known to be the last.
    for _ in 0..3 {
        let none = Job::find().filter(Job::ID.eq(77)).include(Job::ITEMS.batched());
        assert_eq!(none.all(&db).await.unwrap(), []);
    }
    is_free(&db).await;
}

#[tokio::test]
async fn the_error_that_is_told_is_the_first_one() {
    let Some((db, _)) = alone().await else { return };
    for pipelined in [false, true] {
        let broken = Job::ITEMS.filter(raw("1 / (items.id - items.id) = 1"));
        let broken = if pipelined { broken.pipelined() } else { broken.batched() };
        let query = Job::find().include(broken.include(Item::NOTES.pipelined()));
        let error = query.include(Job::TAGS).all(&db).await.unwrap_err();
        assert!(error.to_string().contains("division by zero"), "{error}");
        is_free(&db).await;
    }
    let broken = Job::find().filter(raw("1 / (jobs.id - jobs.id) = 1")).include(Job::ITEMS);
    let error = broken.all(&db).await.unwrap_err();
    assert!(error.to_string().contains("division by zero"), "{error}");
    is_free(&db).await;
}

#[tokio::test]
async fn what_is_dropped_halfway_is_rolled_back() {
    let Some((db, url)) = alone().await else { return };
    let holder = support::client(&url).await;
    let slow = |seconds: f32| {
        let slow = Job::ITEMS.filter(raw(&format!("(SELECT pg_sleep({seconds})) IS NOT NULL")));
        Job::find().include(slow.batched())
    };
    // Once soon after the first statement is sent, and once when the second one is under way.
    for wait in [0, 30] {
        let dropped = tokio::time::timeout(Duration::from_millis(wait), slow(0.1).all(&db)).await;
        assert!(dropped.is_err());
        is_free(&db).await;
        let dropped = tokio::time::timeout(Duration::from_millis(wait), slow(5.0).all(&db)).await;
        assert!(dropped.is_err());
        is_free(&db).await;
    }
    let open = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND backend_xmin IS NOT NULL \
                AND pid <> pg_backend_pid()";
    assert_eq!(holder.query_one(open, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_ends_its_transaction() {
    let Some((_, url)) = alone().await else { return };
    let timeout = Duration::from_millis(100);
    let options = ConnectOptions::new(&url).pool_size(1).statement_timeout(timeout);
    let db = options.connect().await.unwrap();
    let slow = Job::ITEMS.filter(raw("(SELECT pg_sleep(5)) IS NOT NULL")).batched();
    let error = Job::find().include(slow).all(&db).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    is_free(&db).await;
}

/// If the connection breaks between two statements, everything is read again on another one.
#[tokio::test]
async fn a_broken_connection_is_read_anew() {
    let Some((db, url)) = alone().await else { return };
    for unnamed in [false, true] {
        let options = ConnectOptions::new(&url).pool_size(1).unnamed_statements(unnamed);
        let reader = options.connect().await.unwrap();
        let kill = async || {
            let sql = "SELECT pg_backend_pid()::int8";
            let pid: Vec<i64> = ::relations::sql(sql, ()).all(&reader).await.unwrap();
            let (pid, url) = (i32::try_from(pid[0]).unwrap(), url.clone());
            move || {
                elsewhere(async {
                    let client = support::client(&url).await;
                    let kill = "SELECT pg_terminate_backend($1, 1000)";
                    client.execute(kill, &[&pid]).await.unwrap();
                });
            }
        };
        for kind in world::KINDS {
            let before = world::ask(kind, None, &db).await.unwrap();
            let pausing = Pausing::new(&reader, 1, kill().await);
            assert_eq!(world::ask(kind, None, &pausing).await.unwrap(), before, "{kind}");
            is_free(&reader).await;
            db.transaction(async |tx| Tag::find().filter(Tag::ID.ge(1000)).delete(tx).await)
                .await
                .unwrap();
        }
        let jobs = || Job::preload([1, 2, 3].map(job)).include(Job::ITEMS.include(Item::NOTES));
        let before = jobs().all(&db).await.unwrap();
        let pausing = Pausing::new(&reader, 1, kill().await);
        assert_eq!(jobs().include(Job::OWNER).all(&pausing).await.unwrap().len(), 3);
        let pausing = Pausing::new(&reader, 1, kill().await);
        assert_eq!(jobs().all(&pausing).await.unwrap(), before);
    }
}

fn job(id: i64) -> Job {
    Job { id, owner_key: 101, open: true, size: 2 }
}

/// If a table is changed between two statements, so that a prepared statement no longer fits,
/// everything is read again.
#[tokio::test]
async fn a_changed_plan_is_read_anew() {
    let Some((db, url)) = alone().await else { return };
    let query = || Job::find().include(Job::OWNER.batched()).order_by(Job::ID.asc());
    let before = query().all(&db).await.unwrap();
    for column_type in ["varchar(100)", "text", "varchar"] {
        let changed = Pausing::new(&db, 1, || {
            elsewhere(async {
                let client = support::client(&url).await;
                let change = format!("ALTER TABLE owners ALTER COLUMN name TYPE {column_type}");
                client.batch_execute(&change).await.unwrap();
            });
        });
        assert_eq!(query().all(&changed).await.unwrap(), before);
        is_free(&db).await;
    }
}

#[tokio::test]
async fn a_condition_may_call_what_writes() {
    let Some((db, url)) = alone().await else { return };
    support::client(&url).await.batch_execute("CREATE SEQUENCE numbers").await.unwrap();
    let query = Job::find().filter(raw("nextval('numbers') > 0"));
    assert_eq!(query.include(Job::ITEMS).all(&db).await.unwrap().len(), 3);
}

behaviour! {
    /// A snapshot does not make `random()` answer alike twice.
    async fn a_volatile_condition_is_not_repeated(db) {
        world::create(db).await;
        world::fill(db).await;
        let volatile = "random() < 0.5";
        let volatile = if db.engine() == ::relations::Engine::Sqlite { "random() < 0" } else { volatile };
        let counting = Counting::new(db);
        for _ in 0..30 {
            for limit in [2, 100] {
                let query = Job::find().filter(raw(volatile)).limit(limit);
                let jobs = query.include(Job::ITEMS.pipelined().include(Item::NOTES.pipelined()));
                for job in jobs.all(&counting).await.unwrap() {
                    assert_eq!(job.items.len(), 2);
                    assert!(job.items.iter().all(|item| item.notes.len() == 1));
                }
            }
            let items = Job::ITEMS.filter(raw(volatile)).pipelined().include(Item::NOTES.pipelined());
            for job in Job::find().include(items).all(&counting).await.unwrap() {
                assert!(job.items.iter().all(|item| item.notes.len() == 1));
            }
            let owner = Job::OWNER.filter(raw(volatile)).joined();
            let required = Job::find().include_required(owner).include(Job::ITEMS.pipelined());
            for job in required.all(&counting).await.unwrap() {
                assert_eq!(job.items.len(), 2);
            }
            let any = Job::find().filter(Job::ITEMS.any(raw(volatile)));
            for job in any.include(Job::TAGS.pipelined()).all(&counting).await.unwrap() {
                assert_eq!(job.tags.len(), 2);
            }
            let count = Job::ITEMS.count().filter(raw(volatile));
            let most = Job::find().order_by(count.desc()).limit(1).include(Job::TAGS.pipelined());
            for job in most.all(&counting).await.unwrap() {
                assert_eq!(job.tags.len(), 2);
            }
        }
        counting.rounds();
        // A query that gives the same answer twice is still repeated, also above one that may not.
        let known = Job::ITEMS.filter(raw(volatile)).pipelined();
        Job::find().include(known.include(Item::NOTES.pipelined())).all(&counting).await.unwrap();
        assert_eq!(counting.rounds()[0], 2);
        Job::find().include(Job::OWNER.pipelined().include(Owner::JOBS.pipelined())).all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [3]);
    }

    /// A transaction of its own goes on with its own isolation.
    async fn a_transaction_is_asked_for_its_isolation(db) {
        world::create(db).await;
        world::fill(db).await;
        let sqlite = db.engine() == ::relations::Engine::Sqlite;
        let options = TransactionOptions::new;
        let kinds = [
            (options(), sqlite),
            (options().isolation(IsolationLevel::ReadCommitted), sqlite),
            (options().isolation(IsolationLevel::RepeatableRead), true),
            (options().isolation(IsolationLevel::Serializable), true),
        ];
        for (options, repeats) in kinds {
            let tx = db.begin_with(options).await.unwrap();
            let inner = tx.transaction(async |tx| {
                let counting = Counting::new(tx);
                Job::find().include(Job::ITEMS.pipelined()).all(&counting).await?;
                Ok(counting.rounds())
            });
            let rounds = inner.await.unwrap();
            assert_eq!(rounds, if repeats { vec![2] } else { vec![1, 1] });
            tx.commit().await.unwrap();
        }
    }

    /// The statistics count the statements of the tree, and each once.
    async fn what_begins_and_ends_it_is_not_counted(db) {
        world::create(db).await;
        world::fill(db).await;
        let watched = db.query_stats();
        Job::find().include(Job::ITEMS.batched()).include(Job::OWNER.batched()).all(&watched).await.unwrap();
        assert_eq!(watched.statements(), 3);
        let batched = watched.batched();
        Job::find().include(Job::ITEMS.pipelined()).all(&batched).await.unwrap();
        assert_eq!(watched.statements(), 5);
    }

    /// The row that a page starts at and the page are looked at in one moment.
    async fn a_page_behind_the_last_row_is_empty(db) {
        world::create(db).await;
        world::fill(db).await;
        let pages = || Job::find().include(Job::ITEMS).order_by(Job::SIZE.asc()).page(2);
        assert_eq!(pages().after(3).fetch(db).await.unwrap().rows, []);
        assert!(pages().after(9).fetch(db).await.unwrap_err().is_not_found());
        let plain = || Job::find().order_by(Job::SIZE.asc()).page(2);
        assert_eq!(plain().after(3).fetch(db).await.unwrap().rows, []);
        assert!(plain().after(9).fetch(db).await.unwrap_err().is_not_found());
    }
}
