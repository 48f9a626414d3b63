//! The CPU time of both sides, measured alternately.

use std::fs::read_to_string;
use std::hint::black_box;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::ACCEPT;
use futures_util::StreamExt;
use tower::ServiceExt;

use crate::{Result, Sides, Workload, data};

/// Rounds that are not counted, in which the server plans statements anew.
const UNCOUNTED: u64 = 3;

/// The seconds of CPU that this thread has used.
fn cpu() -> Result<f64> {
    let text = read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split_whitespace().next().ok_or("no time in schedstat")?;
    Ok(nanoseconds.parse::<f64>()? / 1e9)
}

pub(crate) fn request(uri: &str, accept: &str) -> Result<Request<Body>> {
    Ok(Request::get(uri).header(ACCEPT, accept).body(Body::empty())?)
}

impl Workload {
    fn uri(&self, number: u64) -> String {
        self.uri.replace('#', &number.to_string())
    }
}

/// The bytes of an answer, which has to be one of 200.
async fn answer(router: &Router, workload: &Workload, number: u64) -> Result<Vec<u8>> {
    let uri = workload.uri(number);
    let response = router.clone().oneshot(request(&uri, workload.accept)?).await?;
    if response.status() != 200 {
        return Err(format!("{uri} was answered by {}", response.status()).into());
    }
    let mut pieces = response.into_body().into_data_stream();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece?);
    }
    Ok(bytes)
}

/// Calls a router some times, and drops the pieces of its answers as they come.
pub(crate) async fn call(
    router: &Router,
    workload: &Workload,
    calls: u64,
    round: u64,
) -> Result<f64> {
    let start = cpu()?;
    for call in 0..calls {
        let number = 1 + (round * calls + call) * 7_907 % workload.numbers;
        let request = request(&workload.uri(number), workload.accept)?;
        let response = router.clone().oneshot(request).await?;
        let mut pieces = response.into_body().into_data_stream();
        while let Some(piece) = pieces.next().await {
            black_box(piece?);
        }
    }
    Ok((cpu()? - start) / f64::from(u32::try_from(calls)?))
}

pub(crate) async fn print_heading(url: &str, rounds: u64) -> Result<()> {
    let server = data::client(url).await?.query_one("SHOW server_version", &[]).await?;
    let server: &str = server.try_get(0)?;
    println!(
        "<!-- http -->\n\nPostgreSQL {server}; {rounds} rounds; CPU time of the serving process.\n"
    );
    println!("| request | generated | by hand | ratio | quartiles |");
    println!("|---|---:|---:|---:|---:|");
    Ok(())
}

/// Measures both sides in turn, and prints a line of the table.
pub(crate) async fn print(sides: &Sides, workload: &Workload, rounds: u64) -> Result<()> {
    for number in [1, workload.numbers / 2 + 1] {
        let number = number.min(workload.numbers);
        let (library, hand) = (
            answer(&sides.library, workload, number).await?,
            answer(sides.hand(workload), workload, number).await?,
        );
        if library != hand {
            let texts = [&library, &hand].map(|bytes| {
                String::from_utf8_lossy(bytes.get(..300).unwrap_or(bytes)).into_owned()
            });
            return Err(format!("{} differs: {texts:?}", workload.uri).into());
        }
    }
    let (mut library, mut hand) = (Vec::new(), Vec::new());
    let calls = workload.calls;
    for round in 0..UNCOUNTED + rounds {
        let (one, other) = if round % 2 == 0 {
            let one = call(&sides.library, workload, calls, round).await?;
            (one, call(sides.hand(workload), workload, calls, round).await?)
        } else {
            let other = call(sides.hand(workload), workload, calls, round).await?;
            (call(&sides.library, workload, calls, round).await?, other)
        };
        if round >= UNCOUNTED {
            library.push(one);
            hand.push(other);
        }
    }
    let ratios: Vec<f64> = library.iter().zip(&hand).map(|(one, other)| one / other).collect();
    let ([_, library, _], [_, hand, _]) = (quartiles(library), quartiles(hand));
    let [lower, _, upper] = quartiles(ratios);
    println!(
        "| {} | {} | {} | {:.3} | {lower:.3} to {upper:.3} |",
        workload.title,
        in_words(library),
        in_words(hand),
        library / hand,
    );
    Ok(())
}

/// The lower quartile, the median and the upper quartile.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(values.len() * quarter / 4).copied().unwrap_or(f64::NAN))
}

pub(crate) fn in_words(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.1} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}
