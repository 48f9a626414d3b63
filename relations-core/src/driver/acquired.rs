//! The connection of one call.

use std::future::{Future, ready};
use std::pin::pin;

use crate::dialect::Engine;
use crate::driver::execute::fetch_in_turn;
use crate::driver::executor::Executor;
#[cfg(feature = "postgres")]
use crate::driver::postgres::pipeline;
use crate::driver::statement::Statement;
use crate::error::Result;
use crate::plan::reads::Reads;
use crate::plan::tree::Reach;
use crate::value::row::Row;

/// A function that takes each row of an answer. It is called by a pointer, so that the code that reads
/// answers is compiled once, and not for each kind of statement in each program.
#[doc(hidden)]
pub type EachRow<'a> = &'a mut (dyn FnMut(&Row<'_>) -> Result<()> + Send);

/// A function that takes each row of several statements, with the number of the statement.
#[doc(hidden)]
pub type EachRowOfAll<'a> = &'a mut (dyn FnMut(usize, &Row<'_>) -> Result<()> + Send);

/// The connection of one call, acquired by [`Executor::acquire`].
///
/// The first statement takes a connection from the pool, and all further ones use it. An executor
/// that wraps another one wraps what that one has acquired, and forwards everything that it does not
/// change.
#[doc(hidden)]
pub trait Acquired: Send {
    /// Facts about the executor, as they are now.
    fn capabilities(&self) -> Capabilities;

    /// Whether it does not send this statement by itself, but asks for many such at once, or knows
    /// the answer.
    fn gathers(&self, statement: &Statement) -> bool {
        let _ = statement;
        false
    }

    /// Whether the pool sends this statement together with those of others that wait for a connection too.
    /// It counts as one that is sent by itself, and is traced where it is sent.
    fn joins_others(&mut self, statement: &Statement) -> bool {
        let _ = statement;
        false
    }

    /// Runs a statement, hands each row to a function as it comes, and tells how many rows were read
    /// or changed.
    fn fetch(
        &mut self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> impl Future<Output = Result<u64>> + Send;

    /// Runs the statements of a round, sent together if the database can be sent several, and hands
    /// each row to a function: all rows of the first, then all of the second, and so on.
    fn round(
        &mut self,
        round: RoundTrip<'_>,
        each: EachRowOfAll<'_>,
    ) -> impl Future<Output = Result<RoundEnd>> + Send;

    /// Ends a tree after its rounds. A tree that is not ended is rolled back.
    fn end(&mut self) -> impl Future<Output = Result<RoundEnd>> + Send {
        ready(Ok(RoundEnd::Done))
    }
}

/// Statements that are sent together, as one step of a tree.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct RoundTrip<'a> {
    pub statements: &'a [Statement],
    /// Side effects of the statements of the tree.
    pub reads: Reads,
    /// The number of the round since the tree was started or restarted; 0 is the first.
    pub number: usize,
    /// Whether no round follows, whatever the rows of this one.
    pub is_last: bool,
}

/// The outcome of a round that did not fail.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundEnd {
    Done,
    /// The snapshot is lost. Discard all rows, and send the tree again from its first round.
    Restart,
}

/// Facts about an executor.
#[doc(hidden)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
#[derive(Debug, Clone, Copy, Default)]
pub struct Capabilities {
    /// Whether a round trip costs more than repeating a query.
    pub high_latency: bool,
    /// Whether all rounds of a tree see one snapshot of the database. If that is not known, no
    /// statement of a tree repeats the query of another.
    pub snapshot: bool,
    /// Whether all statements are part of one transaction.
    pub transaction: bool,
    /// Whether it is a transaction that a failed statement has aborted.
    pub failed: bool,
    /// Whether the connection is closed after use, so that SQL may change its session.
    pub session_sql: bool,
    /// Whether errors show the values that the database reports.
    pub details: bool,
}

impl Reach {
    pub(crate) fn of(db: &impl Executor) -> Self {
        let Capabilities { high_latency, snapshot, .. } = capabilities(db);
        Self { high_latency, snapshot, spellings: db.engine() == Engine::Sqlite }
    }
}

/// The facts about an executor.
pub(crate) fn capabilities(db: &impl Executor) -> Capabilities {
    db.acquire().capabilities()
}

/// An executor of which no more is known than that it runs statements.
pub(crate) struct AcquiredClient<'db, E> {
    db: &'db E,
    capabilities: Capabilities,
}

impl<'db, E: Executor> AcquiredClient<'db, E> {
    pub(crate) fn new(db: &'db E, capabilities: Capabilities) -> Self {
        Self { db, capabilities }
    }
}

impl<E: Executor> Acquired for AcquiredClient<'_, E> {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.db.run(statement).await?.for_each(each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let engine = self.db.engine();
        #[cfg(feature = "postgres")]
        if engine == Engine::Postgres && round.statements.len() > 1 {
            pipeline::run_all(self.db, round.statements, each).await?;
            return Ok(RoundEnd::Done);
        }
        fetch_in_turn(self, engine, round.statements, each).await?;
        Ok(RoundEnd::Done)
    }
}

/// A call of an executor that binds each statement, to a tenant or a schema, before the inner one runs it.
pub(crate) struct AcquiredBinding<A, B> {
    inner: A,
    bind: B,
}

impl<A: Acquired, B: Fn(&Statement) -> Result<()> + Send + Sync> AcquiredBinding<A, B> {
    pub(crate) fn new(inner: A, bind: B) -> Self {
        Self { inner, bind }
    }
}

impl<A: Acquired, B: Fn(&Statement) -> Result<()> + Send + Sync> Acquired
    for AcquiredBinding<A, B>
{
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        self.inner.gathers(statement)
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        self.inner.joins_others(statement)
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        (self.bind)(statement)?;
        pin!(self.inner.fetch(statement, each)).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        round.statements.iter().try_for_each(&self.bind)?;
        pin!(self.inner.round(round, each)).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        self.inner.end().await
    }
}
