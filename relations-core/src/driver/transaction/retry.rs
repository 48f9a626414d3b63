//! Work that is done in a transaction, as often as it takes.

use std::future::Future;
use std::pin::Pin;
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
/// It may run several times, so it cannot change what it captures. What it makes it returns. Its name tells
/// what to write where rustc says no more: `|tx| async move { … }` cannot lend the transaction to its future.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the work of a transaction",
    label = "expected `async |tx| {{ … }}` that changes no variable outside of it",
    note = "the work may run several times: let it return what it makes"
)]
pub trait RetryableAsyncClosure<'tx, T, E>: AsyncFn(&'tx Transaction) -> Result<T, E> {
    /// The work under way.
    type Doing: Future<Output = Result<T, E>>;

    /// Begins the work.
    #[doc(hidden)]
    fn begin(&self, transaction: &'tx Transaction) -> Self::Doing;
}

#[diagnostic::do_not_recommend]
impl<'tx, T, E, F, Doing> RetryableAsyncClosure<'tx, T, E> for F
where
    F: AsyncFn(&'tx Transaction) -> Result<T, E> + Fn(&'tx Transaction) -> Doing,
    Doing: Future<Output = Result<T, E>>,
{
    type Doing = Doing;

    fn begin(&self, transaction: &'tx Transaction) -> Doing {
        self(transaction)
    }
}

/// A transaction under way: the result of its work, once it is committed.
///
/// It is boxed, so that its type does not name the work: rustc tells a mistake in that once, and not again
/// at the `await`.
pub type TransactionFuture<'a, T, E = Error> =
    Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// An executor that does all of some work or nothing of it: a [`Database`](crate::Database), which begins a
/// transaction, and a [`Transaction`], which goes back to where it was if the work fails.
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
    fn transaction<'a, T, F>(&'a self, work: F) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
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
    fn try_transaction<'a, T, E, F>(&'a self, work: F) -> TransactionFuture<'a, T, E>
    where
        T: Send + 'a,
        E: From<Error> + Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
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
pub(crate) fn run<'a, D, T, E, F>(
    db: &'a D,
    options: TransactionOptions,
    work: F,
) -> TransactionFuture<'a, T, E>
where
    D: Transactional + ?Sized,
    T: Send + 'a,
    E: From<Error> + Send + 'a,
    F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send> + Send + Sync + 'a,
{
    Box::pin(async move { retried(db, &options, &work).await })
}

async fn retried<D, T, E, F>(db: &D, options: &TransactionOptions, work: &F) -> Result<T, E>
where
    D: Transactional + ?Sized,
    E: From<Error>,
    F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send>,
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
    F: for<'tx> RetryableAsyncClosure<'tx, T, E, Doing: Send>,
{
    let transaction = db.open(options, attempt).await.map_err(|error| {
        let is_outage = db.engine() == Engine::Postgres && error.is_outage();
        (E::from(error), if is_outage { Retry::Outage } else { Retry::No })
    })?;
    match work.begin(&transaction).await {
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
            /// As of [`Database::transaction`](crate::Database::transaction).
            pub fn transaction<'a, T, F>(&'a self, work: F) -> TransactionFuture<'a, T>
            where
                T: Send + 'a,
                F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
            {
                run(self, TransactionOptions::new(), work)
            }

            /// [`transaction`](Self::transaction) with options; see
            /// [`Database::transaction_with`](crate::Database::transaction_with).
            ///
            /// # Errors
            ///
            /// As of [`Database::transaction_with`](crate::Database::transaction_with).
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
        }
    };
}

pub(crate) use transaction_methods;
