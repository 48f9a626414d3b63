//! A server among several, and whether it was there when it was tried last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_postgres::Config;

/// The time after which a server that was not there is tried once more.
const PAUSE: Duration = Duration::from_secs(3);

/// A server of a pool.
pub(crate) struct Host {
    pub(crate) config: Config,
    /// The moment at which it was tried in vain, unless it was there since.
    failed: Mutex<Option<Instant>>,
}

impl Host {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, failed: Mutex::default() }
    }

    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its last attempt succeeded, or none was made.
    pub(crate) fn is_well(&self) -> bool {
        self.failed().is_none()
    }

    /// Whether a failed server is due for a retry: `true` for one caller, which retries it.
    pub(crate) fn is_due(&self) -> bool {
        let mut failed = self.failed();
        let due = failed.is_some_and(|at| at.elapsed() >= PAUSE);
        if due {
            *failed = Some(Instant::now());
        }
        due
    }

    /// Begins an attempt, which has failed unless it [succeeds](Attempt::succeeded): also where its
    /// caller does not wait for it.
    pub(crate) fn attempt(&self) -> Attempt<'_> {
        Attempt { host: self, succeeded: false }
    }
}

/// An attempt to connect to a server.
pub(crate) struct Attempt<'host> {
    host: &'host Host,
    succeeded: bool,
}

impl Attempt<'_> {
    pub(crate) fn succeeded(mut self) {
        self.succeeded = true;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        *self.host.failed() = (!self.succeeded).then(Instant::now);
    }
}
