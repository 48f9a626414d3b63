//! Connections that a pool lends, and how what they run is stopped.

use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use deadpool_sqlite::{Connection as Pooled, InteractError};
use rusqlite::{Connection, InterruptHandle};

use super::super::transaction::Place;
use crate::error::{Error, Kind, Result};

/// A connection that a pool has lent.
pub(in crate::engine) struct Lent {
    /// There until it leaves the pool.
    connection: Option<Pooled>,
    /// How long a statement may wait for others who use the same file.
    wait: Duration,
    /// How long a statement may take.
    statement_timeout: Option<Duration>,
    /// Stops what the connection runs; there once it has run something.
    interrupt: Arc<OnceLock<InterruptHandle>>,
}

impl Lent {
    pub(in crate::engine) fn new(
        connection: Pooled,
        wait: Option<Duration>,
        statement_timeout: Option<Duration>,
    ) -> Self {
        // Nothing that only waits can be stopped.
        let wait = [wait, statement_timeout].into_iter().flatten().min().unwrap_or(Duration::MAX);
        let interrupt = Arc::default();
        Self { connection: Some(connection), wait, statement_timeout, interrupt }
    }

    /// Stops what is under way.
    pub(in crate::engine) fn interrupt(&self) {
        if let Some(interrupt) = self.interrupt.get() {
            interrupt.interrupt();
        }
    }

    /// Leaves the pool.
    pub(in crate::engine) fn close(&mut self) {
        drop(self.connection.take().map(Pooled::take));
    }

    /// Does something with the connection on a thread where it may block, as long as a statement may
    /// take. What nobody waits for is not begun. What is under way then is stopped too, unless it is
    /// within a transaction, all of which SQLite would take back.
    pub(super) async fn interact<T: Send + 'static>(
        &self,
        within: super::Within,
        place: Option<Place>,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Some(connection) = &self.connection else {
            return Err(Error::new(Kind::Connection("the connection is closed".to_owned())));
        };
        let stop = Stop {
            stage: Arc::new(Mutex::new(Stage::Waiting)),
            interrupt: Arc::clone(&self.interrupt),
            within,
        };
        let (stage, interrupt) = (Arc::clone(&stop.stage), Arc::clone(&self.interrupt));
        let wait = self.wait;
        let mut done = pin!(connection.interact(move |connection| {
            // Whoever comes later waits for this connection.
            drop(place);
            super::busy::wait_for(wait);
            interrupt.get_or_init(|| connection.get_interrupt_handle());
            if !enter(&stage, Stage::Running) {
                return Err(Error::new(Kind::Timeout));
            }
            let done = work(connection);
            enter(&stage, Stage::Over);
            done
        }));
        let Some(time) = self.statement_timeout else {
            return done.await.map_err(|failure| interrupted(&failure))?;
        };
        let in_time = tokio::time::timeout(time, &mut done).await;
        let late = in_time.is_err();
        let done = if let Ok(done) = in_time {
            done
        } else {
            stop.now();
            done.await
        };
        let done = done.map_err(|failure| interrupted(&failure))?;
        // What came to its end at the last moment is done.
        if late && done.is_err() { Err(Error::new(Kind::Timeout)) } else { done }
    }
}

/// The thread that runs a statement panicked or was cut short.
fn interrupted(failure: &InteractError) -> Error {
    Error::new(Kind::Connection(failure.to_string()))
}

/// How far a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
    Stopped,
    Over,
}

/// Goes on to a stage, unless the statement was stopped.
fn enter(stage: &Mutex<Stage>, next: Stage) -> bool {
    let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
    if *stage == Stage::Stopped {
        return false;
    }
    *stage = next;
    true
}

/// Stops a statement when nobody waits for it.
struct Stop {
    stage: Arc<Mutex<Stage>>,
    interrupt: Arc<OnceLock<InterruptHandle>>,
    within: super::Within,
}

impl Stop {
    /// Stops it, so that it is never begun, or ends soon.
    fn now(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match *stage {
            Stage::Waiting => *stage = Stage::Stopped,
            // It is not over while the stage is held here, so nothing else is hit.
            Stage::Running => {
                if let Some(interrupt) = self.interrupt.get() {
                    interrupt.interrupt();
                }
            }
            Stage::Stopped | Stage::Over => {}
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if self.within == super::Within::Nothing {
            self.now();
            return;
        }
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Waiting {
            *stage = Stage::Stopped;
        }
    }
}
