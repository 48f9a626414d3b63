//! Money moves between accounts from several tasks at once, in transactions with retries.
//!
//! `cargo run --example transfer --features sqlite` runs in memory, with nothing installed. With
//! `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates a table there and drops it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use relations::prelude::*;
use relations::{Database, IsolationLevel, Result, TransactionOptions, connect};

const ACCOUNTS: i64 = 8;
const TASKS: i64 = 8;
const TRANSFERS: i64 = 50;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Account {
    #[id]
    id: i64,
    balance: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    db.create(schema![Account]).await?;
    let moved = move_money(&db).await;
    db.drop(schema![Account]).await?;
    moved
}

async fn move_money(db: &Database) -> Result<(), Box<dyn Error>> {
    let accounts = (0..ACCOUNTS).map(|id| NewAccount { id, balance: 100 });
    NewAccount::insert_many(accounts, db).await?;

    let retries = Arc::new(AtomicU32::new(0));
    let tasks = (0..TASKS).map(|task| {
        let (db, retries) = (db.clone(), Arc::clone(&retries));
        tokio::spawn(async move {
            for number in 0..TRANSFERS {
                let from = (task + number) % ACCOUNTS;
                let to = (from + 1 + number % (ACCOUNTS - 1)) % ACCOUNTS;
                let attempts = transfer(&db, from, to, 1 + task * number % 7).await?;
                retries.fetch_add(attempts - 1, Ordering::Relaxed);
            }
            Ok::<_, relations::Error>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }

    let accounts = Account::find().order_by(Account::ID.asc()).all(db).await?;
    for account in &accounts {
        println!("account {}: {}", account.id, account.balance);
    }
    let total: i64 = accounts.iter().map(|account| account.balance).sum();
    println!(
        "{} transfers by {TASKS} tasks, {} retried; {total} in all",
        TASKS * TRANSFERS,
        retries.load(Ordering::Relaxed),
    );
    assert_eq!(total, ACCOUNTS * 100);
    Ok(())
}

/// Moves an amount if the balance suffices, and returns the number of attempts.
async fn transfer(db: &Database, from: i64, to: i64, amount: i64) -> Result<u32> {
    let options = TransactionOptions::new().isolation(IsolationLevel::Serializable).retries(100);
    db.transaction_with(options, async |tx| {
        let mut source = Account::find_by_id(from).one(tx).await?;
        let mut target = Account::find_by_id(to).one(tx).await?;
        if source.balance >= amount {
            source.balance -= amount;
            target.balance += amount;
            source.update(tx).await?;
            target.update(tx).await?;
        }
        Ok(tx.attempt())
    })
    .await
}
