//! Fire-and-forget tasks.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// Starts a task on the current runtime, or on the given one outside of any. The current runtime is
/// certainly driven; that of a pool may be another one, which nobody drives.
///
/// A runtime that shuts down drops the task without having polled it. Necessary cleanup therefore
/// belongs in the destructor of a value that the task holds from its start, not in its body.
///
/// It is boxed, since all of a task is compiled anew for each kind of future.
pub(crate) fn spawn(
    otherwise: &Handle,
    task: impl Future<Output = ()> + Send + 'static,
) -> AbortHandle {
    let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(task);
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn(task),
        Err(_) => otherwise.spawn(task),
    }
    .abort_handle()
}
