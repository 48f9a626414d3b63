//! Transactions: statements that hold together or not at all.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;

use super::pool::Connection;
use super::{Engine, Executor, Operation, Rows, Statement, execute};
use crate::error::{Error, Kind, Result};
use crate::row::Row;

/// Statements that hold together or not at all.
///
/// It runs what a [`Database`](crate::Database) runs, and sees its own changes. Dropped without a
/// [`commit`](Self::commit), it takes back what it did.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let transaction = db.begin().await?;
/// let order = NewOrder { quantity: 3 }.insert(&transaction).await?;
/// NewOrder { quantity: order.quantity }.insert(&transaction).await?;
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a transaction takes back what it did when it is dropped without `commit`"]
pub struct Transaction {
    /// The connection, until the transaction has ended.
    connection: Option<Connection>,
    engine: Engine,
    far: bool,
    /// Whether the server has taken everything back since a statement failed.
    failed: Arc<AtomicBool>,
    runtime: Handle,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transaction").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Transaction {
    pub(super) async fn begin(connection: Connection, far: bool) -> Result<Self> {
        let engine = connection.engine();
        // Whoever drops this while `BEGIN` is under way drops a transaction.
        let (failed, runtime) = (Arc::default(), Handle::current());
        let transaction = Self { connection: Some(connection), engine, far, failed, runtime };
        let begin = match engine {
            Engine::Postgres => "BEGIN",
            // A transaction that first reads and then writes would fail beside another such one.
            Engine::Sqlite => "BEGIN IMMEDIATE",
        };
        transaction.control(Operation::Begin, begin).await?;
        Ok(transaction)
    }

    /// Makes everything that was done hold.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or refuses what was done; then nothing of it holds. On
    /// PostgreSQL that is so as well once a statement has failed, which it would not tell.
    pub async fn commit(mut self) -> Result<()> {
        if self.failed.load(Ordering::Relaxed) {
            let message = "everything was taken back when a statement of the transaction failed";
            let code = Some("25P02".to_owned());
            return Err(Error::new(Kind::Database { code, message: message.to_owned() }));
        }
        self.control(Operation::Commit, "COMMIT").await?;
        self.connection = None;
        Ok(())
    }

    /// Takes back everything that was done, and tells when it is so.
    pub async fn rollback(mut self) -> Result<()> {
        self.control(Operation::Rollback, "ROLLBACK").await?;
        self.connection = None;
        Ok(())
    }

    async fn control(&self, operation: Operation, sql: &str) -> Result<()> {
        execute(self, &Statement::new(operation, sql.into(), Vec::new())).await.map(drop)
    }
}

impl Transaction {
    /// An answer of PostgreSQL, which takes everything back when it refuses a statement.
    #[cfg(feature = "postgres")]
    fn watched(&self, answer: Result<Rows>) -> Result<Rows> {
        if self.engine != Engine::Postgres {
            return answer;
        }
        answer.map(|rows| rows.in_transaction(&self.failed)).inspect_err(|error| {
            if error.is_of_server() {
                self.failed.store(true, Ordering::Relaxed);
            }
        })
    }

    #[cfg(not(feature = "postgres"))]
    #[allow(clippy::unused_self)]
    fn watched(&self, answer: Result<Rows>) -> Result<Rows> {
        answer
    }
}

impl Executor for Transaction {
    fn engine(&self) -> Engine {
        self.engine
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        match &self.connection {
            Some(connection) => self.watched(connection.run(statement).await),
            // `commit` and `rollback` take the transaction, so nobody has one that has ended.
            None => Err(Error::refused("the transaction has ended")),
        }
    }

    async fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> Result<()> {
        let Some(connection) = &self.connection else {
            return Err(Error::refused("the transaction has ended"));
        };
        connection.run_all(statements, each).await.inspect_err(|error| {
            if self.engine == Engine::Postgres && error.is_of_server() {
                self.failed.store(true, Ordering::Relaxed);
            }
        })
    }

    fn is_far(&self) -> bool {
        self.far
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        // Nothing else can use the connection before it has forgotten the transaction. Whoever
        // drops it may be outside of the runtime by which connections are used and closed.
        let _inside = self.runtime.enter();
        self.runtime.spawn(connection.roll_back());
    }
}
