//! The time to refuse hostile filters.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use tower::ServiceExt;

use crate::Result;
use crate::generator::{Random, filter};
use crate::measure::in_words;

const FILTERS: u32 = 1_000;

/// Prints the time of the slowest of many hostile filters, and that of the largest body that is read.
pub(crate) async fn print(router: &Router) -> Result<()> {
    let mut random = Random(7);
    let (mut slowest, mut total) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..FILTERS {
        let took = refuse(router, filter(&mut random)).await?;
        slowest = slowest.max(took);
        total += took;
    }
    let deep = format!("{{\"where\": {}1{}}}", "{\"not\": ".repeat(2_000), "}".repeat(2_000));
    let wide: Vec<String> = (0..1_200).map(|at| format!("{{\"nope{at}\": 1}}")).collect();
    let wide = format!("{{\"where\": {{\"or\": [{}]}}}}", wide.join(","));
    let huge = format!("{{\"where\": {{\"note\": \"{}\"}}}}", "x".repeat(1 << 20));
    for filter in [deep, wide, huge] {
        slowest = slowest.max(refuse(router, filter).await?);
    }
    println!(
        "\nOf {FILTERS} hostile filters each is refused in {} on average, and in {} at most.",
        in_words(total.as_secs_f64() / f64::from(FILTERS)),
        in_words(slowest.as_secs_f64()),
    );
    Ok(())
}

/// The time in which a filter is refused.
async fn refuse(router: &Router, filter: String) -> Result<Duration> {
    let request = Request::post("/orders/query").header(CONTENT_TYPE, crate::JSON);
    let request = request.body(Body::from(filter.clone()))?;
    let start = Instant::now();
    let response = router.clone().oneshot(request).await?;
    let took = start.elapsed();
    if !response.status().is_client_error() {
        return Err(format!("{filter} was answered by {}", response.status()).into());
    }
    Ok(took)
}
