//! The connection of a transaction and of those within it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};

use tokio::sync::Mutex;

use crate::definition::entity::EntityDefinition;
use crate::dialect::{Engine, StatementSql};
use crate::driver::acquired::{Acquired, AcquiredClient, Capabilities, EachRowOfAll};
use crate::driver::causal::{Writing, WrittenPosition};
use crate::driver::connection::{Connection, Inside};
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::savepoint_gate::{SavepointGate, StatementPermit};
use crate::driver::transaction::state::{TransactionState, Watch};
use crate::driver::violation;
use crate::error::{Error, Kind, Result};
use crate::sql::operation::Operation;
use crate::value::parameter::Values;

/// The ways of the pool that a transaction's connection is of.
#[derive(Clone)]
pub(crate) struct Manner {
    /// Whether a round trip costs more than to repeat a query.
    pub(crate) high_latency: bool,
    /// Whether errors tell the values that the database tells.
    pub(crate) details: bool,
    /// Whether its servers are chosen so that they can write.
    pub(crate) writes: bool,
    /// Takes in how far the transaction wrote, where there are replicas.
    pub(crate) written: Option<Arc<WrittenPosition>>,
    /// The setting that holds the tenant of a transaction, for policies of row-level security.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    pub(crate) tenant_setting: Option<&'static str>,
}

/// The connection of a transaction, which it shares with those within it.
pub(crate) struct Session {
    /// There until the session goes.
    connection: Option<Connection>,
    pub(crate) manner: Manner,
    /// The tenant that its setting holds.
    #[cfg(feature = "postgres")]
    pub(crate) tenant: std::sync::OnceLock<sea_query::Value>,
    read_only: bool,
    snapshot: bool,
    /// Whether a statement may have written: one of raw SQL is of no entity.
    wrote: AtomicBool,
    /// The entities that it wrote, each once: a key may be checked with the commit alone.
    written_entities: std::sync::Mutex<Vec<&'static EntityDefinition>>,
    /// Whether the database has ended the transaction.
    ended: AtomicBool,
    pub(crate) state: Arc<TransactionState>,
    order: SavepointGate,
    /// The outermost of those within that were dropped, and are still to be rolled back; 0 if none is.
    abandoned: AtomicU32,
    /// Held by the task that rolls back an abandoned savepoint.
    mending: Mutex<()>,
}

impl Session {
    pub(crate) fn new(
        connection: Connection,
        manner: Manner,
        options: &TransactionOptions,
    ) -> Self {
        Self {
            #[cfg(feature = "postgres")]
            tenant: std::sync::OnceLock::new(),
            read_only: options.read_only,
            snapshot: options.has_snapshot(connection.engine()),
            wrote: AtomicBool::new(false),
            written_entities: std::sync::Mutex::default(),
            ended: AtomicBool::new(false),
            state: Arc::new(TransactionState::new(
                connection.engine(),
                manner.writes && !options.read_only,
            )),
            order: SavepointGate::default(),
            abandoned: AtomicU32::new(0),
            mending: Mutex::new(()),
            connection: Some(connection),
            manner,
        }
    }

    /// Makes sure that the transaction at that depth may go on, and holds a place for what it sends.
    pub(crate) async fn ready(&self, depth: u32) -> Result<StatementPermit> {
        self.not_ended()?;
        let place = self.order.place(depth).ok_or_else(open_within)?;
        self.mend().await?;
        if self.state.is_spoiled() {
            return Err(crate::driver::transaction::rolled_back());
        }
        Ok(place)
    }

    /// Makes sure that a transaction within may begin at that depth. From then on the one around it
    /// sends nothing, until this one is [left](Self::leave).
    pub(crate) fn enter(&self, depth: u32) -> Result<()> {
        self.not_ended()?;
        if self.order.enter(depth) { Ok(()) } else { Err(open_within()) }
    }

    /// Transactions are taken by what ends them, so only one that outlived the outermost is here.
    fn not_ended(&self) -> Result<()> {
        if self.ended.load(Ordering::Relaxed) {
            return Err(Error::invalid_request("the transaction has ended"));
        }
        Ok(())
    }

    /// Waits until a savepoint comes behind all that the transaction around it has sent.
    pub(crate) async fn behind_all(&self) -> Result<()> {
        self.order.behind_all().await;
        self.mend().await
    }

    /// Takes back what was done by a transaction within, which was dropped.
    async fn mend(&self) -> Result<()> {
        if self.abandoned.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let _alone = self.mending.lock().await;
        let depth = self.abandoned.load(Ordering::Relaxed);
        if depth == 0 {
            return Ok(());
        }
        match self.roll_back_to(depth).await {
            // There may be none to go back to.
            Err(error) if !self.does_what_is_sent() && is_without_savepoint(&error) => {}
            Err(error) => return Err(error),
            Ok(()) => {
                if self.does_what_is_sent() {
                    self.abandoned.store(0, Ordering::Relaxed);
                }
                self.release(depth).await?;
            }
        }
        self.abandoned.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Whether a savepoint is made, gone back to or released also when the caller has gone, as on
    /// PostgreSQL, where to go back to one that was released would be a failure. SQLite does not begin
    /// a statement without a caller, and may be asked again.
    pub(crate) fn does_what_is_sent(&self) -> bool {
        self.engine() == Engine::Postgres
    }

    /// Lets the transaction go on that is around the one at that depth.
    pub(crate) fn leave(&self, depth: u32) {
        self.order.leave(depth);
    }

    /// Makes the savepoint of a transaction within.
    pub(crate) async fn save(&self, depth: u32) -> Result<()> {
        self.control(Operation::Savepoint, &format!("SAVEPOINT transaction_{depth}")).await
    }

    /// Forgets the savepoint of a transaction within, so that what it did holds if the outer one does.
    pub(crate) async fn release(&self, depth: u32) -> Result<()> {
        let release = format!("RELEASE SAVEPOINT transaction_{depth}");
        self.control(Operation::Release, &release).await
    }

    /// Goes back to the savepoint of a transaction within, so that nothing is left of it.
    pub(crate) async fn roll_back_to(&self, depth: u32) -> Result<()> {
        let to_savepoint = format!("ROLLBACK TO SAVEPOINT transaction_{depth}");
        self.control(Operation::Rollback, &to_savepoint).await?;
        self.state.recovered();
        Ok(())
    }

    /// A transaction within is dropped: it is rolled back before the next statement. That is to be known
    /// when it is [left](Self::leave).
    pub(crate) fn abandon(&self, depth: u32) {
        let outermost = match self.abandoned.load(Ordering::Relaxed) {
            0 => depth,
            other => other.min(depth),
        };
        self.abandoned.store(outermost, Ordering::Relaxed);
    }

    /// Makes everything hold.
    pub(crate) async fn commit(&self) -> Result<()> {
        if self.connection()?.is_closed() {
            let broken = "the connection broke before the transaction was committed";
            return Err(Error::new(Kind::Connection(broken.to_owned())));
        }
        // PostgreSQL answers a commit as if all were well when a statement has failed that nobody
        // waited for. What cannot run then is sent before it, which is refused with it.
        let unsure = self.state.unsure() && self.engine() == Engine::Postgres;
        let sql = if unsure { "SELECT 1; COMMIT" } else { "COMMIT" };
        let wrote = self.wrote.load(Ordering::Relaxed);
        let writing = Writing::begin(self.manner.written.as_deref().filter(|_| wrote));
        match self.control(Operation::Commit, sql).await {
            Ok(()) => {
                self.ended.store(true, Ordering::Relaxed);
                let tracks = wrote && self.manner.written.is_some();
                writing.done(if tracks { self.connection()?.position().await } else { None });
                Ok(())
            }
            Err(error) if error.is_connection() || error.is_stopped() => {
                Err(Error::new(Kind::CommitUnknown).because(error))
            }
            Err(error) => {
                writing.refused();
                let entities = self.written_entities.lock();
                let entities = entities.unwrap_or_else(PoisonError::into_inner);
                Err(violation::explained_at_commit(&entities, error))
            }
        }
    }

    /// Records that a statement may have written, and the entity that it is of.
    fn record_written(&self, statement: &Statement) {
        if statement.operation() == Operation::Select {
            return;
        }
        self.wrote.store(true, Ordering::Relaxed);
        let Some(entity) = statement.entity() else { return };
        let mut entities = self.written_entities.lock().unwrap_or_else(PoisonError::into_inner);
        if !entities.iter().any(|one| std::ptr::eq(*one, entity) || one.is(entity)) {
            entities.push(entity);
        }
    }

    /// Takes everything back.
    pub(crate) async fn roll_back(&self) -> Result<()> {
        // Nothing can be committed on a server that is gone, and its connection is closed.
        if self.state.is_broken() {
            return Ok(());
        }
        self.control(Operation::Rollback, "ROLLBACK").await?;
        self.ended.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Runs a statement that begins, ends or divides the transaction.
    pub(crate) async fn control(&self, operation: Operation, sql: &str) -> Result<()> {
        let statement = Statement::new(operation, StatementSql::exempt(sql), Values::new());
        execute(&Controlled(self), &statement).await.map(drop)
    }

    fn connection(&self) -> Result<&Connection> {
        self.connection.as_ref().ok_or_else(|| Error::invalid_request("the transaction has ended"))
    }

    fn inside(&self) -> Result<Inside<'_>> {
        Ok(Inside { connection: self.connection()?, read_only: self.read_only })
    }

    pub(crate) fn engine(&self) -> Engine {
        self.state.engine()
    }

    /// Whether all statements see one snapshot, beside what the transaction itself writes.
    pub(crate) fn has_snapshot(&self) -> bool {
        self.snapshot
    }

    pub(crate) fn is_high_latency(&self) -> bool {
        self.manner.high_latency
    }

    /// Runs a statement, which has a place unless it begins, ends or divides the transaction.
    pub(crate) async fn run(
        &self,
        statement: &Statement,
        place: Option<StatementPermit>,
    ) -> Result<Rows> {
        if place.is_some() {
            self.record_written(statement);
        }
        let inside = self.inside()?;
        let watch = Watch::new(&self.state);
        match inside.run_at(place, statement).await {
            #[cfg(feature = "postgres")]
            Ok(rows) if statement.returned.is_some() => match rows.checked(statement).await {
                Ok(rows) => Ok(rows.watched(watch)),
                Err(error) => {
                    let error = self.state.judged(error);
                    // SQLite has forgotten the statement alone.
                    if !error.is_of_server() {
                        self.state.spoil();
                    }
                    watch.failed(&error);
                    Err(error)
                }
            },
            Ok(rows) => Ok(rows.watched(watch)),
            Err(error) => {
                let error = self.state.judged(error);
                watch.failed(&error);
                Err(error)
            }
        }
    }

    /// Runs statements that are sent together.
    pub(crate) async fn run_all(
        &self,
        place: StatementPermit,
        statements: &[Statement],
        each: EachRowOfAll<'_>,
    ) -> Result<()> {
        for statement in statements {
            self.record_written(statement);
        }
        let inside = self.inside()?;
        let watch = Watch::new(&self.state);
        let answered = inside.run_all_at(place, statements, each).await;
        let answered = answered.map_err(|error| self.state.judged(error));
        match &answered {
            Ok(()) => watch.done(),
            Err(error) => watch.failed(error),
        }
        answered
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Nothing else can use the connection before it has forgotten the transaction.
        if let Some(connection) = self.connection.take()
            && !self.ended.load(Ordering::Relaxed)
        {
            if self.state.is_broken() {
                connection.give_up();
            } else {
                connection.abandon();
            }
        }
    }
}

/// Runs the statements that begin, end and divide a transaction, whatever its state.
struct Controlled<'session>(&'session Session);

impl Executor for Controlled<'_> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement, None).await
    }

    fn acquire(&self) -> impl Acquired {
        let details = self.0.manner.details;
        AcquiredClient::new(self, Capabilities { details, ..Capabilities::default() })
    }
}

fn open_within() -> Error {
    Error::invalid_request(
        "a transaction within this one is open; use that one, or wait until it has ended",
    )
}

fn is_without_savepoint(error: &Error) -> bool {
    matches!(error.kind(), Kind::Database { message, .. } if message.shown(true).contains("no such savepoint"))
}
