//! In which order statements and transactions within come to the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// Tells which transaction may send statements: the innermost one that is open. Its statements are
/// sent at the same time; a transaction within it begins behind all of them.
#[derive(Default)]
pub(crate) struct SavepointGate {
    /// The depth of the innermost transaction that is open, or is about to be.
    depth: AtomicU32,
    /// Read by each statement until nothing can overtake it.
    places: Arc<RwLock<()>>,
}

/// The place of a statement, which keeps it before each transaction within that begins later. It is
/// given up where the engine itself keeps the order.
pub(crate) struct StatementPermit {
    _held: OwnedRwLockReadGuard<()>,
}

impl SavepointGate {
    /// A place for a statement of the transaction at that depth; none when one within it is open, or
    /// begins.
    pub(crate) fn place(&self, depth: u32) -> Option<StatementPermit> {
        // A nested transaction changes the depth and then waits for all permits. So either it waits for
        // this permit, or its depth is seen here. Nothing waits here, as the caller may be
        // polled no longer.
        let place = StatementPermit { _held: Arc::clone(&self.places).try_read_owned().ok()? };
        (self.depth.load(Ordering::Acquire) == depth).then_some(place)
    }

    /// Lets the transaction at that depth be the innermost one, unless another one is.
    pub(crate) fn enter(&self, depth: u32) -> bool {
        let outer = depth.saturating_sub(1);
        let entered =
            self.depth.compare_exchange(outer, depth, Ordering::AcqRel, Ordering::Relaxed);
        entered.is_ok()
    }

    /// Waits until no statement can be overtaken by what is sent now.
    pub(crate) async fn behind_all(&self) {
        drop(self.places.write().await);
    }

    /// Lets the transaction be the innermost one that is around the one at that depth.
    pub(crate) fn leave(&self, depth: u32) {
        self.depth.store(depth.saturating_sub(1), Ordering::Release);
    }
}
