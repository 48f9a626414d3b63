//! Fire-and-forget tasks.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// Starts a task on the runtime of whoever starts it, or on this one outside of any. The first is
/// being run right now; a pool's own may be another one that nobody drives.
///
/// A runtime that shuts down drops the task without having polled it. So whatever must happen has to
/// happen in the destructor of something that the task holds from its start, and not in its body.
///
/// It is boxed, since all of a task is compiled anew for each kind of future.
pub(super) fn spawn(
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
