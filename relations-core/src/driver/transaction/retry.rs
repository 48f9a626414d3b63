//! Work that is done in a transaction, as often as it takes.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::driver::trace;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::state::TransactionState;
use crate::error::{Error, Result};

/// The work of a transaction: an async closure that borrows what it needs,
/// `async |tx| { … }`, or an async function of a [`Transaction`].
///
/// It may run several times, so it cannot change its captures; it returns its result.
pub trait Work<'tx, T, E>: Fn(&'tx Transaction) -> Self::Doing {
    /// The work under way.
    type Doing: Future<Output = Result<T, E>> + Send;
}

impl<'tx, T, E, F, Doing> Work<'tx, T, E> for F
where
    F: Fn(&'tx Transaction) -> Doing,
    Doing: Future<Output = Result<T, E>> + Send,
{
    type Doing = Doing;
}

/// An executor that runs work in a transaction: a [`Database`](crate::Database), which begins one, or a
/// [`Transaction`], which begins a nested one (savepoint).
///
/// Take one in functions that write several rows.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// use relations::Transactional;
///
/// async fn split(order: &Order, db: &impl Transactional) -> relations::Result<()> {
///     let half = order.quantity / 2;
///     db.transaction(async |tx| {
///         NewOrder { quantity: half }.insert(tx).await?;
///         Order::find_by_id(order.id).set(Order::QUANTITY, order.quantity - half).update(tx).await?;
///         Ok(())
///     })
///     .await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot begin a transaction",
    label = "expected a `Database` or a `Transaction`"
)]
pub trait Transactional: Executor {
    /// Whether it begins transactions within another one, which is retried as a whole.
    #[doc(hidden)]
    fn nests(&self) -> bool {
        false
    }

    /// Begins the transaction of [`transaction`](Self::transaction). A nested one ends before the outer
    /// one goes on.
    #[doc(hidden)]
    fn open(
        &self,
        options: &TransactionOptions,
        attempt: u32,
    ) -> impl Future<Output = Result<Transaction>> + Send;

    /// Runs work in a transaction; see [`Database::transaction`](crate::Database::transaction) and
    /// [`Transaction::transaction`].
    #[doc(alias = "savepoint")]
    #[doc(alias = "nested transaction")]
    fn transaction<T, F>(&self, work: F) -> impl Future<Output = Result<T>> + Send
    where
        T: Send,
        F: AsyncFn(&Transaction) -> Result<T> + for<'tx> Work<'tx, T, Error> + Send + Sync,
    {
        async move { run(self, &TransactionOptions::new(), &work).await }
    }

    /// [`transaction`](Self::transaction) for work with an error type of your own. The type has to be
    /// named, since `?` converts into any error type.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Product { #[id] id: i64, stock: i32 }
    /// use relations::Transactional;
    ///
    /// enum OrderError {
    ///     OutOfStock,
    ///     Database(relations::Error),
    /// }
    /// # impl From<relations::Error> for OrderError {
    /// #     fn from(error: relations::Error) -> Self { Self::Database(error) }
    /// # }
    ///
    /// /// Takes one piece from the stock.
    /// async fn take(db: &impl Transactional, id: i64) -> Result<(), OrderError> {
    ///     db.try_transaction(async |tx| -> Result<(), OrderError> {
    ///         let in_stock = Product::find_by_id(id).filter(Product::STOCK.gt(0));
    ///         match in_stock.set_expr(Product::STOCK, Product::STOCK - 1).update(tx).await? {
    ///             0 => Err(OrderError::OutOfStock),
    ///             _ => Ok(()),
    ///         }
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// An error that becomes a [`relations::Error`](Error) by [`Error::other`] needs no type of its own:
    /// then [`transaction`](Self::transaction) is enough.
    ///
    /// # Errors
    ///
    /// The error of the work, and the errors of [`transaction`](Self::transaction).
    fn try_transaction<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send,
        E: From<Error> + Send,
        F: AsyncFn(&Transaction) -> Result<T, E> + for<'tx> Work<'tx, T, E> + Send + Sync,
    {
        async move { run(self, &TransactionOptions::new(), &work).await }
    }
}

impl<D: Transactional> Transactional for &D {
    fn nests(&self) -> bool {
        (**self).nests()
    }

    fn open(
        &self,
        options: &TransactionOptions,
        attempt: u32,
    ) -> impl Future<Output = Result<Transaction>> + Send {
        (**self).open(options, attempt)
    }
}

impl<D: Transactional> Transactional for std::sync::Arc<D> {
    fn nests(&self) -> bool {
        (**self).nests()
    }

    fn open(
        &self,
        options: &TransactionOptions,
        attempt: u32,
    ) -> impl Future<Output = Result<Transaction>> + Send {
        (**self).open(options, attempt)
    }
}

/// The failure of an attempt, and whether another one is worth it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    No,
    /// A serialization failure or a deadlock.
    Lost,
    /// The server was unavailable or became read-only, and nothing was committed.
    Outage,
}

/// Does work in a transaction, and retries it while it loses against others, and for some time while
/// its server is not there.
pub(crate) async fn run<D, T, E, F>(db: &D, options: &TransactionOptions, work: &F) -> Result<T, E>
where
    D: Transactional + ?Sized,
    E: From<Error>,
    F: for<'tx> Work<'tx, T, E>,
{
    let (mut attempt, mut lost, mut until) = (1, 0, None);
    loop {
        let (error, retry): (E, Retry) = match attempted(db, options, attempt, work).await {
            Ok(value) => return Ok(value),
            Err(failed) => failed,
        };
        let goes_on = match retry {
            Retry::No => false,
            Retry::Lost => {
                lost += 1;
                lost <= options.retries
            }
            Retry::Outage => {
                let end = *until.get_or_insert_with(|| options.failover_until());
                end.is_some_and(|end| Instant::now() < end)
            }
        };
        // A nested transaction is retried with all of the one around it.
        if !goes_on || db.nests() {
            return Err(error);
        }
        trace::duplicate(db.engine(), attempt);
        let pause = match retry {
            // Time passes while the server comes back, whatever the pauses are.
            Retry::Outage => options.pause(attempt).max(Duration::from_millis(1)),
            Retry::No | Retry::Lost => options.pause(attempt),
        };
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

/// One attempt: the transaction is begun, and committed if the work succeeds.
async fn attempted<D, T, E, F>(
    db: &D,
    options: &TransactionOptions,
    attempt: u32,
    work: &F,
) -> Result<T, (E, Retry)>
where
    D: Transactional + ?Sized,
    E: From<Error>,
    F: for<'tx> Work<'tx, T, E>,
{
    let transaction = db.open(options, attempt).await.map_err(|error| {
        let is_outage = db.engine() == Engine::Postgres && error.is_outage();
        (E::from(error), if is_outage { Retry::Outage } else { Retry::No })
    })?;
    match begin(work, &transaction).await {
        Ok(value) => {
            let state = Arc::clone(&transaction.session.state);
            let committed = transaction.commit().await;
            committed.map(|()| value).map_err(|error| {
                let retry = if error.is_commit_unknown() {
                    Retry::No
                } else if state.is_broken() || (error.is_outage() && is_postgres(&state)) {
                    Retry::Outage
                } else if error.is_retryable() {
                    Retry::Lost
                } else {
                    Retry::No
                };
                (error.into(), retry)
            })
        }
        Err(error) => {
            let retry = match (transaction.is_broken(), transaction.is_lost()) {
                (true, _) => Retry::Outage,
                (false, true) => Retry::Lost,
                (false, false) => Retry::No,
            };
            // Should it fail, the connection is closed, which rolls back as well.
            let _ = transaction.rollback().await;
            Err((error, retry))
        }
    }
}

fn is_postgres(state: &TransactionState) -> bool {
    state.engine() == Engine::Postgres
}

/// Begins work. Written apart, since the type of what is under way depends on the transaction.
fn begin<'tx, T, E, F: Work<'tx, T, E>>(work: &F, transaction: &'tx Transaction) -> F::Doing {
    work(transaction)
}

/// The methods of an executor by which it runs transactions.
macro_rules! transaction_methods {
    ($executor:ident, $place:literal) => {
        impl<E: Transactional> $executor<E> {
            #[doc = concat!("Begins a transaction ", $place, ".")]
            ///
            /// # Errors
            ///
            /// The errors of [`Database::begin`](crate::Database::begin).
            pub async fn begin(&self) -> Result<Transaction> {
                self.open(&TransactionOptions::new(), 1).await
            }

            #[doc = concat!("Does work in a transaction ", $place, "; see")]
            /// [`Database::transaction`](crate::Database::transaction).
            ///
            /// # Errors
            ///
            /// The errors of [`Database::transaction`](crate::Database::transaction).
            pub async fn transaction<T, F>(&self, work: F) -> Result<T>
            where
                T: Send,
                F: AsyncFn(&Transaction) -> Result<T> + for<'tx> Work<'tx, T, Error> + Send + Sync,
            {
                run(self, &TransactionOptions::new(), &work).await
            }

            /// [`transaction`](Self::transaction) with options; see
            /// [`Database::transaction_with`](crate::Database::transaction_with).
            ///
            /// # Errors
            ///
            /// The errors of [`Database::transaction_with`](crate::Database::transaction_with).
            pub async fn transaction_with<T, F>(
                &self,
                options: TransactionOptions,
                work: F,
            ) -> Result<T>
            where
                T: Send,
                F: AsyncFn(&Transaction) -> Result<T> + for<'tx> Work<'tx, T, Error> + Send + Sync,
            {
                run(self, &options, &work).await
            }
        }
    };
}

pub(crate) use transaction_methods;
