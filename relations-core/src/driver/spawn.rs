//! The runtime, and fire-and-forget tasks on it.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::error::{Error, Result};

/// The runtime that polls the current task. Timers, sockets and blocking threads need one, and tokio
/// panics without it.
pub(crate) fn current_runtime() -> Result<Handle> {
    Handle::try_current().map_err(|outside| {
        let message = "there is no tokio runtime here; await this within one, such as that of \
                       `#[tokio::main]`";
        Error::invalid_request(message).because(outside)
    })
}

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
