//! Options of an application, and what it tells of its progress.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;

/// A function that is told of the progress.
type Tell = dyn Fn(&Progress<'_>) + Send + Sync;

/// Options of [`Migrations::apply_with`](super::Migrations::apply_with).
#[derive(Clone)]
#[must_use]
pub struct ApplyOptions {
    pub(super) to: Option<String>,
    pub(super) lock_timeout: Duration,
    pub(super) retries: u32,
    progress: Option<Arc<Tell>>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ApplyOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApplyOptions")
            .field("to", &self.to)
            .field("lock_timeout", &self.lock_timeout)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

impl ApplyOptions {
    /// All files, with locks of two seconds at most and five retries.
    pub fn new() -> Self {
        Self { to: None, lock_timeout: Duration::from_secs(2), retries: 5, progress: None }
    }

    /// Sets the last file to be applied, by its name or the beginning of it.
    pub fn to(mut self, name: impl Into<String>) -> Self {
        self.to = Some(name.into());
        self
    }

    /// Sets the longest time that a transaction waits for a lock on PostgreSQL. Keep it short: other
    /// queries wait behind it meanwhile.
    pub fn lock_timeout(mut self, time: Duration) -> Self {
        self.lock_timeout = time;
        self
    }

    /// Sets how often a step that gets no lock in time is retried, after growing pauses.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets a callback for the progress.
    pub fn progress(mut self, tell: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }

    /// Whether somebody is told of the progress.
    #[cfg(feature = "postgres")]
    pub(super) fn is_told(&self) -> bool {
        self.progress.is_some()
    }

    pub(super) fn tell(&self, progress: &Progress<'_>) {
        if let Some(tell) = &self.progress {
            tell(progress);
        }
    }
}

/// The progress of an application.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another runner applies migrations to the database.
    Waiting,
    /// A step begins.
    Step {
        /// The file.
        file: &'a str,
        /// The number of the step, from 1 on.
        number: usize,
        /// The number of steps of the file.
        steps: usize,
        /// The comments in front of it.
        comments: &'a [String],
    },
    /// A step is running; reported each second.
    Working {
        /// The time since it began.
        elapsed: Duration,
        /// The phase of an index that is built, as PostgreSQL tells it.
        phase: Option<&'a str>,
        /// The part of the phase that is done, from 0 to 1.
        done: Option<f64>,
    },
    /// A step got no lock in time, or had a serialization failure, and is retried.
    Retry {
        /// The number of the retry, from 1 on.
        retry: u32,
        /// The pause before it.
        pause: Duration,
        /// The error.
        error: &'a Error,
    },
}
