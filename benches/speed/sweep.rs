//! The point at which one strategy becomes faster than another, by hand-written code alone.

use std::time::{Duration, Instant};

use crate::Result;
use crate::data::{CustomerAndOrders, LineAndOrder, OrderAndCustomer};
use crate::far::relay;
use crate::hand::{Pooled, Repeated};
use crate::measure::{Costs, Effort, quartiles};
use crate::report::{in_words, told};
use crate::server::{client, pool};
use crate::workload::Workload;

const COUNTS: [u32; 10] = [1, 10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// The delay of each direction, in microseconds.
const DISTANCES: [u64; 5] = [0, 25, 100, 250, 500];

pub(crate) async fn print(url: &str, effort: Effort) -> Result<()> {
    println!("<!-- sweep -->\n\n{}\n", told(url, effort).await?);
    let near = &Pooled::of(pool(url, 1)?);
    print_heading("server", &COUNTS.map(|count| count.to_string()));
    print_rows("orders and customers", COUNTS.map(|count| orders(near, count)), effort).await?;
    let workloads = COUNTS.map(|count| lines(near, count));
    print_rows("lines, orders and customers", workloads, effort).await?;
    print_rows("customers and orders", COUNTS.map(|count| customers(near, count)), effort).await?;
    println!();
    print_distances(url, effort).await
}

/// Measures servers that are farther and farther away.
async fn print_distances(url: &str, effort: Effort) -> Result<()> {
    let (mut names, mut servers) = (Vec::new(), Vec::new());
    for distance in DISTANCES {
        let url = match distance {
            0 => url.to_owned(),
            distance => relay(url, Duration::from_micros(distance))?,
        };
        names.push(in_words(round_trip(&url).await?));
        servers.push(Pooled::of(pool(&url, 1)?));
    }
    let servers = || servers.iter();
    print_heading("a round trip takes", &names);
    let workloads = servers().map(|server| orders(server, 100));
    print_rows("100 orders and customers", workloads, effort).await?;
    let workloads = servers().map(|server| lines(server, 1_000));
    print_rows("1000 lines, orders and customers", workloads, effort).await?;
    let workloads = servers().map(|server| customers(server, 100));
    print_rows("100 customers and orders", workloads, effort).await
}

fn print_heading(first: &str, columns: &[String]) {
    println!("| {first} | {} |", columns.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len()));
}

/// Measures workloads of the same sides, which are columns, and prints a row for each side.
async fn print_rows<'a, T: PartialEq>(
    title: &str,
    workloads: impl IntoIterator<Item = Workload<'a, (), T>>,
    effort: Effort,
) -> Result<()> {
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    for workload in workloads {
        let times = workload.measure(effort).await?;
        rows.resize_with(times.len(), Default::default);
        let columns = workload.sides.iter().zip(times.iter().map(Costs::median));
        for (row, (side, time)) in rows.iter_mut().zip(columns) {
            row.0 = side.title;
            row.1.push(in_words(time));
        }
    }
    for (strategy, times) in rows {
        println!("| {title}, {strategy} | {} |", times.join(" | "));
    }
    Ok(())
}

fn by_hand<'a, T: PartialEq>() -> Workload<'a, (), T> {
    Workload::new("sweep", "", vec![()])
}

fn orders(hand: &Pooled, count: u32) -> Workload<'_, (), Vec<OrderAndCustomer>> {
    let set = hand.orders_repeated(count, Repeated::Set);
    let array = hand.orders_repeated(count, Repeated::Array);
    by_hand()
        .hand("joined", async move |()| set.joined().await)
        .hand("batched", async move |()| set.batched().await)
        .hand("pipelined as a set", async move |()| set.pipelined().await)
        .hand("pipelined as an array", async move |()| array.pipelined().await)
}

fn lines(hand: &Pooled, count: u32) -> Workload<'_, (), Vec<LineAndOrder>> {
    let set = hand.lines_repeated(count, Repeated::Set);
    let array = hand.lines_repeated(count, Repeated::Array);
    by_hand()
        .hand("joined", async move |()| set.joined().await)
        .hand("batched", async move |()| set.batched().await)
        .hand("pipelined as a set", async move |()| set.pipelined().await)
        .hand("pipelined as an array", async move |()| array.pipelined().await)
}

fn customers(hand: &Pooled, count: u32) -> Workload<'_, (), Vec<CustomerAndOrders>> {
    let set = hand.customers_repeated(count, Repeated::Set);
    let array = hand.customers_repeated(count, Repeated::Array);
    by_hand()
        .hand("batched", async move |()| set.batched().await)
        .hand("pipelined as a set", async move |()| set.pipelined().await)
        .hand("pipelined as an array", async move |()| array.pipelined().await)
}

/// The time in which the server answers an empty request.
async fn round_trip(url: &str) -> Result<f64> {
    let client = client(url).await?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let start = Instant::now();
        client.batch_execute("").await?;
        times.push(start.elapsed().as_secs_f64());
    }
    let [_, median, _] = quartiles(times.into_iter());
    Ok(median)
}
