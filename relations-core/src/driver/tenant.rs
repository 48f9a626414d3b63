//! Executors of one tenant, which see and write the rows of that tenant only.

pub(crate) mod value;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, AcquiredBinding};
use crate::driver::coalesce::Batched;
use crate::driver::executor::Executor;
use crate::driver::in_schema::{InSchema, SchemaName};
use crate::driver::observers::Observers;
use crate::driver::pool::Database;
use crate::driver::query_stats::QueryStats;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
pub use crate::driver::tenant::value::TenantRows;
use crate::driver::tenant::value::TenantValue;
pub(crate) use crate::driver::tenant::value::{TransactionRows, missing};
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::{
    RetryableAsyncClosure, TransactionFuture, Transactional, run, transaction_methods,
};
use crate::error::{Error, Result};
use crate::value::Value;

/// An executor of one tenant; [`Database::tenant`] creates one.
///
/// Every statement through it sees only the rows of that tenant, for each entity in it, and new rows
/// belong to the tenant. `#[tenant]` marks the property that holds the tenant of a row;
/// `#[entity(shared)]` marks an entity whose rows all tenants use.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Debug, Entity)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     #[tenant]
///     tenant_id: i64,
///     quantity: i32,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> relations::Result<()> {
/// # let db = relations::connect("sqlite::memory:").await?;
/// # db.create(schema![Order]).await?;
/// let db7 = db.tenant(7_i64);
/// let order = NewOrder { tenant_id: None, quantity: 3 }.insert(&db7).await?;
/// assert_eq!(order.tenant_id, 7);
///
/// let db8 = db.tenant(8_i64);
/// assert_eq!(Order::find().count(&db8).await?, 0);
/// assert!(Order::find_by_id(order.id).optional(&db8).await?.is_none());
/// # Ok(())
/// # }
/// ```
///
/// Its transactions, [`batched`](Self::batched) lookups and streams have the same tenant. Clones are
/// cheap.
///
/// # Errors
///
/// A statement is refused before it is sent ([`Error::is_invalid_request`]) if an entity in it has
/// neither `#[tenant]` nor `#[entity(shared)]`, if the tenant does not have the property's type, if a
/// row has another tenant than this one, or if it is SQL of your own without
/// [`unscoped`](crate::raw_sql::Sql::unscoped).
#[doc(alias = "multi-tenancy")]
#[doc(alias = "multitenancy")]
#[doc(alias = "row-level security")]
#[doc(alias = "RLS")]
pub struct Tenant<E = Database> {
    db: E,
    /// None where it sees what its executor does.
    value: Option<Arc<TenantValue>>,
}

impl<E: Clone> Clone for Tenant<E> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone(), value: self.value.clone() }
    }
}

/// Shows the executor and never the tenant, so that no log shows it by accident.
impl<E: fmt::Debug> fmt::Debug for Tenant<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tenant").field("db", &self.db).finish_non_exhaustive()
    }
}

macro_rules! tenant {
    ($executor:ty, $tenant:ty, |$self:ident, $value:ident| $made:expr) => {
        /// An executor that reads and writes only the rows of one tenant; see
        /// [`Tenant`](crate::driver::Tenant).
        ///
        /// The value has the type of the `#[tenant]` properties: `7_i64`, a `Uuid`, a text, or a newtype
        /// of one.
        #[must_use]
        #[doc(alias = "multi-tenancy")]
        #[doc(alias = "row-level security")]
        #[doc(alias = "RLS")]
        pub fn tenant<V: IntoTenant>(&$self, $value: V) -> $tenant {
            $made
        }
    };
}

/// A value that names a tenant: a [`Value`], or a `&str` for a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot name a tenant",
    label = "expected a value of the type of the `#[tenant]` property, such as `7_i64`"
)]
pub trait IntoTenant {
    /// The type of the `#[tenant]` property.
    type Value: Value;

    /// The tenant as properties hold it.
    fn into_tenant(self) -> Self::Value;
}

impl<V: Value> IntoTenant for V {
    type Value = V;

    fn into_tenant(self) -> V {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoTenant for &str {
    type Value = String;

    fn into_tenant(self) -> String {
        self.to_owned()
    }
}

impl Database {
    tenant!(Database, Tenant, |self, value| Tenant::new(self.clone(), value));
}

impl Transaction {
    tenant!(Transaction, Tenant<&Self>, |self, value| Tenant::new(self, value));
}

impl<E: Clone> QueryStats<E> {
    tenant!(QueryStats<E>, Tenant<Self>, |self, value| Tenant::new(self.clone(), value));
}

impl<E: Clone> InSchema<E> {
    tenant!(InSchema<E>, Tenant<Self>, |self, value| Tenant::new(self.clone(), value));
}

impl<E: Clone> Batched<E> {
    /// A DataLoader for one tenant, with batches of its own; see [`Tenant`](crate::driver::Tenant).
    #[must_use]
    pub fn tenant<V: IntoTenant>(&self, value: V) -> Batched<Tenant<E>> {
        self.over(Tenant::new(self.executor().clone(), value))
    }
}

impl<E> Tenant<E> {
    /// Wraps another executor, such as a client of the driver, for one tenant.
    #[must_use]
    pub fn new<V: IntoTenant>(executor: E, value: V) -> Self {
        Self { db: executor, value: Some(Arc::new(TenantValue::of(value.into_tenant()))) }
    }

    /// Wraps another executor without a tenant, so that one type serves requests with and without a
    /// tenant. It sees the rows that the other executor sees.
    ///
    /// ```
    /// use relations::Database;
    /// use relations::driver::Tenant;
    ///
    /// fn seen(db: &Database, tenant: Option<i64>) -> Tenant {
    ///     match tenant {
    ///         Some(tenant) => db.tenant(tenant),
    ///         None => Tenant::none(db.clone()),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn none(executor: E) -> Self {
        Self { db: executor, value: None }
    }

    /// The executor that runs the statements, without this tenant.
    #[must_use]
    pub fn executor(&self) -> &E {
        &self.db
    }
}

impl<E: Clone> Tenant<E> {
    /// A DataLoader for this tenant; see [`Batched`].
    #[must_use]
    #[doc(alias = "dataloader")]
    pub fn batched(&self) -> Batched<Self> {
        Batched::new(self.clone())
    }

    /// An executor that counts the statements of this tenant; see [`QueryStats`].
    #[must_use]
    pub fn query_stats(&self) -> QueryStats<Self> {
        QueryStats::new(self.clone())
    }
}

transaction_methods!(Tenant, "of the tenant");

impl<E: Executor> Executor for Tenant<E> {
    fn engine(&self) -> Engine {
        self.db.engine()
    }

    fn tenancy(&self) -> TenantRows<'_> {
        let rows = self.db.tenancy();
        let Some(value) = &self.value else { return rows };
        match rows {
            TenantRows::All | TenantRows::Tenantless => TenantRows::Of(value),
            TenantRows::Of(outer) if *outer == **value => TenantRows::Of(value),
            TenantRows::Of(_) | TenantRows::Nested => TenantRows::Nested,
        }
    }

    fn schema(&self) -> Option<&SchemaName> {
        self.db.schema()
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.db.observers()
    }

    async fn open_observed(&self) -> Result<Transaction> {
        self.within(self.db.open_observed().await?).await
    }

    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send {
        let bound = self.value.as_ref().map_or(Ok(()), |value| value.bind(statement));
        async move {
            bound?;
            self.db.run(statement).await
        }
    }

    fn acquire(&self) -> impl Acquired {
        let value = self.value.as_deref();
        let bind = move |statement: &Statement| value.map_or(Ok(()), |value| value.bind(statement));
        AcquiredBinding::new(self.db.acquire(), bind)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Transactional> Transactional for Tenant<E> {
    fn nests(&self) -> bool {
        self.db.nests()
    }

    async fn open(&self, options: &TransactionOptions, attempt: u32) -> Result<Transaction> {
        self.within(self.db.open(options, attempt).await?).await
    }
}

impl<E: Executor> Tenant<E> {
    /// A transaction of the executor, as one of this tenant.
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    async fn within(&self, opened: Transaction) -> Result<Transaction> {
        let Some(value) = &self.value else { return Ok(opened) };
        let rows = match self.tenancy() {
            TenantRows::Of(_) => TransactionRows::Of(Arc::clone(value)),
            TenantRows::All | TenantRows::Tenantless | TenantRows::Nested => {
                TransactionRows::Nested
            }
        };
        #[cfg(feature = "postgres")]
        if let TransactionRows::Of(value) = &rows {
            opened.set_tenant(value).await?;
        }
        Ok(opened.seeing(rows))
    }
}
