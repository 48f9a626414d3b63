//! The options of an executor that gathers lookups.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::coalesce::batch::Open;
use crate::driver::coalesce::cache::Cache;
use crate::driver::coalesce::{Batched, Shared};

impl<E> Batched<E> {
    /// A view of this database that shares no batch with the callers of this executor.
    pub(super) fn apart(&self) -> Shared<E> {
        self.options_over(Arc::clone(&self.0.db))
    }

    fn options_over<F>(&self, db: Arc<F>) -> Shared<F> {
        let Shared { most, window, cache, .. } = &*self.0;
        let cache = cache.as_ref().map(|_| Cache::default());
        Shared { db, most: *most, window: *window, open: Open::default(), cache }
    }

    /// An executor with these options over another one.
    pub(crate) fn over<F>(&self, executor: F) -> Batched<F> {
        Batched(Arc::new(self.options_over(Arc::new(executor))))
    }

    /// Limits the keys of one statement; the default is 1,000.
    #[must_use]
    pub fn max_keys(self, keys: usize) -> Self {
        Self(Arc::new(Shared { most: keys.max(1), ..self.apart() }))
    }

    /// Collects keys for this time after the first one, or until there are
    /// [`max_keys`](Self::max_keys). Without a window no call waits for a timer.
    #[must_use]
    pub fn window(self, window: Duration) -> Self {
        Self(Arc::new(Shared { window: Some(window), ..self.apart() }))
    }
}
