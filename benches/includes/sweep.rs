//! Where one strategy becomes faster than another, by hand-written code alone.

use std::time::{Duration, Instant};

use crate::far::relay;
use crate::floor::{Floor, Repeated};
use crate::harness::{Result, client};
use crate::sides::{Effort, in_words, medians};

const COUNTS: [u32; 10] = [1, 10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// How much longer each way takes, in microseconds.
const DISTANCES: [u64; 5] = [0, 25, 100, 250, 500];

pub(crate) async fn print(url: &str, effort: Effort) -> Result<()> {
    let near = Floor::of(url)?;
    heading("server", &COUNTS.map(|count| count.to_string()));
    orders(&near, effort).await?;
    lines(&near, effort).await?;
    customers(&near, effort).await?;
    println!();
    distances(url, effort).await
}

fn heading(first: &str, columns: &[String]) {
    println!("| {first} | {} |", columns.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len()));
}

fn table(title: &str, strategies: &[&str], columns: &[Vec<f64>]) {
    for (at, strategy) in strategies.iter().enumerate() {
        let times = columns.iter().filter_map(|column| column.get(at));
        let times: Vec<_> = times.map(|time| in_words(*time)).collect();
        println!("| {title}, {strategy} | {} |", times.join(" | "));
    }
}

const TO_ONE: [&str; 4] = ["joined", "batched", "pipelined as a set", "pipelined as an array"];

async fn orders(floor: &Floor, effort: Effort) -> Result<()> {
    let mut columns = Vec::new();
    for count in COUNTS {
        let set = floor.orders_repeated(count, Repeated::Set);
        let array = floor.orders_repeated(count, Repeated::Array);
        columns.push(
            medians(
                &[
                    &async move || set.joined().await,
                    &async move || set.batched().await,
                    &async move || set.pipelined().await,
                    &async move || array.pipelined().await,
                ],
                effort,
            )
            .await?,
        );
    }
    table("orders and customers", &TO_ONE, &columns);
    Ok(())
}

async fn lines(floor: &Floor, effort: Effort) -> Result<()> {
    let mut columns = Vec::new();
    for count in COUNTS {
        let set = floor.lines_repeated(count, Repeated::Set);
        let array = floor.lines_repeated(count, Repeated::Array);
        columns.push(
            medians(
                &[
                    &async move || set.joined().await,
                    &async move || set.batched().await,
                    &async move || set.pipelined().await,
                    &async move || array.pipelined().await,
                ],
                effort,
            )
            .await?,
        );
    }
    table("lines, orders and customers", &TO_ONE, &columns);
    Ok(())
}

async fn customers(floor: &Floor, effort: Effort) -> Result<()> {
    let mut columns = Vec::new();
    for count in COUNTS {
        let set = floor.customers_repeated(count, Repeated::Set);
        let array = floor.customers_repeated(count, Repeated::Array);
        columns.push(
            medians(
                &[
                    &async move || set.batched().await,
                    &async move || set.pipelined().await,
                    &async move || array.pipelined().await,
                ],
                effort,
            )
            .await?,
        );
    }
    let [_, to_many @ ..] = TO_ONE;
    table("customers and orders", &to_many, &columns);
    Ok(())
}

/// The same for servers that are farther and farther away.
async fn distances(url: &str, effort: Effort) -> Result<()> {
    let mut names = Vec::new();
    let mut columns: [Vec<Vec<f64>>; 3] = [const { Vec::new() }; 3];
    for distance in DISTANCES {
        let url = match distance {
            0 => url.to_owned(),
            distance => relay(url, Duration::from_micros(distance))?,
        };
        names.push(in_words(round_trip(&url).await?));
        let floor = Floor::of(&url)?;
        let [orders_columns, lines_columns, customers_columns] = &mut columns;
        let orders = floor.orders(100);
        orders_columns.push(
            medians(
                &[
                    &async move || orders.joined().await,
                    &async move || orders.batched().await,
                    &async move || orders.pipelined().await,
                ],
                effort,
            )
            .await?,
        );
        let lines = floor.lines(1_000);
        lines_columns.push(
            medians(
                &[
                    &async move || lines.joined().await,
                    &async move || lines.batched().await,
                    &async move || lines.pipelined().await,
                ],
                effort,
            )
            .await?,
        );
        let customers = floor.customers(100);
        customers_columns.push(
            medians(
                &[&async move || customers.batched().await, &async move || {
                    customers.pipelined().await
                }],
                effort,
            )
            .await?,
        );
    }
    heading("a round trip takes", &names);
    let strategies = ["joined", "batched", "pipelined"];
    let [orders, lines, customers] = columns;
    table("100 orders and customers", &strategies, &orders);
    table("1000 lines, orders and customers", &strategies, &lines);
    table("100 customers and orders", &["batched", "pipelined"], &customers);
    Ok(())
}

/// How long the server takes to answer nothing.
async fn round_trip(url: &str) -> Result<f64> {
    let client = client(url).await?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let start = Instant::now();
        client.batch_execute("").await?;
        times.push(start.elapsed().as_secs_f64());
    }
    let [_, median, _] = crate::harness::quartiles(times.into_iter());
    Ok(median)
}
