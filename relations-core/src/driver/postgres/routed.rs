//! A call on a pool with replicas: reads go to one of them, and all else to the primary.

use std::sync::Arc;

use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::causal::WrittenPosition;
use crate::driver::postgres::acquired::AcquiredPostgres;
use crate::driver::postgres::connection_pool::PostgresPool;
use crate::driver::postgres::replicas::Replica;
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::plan::reads::Reads;
use crate::value::row::Row;

/// A call on a pool with replicas. The first statement decides: a call that has asked the primary goes
/// on there, and one that reads stays on one replica, with one snapshot, until that is away.
pub(crate) struct AcquiredRouted<'db> {
    pool: &'db PostgresPool,
    written: &'db Arc<WrittenPosition>,
    primary: AcquiredPostgres<&'db PostgresPool>,
    replica: Option<(&'db Replica, AcquiredPostgres<&'db PostgresPool>)>,
    /// The replicas that are not tried yet; `None` before the first read.
    left: Option<Vec<&'db Replica>>,
    /// Whether the call goes on at the primary.
    is_primary: bool,
}

impl<'db> AcquiredRouted<'db> {
    pub(crate) fn new(pool: &'db PostgresPool, written: &'db Arc<WrittenPosition>) -> Self {
        let primary = AcquiredPostgres::new(pool).writing(Arc::clone(written));
        Self { pool, written, primary, replica: None, left: None, is_primary: false }
    }

    /// The replica of the call; `None` if there is none, and the primary is to be asked.
    async fn replica(&mut self) -> Option<&mut AcquiredPostgres<&'db PostgresPool>> {
        if self.replica.is_none() {
            let after = self.pool.needed(self.written).await.ok()?;
            let left = self.left.get_or_insert_with(|| {
                // The first one is taken last.
                let mut replicas = self.pool.replicas.in_turn(after.position);
                replicas.reverse();
                replicas
            });
            let replica = left.pop()?;
            self.replica = Some((replica, AcquiredPostgres::new(&replica.pool).after(after)));
        }
        self.replica.as_mut().map(|(_, acquired)| acquired)
    }

    /// Leaves a replica that could not answer. `true` where another server may.
    fn leave(&mut self, error: &Error) -> bool {
        self.replica.take().is_some_and(|(replica, acquired)| {
            replica.passes_on(error, acquired.required_position())
        })
    }

    /// Goes on at the primary, without a connection to a replica.
    fn go_to_primary(&mut self) -> &mut AcquiredPostgres<&'db PostgresPool> {
        self.replica = None;
        self.is_primary = true;
        &mut self.primary
    }

    fn restarted(&mut self, progress: Result<RoundEnd>) -> Result<RoundEnd> {
        match progress {
            Err(error) if self.leave(&error) => Ok(RoundEnd::Restart),
            other => other,
        }
    }
}

impl Acquired for AcquiredRouted<'_> {
    fn capabilities(&self) -> Capabilities {
        self.primary.capabilities()
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        while statement.replicable && !self.is_primary {
            let Some(replica) = self.replica().await else { break };
            let mut handed = false;
            let mut watched = |row: &Row<'_>| {
                handed = true;
                each(row)
            };
            match replica.fetch(statement, &mut watched).await {
                Err(error) if !handed && self.leave(&error) => {}
                fetched => return fetched,
            }
        }
        self.go_to_primary().fetch(statement, each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        if !self.is_primary && round.reads == Reads::Only {
            let is_begun = round.number > 0 && self.replica.is_some();
            if (round.number == 0 || is_begun)
                && let Some(replica) = self.replica().await
            {
                let progress = replica.round(round, each).await;
                return self.restarted(progress);
            }
        }
        self.go_to_primary().round(round, each).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        match &mut self.replica {
            Some((_, replica)) if !self.is_primary => {
                let progress = replica.end().await;
                self.restarted(progress)
            }
            _ => self.primary.end().await,
        }
    }
}
