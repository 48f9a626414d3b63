//! The progress of a runner on a terminal, and elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use relations::shape::migration::Progress;

/// Shows the progress beside the result: on a terminal in one line that changes, elsewhere a line a step.
pub(super) fn show(progress: &Progress<'_>) {
    let mut out = io::stderr();
    let is_terminal = out.is_terminal();
    let line = match progress {
        Progress::Waiting => "another runner applies migrations; waiting for it".to_owned(),
        Progress::Step { file, number, steps, comments } => {
            let comment = comments.first().map(|comment| format!(": {comment}"));
            format!("{file}: step {number} of {steps}{}", comment.unwrap_or_default())
        }
        Progress::Working { elapsed, phase, done } => {
            if !is_terminal {
                return;
            }
            let part = done.map(|done| format!(" {:.0} %", done * 100.0)).unwrap_or_default();
            let phase = phase.map(|phase| format!(", {phase}{part}")).unwrap_or_default();
            format!("  {}{phase}", told(*elapsed))
        }
        Progress::Retry { retry, pause, error } => {
            format!("  retry {retry} in {}: {error}", told(*pause))
        }
        _ => return,
    };
    let is_short_lived = matches!(progress, Progress::Working { .. });
    let _ = match (is_terminal, is_short_lived) {
        (true, true) => write!(out, "\r\x1b[K{line}"),
        (true, false) => writeln!(out, "\r\x1b[K{line}"),
        (false, _) => writeln!(out, "{line}"),
    };
    let _ = out.flush();
}

/// Clears the line that changes.
pub(super) fn clear_line(message: String) -> String {
    let mut out = io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K");
    }
    message
}

fn told(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}
