//! The connection of one call on a pool.

use std::ops::Deref;
use std::pin::pin;
use std::slice;
use std::sync::Arc;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::causal::{Writing, WrittenPosition};
#[cfg(feature = "deadpool-postgres")]
use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::connection_pool::PostgresPool;
use crate::driver::postgres::failure::{Again, Failure, is_of_no_use};
use crate::driver::postgres::pooled_connection::PooledConnection;
use crate::driver::postgres::replicas::After;
use crate::driver::postgres::retry::Tries;
use crate::driver::postgres::tenant_setting::TenantTree;
use crate::driver::statement::Statement;
use crate::driver::trace::Trace;
use crate::error::Result;
use crate::plan::reads::Reads;

/// A call on a pool, which keeps the connection of its first statement for all further ones.
pub(crate) struct AcquiredPostgres<P> {
    pub(crate) pool: P,
    kept: Option<PooledConnection>,
    /// The snapshot of the tree whose rounds are under way.
    snapshot: Option<Box<Snapshot>>,
    /// Whether the next round is the first one of that tree once more.
    restarts: bool,
    /// The position that a replica has to have replayed.
    after: Option<After>,
    /// Takes in how far writes came, where there are replicas.
    pub(crate) written: Option<Arc<WrittenPosition>>,
    /// The transaction of the tree whose rounds are under way, if it is one of a tenant that the server is
    /// told.
    pub(crate) tree_of_tenant: Option<Box<TenantTree>>,
    /// Whether that tree was begun a second time.
    pub(crate) tree_restarted: bool,
}

/// One snapshot for all rounds of a tree.
struct Snapshot {
    /// The statement that begins its transaction.
    begin: &'static str,
    tries: Tries,
}

impl<P: Deref<Target = PostgresPool>> AcquiredPostgres<P> {
    pub(crate) fn new(pool: P) -> Self {
        Self {
            pool,
            kept: None,
            snapshot: None,
            restarts: false,
            after: None,
            written: None,
            tree_of_tenant: None,
            tree_restarted: false,
        }
    }

    /// This call, on a replica that has to have replayed a position.
    pub(crate) fn after(self, after: After) -> Self {
        Self { after: Some(after), ..self }
    }

    /// The position that a replica has to have replayed; 0 for any.
    pub(crate) fn required_position(&self) -> u64 {
        self.after.map_or(0, |after| after.position)
    }

    /// This call, which records the positions of its writes.
    pub(crate) fn writing(self, written: Arc<WrittenPosition>) -> Self {
        Self { written: Some(written), ..self }
    }

    /// Takes the connection that the call keeps, if nothing of it is under way.
    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn take_client(&mut self) -> Option<PoolClient> {
        let mut kept = self.kept.take()?;
        if kept.is_at_rest() { kept.take_client() } else { None }
    }

    /// Keeps a connection for the call.
    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn keep_client(&mut self, client: PoolClient) {
        self.kept = Some(PooledConnection::new(client, Arc::clone(&self.pool.usage)));
    }

    /// Whether the call has no connection, and none is free.
    pub(crate) fn would_wait(&self) -> bool {
        self.kept.is_none() && self.pool.source.is_crowded()
    }

    /// The connection of the call. A kept one that was closed meanwhile is replaced.
    pub(crate) async fn connection(&mut self) -> Result<PooledConnection> {
        match self.kept.take().filter(|kept| !kept.is_closed()) {
            Some(kept) => Ok(kept),
            None => self.pool.lend_after(self.after).await,
        }
    }

    /// Keeps a connection whose statements are done, once it has told how far a write came.
    async fn written_by(&mut self, mut connection: PooledConnection, writing: Option<Writing<'_>>) {
        if let Some(writing) = writing {
            let position = Box::pin(connection.position()).await;
            writing.done(position);
            if position.is_none() {
                return connection.close();
            }
        }
        connection.at_rest();
        self.kept = Some(connection);
    }

    /// Keeps a connection whose statement failed, if nothing of it is under way.
    fn keep_after_failure(&mut self, mut connection: PooledConnection) {
        if connection.is_at_rest() {
            self.kept = Some(connection);
        }
    }

    /// Gives up a tree that was not ended, together with the connection of its transaction.
    fn abandon_tree(&mut self) {
        if self.snapshot.take().is_some() {
            self.kept = None;
        }
        self.tree_of_tenant = None;
        self.restarts = false;
    }

    /// Runs statements that are each committed by themselves. Harmless ones are sent once more if
    /// their prepared statement no longer fits, or if their connection was closed.
    async fn run_all(&mut self, statements: &[Statement], each: EachRowOfAll<'_>) -> Result<()> {
        if let [only] = statements {
            let trace = Trace::begin(Engine::Postgres, only);
            let read = self.fetch_one(only, &mut |row| each(0, row)).await;
            return trace.end(read).map(drop);
        }
        let mut tries = Tries::default();
        let written = self.written.clone();
        let writing = begin_write(written.as_deref(), statements);
        loop {
            let mut lent = self.connection().await?;
            lent.pending = true;
            match lent.run_together(None, statements, Again::Once, each).await {
                Ok(()) => {
                    self.written_by(lent, writing).await;
                    return Ok(());
                }
                Err(failure) => {
                    let failure = self.pool.judged(failure);
                    if is_of_no_use(&failure.error) {
                        lent.close();
                    }
                    drop(lent);
                    self.pool.go_on(statements, failure, &mut tries)?;
                }
            }
        }
    }

    async fn fetch_one(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        let mut tries = Tries::default();
        let written = self.written.clone();
        let writing = begin_write(written.as_deref(), slice::from_ref(statement));
        loop {
            let mut lent = self.connection().await?;
            lent.pending = true;
            let mut read = {
                let reading = pin!(lent.fetch_each(statement, each));
                reading.await
            };
            if read.as_ref().is_err_and(|failure| failure.error.is_plan_changed()) {
                read = lent.fetch_each(statement, each).await;
            }
            match read {
                Ok(number) => {
                    self.written_by(lent, writing).await;
                    return Ok(number);
                }
                Err(failure) => {
                    let failure = self.pool.judged(failure);
                    lent.refused(&failure.error);
                    self.keep_after_failure(lent);
                    self.pool.go_on(slice::from_ref(statement), failure, &mut tries)?;
                }
            }
        }
    }

    /// Runs a round of a tree whose transaction the first round begins.
    async fn round_in_snapshot(
        &mut self,
        snapshot: &mut Snapshot,
        round: RoundTrip<'_>,
        each: EachRowOfAll<'_>,
    ) -> Result<RoundEnd> {
        let begin = (round.number == 0).then_some(snapshot.begin);
        let mut lent = match self.kept.take() {
            Some(within) if begin.is_none() => within,
            kept => {
                self.kept = kept;
                self.connection().await?
            }
        };
        match lent.round_in_snapshot(begin, round, each).await {
            Ok(()) => {
                self.kept = Some(lent);
                Ok(RoundEnd::Done)
            }
            Err(failure) => {
                if failure.error.is_lost() {
                    lent.close();
                }
                drop(lent);
                self.restart(failure, snapshot)
            }
        }
    }

    fn restart(&mut self, failure: Failure, snapshot: &mut Snapshot) -> Result<RoundEnd> {
        self.pool.begin_again(failure, &mut snapshot.tries)?;
        self.restarts = true;
        Ok(RoundEnd::Restart)
    }
}

/// Tracks statements as a write, if one of them may write.
fn begin_write<'w>(
    written: Option<&'w WrittenPosition>,
    statements: &[Statement],
) -> Option<Writing<'w>> {
    let written = written.filter(|_| statements.iter().any(Statement::may_write))?;
    Some(Writing::begin(Some(written)))
}

/// The statement that begins the snapshot of a tree. A single statement is its own snapshot, and
/// statements that lock rows see each row as it is when it is locked.
fn begin(round: RoundTrip<'_>) -> Option<&'static str> {
    if round.statements.len() < 2 && round.is_last {
        return None;
    }
    match round.reads {
        Reads::Only => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        Reads::Unknown => Some("BEGIN ISOLATION LEVEL REPEATABLE READ"),
        Reads::Locking => None,
    }
}

impl<P: Deref<Target = PostgresPool> + Send> Acquired for AcquiredPostgres<P> {
    fn capabilities(&self) -> Capabilities {
        let usage = &self.pool.usage;
        Capabilities {
            high_latency: usage.high_latency,
            snapshot: true,
            details: usage.details,
            ..Capabilities::default()
        }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.abandon_tree();
        if let Some(set) = self.pool.tenant_of(statement) {
            return Box::pin(self.fetch_as_tenant(statement, &set?, each)).await;
        }
        pin!(self.fetch_one(statement, each)).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        if let Some(set) = round.statements.first().and_then(|first| self.pool.tenant_of(first)) {
            return Box::pin(self.round_as_tenant(round, &set?, each)).await;
        }
        if round.number == 0 && !std::mem::take(&mut self.restarts) {
            self.abandon_tree();
            self.snapshot =
                begin(round).map(|begin| Box::new(Snapshot { begin, tries: Tries::default() }));
        }
        let Some(mut snapshot) = self.snapshot.take() else {
            return self.run_all(round.statements, each).await.map(|()| RoundEnd::Done);
        };
        let progress = Box::pin(self.round_in_snapshot(&mut snapshot, round, each)).await?;
        self.snapshot = Some(snapshot);
        Ok(progress)
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        if self.tree_of_tenant.is_some() {
            return Box::pin(self.end_as_tenant()).await;
        }
        let Some(mut snapshot) = self.snapshot.take() else { return Ok(RoundEnd::Done) };
        let Some(mut lent) = self.kept.take() else { return Ok(RoundEnd::Done) };
        match Box::pin(lent.end_snapshot()).await {
            Ok(()) => {
                self.kept = Some(lent);
                Ok(RoundEnd::Done)
            }
            Err(failure) => {
                if failure.error.is_lost() {
                    lent.close();
                }
                drop(lent);
                let progress = self.restart(failure, &mut snapshot)?;
                self.snapshot = Some(snapshot);
                Ok(progress)
            }
        }
    }
}
