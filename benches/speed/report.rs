//! The results, as tables in markdown.

use crate::Result;
use crate::measure::{Costs, Effort, as_float, quartiles};
use crate::server::client;
use crate::workload::{By, Workload};

/// The title of the side of the library that chooses a strategy by itself.
pub(crate) const THE_RULE: &str = "the rule";

/// The results of a workload.
pub(crate) struct Measured {
    title: String,
    rows: u32,
    countable: bool,
    sides: Vec<(By, &'static str, Costs)>,
}

/// A side of the library beside the one by hand that it is compared with.
struct Pair<'a> {
    title: &'static str,
    library: &'a Costs,
    hand_title: &'static str,
    hand: &'a Costs,
}

impl Pair<'_> {
    fn ratio(&self) -> f64 {
        self.library.median() / self.hand.median()
    }
}

impl Measured {
    pub(crate) fn of<G, T>(workload: &Workload<'_, G, T>, costs: Vec<Costs>) -> Self {
        let sides = workload.sides.iter().zip(costs);
        Self {
            title: workload.title.clone(),
            rows: workload.rows,
            countable: workload.countable,
            sides: sides.map(|(side, costs)| (side.by, side.title, costs)).collect(),
        }
    }

    fn pairs(&self) -> Vec<Pair<'_>> {
        let by = |wanted| self.sides.iter().filter(move |(by, ..)| *by == wanted);
        let fastest =
            by(By::Hand).min_by(|(.., one), (.., other)| one.median().total_cmp(&other.median()));
        let pairs = by(By::Library).filter_map(|(_, title, library)| {
            let same = by(By::Hand).find(|(_, hand, _)| hand == title);
            let (_, hand_title, hand) = same.or(fastest)?;
            Some(Pair { title, library, hand_title, hand })
        });
        pairs.collect()
    }

    /// The line of what the library does by itself, or else one for each of its sides.
    pub(crate) fn print(&self) {
        let mut pairs = self.pairs();
        if self.has_strategies() {
            pairs.retain(|pair| pair.title == THE_RULE);
        }
        for pair in pairs {
            let Pair { title, library, hand_title, hand } = pair;
            let rounds = library.times.iter().zip(&hand.times);
            let [lower, _, upper] = quartiles(rounds.map(|(library, hand)| library / hand));
            let [allocations, hand_allocations, bytes, hand_bytes] =
                [library.allocations, hand.allocations, library.bytes, hand.bytes]
                    .map(|number| self.a_row(number));
            println!(
                "| {} | {title} | {} | {hand_title}, {} | {:.3} | {lower:.3} to {upper:.3} \
                 | {allocations} | {hand_allocations} | {bytes} | {hand_bytes} |",
                self.title,
                in_words(library.median()),
                in_words(hand.median()),
                pair.ratio(),
            );
        }
    }

    fn a_row(&self, number: usize) -> String {
        if !self.countable {
            return String::new();
        }
        let each = as_float(number) / f64::from(self.rows);
        if self.rows == 1 { format!("{each:.0}") } else { format!("{each:.1}") }
    }

    fn has_strategies(&self) -> bool {
        self.sides.iter().any(|(_, title, _)| *title == THE_RULE)
    }

    /// The line of all strategies, if there are several.
    fn print_strategies(&self) {
        let pairs = self.pairs();
        let pair = |title| pairs.iter().find(|pair| pair.title == title);
        let cells = ["joined", "batched", "pipelined"].map(|title| {
            let pair = pair(title);
            pair.map_or_else(String::new, |pair| {
                format!("{}, {:.2}", in_words(pair.library.median()), pair.ratio())
            })
        });
        let rule = pair(THE_RULE).map_or_else(String::new, |pair| format!("{:.2}", pair.ratio()));
        println!("| {} | {} | {rule} |", self.title, cells.join(" | "));
    }
}

/// The machine and the versions that were measured, in a sentence.
pub(crate) async fn told(url: &str, effort: Effort) -> Result<String> {
    let server = client(url).await?.query_one("SHOW server_version", &[]).await?;
    let Effort { rounds, turn } = effort;
    let server: &str = server.try_get(0)?;
    Ok(format!("PostgreSQL {server}; {rounds} rounds, in each {turn:?} or more a side."))
}

pub(crate) fn print_heading(told: &str) {
    println!("<!-- speed -->\n\n{told}\n");
    println!(
        "| work | how | library | by hand | ratio | quartiles | allocations a row | by hand \
         | bytes a row | by hand |"
    );
    println!("|---|---|---:|---|---:|---:|---:|---:|---:|---:|");
}

/// The table of the strategies of all loads.
pub(crate) fn print_strategies(told: &str, measured: &[Measured]) {
    let loads: Vec<_> = measured.iter().filter(|one| one.has_strategies()).collect();
    if loads.is_empty() {
        return;
    }
    println!("\n<!-- strategies -->\n\n{told}\n");
    println!("| load | joined | batched | pipelined | the rule, to the fastest by hand |");
    println!("|---|---:|---:|---:|---:|");
    for load in loads {
        load.print_strategies();
    }
}

pub(crate) fn in_words(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.1} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

pub(crate) fn in_thousands(number: u32) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}
