//! Tasks of the model.

use std::future::Future;

use crate::driver::postgres::sync::{AbortHandle, Handle};

pub(crate) fn spawn(
    _: &Handle,
    task: impl Future<Output = ()> + Send + 'static,
) -> AbortHandle {
    loom::thread::spawn(move || loom::future::block_on(task));
    AbortHandle
}
