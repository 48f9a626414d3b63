//! Replicas: servers that answer reads beside the primary.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::driver::causal::WrittenPosition;
use crate::driver::postgres::connection_pool::PostgresPool;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};

/// The time for which a replica is left out that was not there.
const AWAY: Duration = Duration::from_secs(3);

/// The time for which a lagging replica is skipped.
const BEHIND: Duration = Duration::from_secs(1);

/// The replicas of a pool, each with a pool of its own.
#[derive(Default)]
pub(crate) struct Replicas {
    list: Vec<Replica>,
    /// The number of reads that one was chosen for.
    chosen: AtomicUsize,
}

/// A replica.
pub(crate) struct Replica {
    pub(crate) pool: PostgresPool,
    /// The moment at which it was not there.
    away: Mutex<Option<Instant>>,
    /// The moment at which it had not replayed a position, and that position.
    behind: Mutex<Option<(Instant, u64)>>,
}

/// A position of the log that a replica has to have replayed, and the time to wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) position: u64,
    pub(crate) limit: Duration,
}

impl Replicas {
    pub(crate) fn new(pools: Vec<PostgresPool>) -> Self {
        let replica = |pool| Replica { pool, away: Mutex::default(), behind: Mutex::default() };
        Self { list: pools.into_iter().map(replica).collect(), chosen: AtomicUsize::new(0) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The replicas that may be there, in the order in which one call tries them.
    pub(crate) fn in_turn(&self, position: u64) -> Vec<&Replica> {
        let begin = self.chosen.fetch_add(1, Ordering::Relaxed);
        let number = self.list.len();
        (0..number)
            .filter_map(|step| self.list.get(begin.wrapping_add(step) % number))
            .filter(|replica| !replica.is_away() && !replica.is_behind(position))
            .collect()
    }
}

impl Replica {
    /// Whether it was not there a moment ago.
    fn is_away(&self) -> bool {
        let last = *self.away.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < AWAY)
    }

    /// Whether it had not replayed this position, or one before it, a moment ago.
    fn is_behind(&self, position: u64) -> bool {
        let last = *self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|(last, behind)| position >= behind && last.elapsed() < BEHIND)
    }

    /// Takes in why a read that has to see a position failed. `true` where another server may well
    /// answer it.
    pub(crate) fn passes_on(&self, error: &Error, position: u64) -> bool {
        let now = Instant::now();
        match error.kind() {
            Kind::ReplicaBehind => {
                let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
                *behind = Some((now, position));
            }
            Kind::Connection(_) => {
                *self.away.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            }
            // It has no connection that is free, or the read was in the way of what it replays.
            // A read is refused as a write where a function writes behind it.
            Kind::PoolTimeout | Kind::Serialization | Kind::PlanChanged | Kind::ReadOnly => {}
            // A table or a column that was made a moment ago, or a table that has no log to replay.
            Kind::Database { code: Some(code), .. } => {
                return code.starts_with("42") || code == "0A000" || code == "55000";
            }
            _ => return false,
        }
        true
    }
}

impl PostgresPool {
    /// The position that a read on a replica has to see. It is asked for where a write did not tell
    /// its own.
    pub(crate) async fn needed(&self, written: &WrittenPosition) -> Result<After> {
        if let Some(unknown) = written.unknown() {
            let position = Box::pin(self.position()).await?;
            written.asked(unknown, position);
        }
        Ok(After { position: written.position(), limit: self.usage.replica_timeout })
    }

    /// The position up to which the primary has written.
    pub(crate) async fn position(&self) -> Result<u64> {
        let mut lent = self.lend().await?;
        lent.pending = true;
        let position = lent.position().await;
        if position.is_some() {
            lent.at_rest();
        } else {
            lent.close();
        }
        position.ok_or_else(|| {
            let why = "the server does not tell its position in the write-ahead log \
                       (`pg_current_wal_insert_lsn()`)";
            Error::new(Kind::Connection(why.to_owned()))
        })
    }

    /// Runs a statement that is committed by itself, on a replica if one may answer it.
    pub(crate) async fn run_routed(
        &self,
        statement: &Statement,
        written: &WrittenPosition,
    ) -> Result<Rows> {
        if statement.replicable
            && let Ok(after) = self.needed(written).await
        {
            for replica in self.replicas.in_turn(after.position) {
                match replica.pool.run(statement, Some(after)).await {
                    Ok(rows) => return Ok(rows),
                    Err(error) if replica.passes_on(&error, after.position) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let rows = self.run(statement, None).await;
        // Its rows are read later, so its end is not known here.
        if statement.may_write() {
            written.lose();
        }
        rows
    }
}
