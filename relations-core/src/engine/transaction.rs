//! Transactions: statements that hold together or not at all.

use std::fmt;

use super::pool::Connection;
use super::{Engine, Executor, Operation, Rows, Statement, execute};
use crate::error::Result;

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
}

impl fmt::Debug for Transaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transaction").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Transaction {
    pub(super) async fn begin(connection: Connection) -> Result<Self> {
        let engine = connection.engine();
        // Whoever drops this while `BEGIN` is under way drops a transaction.
        let transaction = Self { connection: Some(connection), engine };
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
    /// The database cannot be reached, or refuses what was done; then nothing of it holds.
    pub async fn commit(mut self) -> Result<()> {
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

impl Executor for Transaction {
    fn engine(&self) -> Engine {
        self.engine
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        match &self.connection {
            Some(connection) => connection.run(statement).await,
            // `commit` and `rollback` take the transaction, so nobody has one that has ended.
            None => Err(crate::Error::refused("the transaction has ended")),
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        // Nothing else can use the connection before it has forgotten the transaction.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(connection.roll_back());
            }
            Err(_) => connection.close(),
        }
    }
}
