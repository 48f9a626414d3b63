//! Waiting for others who use the same file.
//!
//! SQLite's own way to wait looks less and less often whether the file is free, at last ten times a
//! second. Where many write, a later one looks more often and is faster, so that some would
//! wait until their time-out. Here all look equally often, however long they have waited.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rusqlite::Connection;

thread_local! {
    /// Until when what this thread runs may wait; none is for ever.
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Lets a connection wait for others, as long as its thread may.
pub(crate) fn heed(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(wait))
}

/// Lets what this thread runs from now on wait for so long.
pub(crate) fn wait_for(time: Duration) {
    UNTIL.set(Instant::now().checked_add(time));
}

/// Waits a moment, unless that was long enough.
fn wait(times: i32) -> bool {
    if UNTIL.get().is_some_and(|until| Instant::now() >= until) {
        return false;
    }
    // Not always as long, so that nobody comes too late each time in the same way.
    let milliseconds = 1 + u64::from(times.unsigned_abs() % 3);
    std::thread::sleep(Duration::from_millis(milliseconds));
    true
}
