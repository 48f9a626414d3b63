//! The call of an executor that batches lookups.

use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::coalesce::Batched;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::error::Result;

/// A call whose lookups join those of others.
pub(super) struct AcquiredBatched<'db, E, A> {
    batched: &'db Batched<E>,
    inner: A,
}

impl<'db, E, A> AcquiredBatched<'db, E, A> {
    pub(super) fn new(batched: &'db Batched<E>, inner: A) -> Self {
        Self { batched, inner }
    }
}

impl<E: Executor + 'static, A: Acquired> Acquired for AcquiredBatched<'_, E, A> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        self.batched.look_up(statement).is_some() || self.inner.gathers(statement)
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        self.inner.joins_others(statement)
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        if let Some(share) = self.batched.share(statement).await {
            return share?.for_each(each);
        }
        let _forgetting = self.batched.forgetting(statement);
        // Boxed, so that a lookup, which waits for others, need not have room for a statement.
        Box::pin(self.inner.fetch(statement, each)).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        self.inner.round(round, each).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        self.inner.end().await
    }
}
