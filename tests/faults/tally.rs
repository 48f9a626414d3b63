//! The counters of a test, and its deadline.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The counters of a test. They are printed in one line when the test ends, also when it fails.
pub struct Tally {
    test: &'static str,
    begun: Instant,
    pub acknowledged: Count,
    pub lost: Count,
    pub injected: Count,
    pub retried: Count,
    pub hangs: Count,
}

/// A number that any task may raise.
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(formatter)
    }
}

impl Tally {
    /// Waits for one call, which may take that long and no longer.
    pub async fn within<T>(&self, limit: Duration, what: &str, call: impl Future<Output = T>) -> T {
        if let Ok(value) = tokio::time::timeout(limit, call).await {
            return value;
        }
        self.hangs.add(1);
        panic!("{}: {what} hangs, {limit:?} were enough", self.test);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let Self { test, begun, acknowledged, lost, injected, retried, hangs } = self;
        println!(
            "\nfaults: {test} acknowledged={acknowledged} lost={lost} injected={injected} \
             retried={retried} hangs={hangs} seconds={:.1}",
            begun.elapsed().as_secs_f64(),
        );
    }
}

/// Runs a test that counts, and has that many seconds.
pub async fn tried<W: AsyncFnOnce(Arc<Tally>)>(seconds: u64, work: W) {
    // As in `faults::killed::in_a_query::{{closure}}::{{closure}}`.
    let name = std::any::type_name::<W>();
    let test = name.split("::{{").next().unwrap_or(name).trim_start_matches("faults::");
    let tally = Arc::new(Tally {
        test,
        begun: Instant::now(),
        acknowledged: Count::default(),
        lost: Count::default(),
        injected: Count::default(),
        retried: Count::default(),
        hangs: Count::default(),
    });
    let work = work(Arc::clone(&tally));
    tally.within(Duration::from_secs(seconds), "the test", work).await;
    assert_eq!((tally.lost.get(), tally.hangs.get()), (0, 0), "{test}: lost writes, and hangs");
}
