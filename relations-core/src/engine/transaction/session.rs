//! The connection of a transaction and of those within it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::super::pool::{Connection, Inside};
use super::super::{Engine, Executor, Operation, Rows, Statement, Values, background, execute};
use super::fate::{Fate, Watch};
use crate::error::{Error, Kind, Result};
use crate::row::Row;

/// The connection of a transaction, which it shares with those within it.
pub(super) struct Session {
    /// There until the session goes.
    connection: Option<Connection>,
    far: bool,
    read_only: bool,
    /// Whether the database has ended the transaction.
    ended: AtomicBool,
    pub(super) fate: Arc<Fate>,
    /// The depth of the innermost transaction that is open.
    depth: AtomicU32,
    /// The outermost of those within that were dropped, and are still to be taken back; 0 if none is.
    abandoned: AtomicU32,
    /// Held by whoever takes back what was abandoned.
    mending: Mutex<()>,
    runtime: Handle,
}

impl Session {
    pub(super) fn new(connection: Connection, far: bool, read_only: bool) -> Self {
        Self {
            far,
            read_only,
            ended: AtomicBool::new(false),
            fate: Arc::new(Fate::new(connection.engine())),
            depth: AtomicU32::new(0),
            abandoned: AtomicU32::new(0),
            mending: Mutex::new(()),
            runtime: Handle::current(),
            connection: Some(connection),
        }
    }

    /// Makes sure that the transaction at that depth may go on.
    pub(super) async fn ready(&self, depth: u32) -> Result<()> {
        // Transactions are taken by what ends them, so only one that outlived the outermost is here.
        if self.ended.load(Ordering::Relaxed) {
            return Err(Error::refused("the transaction has ended"));
        }
        if self.depth.load(Ordering::Relaxed) != depth {
            return Err(Error::refused(
                "a transaction within this one is open; use that one, or wait until it has ended",
            ));
        }
        if self.abandoned.load(Ordering::Relaxed) > 0 {
            self.mend().await?;
        }
        Ok(())
    }

    /// Takes back what was done by a transaction within, which was dropped.
    async fn mend(&self) -> Result<()> {
        let _alone = self.mending.lock().await;
        let depth = self.abandoned.load(Ordering::Relaxed);
        if depth == 0 {
            return Ok(());
        }
        let rolled_back = self.control(Operation::Rollback, &to_savepoint(depth)).await;
        // Whoever drops this from here on leaves a savepoint behind, which does no harm.
        self.abandoned.store(0, Ordering::Relaxed);
        match rolled_back {
            // SQLite runs nothing that nobody waits for, so there may be none to go back to.
            Err(error) if self.engine() == Engine::Sqlite && is_without_savepoint(&error) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => {
                self.fate.recovered();
                self.control(Operation::Release, &release(depth)).await
            }
        }
    }

    pub(super) fn enter(&self, depth: u32) {
        self.depth.store(depth, Ordering::Relaxed);
    }

    pub(super) fn leave(&self, depth: u32) {
        self.depth.store(depth.saturating_sub(1), Ordering::Relaxed);
    }

    /// Makes the savepoint of a transaction within.
    pub(super) async fn save(&self, depth: u32) -> Result<()> {
        self.control(Operation::Savepoint, &format!("SAVEPOINT transaction_{depth}")).await
    }

    /// Ends a transaction within, so that what it did holds if the outer one does.
    pub(super) async fn release(&self, depth: u32) -> Result<()> {
        self.control(Operation::Release, &release(depth)).await?;
        self.leave(depth);
        Ok(())
    }

    /// Ends a transaction within, so that nothing is left of it.
    pub(super) async fn roll_back_to(&self, depth: u32) -> Result<()> {
        self.control(Operation::Rollback, &to_savepoint(depth)).await?;
        self.fate.recovered();
        self.release(depth).await
    }

    /// A transaction within was dropped: it is taken back before the next statement.
    pub(super) fn abandon(&self, depth: u32) {
        self.leave(depth);
        let outermost = match self.abandoned.load(Ordering::Relaxed) {
            0 => depth,
            other => other.min(depth),
        };
        self.abandoned.store(outermost, Ordering::Relaxed);
    }

    /// Makes everything hold.
    pub(super) async fn commit(&self) -> Result<()> {
        if self.connection()?.is_closed() {
            let broken = "the connection broke before the transaction was committed";
            return Err(Error::new(Kind::Connection(broken.to_owned())));
        }
        // PostgreSQL answers a commit as if all were well when a statement has failed that nobody
        // waited for. What cannot run then is sent before it, which is refused with it.
        let unsure = self.fate.unsure() && self.engine() == Engine::Postgres;
        let sql = if unsure { "SELECT 1; COMMIT" } else { "COMMIT" };
        match self.control(Operation::Commit, sql).await {
            Ok(()) => {
                self.ended.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if error.is_connection() || error.is_timeout() => {
                Err(Error::new(Kind::CommitUnknown).because(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Takes everything back.
    pub(super) async fn roll_back(&self) -> Result<()> {
        self.control(Operation::Rollback, "ROLLBACK").await?;
        self.ended.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Runs a statement that begins, ends or divides the transaction.
    pub(super) async fn control(&self, operation: Operation, sql: &str) -> Result<()> {
        let statement = Statement::new(operation, sql.into(), Values::new());
        execute(&Controlled(self), &statement).await.map(drop)
    }

    fn connection(&self) -> Result<&Connection> {
        self.connection.as_ref().ok_or_else(|| Error::refused("the transaction has ended"))
    }

    fn inside(&self) -> Result<Inside<'_>> {
        Ok(Inside { connection: self.connection()?, read_only: self.read_only })
    }

    pub(super) fn engine(&self) -> Engine {
        self.fate.engine()
    }

    pub(super) fn is_far(&self) -> bool {
        self.far
    }

    pub(super) async fn run(&self, statement: &Statement) -> Result<Rows> {
        let inside = self.inside()?;
        let watch = Watch::new(&self.fate);
        match inside.run(statement).await {
            Ok(rows) => Ok(rows.watched(watch)),
            Err(error) => {
                watch.failed(&error);
                Err(error)
            }
        }
    }

    pub(super) async fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> Result<()> {
        let inside = self.inside()?;
        let watch = Watch::new(&self.fate);
        let answered = inside.run_all(statements, each).await;
        match &answered {
            Ok(()) => watch.done(),
            Err(error) => watch.failed(error),
        }
        answered
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Whoever drops it may be outside of the runtime by which connections are used and closed.
        let _inside = self.runtime.enter();
        // Nothing else can use the connection before it has forgotten the transaction.
        if let Some(connection) = self.connection.take()
            && !self.ended.load(Ordering::Relaxed)
        {
            background::spawn(&self.runtime, connection.roll_back());
        }
    }
}

/// What begins, ends and divides a transaction is run whatever its state.
struct Controlled<'session>(&'session Session);

impl Executor for Controlled<'_> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }
}

fn to_savepoint(depth: u32) -> String {
    format!("ROLLBACK TO SAVEPOINT transaction_{depth}")
}

fn release(depth: u32) -> String {
    format!("RELEASE SAVEPOINT transaction_{depth}")
}

fn is_without_savepoint(error: &Error) -> bool {
    matches!(error.kind(), Kind::Database { message, .. } if message.contains("no such savepoint"))
}
