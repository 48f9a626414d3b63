//! Executors whose tables are in a schema that is chosen at run time.

pub(crate) mod name;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, AcquiredBinding};
use crate::driver::coalesce::Batched;
use crate::driver::executor::Executor;
pub use crate::driver::in_schema::name::SchemaName;
use crate::driver::observers::Observers;
use crate::driver::pool::Database;
use crate::driver::query_stats::QueryStats;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::tenant::{Tenant, TenantRows};
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::{
    RetryableAsyncClosure, TransactionFuture, Transactional, run, transaction_methods,
};
use crate::error::{Error, Result};

/// An executor for the tables of a schema that is chosen at run time; [`Database::in_schema`] creates one.
///
/// Every statement through it names the tables in that schema, as in `"t7"."orders"`. Nothing is set in a
/// session, so that poolers and other executors are not affected. An entity with `#[entity(schema = "…")]`
/// keeps its schema, for example `public` for tables that all tenants share.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let t7 = db.in_schema("t7");
/// t7.create(schema![Order]).await?;
/// NewOrder { quantity: 3 }.insert(&t7).await?;
/// let orders = Order::find().all(&t7).await?;
/// assert_eq!(Order::find().count(&db.in_schema("t8")).await?, 0);
/// # Ok(())
/// # }
/// ```
///
/// Its transactions are in the schema too, and so are [`batched`](Self::batched) lookups and streams;
/// [`tenant`](Self::tenant) goes with it. The SQL is generated once for all schemas, and cached with the name
/// in it for the 64 most recent schemas. Clones are cheap.
///
/// Enum types and functions are found by the search path of the connection, whatever the schema.
///
/// # Errors
///
/// A statement is refused before it is sent ([`Error::is_invalid_request`]) if the database is SQLite, which
/// has no schemas, if the name is not valid in PostgreSQL, if another schema was chosen within this one, or if
/// it is SQL of your own without [`unscoped`](crate::raw_sql::Sql::unscoped).
#[doc(alias = "search_path")]
#[doc(alias = "multi-tenancy")]
pub struct InSchema<E = Database> {
    db: E,
    schema: Arc<SchemaName>,
}

impl<E: Clone> Clone for InSchema<E> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone(), schema: Arc::clone(&self.schema) }
    }
}

impl<E: fmt::Debug> fmt::Debug for InSchema<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InSchema")
            .field("db", &self.db)
            .field("schema", &self.schema.name())
            .finish()
    }
}

macro_rules! in_schema {
    ($in_schema:ty, |$self:ident, $name:ident| $made:expr) => {
        /// An executor whose tables are in a schema that is chosen at run time; see
        /// [`InSchema`](crate::driver::InSchema).
        #[must_use]
        #[doc(alias = "search_path")]
        #[doc(alias = "multi-tenancy")]
        pub fn in_schema(&$self, $name: &str) -> $in_schema {
            $made
        }
    };
}

impl Database {
    in_schema!(InSchema, |self, name| InSchema::new(self.clone(), name));
}

impl Transaction {
    in_schema!(InSchema<&Self>, |self, name| InSchema::new(self, name));
}

impl<E: Clone> Tenant<E> {
    in_schema!(InSchema<Self>, |self, name| InSchema::new(self.clone(), name));
}

impl<E: Clone> QueryStats<E> {
    in_schema!(InSchema<Self>, |self, name| InSchema::new(self.clone(), name));
}

impl<E: Clone> Batched<E> {
    /// A DataLoader for a schema, with batches of its own; see [`InSchema`](crate::driver::InSchema).
    #[must_use]
    pub fn in_schema(&self, name: &str) -> Batched<InSchema<E>> {
        self.over(InSchema::new(self.executor().clone(), name))
    }
}

impl<E> InSchema<E> {
    /// Wraps another executor, such as a client of the driver.
    #[must_use]
    pub fn new(executor: E, name: &str) -> Self {
        Self { db: executor, schema: name::known(name) }
    }

    /// The executor that runs the statements.
    #[must_use]
    pub fn executor(&self) -> &E {
        &self.db
    }

    pub(crate) fn name(&self) -> &SchemaName {
        &self.schema
    }
}

impl<E: Clone> InSchema<E> {
    /// A DataLoader for this schema; see [`Batched`].
    #[must_use]
    #[doc(alias = "dataloader")]
    pub fn batched(&self) -> Batched<Self> {
        Batched::new(self.clone())
    }

    /// An executor that counts the statements in this schema; see [`QueryStats`].
    #[must_use]
    pub fn query_stats(&self) -> QueryStats<Self> {
        QueryStats::new(self.clone())
    }
}

transaction_methods!(InSchema, "in the schema");

impl<E: Executor> Executor for InSchema<E> {
    fn engine(&self) -> Engine {
        self.db.engine()
    }

    fn tenancy(&self) -> TenantRows<'_> {
        self.db.tenancy()
    }

    fn schema(&self) -> Option<&SchemaName> {
        Some(&self.schema)
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.db.observers()
    }

    async fn open_observed(&self) -> Result<Transaction> {
        self.schema.check(self.db.engine())?;
        self.db.open_observed().await?.in_schema_of(&self.schema)
    }

    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send {
        let bound = self.schema.bind(self.db.engine(), statement);
        async move {
            bound?;
            self.db.run(statement).await
        }
    }

    fn acquire(&self) -> impl Acquired {
        let (engine, schema) = (self.db.engine(), &self.schema);
        let bind = move |statement: &Statement| schema.bind(engine, statement);
        AcquiredBinding::new(self.db.acquire(), bind)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Transactional> Transactional for InSchema<E> {
    fn nests(&self) -> bool {
        self.db.nests()
    }

    async fn open(&self, options: &TransactionOptions, attempt: u32) -> Result<Transaction> {
        self.schema.check(self.db.engine())?;
        self.db.open(options, attempt).await?.in_schema_of(&self.schema)
    }
}
