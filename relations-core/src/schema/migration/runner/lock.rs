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
/// and goes with the connection. It is `READ COMMITTED` and holds no snapshot between its statements, so
/// that an index which is built concurrently does not wait for it.
pub(super) struct Lock(Transaction);

impl Lock {
    /// Waits until it has the lock. It only tries: to wait within the server beside an index that is
    /// built concurrently would be a deadlock.
    pub(super) async fn take(db: &Database, options: &ApplyOptions) -> Result<Self> {
        let read_committed = TransactionOptions::new().isolation(IsolationLevel::ReadCommitted);
        let transaction = db.begin_with(read_committed).await?;
        let mut has_told = false;
        loop {
            let taken: bool =
                sql("SELECT pg_try_advisory_xact_lock($1)", (KEY,)).one(&transaction).await?;
            if taken {
                return Ok(Self(transaction));
            }
            if !has_told {
                options.tell(&Progress::Waiting);
            }
            has_told = true;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Does work, and stops it where the lock is gone. The connection is spoken on each second, so that
    /// no server and no proxy closes it for being idle.
    pub(super) async fn guard<T>(
        &self,
        options: &ApplyOptions,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        use futures_util::future::{Either, select};
        let begun = tokio::time::Instant::now();
        let watch = async {
            loop {
                tokio::time::sleep(SECOND).await;
                match self.index_progress().await {
                    Ok(progress) => {
                        let (phase, done) = progress.unzip();
                        options.tell(&Progress::Working {
                            elapsed: begun.elapsed(),
                            phase: phase.as_deref(),
                            done: done.flatten(),
                        });
                    }
                    Err(error) => return error,
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

    /// The phase of an index that is being built, and the part of it that is done.
    async fn index_progress(&self) -> Result<Option<(String, Option<f64>)>> {
        const QUERY: &str = "SELECT phase, CAST(CASE WHEN blocks_total > 0 THEN blocks_done::float8 / \
            blocks_total WHEN tuples_total > 0 THEN tuples_done::float8 / tuples_total END AS float8) \
            FROM pg_stat_progress_create_index WHERE datname = current_database() LIMIT 1";
        sql(QUERY, ()).first(&self.0).await
    }

    pub(super) async fn release(self) -> Result<()> {
        self.0.rollback().await
    }
}
