//! The primitives of the model.

use std::task::Waker;

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, Ordering};
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// A runtime, whose tasks are threads.
#[derive(Clone, Default)]
pub(crate) struct Handle;

/// A task, which is never aborted: no model closes a connection while a task polls it.
pub(crate) struct AbortHandle;

impl AbortHandle {
    pub(crate) fn abort(&self) {}
}

/// An `AtomicWaker` with the methods of that of `futures-util`.
pub(crate) struct AtomicWaker(loom::future::AtomicWaker);

impl AtomicWaker {
    pub(crate) fn new() -> Self {
        Self(loom::future::AtomicWaker::new())
    }

    pub(crate) fn register(&self, waker: &Waker) {
        self.0.register_by_ref(waker);
    }

    pub(crate) fn wake(&self) {
        self.0.wake();
    }

    pub(crate) fn take(&self) -> Option<Waker> {
        self.0.take_waker()
    }
}
