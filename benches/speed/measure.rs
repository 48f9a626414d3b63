//! The time of each side of a workload, measured alternately.

use std::hint::black_box;
use std::time::{Duration, Instant};

use stats_alloc::Region;

use crate::workload::Workload;
use crate::{ALLOCATOR, Result};

/// The length of a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// The time that the fastest side works in a round.
    pub(crate) turn: Duration,
}

impl Effort {
    pub(crate) const FULL: Self = Self { rounds: 100, turn: Duration::from_millis(10) };
    pub(crate) const QUICK: Self = Self { rounds: 20, turn: Duration::from_millis(3) };

    /// The number of calls of each side in a round.
    fn calls(self, fastest: Duration) -> usize {
        let calls = self.turn.as_nanos() / fastest.as_nanos().max(1);
        usize::try_from(calls).map_or(usize::MAX, |calls| calls.clamp(2, 1_000))
    }
}

/// The cost of one side.
pub(crate) struct Costs {
    /// The seconds of a call, as the mean of each round.
    pub(crate) times: Vec<f64>,
    /// The fewest of a call: now and then the pool or the runtime has something to do.
    pub(crate) allocations: usize,
    /// The fewest of a call.
    pub(crate) bytes: usize,
}

impl Costs {
    const NONE: Self = Self { times: Vec::new(), allocations: usize::MAX, bytes: usize::MAX };

    pub(crate) fn median(&self) -> f64 {
        let [_, median, _] = quartiles(self.times.iter().copied());
        median
    }
}

/// The lower quartile, the median and the upper quartile.
pub(crate) fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(values.len() * quarter / 4).copied().unwrap_or(f64::NAN))
}

impl<G: Clone, T: PartialEq> Workload<'_, G, T> {
    /// Sees that all sides agree, and measures them in turn; in the order of the sides.
    ///
    /// Each makes the same calls in each round, and who is first changes with the round. The first
    /// few rounds are not counted, in which the server plans statements anew; they tell how many
    /// calls make a round.
    pub(crate) async fn measure(&self, effort: Effort) -> Result<Vec<Costs>> {
        const UNCOUNTED: usize = 4;
        self.agrees().await?;
        let mut costs: Vec<Costs> = self.sides.iter().map(|_| Costs::NONE).collect();
        let mut turns: Vec<_> = self.sides.iter().zip(&mut costs).collect();
        let (mut calls, mut fastest) = (2, Duration::MAX);
        for round in 0..UNCOUNTED + effort.rounds {
            if round == UNCOUNTED {
                calls = effort.calls(fastest);
            }
            for (side, costs) in &mut turns {
                let given = self.given.iter().cycle().skip(round * calls % self.given.len());
                let mut took = Duration::ZERO;
                for given in given.take(calls) {
                    let call = side.call.call(given.clone());
                    let region = Region::new(ALLOCATOR);
                    let start = Instant::now();
                    let value = call.await?;
                    let time = start.elapsed();
                    let made = region.change();
                    black_box(value);
                    took += time;
                    fastest = fastest.min(time);
                    costs.allocations =
                        costs.allocations.min(made.allocations + made.reallocations);
                    costs.bytes = costs.bytes.min(made.bytes_allocated);
                }
                if round >= UNCOUNTED {
                    costs.times.push(took.as_secs_f64() / as_float(calls));
                }
            }
            turns.rotate_left(1);
        }
        Ok(costs)
    }
}

/// A number that is small enough to be told as a float.
pub(crate) fn as_float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
