//! What is done while nobody waits for it.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// Begins it on a runtime. It is boxed, since all of a task is compiled anew for each kind of future.
pub(super) fn spawn(
    runtime: &Handle,
    task: impl Future<Output = ()> + Send + 'static,
) -> AbortHandle {
    let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(task);
    runtime.spawn(task).abort_handle()
}
