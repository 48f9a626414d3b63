//! Connections with a statement whose caller was dropped.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::connection_pool::Usage;
use crate::driver::spawn;

/// The time that a connection may take to come to rest after its caller was dropped. What takes
/// longer is cancelled, and the connection is replaced.
pub(crate) const GRACE: Duration = Duration::from_millis(250);

/// A connection whose answers are not all there. Unless it comes to rest it is closed, so that one of
/// which a runtime has dropped the task goes back to no pool. Until then it keeps its place there.
pub(crate) struct Resting {
    client: Option<PoolClient>,
    usage: Arc<Usage>,
}

impl Resting {
    pub(crate) fn of(client: PoolClient, usage: &Arc<Usage>) -> Self {
        Self { client: Some(client), usage: Arc::clone(usage) }
    }

    /// Lets it come to rest behind a last statement, on the runtime that runs right now.
    pub(crate) fn rest(self, last: &'static str) {
        match Handle::try_current() {
            Ok(runtime) => drop(spawn::spawn(&runtime, self.come_to_rest(last))),
            Err(_) => self.close_at_once(),
        }
    }

    /// Has the server stop what it runs, on the runtime that runs right now, and closes it.
    pub(crate) fn stop(self) {
        if self.client.as_ref().is_none_or(PoolClient::is_closed) {
            return;
        }
        match Handle::try_current() {
            Ok(runtime) => drop(spawn::spawn(&runtime, self.stopped())),
            Err(_) => self.close_at_once(),
        }
    }

    /// Closes it outside of any runtime: its own may be one that nobody drives any more, so nothing is
    /// waited for, and a request to cancel may be lost.
    fn close_at_once(mut self) {
        let Some(client) = self.client.take() else { return };
        let (token, usage) = (client.asks().cancel_token(), Arc::clone(&self.usage));
        client.close();
        if let Some(runtime) = &self.usage.runtime {
            spawn::spawn(runtime, async move {
                let _ = usage.cancel(token).await;
            });
        }
    }

    /// Gives the connection back when all answers to it are there, that to a last statement among
    /// them. As it has no caller, it is not waited for long.
    async fn come_to_rest(mut self, last: &'static str) {
        // It is answered after all else.
        if let Ok(true) = timeout(GRACE, self.answered(last)).await {
            self.client = None;
        } else {
            self.stopped().await;
        }
    }

    /// Has the server stop what the connection runs, and then closes it. Its place in the pool is taken
    /// as long as the server may work for it, so that no more statements are at work than the pool has
    /// connections.
    async fn stopped(mut self) {
        let Some(client) = &self.client else { return };
        let (token, patience) = (client.asks().cancel_token(), client.patience());
        let usage = Arc::clone(&self.usage);
        let mut cancelled = pin!(usage.cancel(token));
        let in_time = timeout(patience.cancel, cancelled.as_mut()).await;
        if let Ok(true) = in_time {
            let _ = timeout(patience.answer, self.answered("")).await;
        } else if patience.without_cancel {
            self.answered("").await;
        }
        if let Some(client) = self.client.take() {
            client.close();
        }
        if in_time.is_err() {
            cancelled.await;
        }
    }

    /// Waits until all that was sent is answered, and a last statement. `false` where that is refused, or
    /// the connection is closed.
    async fn answered(&self, last: &str) -> bool {
        match &self.client {
            Some(client) => client.wait(pin!(client.asks().batch_execute(last))).await.is_ok(),
            None => false,
        }
    }
}

impl Drop for Resting {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            client.close();
        }
    }
}
