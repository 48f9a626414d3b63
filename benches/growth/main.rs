//! The growing cost of a query with more rows, and with more levels of includes.
//!
//! `scripts/bench growth` runs it beside a server of its own. It prints a table, and draws
//! `target/growth.svg`. By hand is one statement for each level, with the keys as an array.

mod chart;
mod hand;
mod relay;

use std::future::Future;
use std::time::{Duration, Instant};

use relations::prelude::*;
use relations::{ConnectOptions, Database, Executor};
use tokio_postgres::{Client, NoTls};

use chart::Chart;
use hand::Hand;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const ROWS: [i64; 6] = [1, 10, 100, 1_000, 10_000, 100_000];
const LEVELS: usize = 5;

/// A row of the lowest level belongs to one of the second, and so on, to the fifth.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "steps")]
struct Step {
    #[id]
    id: i64,
    title: String,
    #[belongs_to(Step, name = "parent")]
    parent_id: Option<i64>,
}

/// Numbers of the rows, up to the last level that was loaded: both sides have to bring the same.
trait Chain {
    fn sum(&self) -> i64;
}

impl Chain for Step {
    fn sum(&self) -> i64 {
        self.id
    }
}

impl<P: Chain> Chain for StepWith<Option<P>> {
    fn sum(&self) -> i64 {
        self.entity.id + self.parent.as_ref().map_or(0, P::sum)
    }
}

fn sum(rows: &[impl Chain]) -> i64 {
    rows.iter().map(Chain::sum).sum()
}

/// Ids have gaps, and the parents of neighbours are far from each other.
const TABLE: &str = "
    CREATE TABLE steps (id bigint PRIMARY KEY, title text NOT NULL, parent_id bigint REFERENCES steps (id));
    INSERT INTO steps
        SELECT (first + n) * 3, 'Step ' || n, (first + rows + 1 + n * 7919 % (rows / 5)) * 3
        FROM (VALUES (0, 100000), (100000, 20000), (120000, 4000), (124000, 800)) level (first, rows),
            generate_series(1, rows) n
        UNION ALL SELECT (124800 + n) * 3, 'Step ' || n, NULL FROM generate_series(1, 160) n;
    CREATE INDEX ON steps (parent_id);";

/// The first rows with their parents, and the parents of those.
async fn load(db: &impl Executor, rows: i64, levels: usize) -> Result<i64> {
    let steps = Step::find().filter(Step::ID.le(rows * 3)).order_by(Step::ID.asc());
    let two = || Step::PARENT;
    let three = || Step::PARENT.include(Step::PARENT);
    let four = || Step::PARENT.include(three());
    let five = || Step::PARENT.include(four());
    Ok(match levels {
        1 => sum(&steps.all(db).await?),
        2 => sum(&steps.include(two()).all(db).await?),
        3 => sum(&steps.include(three()).all(db).await?),
        4 => sum(&steps.include(four()).all(db).await?),
        _ => sum(&steps.include(five()).all(db).await?),
    })
}

/// The cost of one query.
struct Cost {
    rows: i64,
    levels: usize,
    seconds: f64,
    by_hand: f64,
    statements: usize,
    bytes: u64,
}

// One thread for client and connection alike: both sides do their work in the same place.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    const DATABASE: &str = "relations_growth";
    let Ok(server) = std::env::var("RELATIONS_TEST_POSTGRES") else {
        println!("run this as `scripts/bench growth`");
        return Ok(());
    };
    let admin = client(&server).await?;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE}")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    let (host, _) = server.rsplit_once('/').ok_or("the address names no database")?;
    let measured = measure(&format!("{host}/{DATABASE}")).await;
    admin.batch_execute(&format!("DROP DATABASE {DATABASE} WITH (FORCE)")).await?;
    let costs = measured?;
    print(&costs);
    std::fs::write("target/growth.svg", drawn(&costs))?;
    Ok(())
}

async fn client(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn connect(url: &str) -> Result<Database> {
    Ok(ConnectOptions::new(url).pool_size(1).high_latency(false).connect().await?)
}

async fn measure(url: &str) -> Result<Vec<Cost>> {
    let filling = client(url).await?;
    filling.batch_execute(TABLE).await?;
    filling.batch_execute("VACUUM ANALYZE steps").await?;
    let db = connect(url).await?;
    let hand = Hand::of(client(url).await?).await?;
    let relay = relay::counting(url).await?;
    let far = connect(&relay.url).await?;
    let mut costs = Vec::new();
    for rows in ROWS {
        for levels in 1..=LEVELS {
            let (library, own) = (load(&db, rows, levels).await?, hand.load(rows, levels).await?);
            if library != own {
                return Err(
                    format!("{rows} rows of {levels} levels: {library} is not {own}").into()
                );
            }
            let (seconds, by_hand) =
                alternately(|| load(&db, rows, levels), || hand.load(rows, levels)).await?;
            let counted = db.query_stats();
            load(&counted, rows, levels).await?;
            // Its statements are prepared before they are counted.
            load(&far, rows, levels).await?;
            let before = relay.bytes();
            load(&far, rows, levels).await?;
            let bytes = relay.bytes() - before;
            let statements = counted.statements();
            costs.push(Cost { rows, levels, seconds, by_hand, statements, bytes });
        }
    }
    Ok(costs)
}

/// The medians of both sides, which are called in turn.
async fn alternately<T, A: Future<Output = Result<T>>, B: Future<Output = Result<T>>>(
    one: impl Fn() -> A,
    other: impl Fn() -> B,
) -> Result<(f64, f64)> {
    const LEAST: usize = 7;
    const TURN: Duration = Duration::from_millis(600);
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while ones.len() < LEAST || start.elapsed() < TURN {
        ones.push(timed(one()).await?);
        others.push(timed(other()).await?);
    }
    Ok((median(ones), median(others)))
}

async fn timed<T>(call: impl Future<Output = Result<T>>) -> Result<f64> {
    let start = Instant::now();
    call.await?;
    Ok(start.elapsed().as_secs_f64())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn print(costs: &[Cost]) {
    println!("<!-- growth -->\n");
    println!("| rows | levels | library | by hand | ratio | statements | bytes |");
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    for Cost { rows, levels, seconds, by_hand, statements, bytes } in costs {
        let (own, hand) = (seconds * 1e3, by_hand * 1e3);
        let ratio = seconds / by_hand;
        println!(
            "| {rows} | {levels} | {own:.3} ms | {hand:.3} ms | {ratio:.2} | {statements} | {bytes} |"
        );
    }
}

/// A part of a cost that is drawn.
type Value = fn(&Cost) -> f64;

/// Time, bytes and statements over rows, a line for each number of levels.
fn drawn(costs: &[Cost]) -> String {
    let of = |levels: usize, value: Value| {
        let costs = costs.iter().filter(|cost| cost.levels == levels);
        #[allow(clippy::cast_precision_loss, reason = "a picture")]
        costs.map(|cost| (cost.rows as f64, value(cost))).collect::<Vec<_>>()
    };
    #[allow(clippy::cast_precision_loss, reason = "a picture")]
    let panels: [(&str, Value, Option<Value>); 3] = [
        (
            "milliseconds (dashed: by hand)",
            |cost| cost.seconds * 1e3,
            Some(|cost| cost.by_hand * 1e3),
        ),
        ("bytes", |cost| cost.bytes as f64, None),
        ("statements", |cost| cost.statements as f64, None),
    ];
    let charts = panels.map(|(title, value, dashed)| Chart {
        title,
        lines: (1..=LEVELS).map(|levels| of(levels, value)).collect(),
        dashed: dashed
            .into_iter()
            .flat_map(|value| (1..=LEVELS).map(move |levels| of(levels, value)))
            .collect(),
    });
    chart::svg("The cost of 1 to 100,000 rows with 1 to 5 levels", &charts)
}
