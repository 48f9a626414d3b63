//! The cost of requests to generated routes beside the same endpoints written by hand with axum and tokio-postgres.
//!
//! `scripts/bench http` runs it beside a server of its own. Both routers are called in this process, without sockets,
//! in turn; what counts is the CPU time of this process. Both answer the same bytes before anything is measured.

// Entities are served as users write it: `|it| it.read()`.
#![allow(clippy::redundant_closure_for_method_calls)]

#[path = "../../tests/rest/hostile/generator.rs"]
mod generator;

#[path = "../../../benches/speed/counter.rs"]
mod counter;

mod data;
mod hand;
mod hostile;
mod instructions;
mod measure;
mod memory;

use axum::Router;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

/// A request that both routers answer.
struct Workload {
    title: &'static str,
    /// The path, in which `#` stands for a number that differs from call to call.
    uri: &'static str,
    /// The range of that number.
    numbers: u64,
    accept: &'static str,
    /// The calls of a round.
    calls: u64,
    /// Whether the side by hand reads one snapshot, as the library does.
    in_snapshot: bool,
}

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";

const WORKLOADS: [Workload; 5] = [
    Workload {
        title: "`GET /orders/{id}/customer`",
        uri: "/orders/#/customer",
        numbers: data::ORDERS,
        accept: JSON,
        calls: 1_000,
        in_snapshot: false,
    },
    Workload {
        title: "`GET /orders?limit=20&include=customer,lines`",
        uri: "/orders?limit=20&include=customer,lines",
        numbers: 1,
        accept: JSON,
        calls: 200,
        in_snapshot: false,
    },
    Workload {
        title: "`GET /customers/{id}/orders`, ten orders",
        uri: "/customers/#/orders",
        numbers: data::CUSTOMERS,
        accept: JSON,
        calls: 1_000,
        in_snapshot: false,
    },
    Workload {
        title: "`GET /orders` as NDJSON, 100,000 orders",
        uri: "/orders",
        numbers: 1,
        accept: NDJSON,
        calls: 1,
        in_snapshot: false,
    },
    Workload {
        title: "`GET /orders?limit=20&include=customer,lines`, by hand in a snapshot too",
        uri: "/orders?limit=20&include=customer,lines",
        numbers: 1,
        accept: JSON,
        calls: 200,
        in_snapshot: true,
    },
];

/// The routers that are compared.
struct Sides {
    library: Router,
    hand: Router,
    hand_in_snapshot: Router,
}

impl Sides {
    async fn at(url: &str) -> Result<Self> {
        Ok(Self {
            library: data::library(url).await?,
            hand: hand::router(url, false)?,
            hand_in_snapshot: hand::router(url, true)?,
        })
    }

    /// The side by hand of a workload.
    fn hand(&self, workload: &Workload) -> &Router {
        if workload.in_snapshot { &self.hand_in_snapshot } else { &self.hand }
    }
}

// One thread for everything: its CPU time is that of the requests.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["memory", url, side] => return memory::print(url, side).await,
        [instructions::WORD, url, side, workload, times] => {
            return instructions::repeat(url, [side, workload, times]).await;
        }
        _ => {}
    }
    let Ok(server) = std::env::var("RELATIONS_TEST_POSTGRES") else {
        println!("run this as `scripts/bench http`");
        return Ok(());
    };
    let counts = words.iter().any(|word| word == "instructions");
    let rounds = if words.iter().any(|word| word == "quick") { 10 } else { 60 };
    data::with_database(&server, async |url| {
        if counts {
            return instructions::print(url);
        }
        let sides = Sides::at(url).await?;
        measure::print_heading(url, rounds).await?;
        for workload in &WORKLOADS {
            measure::print(&sides, workload, rounds).await?;
        }
        memory::compare(url)?;
        hostile::print(&sides.library).await
    })
    .await
}
