//! One connection for a call of several statements.

use std::sync::{Arc, Mutex, PoisonError};

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::executor::Executor;
use crate::driver::in_schema::SchemaName;
use crate::driver::observers::Observers;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::tenant::TenantRows;
use crate::driver::transaction::Transaction;
use crate::error::Result;

/// An executor for the statements of one call, which all run on the connection that the first of
/// them has acquired.
pub(crate) fn one_connection<E: Executor>(db: &E) -> impl Executor {
    OneConnection { db, acquire: |db: &E| db.acquire(), kept: Mutex::new(None) }
}

struct OneConnection<'db, E, A> {
    db: &'db E,
    acquire: fn(&'db E) -> A,
    /// There between two statements.
    kept: Mutex<Option<A>>,
}

impl<E, A> OneConnection<'_, E, A> {
    fn replace(&self, acquired: Option<A>) -> Option<A> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *kept, acquired)
    }
}

impl<E: Executor, A: Acquired> Executor for OneConnection<'_, E, A> {
    fn engine(&self) -> Engine {
        self.db.engine()
    }

    fn tenancy(&self) -> TenantRows<'_> {
        self.db.tenancy()
    }

    fn schema(&self) -> Option<&SchemaName> {
        self.db.schema()
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.db.observers()
    }

    /// The transaction has a connection of its own, so none is held beside it.
    async fn open_observed(&self) -> Result<Transaction> {
        drop(self.replace(None));
        self.db.open_observed().await
    }

    /// Rows that are read later keep a connection of their own, so none is held beside it.
    async fn run(&self, statement: &Statement) -> Result<Rows> {
        drop(self.replace(None));
        self.db.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        let acquired = self.replace(None).unwrap_or_else(|| (self.acquire)(self.db));
        Borrowed { acquired, call: self }
    }
}

/// The connection of a call while one of its statements runs.
struct Borrowed<'call, 'db, E, A> {
    acquired: A,
    call: &'call OneConnection<'db, E, A>,
}

impl<E: Executor, A: Acquired> Acquired for Borrowed<'_, '_, E, A> {
    fn capabilities(&self) -> Capabilities {
        self.acquired.capabilities()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        self.acquired.gathers(statement)
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        self.acquired.joins_others(statement)
    }

    /// Boxed, so that rustc need not look through the call and the executor at once for the layout of a
    /// future.
    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        Box::pin(self.acquired.fetch(statement, each)).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        Box::pin(self.acquired.round(round, each)).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        self.acquired.end().await
    }
}

/// Gives the connection back to the call. One that has not been used yet stands in for it.
impl<E, A> Drop for Borrowed<'_, '_, E, A> {
    fn drop(&mut self) {
        let unused = (self.call.acquire)(self.call.db);
        let acquired = std::mem::replace(&mut self.acquired, unused);
        drop(self.call.replace(Some(acquired)));
    }
}
