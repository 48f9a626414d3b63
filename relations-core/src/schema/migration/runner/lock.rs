//! One runner at a time on a database of PostgreSQL.

use std::time::Duration;

use super::options::{ApplyOptions, Progress};
use crate::driver::pool::Database;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::{IsolationLevel, TransactionOptions};
use crate::error::{Error, Kind, Result};
use crate::raw_sql::sql;

/// The key of the lock: `relation` as a number.
const KEY: i64 = 0x7265_6c61_7469_6f6e;

/// The time between two tries, and between two words on the connection of the lock.
const PAUSE: Duration = Duration::from_millis(200);
const SECOND: Duration = Duration::from_secs(1);

/// A lock that is held by an open transaction of a connection of its own, so that it survives a pooler
/// and goes with the connection.
///
/// An index that is built concurrently waits for the *end* of each transaction that has a snapshot at one
/// moment, so this one may have none while steps are run. It is `READ COMMITTED`; a `SELECT` would leave
/// its portal open, and with it a snapshot, until the next statement; `SHOW` needs no snapshot.
pub(super) struct MigrationLock(Transaction);

impl MigrationLock {
    /// Waits until it has the lock. It only tries, each time in a transaction that ends: to wait beside
    /// an index that is built concurrently would be a deadlock.
    pub(super) async fn take(db: &Database, options: &ApplyOptions) -> Result<Self> {
        let mut has_told = false;
        loop {
            let read_committed = TransactionOptions::new().isolation(IsolationLevel::ReadCommitted);
            let transaction = db.begin_with(read_committed).await?;
            let taken: bool =
                sql("SELECT pg_try_advisory_xact_lock($1)", (KEY,)).one(&transaction).await?;
            if taken {
                let lock = Self(transaction);
                lock.speak().await?;
                return Ok(lock);
            }
            transaction.rollback().await?;
            if !has_told {
                options.tell(&Progress::Waiting);
            }
            has_told = true;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Finds out whether the lock is still held, by a statement without a snapshot.
    async fn speak(&self) -> Result<()> {
        sql("SHOW transaction_isolation", ()).one::<String>(&self.0).await.map(drop)
    }

    /// Does work, and stops it where the lock is gone. The connection is spoken on each second, so that
    /// no server and no proxy closes it for being idle.
    pub(super) async fn guard<T>(
        &self,
        db: &Database,
        options: &ApplyOptions,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        use futures_util::future::{Either, select};
        let begun = tokio::time::Instant::now();
        let watch = async {
            loop {
                tokio::time::sleep(SECOND).await;
                if let Err(error) = self.speak().await {
                    return error;
                }
                if options.is_told() {
                    let (phase, done) = index_progress(db).await.unzip();
                    options.tell(&Progress::Working {
                        elapsed: begun.elapsed(),
                        phase: phase.as_deref(),
                        done: done.flatten(),
                    });
                }
            }
        };
        match select(Box::pin(work), Box::pin(watch)).await {
            Either::Left((done, _)) => done,
            Either::Right((error, _)) => {
                let kind = Kind::Connection(format!(
                    "the connection that held the lock of the migrations is gone, so they were stopped: \
                     {error}"
                ));
                Err(Error::new(kind).because(error))
            }
        }
    }

    pub(super) async fn release(self) -> Result<()> {
        self.0.rollback().await
    }
}

/// The phase of an index that is being built, and the part of it that is done; `None` also where no
/// connection is free to ask.
async fn index_progress(db: &Database) -> Option<(String, Option<f64>)> {
    const QUERY: &str = "SELECT phase, CAST(CASE WHEN blocks_total > 0 THEN blocks_done::float8 / \
        blocks_total WHEN tuples_total > 0 THEN tuples_done::float8 / tuples_total END AS float8) \
        FROM pg_stat_progress_create_index WHERE datname = current_database() LIMIT 1";
    let asked = tokio::time::timeout(SECOND, sql(QUERY, ()).first(db)).await;
    asked.ok()?.ok()?
}
