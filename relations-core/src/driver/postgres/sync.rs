//! The primitives that the caller-driven connection synchronizes with. The model in `loom/` has others
//! of these names.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard};

pub(crate) use futures_util::task::AtomicWaker;
pub(crate) use tokio::runtime::Handle;
pub(crate) use tokio::task::AbortHandle;
