//! Transactions: statements that hold together or not at all.

mod database;
pub(crate) mod options;
pub(crate) mod retry;
pub(crate) mod savepoint_gate;
pub(crate) mod session;
pub(crate) mod state;

use std::fmt;
use std::sync::{Arc, Weak};

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::connection::Connection;
use crate::driver::execute::fetch_in_turn;
use crate::driver::executor::Executor;
use crate::driver::in_schema::SchemaName;
use crate::driver::in_schema::name::nested;
use crate::driver::observers::Observers;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::tenant::{TenantRows, TransactionRows};
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::{
    RetryableAsyncClosure, TransactionFuture, Transactional, run,
};
use crate::driver::transaction::session::{Manner, Session};
use crate::error::told::RedactableMessage;
use crate::error::{Error, Kind, Result};
use crate::sql::operation::Operation;

/// A transaction: its statements are committed together or not at all.
///
/// It is an executor like a [`Database`](crate::Database), and sees its own changes.
/// [`Database::transaction`](crate::Database::transaction) runs work in one, commits it, and retries
/// after a serialization failure; [`Database::begin`](crate::Database::begin) begins one that you
/// end yourself. Dropped without a [`commit`](Self::commit), it is rolled back.
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
#[doc(alias = "savepoint")]
#[doc(alias = "rollback")]
#[doc(alias = "commit")]
pub struct Transaction {
    pub(crate) session: Arc<Session>,
    /// The number of transactions that it is nested in.
    pub(crate) depth: u32,
    attempt: u32,
    /// Whether there is something to take back when it is dropped.
    open: bool,
    /// The rows that it sees, by their tenant.
    rows: TransactionRows,
    /// The schema that its tables are in, where one is chosen.
    schema: Option<Arc<SchemaName>>,
    /// The observers of what is written in it.
    observers: Option<Arc<Observers>>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Transaction")
            .field("engine", &self.engine())
            .field("depth", &self.depth)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl Transaction {
    /// Begins a transaction, together with a statement that configures it, if one is given.
    pub(crate) async fn begin(
        connection: Connection,
        manner: Manner,
        options: &TransactionOptions,
        attempt: u32,
        set: Option<&str>,
    ) -> Result<Self> {
        let mut begin = options.begin_sql(connection.engine());
        if let Some(set) = set {
            begin = format!("{begin}; {set}");
        }
        // If this is dropped while `BEGIN` is under way, a transaction is dropped.
        let session = Arc::new(Session::new(connection, manner, options));
        let rows = TransactionRows::All;
        let (schema, observers) = (None, None);
        let transaction = Self { session, depth: 0, attempt, open: true, rows, schema, observers };
        transaction.session.control(Operation::Begin, &begin).await?;
        Ok(transaction)
    }

    /// This transaction, which sees the rows of a tenant.
    pub(crate) fn seeing(mut self, rows: TransactionRows) -> Self {
        self.rows = rows;
        self
    }

    /// This transaction, whose writes are observed.
    pub(crate) fn observed_by(mut self, observers: Option<Arc<Observers>>) -> Self {
        self.observers = observers;
        self
    }

    /// This transaction, whose tables are in a schema.
    ///
    /// # Errors
    ///
    /// Another schema was chosen for it already.
    pub(crate) fn in_schema_of(mut self, schema: &Arc<SchemaName>) -> Result<Self> {
        match self.schema.replace(Arc::clone(schema)) {
            Some(other) if other.name() != schema.name() => Err(nested()),
            _ => Ok(self),
        }
    }

    /// Gives a statement what the executor decides: the value of the tenant, and the schema.
    fn bind(&self, statement: &Statement) -> Result<()> {
        if let Some(observers) = &self.observers {
            observers.check(statement)?;
        }
        self.rows.bind(statement)?;
        #[cfg(feature = "postgres")]
        crate::driver::postgres::tenant_setting::check(&self.session, statement)?;
        match &self.schema {
            Some(schema) => schema.bind(self.engine(), statement),
            None => Ok(()),
        }
    }

    /// Runs work in a nested transaction (savepoint): if the work fails, its changes are rolled back,
    /// and this transaction continues.
    ///
    /// It begins after the running statements of this transaction, and waits until each of them is
    /// sent; their futures have to be polled meanwhile.
    ///
    /// It is not retried after a serialization failure:
    /// [`Database::transaction`](crate::Database::transaction) retries the whole transaction.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32, #[unique] number: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// db.transaction(async |tx| {
    ///     let first = NewOrder { quantity: 3, number: 7 }.insert(tx).await?;
    ///     let tried = tx
    ///         .transaction(async |tx| NewOrder { quantity: 4, number: 7 }.insert(tx).await)
    ///         .await;
    ///     match tried {
    ///         Ok(second) => println!("{} and {}", first.id, second.id),
    ///         Err(error) if error.is_unique_violation() => println!("{} alone", first.id),
    ///         Err(error) => return Err(error),
    ///     }
    ///     Ok(())
    /// })
    /// .await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the work. Statements on this transaction itself fail meanwhile
    /// ([`Error::is_invalid_request`]); use the transaction that is passed to the work.
    #[doc(alias = "savepoint")]
    #[doc(alias = "nested transaction")]
    pub fn transaction<'a, T, F>(&'a self, work: F) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }

    /// [`transaction`](Self::transaction) for work with an error type of your own; see
    /// [`Database::try_transaction`](crate::Database::try_transaction).
    ///
    /// # Errors
    ///
    /// The error of the work.
    pub fn try_transaction<'a, T, E, F>(&'a self, work: F) -> TransactionFuture<'a, T, E>
    where
        T: Send + 'a,
        E: From<Error> + Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }

    /// The number of this attempt, from 1: how often
    /// [`Database::transaction`](crate::Database::transaction) has started this work.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether a failed statement has aborted it, so that PostgreSQL rejects all statements until it
    /// is rolled back.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.session.state.failed()
    }

    /// Whether its server is far; see [`Database::is_high_latency`](crate::Database::is_high_latency).
    #[must_use]
    pub fn is_high_latency(&self) -> bool {
        self.session.is_high_latency()
    }

    /// Commits the transaction.
    ///
    /// # Errors
    ///
    /// The database cannot be reached or rejects the commit, or on PostgreSQL a statement of it has
    /// failed; then it is rolled back. If the connection breaks before the answer arrives, the
    /// outcome is unknown ([`Error::is_commit_unknown`]).
    pub async fn commit(mut self) -> Result<()> {
        self.session.ready(self.depth).await?;
        if self.session.state.failed() {
            return Err(self.rolled_back());
        }
        if self.depth > 0 { self.release().await } else { self.session.commit().await }
    }

    /// Rolls the transaction back, and waits until that is done.
    pub async fn rollback(mut self) -> Result<()> {
        if self.depth > 0 {
            self.session.ready(self.depth).await?;
            self.session.roll_back_to(self.depth).await?;
            self.release().await
        } else {
            self.session.roll_back().await
        }
    }

    /// Commits it if its work is done, and rolls it back if that has failed.
    pub(crate) async fn end_with<T>(self, done: Result<T>) -> Result<T> {
        match done {
            Ok(done) => self.commit().await.map(|()| done),
            Err(error) => {
                // Should it fail, the connection is closed, which rolls back as well.
                let _ = self.rollback().await;
                Err(error)
            }
        }
    }

    /// Ends one within another, which goes on.
    async fn release(&mut self) -> Result<()> {
        self.open = !self.session.does_what_is_sent();
        let released = self.session.release(self.depth).await;
        self.open = released.is_err();
        released
    }

    /// The handle that knows when it is over.
    pub(crate) fn ending(&self) -> Ending {
        Ending(Arc::downgrade(&self.session))
    }

    /// Whether its server is gone, or no longer writes, so that nothing of it was committed.
    fn is_broken(&self) -> bool {
        self.session.state.is_broken()
    }

    /// Whether it lost against another one.
    fn is_lost(&self) -> bool {
        self.session.state.lost()
    }

    fn rolled_back(&self) -> Error {
        if self.is_lost() {
            return Error::new(Kind::Serialization);
        }
        rolled_back()
    }
}

/// The error of a transaction that was rolled back when one of its statements failed.
pub(crate) fn rolled_back() -> Error {
    let message = "everything was rolled back when a statement of the transaction failed";
    let code = Some("25P02".to_owned());
    Error::new(Kind::Database { code, message: RedactableMessage::safe(message) })
}

impl Transactional for Transaction {
    fn nests(&self) -> bool {
        true
    }

    async fn open(&self, _: &TransactionOptions, _: u32) -> Result<Transaction> {
        let depth = self.depth + 1;
        self.session.enter(depth)?;
        let (session, attempt) = (Arc::clone(&self.session), self.attempt);
        let (rows, schema) = (self.rows.clone(), self.schema.clone());
        let (open, observers) = (false, self.observers.clone());
        let mut within = Transaction { session, depth, attempt, open, rows, schema, observers };
        within.session.behind_all().await?;
        if within.session.state.failed() {
            return Err(self.rolled_back());
        }
        // If this is dropped while the savepoint is made, a transaction is dropped.
        within.open = true;
        let saved = within.session.save(depth).await;
        within.open = saved.is_ok();
        saved.map(|()| within)
    }
}

impl Executor for Transaction {
    fn engine(&self) -> Engine {
        self.session.engine()
    }

    fn tenancy(&self) -> TenantRows<'_> {
        self.rows.rows()
    }

    fn schema(&self) -> Option<&SchemaName> {
        self.schema.as_deref()
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.observers.as_ref()
    }

    async fn open_observed(&self) -> Result<Transaction> {
        self.open(&TransactionOptions::new(), 1).await
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.bind(statement)?;
        let place = self.session.ready(self.depth).await?;
        self.session.run(statement, Some(place)).await
    }

    fn acquire(&self) -> impl Acquired {
        AcquiredTransaction(self)
    }
}

/// A call within a transaction, which has its connection.
struct AcquiredTransaction<'tx>(&'tx Transaction);

impl Acquired for AcquiredTransaction<'_> {
    fn capabilities(&self) -> Capabilities {
        let session = &self.0.session;
        Capabilities {
            high_latency: session.is_high_latency(),
            snapshot: session.has_snapshot(),
            transaction: true,
            failed: session.state.failed(),
            session_sql: false,
            details: session.manner.details,
        }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        // Users nest the futures of a transaction in those of their services: rustc computes the layout
        // of one within 128 steps.
        Box::pin(self.0.run(statement)).await?.for_each(each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let (transaction, statements) = (self.0, round.statements);
        statements.iter().try_for_each(|statement| transaction.bind(statement))?;
        // Statements that are not sent together have a permit each.
        if statements.len() == 1 || transaction.engine() == Engine::Sqlite {
            fetch_in_turn(self, transaction.engine(), statements, each).await?;
            return Ok(RoundEnd::Done);
        }
        let permit = transaction.session.ready(transaction.depth).await?;
        let answered = transaction.session.run_all(permit, statements, each).await;
        answered.map_err(|error| error.with_details(self.capabilities().details))?;
        Ok(RoundEnd::Done)
    }
}

/// Knows when a transaction is over, with all that it is within.
pub(crate) struct Ending(Weak<Session>);

impl Ending {
    pub(crate) fn is_here(&self) -> bool {
        self.0.strong_count() == 0
    }
}

/// One that began it all takes everything back with its session.
impl Drop for Transaction {
    fn drop(&mut self) {
        if self.depth > 0 {
            if self.open {
                self.session.abandon(self.depth);
            }
            self.session.leave(self.depth);
        }
    }
}
