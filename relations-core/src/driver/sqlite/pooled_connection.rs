//! Connections that a pool lends, and how what they run is stopped.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use deadpool_sqlite::{Connection as Pooled, InteractError};
use rusqlite::{Connection, InterruptHandle};
use tokio::runtime::Handle;

use crate::driver::spawn::current_runtime;
use crate::driver::transaction::savepoint_gate::StatementPermit;
use crate::error::{Error, Kind, Result};

/// A connection that a pool has lent.
pub(crate) struct SqliteConnection {
    /// There until it leaves the pool.
    connection: Option<Pooled>,
    /// The longest time that a statement waits for others who use the same file.
    wait: Duration,
    /// The longest time of a statement.
    statement_timeout: Option<Duration>,
    shared: Arc<SharedConnection>,
    /// The runtime on which the connection is closed if its pool is gone.
    runtime: Handle,
}

/// The facts that a pooled connection shares with the threads that run its statements.
#[derive(Default)]
struct SharedConnection {
    /// Stops a running statement; set by the first one.
    interrupt: OnceLock<InterruptHandle>,
    /// Whether an earlier loan can have left nothing behind any more.
    is_reset: AtomicBool,
    /// Whether a transaction may be open.
    is_open: AtomicBool,
}

impl SharedConnection {
    fn interrupt(&self) {
        if let Some(interrupt) = self.interrupt.get() {
            interrupt.interrupt();
        }
    }
}

impl SqliteConnection {
    pub(crate) fn new(
        connection: Pooled,
        wait: Option<Duration>,
        statement_timeout: Option<Duration>,
        runtime: Handle,
    ) -> Self {
        // Nothing that only waits can be stopped.
        let wait = [wait, statement_timeout].into_iter().flatten().min().unwrap_or(Duration::MAX);
        let shared = Arc::default();
        Self { connection: Some(connection), wait, statement_timeout, shared, runtime }
    }

    /// Whether a transaction may be open.
    pub(crate) fn is_open(&self) -> bool {
        self.shared.is_open.load(Ordering::Acquire)
    }

    /// Leaves the pool and is closed; a running statement is stopped.
    pub(crate) fn give_up(&mut self) {
        self.shared.interrupt();
        let _inside = self.runtime.enter();
        drop(self.connection.take().map(Pooled::take));
    }

    /// Does something with the connection on a thread where it may block, as long as a statement may
    /// take. A statement whose caller was dropped is not begun. What is under way then is stopped too, unless it is
    /// within a transaction, all of which SQLite would take back.
    pub(crate) async fn interact<T: Send + 'static>(
        &self,
        within: crate::driver::sqlite::Within,
        place: Option<StatementPermit>,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        current_runtime()?;
        let Some(connection) = &self.connection else {
            return Err(Error::new(Kind::Connection("the connection is closed".to_owned())));
        };
        let stop = Stop {
            stage: Arc::new(Mutex::new(Stage::Waiting)),
            shared: Arc::clone(&self.shared),
            within,
        };
        let (stage, shared) = (Arc::clone(&stop.stage), Arc::clone(&self.shared));
        let wait = self.wait;
        if within != crate::driver::sqlite::Within::Nothing {
            self.shared.is_open.store(true, Ordering::Release);
        }
        let mut done = pin!(connection.interact(move |connection| {
            // A later caller waits for this connection.
            drop(place);
            crate::driver::sqlite::busy_handler::wait_for(wait);
            shared.interrupt.get_or_init(|| connection.get_interrupt_handle());
            if !enter(&stage, Stage::Running) {
                return Err(Error::new(Kind::Timeout));
            }
            let done = match shared.reset(connection) {
                Ok(()) => work(connection),
                Err(error) => Err(error),
            };
            enter(&stage, Stage::Over);
            shared.is_open.store(!connection.is_autocommit(), Ordering::Release);
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
        // A statement that ended at the last moment has succeeded.
        if late && done.is_err() { Err(Error::new(Kind::Timeout)) } else { done }
    }
}

impl SharedConnection {
    /// Rolls back a transaction of an earlier loan, before the first statement of this one.
    fn reset(&self, connection: &Connection) -> Result<()> {
        if !self.is_reset.swap(true, Ordering::Relaxed) && !connection.is_autocommit() {
            roll_back(connection)?;
        }
        Ok(())
    }
}

/// Rolls back the transaction of a connection.
fn roll_back(connection: &Connection) -> Result<()> {
    connection.execute_batch("ROLLBACK").map_err(|failure| {
        let kind = Kind::Connection(format!("cannot roll back what was abandoned: {failure}"));
        Error::new(kind).because(failure)
    })
}

/// A transaction that nobody has ended is rolled back on a thread of its own: the runtime may be
/// shutting down, and then runs no task any more. Until that is done the pool does not have the
/// connection, so no other waits for its locks longer than needed. Should there be no thread either,
/// the next loan rolls back before its first statement.
impl Drop for SqliteConnection {
    fn drop(&mut self) {
        // It may be dropped outside of a runtime, without which a connection cannot be closed.
        let _inside = self.runtime.enter();
        let Some(connection) = self.connection.take() else { return };
        if !self.shared.is_open.load(Ordering::Acquire) {
            return;
        }
        let (shared, runtime) = (Arc::clone(&self.shared), self.runtime.clone());
        let abandoned = move || {
            let _inside = runtime.enter();
            // Bound here, it is dropped while the runtime is entered, which closes it if its pool is gone.
            let connection = connection;
            shared.interrupt();
            let rolled_back = match connection.lock() {
                Ok(locked) if !locked.is_autocommit() => roll_back(&locked),
                // The pool does not lend one again with which a thread has panicked.
                Ok(_) | Err(_) => Ok(()),
            };
            if rolled_back.is_err() {
                drop(Pooled::take(connection));
            }
        };
        let _ = std::thread::Builder::new().name("relations-rollback".to_owned()).spawn(abandoned);
    }
}

/// The thread that runs a statement panicked or was cut short.
fn interrupted(failure: &InteractError) -> Error {
    Error::new(Kind::Connection(failure.to_string()))
}

/// The progress of a statement.
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

/// Stops a statement when its caller is dropped.
struct Stop {
    stage: Arc<Mutex<Stage>>,
    shared: Arc<SharedConnection>,
    within: crate::driver::sqlite::Within,
}

impl Stop {
    /// Stops it, so that it is never begun, or ends soon.
    fn now(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match *stage {
            Stage::Waiting => *stage = Stage::Stopped,
            // It is not over while the stage is held here, so nothing else is hit.
            Stage::Running => self.shared.interrupt(),
            Stage::Stopped | Stage::Over => {}
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if self.within == crate::driver::sqlite::Within::Nothing {
            self.now();
            return;
        }
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Waiting {
            *stage = Stage::Stopped;
        }
    }
}
