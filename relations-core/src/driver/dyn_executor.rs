//! Executors that are chosen at run time: `&dyn Executor`, `Arc<dyn Executor>`, `Box<dyn Executor>`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

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

/// A future whose type is not named.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The methods of an [`Executor`] whose results a trait object cannot name, with boxed ones. Each executor
/// has them.
#[doc(hidden)]
pub trait DynExecutor {
    fn run_boxed<'a>(&'a self, statement: &'a Statement) -> Boxed<'a, Rows>;

    fn acquire_boxed(&self) -> Box<dyn DynAcquired + '_>;

    fn open_observed_boxed(&self) -> Boxed<'_, Transaction>;
}

#[diagnostic::do_not_recommend]
impl<E: Executor> DynExecutor for E {
    fn run_boxed<'a>(&'a self, statement: &'a Statement) -> Boxed<'a, Rows> {
        Box::pin(self.run(statement))
    }

    fn acquire_boxed(&self) -> Box<dyn DynAcquired + '_> {
        Box::new(self.acquire())
    }

    fn open_observed_boxed(&self) -> Boxed<'_, Transaction> {
        Box::pin(self.open_observed())
    }
}

/// [`Acquired`] with boxed futures.
#[doc(hidden)]
pub trait DynAcquired: Send {
    fn capabilities(&self) -> Capabilities;

    fn gathers(&self, statement: &Statement) -> bool;

    fn joins_others(&mut self, statement: &Statement) -> bool;

    fn fetch<'a>(&'a mut self, statement: &'a Statement, each: EachRow<'a>) -> Boxed<'a, u64>;

    fn round<'a>(&'a mut self, round: RoundTrip<'a>, each: EachRowOfAll<'a>)
    -> Boxed<'a, RoundEnd>;

    fn end(&mut self) -> Boxed<'_, RoundEnd>;
}

impl<A: Acquired> DynAcquired for A {
    fn capabilities(&self) -> Capabilities {
        Acquired::capabilities(self)
    }

    fn gathers(&self, statement: &Statement) -> bool {
        Acquired::gathers(self, statement)
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        Acquired::joins_others(self, statement)
    }

    fn fetch<'a>(&'a mut self, statement: &'a Statement, each: EachRow<'a>) -> Boxed<'a, u64> {
        Box::pin(Acquired::fetch(self, statement, each))
    }

    fn round<'a>(
        &'a mut self,
        round: RoundTrip<'a>,
        each: EachRowOfAll<'a>,
    ) -> Boxed<'a, RoundEnd> {
        Box::pin(Acquired::round(self, round, each))
    }

    fn end(&mut self) -> Boxed<'_, RoundEnd> {
        Box::pin(Acquired::end(self))
    }
}

/// The connection of a call on an executor that is chosen at run time.
struct ChosenAcquired<'db>(Box<dyn DynAcquired + 'db>);

impl Acquired for ChosenAcquired<'_> {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        self.0.gathers(statement)
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        self.0.joins_others(statement)
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.0.fetch(statement, each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        self.0.round(round, each).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        self.0.end().await
    }
}

/// Implements `Executor` for a pointer to an executor that is chosen at run time.
macro_rules! chosen {
    ($($pointer:ty),+) => {
        $(
            impl Executor for $pointer {
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

                async fn open_observed(&self) -> Result<Transaction> {
                    (**self).open_observed_boxed().await
                }

                async fn run(&self, statement: &Statement) -> Result<Rows> {
                    (**self).run_boxed(statement).await
                }

                fn acquire(&self) -> impl Acquired {
                    ChosenAcquired((**self).acquire_boxed())
                }
            }
        )+
    };
}

chosen!(&(dyn Executor + '_), Arc<dyn Executor + '_>, Box<dyn Executor + '_>);
