//! The cost of calls through `relations` beside calls written by hand on tokio-postgres.
//!
//! `scripts/bench` runs it beside a server of its own; docs/performance.md says how to read what it
//! prints. It makes a database on the server of `RELATIONS_TEST_POSTGRES`, sees that all sides of a
//! workload give equal values, measures them in turn, and prints the ratios as a markdown table.
//!
//! A workload is a function in `workloads/`, which is named there in a list; all else follows.

mod counter;
mod data;
mod far;
mod forum;
mod hand;
mod instructions;
mod measure;
mod report;
mod server;
mod sweep;
mod workload;
mod workloads;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use counter::Counter;
use instructions::Repeat;
use measure::Effort;
use report::Measured;
use workload::Workload;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

/// The action for each workload.
enum Task {
    Measure(Effort),
    Count(Counter),
    Repeat(Repeat),
    List,
}

/// The request, and the results so far.
struct Bench {
    task: Task,
    /// The names of workloads and of their groups; all if there are none.
    names: Vec<String>,
    url: String,
    measured: Vec<Measured>,
    /// The names that no workload has answered to yet.
    unknown: Vec<String>,
}

impl Bench {
    fn new(task: Task, names: Vec<String>, url: String) -> Self {
        Self { task, unknown: names.clone(), names, url, measured: Vec::new() }
    }

    /// Whether a workload is asked for, by its name, by that of its group, or by both.
    fn wants(&mut self, name: &str) -> bool {
        let answers_to =
            |wanted: &String| wanted == name || name.split('/').any(|part| part == wanted);
        self.unknown.retain(|wanted| !answers_to(wanted));
        self.names.is_empty() || self.names.iter().any(answers_to)
    }

    /// Whether a group is asked for by its name, which is run at no other time: both of its sides are the
    /// library's.
    fn asks_for(&mut self, group: &str) -> bool {
        let is_listed = matches!(self.task, Task::List);
        is_listed || self.names.iter().any(|name| name.split('/').any(|part| part == group))
    }

    /// Whether instructions are counted.
    fn counts(&self) -> bool {
        matches!(self.task, Task::Count(_) | Task::Repeat(_))
    }

    /// Does with a workload what was asked for.
    async fn run<G: Clone, T: PartialEq>(&mut self, workload: Workload<'_, G, T>) -> Result<()> {
        if !self.wants(&workload.name) {
            return Ok(());
        }
        match &self.task {
            Task::Measure(effort) => {
                let costs = workload.measure(*effort).await?;
                let measured = Measured::of(&workload, costs);
                measured.print();
                self.measured.push(measured);
            }
            Task::Count(counter) => instructions::print(*counter, &self.url, &workload).await?,
            Task::Repeat(repeat) => repeat.run(&workload).await?,
            Task::List => println!("{:<40} {}", workload.name, workload.title),
        }
        Ok(())
    }

    /// All workloads, on a database that is there.
    async fn run_all(&mut self) -> Result<()> {
        match self.task {
            Task::Measure(effort) => report::print_heading(&report::told(&self.url, effort).await?),
            Task::Count(counter) => instructions::print_heading(counter),
            Task::Repeat(_) | Task::List => {}
        }
        workloads::run(self).await?;
        if let Task::Measure(effort) = self.task {
            report::print_strategies(&report::told(&self.url, effort).await?, &self.measured);
        }
        if self.unknown.is_empty() {
            return Ok(());
        }
        let unknown = self.unknown.join(", ");
        Err(format!("there is no workload by the name of {unknown}; see `list`").into())
    }
}

/// The commands beside workloads.
const WORDS: [&str; 4] = ["quick", "instructions", "sweep", "list"];

// One thread for client and connection alike: all sides do their work in the same place.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let arguments = || std::env::args().skip(1).filter(|argument| argument != "--bench");
    if let Some(repeat) = Repeat::read(arguments()) {
        let (url, name) = (repeat.url.clone(), repeat.workload.clone());
        return Bench::new(Task::Repeat(repeat), vec![name], url).run_all().await;
    }
    let Ok(server) = std::env::var("RELATIONS_TEST_POSTGRES") else {
        println!("run this as `scripts/bench`");
        return Ok(());
    };
    let (words, names): (Vec<_>, Vec<_>) =
        arguments().partition(|argument| WORDS.contains(&argument.as_str()));
    let asked = |word: &str| words.iter().any(|asked| asked == word);
    let effort = if asked("quick") { Effort::QUICK } else { Effort::FULL };
    server::with_database(&server, async |url: &str| {
        if asked("sweep") {
            return sweep::print(url, effort).await;
        }
        let task = if asked("list") {
            Task::List
        } else if asked("instructions") {
            let counter = Counter::find();
            Task::Count(counter.ok_or("there is neither valgrind nor a `perf stat` that counts")?)
        } else {
            Task::Measure(effort)
        };
        Bench::new(task, names, url.to_owned()).run_all().await
    })
    .await
}
