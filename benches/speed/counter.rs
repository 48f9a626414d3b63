//! Programs that count the instructions of a process.

use std::fmt;
use std::process::{Command, Stdio};

use crate::Result;

/// The program that counts the instructions of a process.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Callgrind,
    Perf,
}

impl Counter {
    /// One that this machine has.
    pub(crate) fn find() -> Option<Self> {
        let works = |counter: &Self| counter.count(&["true".to_owned()]).is_ok();
        [Self::Callgrind, Self::Perf].into_iter().find(works)
    }

    /// The instructions of a command, from its start to its end.
    pub(crate) fn count(self, command: &[String]) -> Result<u64> {
        let counter: &[&str] = match self {
            Self::Callgrind => &["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"],
            Self::Perf => &["perf", "stat", "-x,", "-e", "instructions:u"],
        };
        let [program, arguments @ ..] = counter else { return Err("no counter".into()) };
        let output = Command::new(program)
            .args(arguments)
            .args(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        let found = told.lines().find_map(|line| match self {
            Self::Callgrind => line.split_once("Collected : ")?.1.trim().parse().ok(),
            Self::Perf => line.split_once(',')?.0.parse().ok(),
        });
        match found {
            Some(instructions) if output.status.success() => Ok(instructions),
            _ => Err(format!("{program} counted nothing:\n{told}").into()),
        }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Callgrind => "valgrind's callgrind",
            Self::Perf => "`perf stat`",
        })
    }
}
