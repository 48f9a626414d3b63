//! Sides of one case, timed in turn and compared.

use std::error::Error;
use std::fmt::Debug;
use std::hint::black_box;
use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;
use stats_alloc::Region;

use crate::ALLOCATOR;
use crate::harness::{Result, quartiles};

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    rounds: usize,
    /// How long each side works in a round.
    turn: Duration,
}

impl Effort {
    pub(crate) const FULL: Self = Self { rounds: 100, turn: Duration::from_millis(10) };
    pub(crate) const QUICK: Self = Self { rounds: 20, turn: Duration::from_millis(3) };
}

/// What one call took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    time: Duration,
    allocations: usize,
}

/// A call that one side makes.
pub(crate) trait Call<T> {
    fn call(&self) -> LocalBoxFuture<'_, Result<(T, Cost)>>;
}

impl<T, E, F> Call<T> for F
where
    E: Into<Box<dyn Error>>,
    F: AsyncFn() -> std::result::Result<T, E>,
{
    fn call(&self) -> LocalBoxFuture<'_, Result<(T, Cost)>> {
        Box::pin(async move {
            let region = Region::new(ALLOCATOR);
            let start = Instant::now();
            let value = self().await.map_err(Into::into)?;
            let time = start.elapsed();
            let change = region.change();
            Ok((value, Cost { time, allocations: change.allocations + change.reallocations }))
        })
    }
}

/// What one side took.
struct Costs {
    /// The mean of a call, for each round.
    times: Vec<f64>,
    /// The fewest of a call: now and then the pool or the runtime has something to do.
    allocations: usize,
}

impl Costs {
    fn median(&self) -> f64 {
        let [_, median, _] = quartiles(self.times.iter().copied());
        median
    }
}

/// A strategy, by the library and by hand.
struct Side<'a, T> {
    strategy: &'static str,
    library: Box<dyn Call<T> + 'a>,
    floor: Box<dyn Call<T> + 'a>,
}

/// The same work by all strategies that can do it.
pub(crate) struct Case<'a, T> {
    title: String,
    rows: u32,
    sides: Vec<Side<'a, T>>,
    default: Option<Box<dyn Call<T> + 'a>>,
}

impl<'a, T: Debug + PartialEq> Case<'a, T> {
    pub(crate) fn new(title: String, rows: u32) -> Self {
        Self { title, rows, sides: Vec::new(), default: None }
    }

    pub(crate) fn side<E: Into<Box<dyn Error>> + 'a>(
        mut self,
        strategy: &'static str,
        library: impl AsyncFn() -> std::result::Result<T, E> + 'a,
        floor: impl AsyncFn() -> Result<T> + 'a,
    ) -> Self {
        let (library, floor) = (Box::new(library), Box::new(floor));
        self.sides.push(Side { strategy, library, floor });
        self
    }

    /// What the library does where no strategy is asked for.
    pub(crate) fn default<E: Into<Box<dyn Error>> + 'a>(
        mut self,
        library: impl AsyncFn() -> std::result::Result<T, E> + 'a,
    ) -> Self {
        self.default = Some(Box::new(library));
        self
    }

    /// Sees that all sides give equal values, times them and prints their ratios.
    pub(crate) async fn run(self, effort: Effort) -> Result<()> {
        let pairs = self.sides.iter().flat_map(|side| [&*side.library, &*side.floor]);
        let calls: Vec<_> = pairs.chain(self.default.as_deref()).collect();
        agree(&calls).await?;
        let costs = interleaved(&calls, effort).await?;
        let (pairs, default) = costs.as_chunks::<2>();
        for (side, [library, floor]) in self.sides.iter().zip(pairs) {
            self.print(side.strategy, library, side.strategy, floor);
        }
        let floors = self.sides.iter().zip(pairs).map(|(side, [_, floor])| (side.strategy, floor));
        let best = floors.min_by(|(_, one), (_, other)| one.median().total_cmp(&other.median()));
        for (library, (strategy, floor)) in default.iter().zip(best) {
            self.print("default", library, strategy, floor);
        }
        Ok(())
    }

    fn print(&self, strategy: &str, library: &Costs, floor_strategy: &str, floor: &Costs) {
        let pairs = library.times.iter().zip(&floor.times);
        let [lower, median, upper] = quartiles(pairs.map(|(library, floor)| library / floor));
        println!(
            "| {} | {strategy} | {} | {} {floor_strategy} | {median:.3} | {lower:.3} | {upper:.3} \
             | {} | {} |",
            self.title,
            in_words(library.median()),
            in_words(floor.median()),
            self.each(library),
            self.each(floor),
        );
    }

    fn each(&self, costs: &Costs) -> String {
        let allocations = u32::try_from(costs.allocations).unwrap_or(u32::MAX);
        format!("{:.2}", f64::from(allocations) / f64::from(self.rows))
    }
}

pub(crate) fn print_heading() {
    println!(
        "| load | strategy | time | floor | ratio, median | lower quartile | upper quartile \
         | allocations a row | floor's |"
    );
    println!("|---|---|---:|---|---:|---:|---:|---:|---:|");
}

pub(crate) fn in_words(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.1} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

/// The median times of calls that give equal values.
pub(crate) async fn medians<T: Debug + PartialEq>(
    calls: &[&dyn Call<T>],
    effort: Effort,
) -> Result<Vec<f64>> {
    agree(calls).await?;
    Ok(interleaved(calls, effort).await?.iter().map(Costs::median).collect())
}

async fn agree<T: Debug + PartialEq>(calls: &[&dyn Call<T>]) -> Result<()> {
    let mut first = None;
    for call in calls {
        let (value, _) = call.call().await?;
        match &first {
            None => first = Some(value),
            Some(first) => assert_eq!(*first, value),
        }
    }
    Ok(())
}

/// Times the sides in turn. Who is first changes with each round, and the first few are not counted:
/// the server plans a statement anew the first times.
async fn interleaved<T>(calls: &[&dyn Call<T>], effort: Effort) -> Result<Vec<Costs>> {
    const UNCOUNTED: usize = 4;
    let mut costs: Vec<Costs> =
        calls.iter().map(|_| Costs { times: Vec::new(), allocations: usize::MAX }).collect();
    for round in 0..effort.rounds + UNCOUNTED {
        for turn in 0..calls.len() {
            let side = (round + turn) % calls.len();
            let (Some(call), Some(costs)) = (calls.get(side), costs.get_mut(side)) else {
                continue;
            };
            let mut took = Duration::ZERO;
            let mut made = 0;
            while took < effort.turn || made < 2 {
                let (value, cost) = call.call().await?;
                black_box(value);
                took += cost.time;
                made += 1;
                costs.allocations = costs.allocations.min(cost.allocations);
            }
            if round >= UNCOUNTED {
                costs.times.push((took / made).as_secs_f64());
            }
        }
    }
    Ok(costs)
}
