//! The number of instructions that a call takes in the client, if the machine can count them.

use crate::Result;
use crate::counter::Counter;
use crate::workload::{By, Workload};

/// The arguments of a process whose instructions are counted: one side of a workload, a number of
/// calls, and a database that exists.
pub(crate) struct Repeat {
    pub(crate) url: String,
    pub(crate) workload: String,
    pub(crate) side: usize,
    pub(crate) times: usize,
}

impl Repeat {
    const WORD: &str = "repeat";

    /// Reads the arguments, if a command line has them.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        arguments.next().filter(|word| word == Self::WORD)?;
        let (url, workload) = (arguments.next()?, arguments.next()?);
        let side = arguments.next()?.parse().ok()?;
        Some(Self { url, workload, side, times: arguments.next()?.parse().ok()? })
    }

    fn command(&self) -> Result<Vec<String>> {
        let program = std::env::current_exe()?.to_string_lossy().into_owned();
        let Self { url, workload, side, times } = self;
        let (side, times) = (side.to_string(), times.to_string());
        Ok(vec![program, Self::WORD.to_owned(), url.clone(), workload.clone(), side, times])
    }

    pub(crate) async fn run<G: Clone, T>(&self, workload: &Workload<'_, G, T>) -> Result<()> {
        let side = workload.sides.get(self.side).ok_or("there is no such side")?;
        for given in workload.given.iter().cycle().take(self.times) {
            std::hint::black_box(side.call.call(given.clone()).await?);
        }
        Ok(())
    }
}

/// Counts each side of a workload by the difference of two lengths, so that what both begin and end
/// with falls out, and prints a line for each pair of the same title.
pub(crate) async fn print<G: Clone, T: PartialEq>(
    counter: Counter,
    url: &str,
    workload: &Workload<'_, G, T>,
) -> Result<()> {
    workload.agrees().await?;
    // Of many rows fewer calls are as steady.
    let rows = usize::try_from(workload.rows)?;
    let few = (200 / rows).clamp(4, 200);
    let many = few * 7 / 2;
    let mut sides = Vec::new();
    for (number, side) in workload.sides.iter().enumerate() {
        let count = |times| {
            let (url, workload) = (url.to_owned(), workload.name.clone());
            counter.count(&Repeat { url, workload, side: number, times }.command()?)
        };
        let instructions = count(many)?.saturating_sub(count(few)?);
        sides.push((side, instructions / u64::try_from(many - few)?));
    }
    for (side, library) in sides.iter().filter(|(side, _)| side.by == By::Library) {
        let hands = || sides.iter().filter(|(other, _)| other.by == By::Hand);
        let same = hands().find(|(other, _)| other.title == side.title);
        let fewest = hands().min_by_key(|(_, instructions)| *instructions);
        if let Some((other, hand)) = same.or(fewest) {
            println!(
                "| {} | {} | {library} | {}, {hand} | {:.3} |",
                workload.title,
                side.title,
                other.title,
                in_millions(*library) / in_millions(*hand),
            );
        }
    }
    Ok(())
}

pub(crate) fn print_heading(counter: Counter) {
    println!("<!-- instructions -->\n\nThe client's own instructions of a call, by {counter}.\n");
    println!("| work | how | library | by hand | ratio |");
    println!("|---|---|---:|---|---:|");
}

fn in_millions(instructions: u64) -> f64 {
    u32::try_from(instructions).map_or(f64::NAN, |instructions| f64::from(instructions) / 1e6)
}
