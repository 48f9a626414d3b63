//! Executors: the open trait of databases, transactions and clients.

use std::future::Future;
use std::sync::Arc;

use crate::dialect::{Dialect, Engine};
use crate::driver::acquired::{Acquired, AcquiredClient, Capabilities};
use crate::driver::dyn_executor::DynExecutor;
use crate::driver::in_schema::SchemaName;
use crate::driver::observers::Observers;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::tenant::TenantRows;
use crate::driver::transaction::Transaction;
use crate::error::{Error, Result};

/// Runs statements: a [`Database`](crate::Database), a [`Transaction`](crate::Transaction), or a
/// client of your own.
///
/// It is implemented for `tokio_postgres`' client and transaction and, with the feature
/// `deadpool-postgres`, for `deadpool_postgres`' pool, client and transaction. Another pool
/// implements two methods, and passes each statement to a client:
///
/// ```
/// # #[cfg(feature = "postgres")]
/// # mod example {
/// use relations::{Engine, Executor, Result};
/// use relations::driver::{Rows, Statement};
///
/// struct MyPool;
/// # impl MyPool {
/// #     async fn lend(&self) -> Result<tokio_postgres::Client> { unimplemented!() }
/// # }
///
/// impl Executor for MyPool {
///     fn engine(&self) -> Engine {
///         Engine::Postgres
///     }
///
///     async fn run(&self, statement: &Statement) -> Result<Rows> {
///         self.lend().await?.run(statement).await
///     }
/// }
/// # }
/// ```
///
/// Such an executor runs each statement of a call by itself. A call through a [`Database`](crate::Database)
/// takes one connection, and an include sees one snapshot; [`QueryStats`](crate::driver::QueryStats),
/// [`Batched`](crate::Batched) and pointers keep both of the executor that they wrap.
///
/// An executor that is chosen at run time is a `&dyn Executor`, an `Arc<dyn Executor>` or a
/// `Box<dyn Executor>`. Methods take a reference to it, as to any executor:
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32 }
/// use relations::Executor;
///
/// async fn orders(db: &dyn Executor) -> relations::Result<Vec<Order>> {
///     Order::find().all(&db).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements",
    label = "expected a `Database`, a `Transaction`, or a client that implements `Executor`"
)]
#[cfg_attr(
    not(feature = "deadpool-postgres"),
    diagnostic::on_unimplemented(
        note = "a pool, client or transaction of `deadpool_postgres` can, with the feature \
                `deadpool-postgres`"
    )
)]
pub trait Executor: Send + Sync + DynExecutor {
    /// The database engine behind it.
    fn engine(&self) -> Engine;

    /// The tenant whose rows it sees; by default those of all. An executor that wraps another one forwards
    /// it, as in `self.inner.tenancy()`.
    fn tenancy(&self) -> TenantRows<'_> {
        TenantRows::All
    }

    /// The schema of tables whose entities name none; by default `None`, the search path of the connection. An
    /// executor that wraps another one forwards it, as in `self.inner.schema()`.
    fn schema(&self) -> Option<&SchemaName> {
        None
    }

    /// The observers of rows that are written through it. An executor that wraps another one forwards it
    /// together with [`open_observed`](Self::open_observed); the inner one refuses writes otherwise.
    #[doc(hidden)]
    fn observers(&self) -> Option<&Arc<Observers>> {
        None
    }

    /// Begins the transaction of a write and of its observers.
    #[doc(hidden)]
    fn open_observed(&self) -> impl Future<Output = Result<Transaction>> + Send
    where
        Self: Sized,
    {
        async { Err(Error::invalid_request("this executor has no observers")) }
    }

    /// The form in which its statements are written.
    #[doc(hidden)]
    fn dialect(&self) -> Dialect {
        let (tenancy, in_schema) = (self.tenancy().tenancy(), self.schema().is_some());
        Dialect { engine: self.engine(), tenancy, in_schema }
    }

    /// Runs a statement.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or it refuses the statement.
    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send
    where
        Self: Sized;

    /// Acquires a connection for one call, which its first statement takes. The default runs each
    /// statement by itself, through [`run`](Self::run).
    #[doc(hidden)]
    fn acquire(&self) -> impl Acquired
    where
        Self: Sized,
    {
        AcquiredClient::new(self, Capabilities::default())
    }
}

/// Implements `Executor` for a pointer, which forwards to its target.
macro_rules! pointer {
    ($pointer:ty) => {
        impl<E: Executor> Executor for $pointer {
            fn engine(&self) -> Engine {
                (**self).engine()
            }

            fn tenancy(&self) -> TenantRows<'_> {
                (**self).tenancy()
            }

            fn schema(&self) -> Option<&SchemaName> {
                (**self).schema()
            }

            fn observers(&self) -> Option<&Arc<Observers>> {
                (**self).observers()
            }

            fn open_observed(&self) -> impl Future<Output = Result<Transaction>> + Send {
                (**self).open_observed()
            }

            fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send {
                (**self).run(statement)
            }

            fn acquire(&self) -> impl Acquired {
                (**self).acquire()
            }
        }
    };
}

pointer!(&E);

pointer!(Arc<E>);
