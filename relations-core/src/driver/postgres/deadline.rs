//! The time that a statement may take.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::{Instant, timeout_at};
use tokio_postgres::CancelToken;

use crate::driver::postgres::connection_pool::Usage;
use crate::driver::spawn::{current_runtime, spawn};
use crate::error::{Error, Kind, Result};

/// The moment at which a statement is cancelled.
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) token: CancelToken,
    pub(crate) usage: Arc<Usage>,
    pub(crate) doomed: Arc<AtomicBool>,
}

impl Deadline {
    /// Waits for a statement as long as it may take, and has it cancelled then.
    pub(crate) async fn hold<T, E>(
        &self,
        statement: impl Future<Output = Result<T, E>>,
        late: impl FnOnce(Error) -> E,
    ) -> Result<T, E> {
        if let Err(outside) = current_runtime() {
            return Err(late(outside));
        }
        if let Ok(done) = timeout_at(self.at, statement).await {
            return done;
        }
        self.cancel();
        Err(late(Error::new(Kind::Timeout)))
    }

    /// Has the abandoned statement cancelled.
    fn cancel(&self) {
        self.doomed.store(true, Ordering::Relaxed);
        if let Some(runtime) = self.usage.runtime() {
            let (usage, token) = (Arc::clone(&self.usage), self.token.clone());
            spawn(&runtime, async move {
                let _ = usage.cancel(token).await;
            });
        }
    }
}
