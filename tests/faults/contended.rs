//! Many change the same rows, and lose against each other.

use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{Database, IsolationLevel, Result, Transaction, TransactionOptions};
use tokio::sync::Barrier;

use crate::server::Server;
use crate::tally::tried;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Account {
    #[id]
    id: i64,
    balance: i64,
}

const ACCOUNTS: i64 = 400;
const EACH: i64 = 1000;
const TASKS: i64 = 16;
const TRANSFERS: i64 = 10_000;

/// Numbers that look like chance, and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % limit.unsigned_abs()).unwrap()
    }
}

/// Moves money, in work that is done as often as it takes; tells how often that was.
async fn transfer(
    db: &Database,
    options: TransactionOptions,
    (from, to, amount): (i64, i64, i64),
) -> Result<u32> {
    let work = async |transaction: &Transaction| {
        let source = Account::find_by_id(from).one(transaction).await?;
        let target = Account::find_by_id(to).one(transaction).await?;
        let set = async |id, balance| {
            Account::find_by_id(id).set(Account::BALANCE, balance).update(transaction).await
        };
        assert_eq!(set(from, source.balance - amount).await?, 1);
        assert_eq!(set(to, target.balance + amount).await?, 1);
        Ok(transaction.attempt())
    };
    db.transaction_with(options, work).await
}

/// Sixteen tasks transfer at the same time, and no money comes or goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serializable_transfers_keep_the_sum() {
    tried(240, async |tally| {
        let Some(server) = Server::start().await else { return };
        let db = server.pool(16).await;
        db.create(schema![Account]).await.unwrap();
        for id in 0..ACCOUNTS {
            NewAccount { id, balance: EACH }.insert(&db).await.unwrap();
        }
        let options = TransactionOptions::new().isolation(IsolationLevel::Serializable).retries(50);
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (db, tally) = (db.clone(), tally.clone());
                tokio::spawn(async move {
                    let mut chance = Chance(task.unsigned_abs() + 1);
                    for _ in 0..TRANSFERS / TASKS {
                        let from = chance.below(ACCOUNTS);
                        let to = (from + 1 + chance.below(ACCOUNTS - 1)) % ACCOUNTS;
                        let transfer = transfer(&db, options, (from, to, chance.below(100)));
                        let limit = Duration::from_secs(20);
                        let attempts = tally.within(limit, "a transfer", transfer).await.unwrap();
                        tally.acknowledged.add(1);
                        tally.retried.add(u64::from(attempts - 1));
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let accounts = Account::find().all(&db).await.unwrap();
        let sum: i64 = accounts.iter().map(|account| account.balance).sum();
        assert_eq!(sum, ACCOUNTS * EACH);
        assert!(accounts.iter().any(|account| account.balance != EACH));
        assert!(tally.retried.get() > 0, "they never met, so that nothing was tried");
    })
    .await;
}

/// Two that hold what the other one waits for: one of them is done again, and both succeed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_lock_is_done_again() {
    tried(40, async |tally| {
        let Some(server) = Server::start().await else { return };
        let db = server.pool(2).await;
        db.create(schema![Account]).await.unwrap();
        for id in 0..2 {
            NewAccount { id, balance: EACH }.insert(&db).await.unwrap();
        }
        let rounds = 40;
        for round in 1..=rounds {
            let both = Barrier::new(2);
            let one = async |first: i64, second: i64| {
                let work = async |transaction: &Transaction| {
                    for id in [first, second] {
                        let account = Account::find_by_id(id);
                        account.set(Account::BALANCE, round).update(transaction).await?;
                        if transaction.attempt() == 1 && id == first {
                            both.wait().await;
                        }
                    }
                    Ok(transaction.attempt())
                };
                db.transaction(work).await.unwrap()
            };
            let limit = Duration::from_secs(5);
            let waited =
                tally.within(limit, "a dead-lock", async { tokio::join!(one(0, 1), one(1, 0)) });
            let (left, right) = waited.await;
            // The loser may come back before the winner has gone on, and they meet again.
            assert!((3..=10).contains(&(left + right)), "it was done {left} and {right} times");
            tally.injected.add(1);
            tally.acknowledged.add(2);
            tally.retried.add(u64::from(left + right - 2));
        }
        let accounts = Account::find().all(&db).await.unwrap();
        assert!(accounts.iter().all(|account| account.balance == rounds), "{accounts:?}");
    })
    .await;
}
