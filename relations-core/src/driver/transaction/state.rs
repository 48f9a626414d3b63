//! The state of a transaction, as its statements tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::dialect::Engine;
use crate::error::Error;

/// The state of a transaction. Each of its statements knows it, and tells it how it ended.
#[derive(Debug)]
pub(crate) struct TransactionState {
    engine: Engine,
    /// Whether its server was chosen so that it can write, and it is to write.
    writes: bool,
    /// Whether its server is gone, or no longer writes: nothing of it was committed.
    broken: AtomicBool,
    /// Whether everything is rolled back, since a statement failed.
    failed: AtomicBool,
    /// Whether it lost against another transaction, so that it is worth another try.
    lost: AtomicBool,
    /// Whether nobody waited for the answer to a statement, which may have failed.
    unsure: AtomicBool,
    /// Whether a statement wrote rows that do not fit.
    spoiled: AtomicBool,
}

impl TransactionState {
    pub(crate) fn new(engine: Engine, writes: bool) -> Self {
        let [broken, failed, lost, unsure, spoiled] = [const { AtomicBool::new(false) }; 5];
        Self { engine, writes, broken, failed, lost, unsure, spoiled }
    }

    /// The meaning of the error of a statement in this transaction.
    pub(crate) fn judged(&self, error: Error) -> Error {
        if self.writes { error.of_writer() } else { error }
    }

    /// Takes in how a statement failed.
    pub(crate) fn note(&self, error: &Error) {
        let is_outage = self.engine == Engine::Postgres && error.is_outage();
        if is_outage || error.is_demoted() {
            self.broken.store(true, Ordering::Relaxed);
        } else if error.is_retryable() {
            self.lost.store(true, Ordering::Relaxed);
        }
        // SQLite takes back the statement alone; what is worse it tells itself.
        let everything = self.engine == Engine::Postgres && error.is_of_server();
        if everything || error.is_stopped() {
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    /// A statement wrote rows that do not fit, so that everything has to be rolled back.
    pub(crate) fn spoil(&self) {
        self.spoiled.store(true, Ordering::Relaxed);
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Whether a statement wrote rows that do not fit, of which the server does not know.
    pub(crate) fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::Relaxed)
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether everything is rolled back, since a statement failed.
    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether its server is gone, or no longer writes.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Whether a statement lost against another transaction.
    pub(crate) fn lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Whether a statement may have failed without anybody having been told.
    pub(crate) fn unsure(&self) -> bool {
        self.unsure.load(Ordering::Relaxed)
    }

    /// All that failed was rolled back, up to a savepoint from which it goes on.
    pub(crate) fn recovered(&self) {
        self.failed.store(false, Ordering::Relaxed);
        self.unsure.store(false, Ordering::Relaxed);
        self.spoiled.store(false, Ordering::Relaxed);
    }
}

/// A statement of a transaction that is under way, until somebody has read how it ended.
#[derive(Debug)]
pub(crate) struct Watch {
    state: Arc<TransactionState>,
    told: bool,
}

impl Watch {
    pub(crate) fn new(state: &Arc<TransactionState>) -> Self {
        Self { state: Arc::clone(state), told: false }
    }

    /// The meaning of the error of the statement in its transaction.
    #[cfg(feature = "postgres")]
    pub(crate) fn judged(&self, error: Error) -> Error {
        self.state.judged(error)
    }

    /// The statement is done.
    pub(crate) fn done(mut self) {
        self.told = true;
    }

    /// The statement failed. Where that is not the server's word, nobody knows what the server did.
    pub(crate) fn failed(mut self, error: &Error) {
        self.state.note(error);
        self.told = error.is_of_server();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.told {
            self.state.unsure.store(true, Ordering::Relaxed);
        }
    }
}
