//! Tables change under statements that are prepared, and statements are forgotten.

use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{Database, Executor, Filter, Result, Transaction};

use crate::server::{Server, Watcher};
use crate::tally::tried;

/// The time that a call may take if it waits for nothing.
const SOON: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note)]
struct Shelf {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Note {
    #[id]
    id: i64,
    #[belongs_to(Shelf)]
    shelf_id: i64,
    text: String,
}

/// A pool of one connection, which has prepared all that these tests ask.
async fn prepared(server: &Server) -> Database {
    let db = server.pool(1).await;
    db.create(schema![Shelf, Note]).await.unwrap();
    NewShelf { id: 1, name: "high".into() }.insert(&db).await.unwrap();
    NewNote { id: 1, shelf_id: 1, text: "first".into() }.insert(&db).await.unwrap();
    read(&db).await.unwrap();
    db
}

/// Asks in each way that a statement is sent: by itself, and together with others.
async fn read(db: &impl Executor) -> Result<()> {
    let note = Note::find_by_id(1).one(db).await?;
    assert_eq!(note.text, "first");
    let shelves = Shelf::find()
        .include(Shelf::NOTES.batched())
        .filter(Shelf::NAME.eq("high"))
        .all(db)
        .await?;
    assert_eq!(shelves[0].notes.len(), 1);
    let shelves = Shelf::find().include(Shelf::NOTES.pipelined()).all(db).await?;
    assert_eq!(shelves[0].notes.len(), 1);
    Ok(())
}

/// Changes the type of what each statement gives back. `String` reads them all.
async fn change(watcher: &Watcher, times: i64) {
    let column_type = if times % 2 == 0 { "text" } else { "varchar(100)" };
    for (table, column) in [("shelves", "name"), ("notes", "text")] {
        let change = format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {column_type}");
        watcher.run(&change).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_changed_tables_are_prepared_again() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (prepared(&server).await, server.watcher().await);
        for times in 1..=10 {
            change(&watcher, times).await;
            tally.injected.add(1);
            if times % 3 == 0 {
                let note = NewNote { id: times, shelf_id: 1, text: "more".into() };
                let note = tally.within(SOON, "a write", note.insert(&db)).await.unwrap();
                tally.within(SOON, "a delete", note.delete(&db)).await.unwrap();
                tally.acknowledged.add(2);
            }
            tally.within(SOON, "a query", read(&db)).await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_over_changed_tables_is_worth_another_try() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (prepared(&server).await, server.watcher().await);
        for times in 1..=6 {
            change(&watcher, times).await;
            tally.injected.add(1);
            if times % 2 == 0 {
                let transaction = db.begin().await.unwrap();
                let error = tally.within(SOON, "a query", read(&transaction)).await.unwrap_err();
                assert!(error.is_retryable() && !error.is_connection(), "{error:?}");
                transaction.rollback().await.unwrap();
                tally.within(SOON, "a query", read(&db)).await.unwrap();
            } else {
                let work = async |transaction: &Transaction| {
                    read(transaction).await?;
                    Ok(transaction.attempt())
                };
                let attempts = tally.within(SOON, "a transaction", db.transaction(work)).await;
                let attempts = attempts.unwrap();
                assert!((2..=5).contains(&attempts), "it was done {attempts} times");
                tally.retried.add(u64::from(attempts - 1));
            }
        }
    })
    .await;
}

/// A server forgets what was prepared, as one behind a pooler does between two transactions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_a_server_forgot_are_prepared_again() {
    tried(30, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (prepared(&server).await, server.watcher().await);
        let forget = "CREATE FUNCTION forget() RETURNS boolean LANGUAGE plpgsql VOLATILE AS \
                      $$ BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN true; END $$";
        watcher.run(forget).await;
        for times in 0..6 {
            let forgets = Filter::raw("forget()", ());
            let forgets = Shelf::find().filter(forgets).limit(1).all(&db);
            assert_eq!(tally.within(SOON, "a query", forgets).await.unwrap().len(), 1);
            tally.injected.add(1);
            if times % 2 == 0 {
                tally.within(SOON, "a query", read(&db)).await.unwrap();
            } else {
                let work = async |transaction: &Transaction| read(transaction).await;
                tally.within(SOON, "a transaction", db.transaction(work)).await.unwrap();
            }
        }
    })
    .await;
}
