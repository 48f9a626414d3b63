//! Transactions of a database.

use crate::driver::acquired::{Capabilities, capabilities};
use crate::driver::pool::Database;
#[cfg(feature = "postgres")]
use crate::driver::pool::Pool;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::{
    RetryableAsyncClosure, TransactionFuture, Transactional, run,
};
use crate::driver::transaction::session::Manner;
use crate::error::{Error, Result};

impl Database {
    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// No connection was free in time, or the database cannot be reached
    /// ([`Error::is_connection`]).
    pub async fn begin(&self) -> Result<Transaction> {
        self.begin_with(TransactionOptions::new()).await
    }

    /// Begins a transaction with options. It is tried once: who begins it by hand tries it again.
    ///
    /// # Errors
    ///
    /// As with [`begin`](Self::begin).
    pub async fn begin_with(&self, options: TransactionOptions) -> Result<Transaction> {
        self.open(&options, 1).await
    }

    /// Does work in a transaction: it is committed when the work succeeds, and rolled back when it
    /// fails, panics, or is no longer waited for.
    ///
    /// After a serialization failure or a deadlock all of the work is retried, after a pause, up to
    /// ten times; so what the work does beside the database it may do several times
    /// ([`Transaction::attempt`] counts). It is retried as well for up to
    /// [`failover_timeout`](TransactionOptions::failover_timeout) when its server stops, crashes or
    /// becomes read-only, or when none can be reached. It is never retried when the outcome of the
    /// commit is unknown.
    ///
    /// The work borrows what it needs (`async |tx|`, without `move`), and cannot change it. What it
    /// makes it returns.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let quantities = vec![3, 5];
    /// let orders = db
    ///     .transaction(async |tx| {
    ///         let mut orders = Vec::new();
    ///         for &quantity in &quantities {
    ///             orders.push(NewOrder { quantity }.insert(tx).await?);
    ///         }
    ///         Ok(orders)
    ///     })
    ///     .await?;
    /// # let _ = orders;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the work; that of the last attempt, if each was retried. No connection was
    /// free in time, or the database cannot be reached ([`Error::is_connection`]). The connection
    /// broke while it was committed, so that nobody knows whether it holds
    /// ([`Error::is_commit_unknown`]).
    pub fn transaction<'a, T, F>(&'a self, work: F) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }

    /// [`transaction`](Self::transaction) with options: how far it is kept apart from others, whether
    /// it only reads, and how often it is tried.
    ///
    /// # Errors
    ///
    /// As with [`transaction`](Self::transaction).
    pub fn transaction_with<'a, T, F>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, options, work)
    }

    /// [`transaction`](Self::transaction) for work that fails with an error type of your own. That type is
    /// written down, since `?` converts into any.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Account { #[id] id: i64, balance: i64 }
    /// enum Refused {
    ///     TooPoor,
    ///     Database(relations::Error),
    /// }
    /// # impl From<relations::Error> for Refused {
    /// #     fn from(error: relations::Error) -> Self { Self::Database(error) }
    /// # }
    ///
    /// # async fn run(db: &relations::Database) -> Result<(), Refused> {
    /// db.try_transaction(async |tx| -> Result<(), Refused> {
    ///     let account = Account::find_by_id(1).one(tx).await?;
    ///     if account.balance < 10 {
    ///         return Err(Refused::TooPoor);
    ///     }
    ///     Account::find_by_id(1).set(Account::BALANCE, account.balance - 10).update(tx).await?;
    ///     Ok(())
    /// })
    /// .await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the work, and the errors of [`transaction`](Self::transaction).
    pub fn try_transaction<'a, T, E, F>(&'a self, work: F) -> TransactionFuture<'a, T, E>
    where
        T: Send + 'a,
        E: From<Error> + Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }

    /// [`try_transaction`](Self::try_transaction) with options, as of
    /// [`transaction_with`](Self::transaction_with).
    ///
    /// # Errors
    ///
    /// The errors of [`try_transaction`](Self::try_transaction).
    pub fn try_transaction_with<'a, T, E, F>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> TransactionFuture<'a, T, E>
    where
        T: Send + 'a,
        E: From<Error> + Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
    {
        run(self, options, work)
    }
}

impl Database {
    /// Its transaction, which sees and observes what it does.
    fn within(&self, begun: Transaction) -> Transaction {
        begun.seeing(self.transaction_rows()).observed_by(self.observers.clone())
    }
}

impl Transactional for Database {
    async fn open(&self, options: &TransactionOptions, attempt: u32) -> Result<Transaction> {
        #[cfg(feature = "postgres")]
        if let Pool::Postgres(pool) = self.pool()
            && self.has_replicas()
            && options.suits_replica()
            && attempt == 1
            && let Some(transaction) = Box::pin(self.open_on_replica(pool, options, attempt)).await
        {
            return Ok(self.within(transaction));
        }
        // Nothing is done before it has begun, so that it may begin on another connection where one
        // was closed while nobody used it.
        let mut dead = 0;
        loop {
            let connection = self.connection().await?;
            let Capabilities { high_latency, details, .. } = capabilities(self);
            let tracks = self.has_replicas() && !options.read_only;
            let written = tracks.then(|| self.written());
            let tenant_setting = self.tenant_setting();
            let writes = self.writes();
            let manner = Manner { high_latency, details, writes, written, tenant_setting };
            match Transaction::begin(connection, manner, options, attempt, None).await {
                Err(error) if error.is_lost() && dead < self.connections() => dead += 1,
                begun => return begun.map(|transaction| self.within(transaction)),
            }
        }
    }
}
