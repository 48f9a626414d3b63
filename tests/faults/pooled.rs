//! Prepared statements behind a pooler that gives each transaction another connection.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use futures_util::future::try_join_all;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Result, Transaction, TransactionOptions, schema, sql};

use crate::pooler::Pooler;
use crate::server::Server;
use crate::tally::tried;
use crate::writers::{Entry, NewEntry, NewReceipt, Receipt};

/// Asks and writes in each way that a statement is sent.
async fn work(db: &Database, writer: i64) -> Result<()> {
    let entries =
        NewEntry::insert_many((1..=3).map(|number| NewEntry { writer, number }), db).await?;
    let id = entries[0].id;
    NewReceipt { entry_id: id }.insert(db).await?;
    assert_eq!(Entry::find_by_id(id).one(db).await?, entries[0]);
    for receipts in [Receipt::ENTRY.joined(), Receipt::ENTRY.batched(), Receipt::ENTRY.pipelined()]
    {
        let found =
            Receipt::find().filter(Receipt::ENTRY_ID.eq(id)).include(receipts).all(db).await?;
        assert_eq!(found[0].entry, entries[0]);
    }
    let own = || Entry::find().filter(Entry::WRITER.eq(writer)).order_by(Entry::ID.asc());
    let streamed: Vec<Entry> = own().stream(db).try_collect().await?;
    assert_eq!(streamed, entries);
    db.transaction(async |tx: &Transaction| {
        let mut entry = Entry::find_by_id(id).one(tx).await?;
        entry.number = 40;
        entry.update(tx).await?;
        let nested = async |tx: &Transaction| Entry::find_by_id(id).delete(tx).await;
        assert!(tx.transaction(nested).await.unwrap_err().is_still_referenced());
        let numbers = own().all(tx).await?.into_iter().map(|entry| entry.number);
        assert_eq!(numbers.sum::<i64>(), 45);
        Ok(())
    })
    .await?;
    let options = TransactionOptions::new().read_only();
    let reads = async |tx: &Transaction| own().count(tx).await;
    assert_eq!(db.transaction_with(options, reads).await?, 3);
    Ok(())
}

async fn backends(db: &Database) -> HashSet<i32> {
    let mut backends = HashSet::new();
    for _ in 0..6 {
        backends.insert(sql("SELECT pg_backend_pid()", ()).one(db).await.unwrap());
    }
    backends
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_are_prepared_behind_a_pooler_that_keeps_track_of_them() {
    tried(60, async |_| {
        let Some(server) = Server::start().await else { return };
        server.pool(1).await.create(schema![Entry, Receipt]).await.unwrap();
        let pooler = Pooler::start(&server.url, true).await;
        let db = ConnectOptions::new(&pooler.url).pool_size(4).connect().await.unwrap();
        assert!(backends(&db).await.len() > 1);
        for writer in 0..5 {
            work(&db, writer).await.unwrap();
        }
        try_join_all((5..20).map(|writer| work(&db, writer))).await.unwrap();
        let prepared = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'pooler%'";
        assert!(sql(prepared, ()).one::<i64>(&db).await.unwrap() > 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_loses_statements_needs_unnamed_ones() {
    tried(60, async |_| {
        let Some(server) = Server::start().await else { return };
        server.pool(1).await.create(schema![Entry, Receipt]).await.unwrap();
        let pooler = Pooler::start(&server.url, false).await;
        let options = ConnectOptions::new(&pooler.url).pool_size(1);
        let db = options.clone().connect().await.unwrap();
        let mut failed = None;
        for _ in 0..4 {
            failed = failed.or(Entry::find_by_id(1).optional(&db).await.err());
        }
        let failed = failed.expect("a statement is lost");
        let told = failed.to_string();
        assert!(told.contains("pooler") && told.contains("`unnamed_statements`"), "{told}");
        assert!(told.contains("`max_prepared_statements`"), "{told}");

        let db = options.unnamed_statements(true).connect().await.unwrap();
        assert!(backends(&db).await.len() > 1);
        for writer in 0..5 {
            work(&db, writer).await.unwrap();
        }
    })
    .await;
}
