//! The number of instructions that a request takes in this process, if the machine can count them.

use std::env::current_exe;

use crate::counter::Counter;
use crate::{Result, Sides, WORKLOADS, Workload, measure};

pub(crate) const WORD: &str = "repeat";

/// Answers the requests of a workload some times, by one side: what a counted process does.
pub(crate) async fn repeat(url: &str, [side, workload, times]: [&str; 3]) -> Result<()> {
    let sides = Sides::at(url).await?;
    let workload = WORKLOADS.get(workload.parse::<usize>()?).ok_or("there is no such workload")?;
    let router = if side == "library" { &sides.library } else { sides.hand(workload) };
    measure::call(router, workload, times.parse()?, 0).await?;
    Ok(())
}

/// Prints the instructions of both sides.
pub(crate) fn print(url: &str) -> Result<()> {
    let counter = Counter::find().ok_or("neither `valgrind` nor `perf stat` counts here")?;
    println!(
        "<!-- http instructions -->\n\nInstructions of the serving process for a request, by {counter}.\n"
    );
    println!("| request | generated | by hand | ratio |");
    println!("|---|---:|---:|---:|");
    for (number, Workload { title, calls, .. }) in WORKLOADS.iter().enumerate() {
        let library = of_request(counter, url, ("library", number), *calls)?;
        let hand = of_request(counter, url, ("hand", number), *calls)?;
        println!("| {title} | {library:.0} | {hand:.0} | {:.3} |", library / hand);
    }
    Ok(())
}

/// The instructions of one request, by the difference of two lengths, so that what both begin and end with falls out.
fn of_request(
    counter: Counter,
    url: &str,
    (side, workload): (&str, usize),
    calls: u64,
) -> Result<f64> {
    let program = current_exe()?.to_string_lossy().into_owned();
    let count = |times: u64| {
        let arguments = [&program, WORD, url, side, &workload.to_string(), &times.to_string()];
        counter.count(&arguments.map(str::to_owned))
    };
    let (few, many) = (calls.div_ceil(5), calls + 1);
    let more = count(many)?.saturating_sub(count(few)?);
    Ok(u32::try_from(more).map(f64::from)? / u32::try_from(many - few).map(f64::from)?)
}
