//! The memory of an export, each side in a process of its own.

use std::fs::{read_to_string, write};
use std::process::Command;

use futures_util::StreamExt;
use tower::ServiceExt;

use crate::measure::request;
use crate::{NDJSON, Result, Sides};

/// A number of this process's status, in KiB.
fn status(name: &str) -> Result<u64> {
    let text = read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with(name)).ok_or("no such status")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// Prints the most KiB that an export takes beyond what the process takes before it.
pub(crate) async fn print(url: &str, side: &str) -> Result<()> {
    let sides = Sides::at(url).await?;
    let router = if side == "library" { sides.library } else { sides.hand };
    // Connects, and prepares statements.
    let first = router.clone().oneshot(request("/orders/1/customer", crate::JSON)?).await?;
    drop(first);
    let idle = status("VmRSS:")?;
    // Forgets the peak so far.
    write("/proc/self/clear_refs", "5")?;
    let mut pieces =
        router.oneshot(request("/orders", NDJSON)?).await?.into_body().into_data_stream();
    while let Some(piece) = pieces.next().await {
        piece?;
    }
    println!("{}", status("VmHWM:")?.saturating_sub(idle));
    Ok(())
}

/// Prints the memory of both sides.
pub(crate) fn compare(url: &str) -> Result<()> {
    let of = |side: &str| {
        let program = std::env::current_exe()?;
        let output = Command::new(program).args(["memory", url, side]).output()?;
        let text = String::from_utf8(output.stdout)?;
        Ok::<f64, crate::Error>(text.trim().parse::<f64>()? / 1024.0)
    };
    let (library, hand) = (of("library")?, of("hand")?);
    println!(
        "\nThe export takes {library:.1} MiB more than the process takes before it; by hand {hand:.1} MiB."
    );
    Ok(())
}
