//! Servers that break the protocol: each ends by a typed error, in time, without a panic, and without
//! much memory before it has let the client in.
//!
//! Each server is met by a process of its own, so that a stack that overflows fails one of them, and
//! memory is measured.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ::relations::{ConnectOptions, Database, Result, sql};

use crate::behaviours::{Behaviour, table};
use crate::fake_server::{FakeServer, Moment, Reply, message};
use crate::tally::tried;

/// The time that a connection, and then a statement, may take.
const LIMIT: Duration = Duration::from_millis(700);

/// The time that a call may take beyond that, on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

/// Memory that a server may cost that has not let the client in.
const MEGABYTES: u64 = 64;

/// The address that a process of this test is to connect to.
const ADDRESS: &str = "RELATIONS_FAKE_SERVER";

/// A destructor polls a connection outside of a task, where tokio counts no reads.
#[test]
fn a_destructor_ends_while_the_server_sends_without_end() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().unwrap()
    };
    let (servers, clients) = (runtime(), runtime());
    // It sends faster than they can be read.
    let endless = Reply::Endless(message(b'd', b"1\n").repeat(10_000));
    let server = servers.block_on(FakeServer::start(vec![(Moment::Asked(b'E'), endless)]));
    let transaction = clients.block_on(async {
        let options = ConnectOptions::new(server.url("?sslmode=prefer")).pool_size(1);
        let db = options.connect_timeout(LIMIT).statement_timeout(LIMIT).connect().await.unwrap();
        let transaction = db.begin().await.unwrap();
        let asked: Result<i32> = sql("SELECT 1 AS n", ()).one(&transaction).await;
        assert!(asked.is_err());
        transaction
    });
    let (ended, has_ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(transaction);
        ended.send(())
    });
    assert!(has_ended.recv_timeout(LIMIT + SLACK).is_ok(), "the destructor hangs");
    clients.shutdown_background();
    servers.shutdown_background();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_server_is_survived() {
    if let Ok(url) = std::env::var(ADDRESS) {
        return meet(&url).await;
    }
    let behaviours = table();
    assert!(behaviours.len() >= 40, "{} behaviours", behaviours.len());
    tried(150, async |tally| {
        let mut most = 0;
        for some in behaviours.chunks(4) {
            let met = some.iter().map(|behaviour| async move {
                let server =
                    FakeServer::start(vec![(behaviour.moment, behaviour.reply.clone())]).await;
                (behaviour, process(&server.url("?sslmode=prefer")).await)
            });
            for (behaviour, said) in futures_util::future::join_all(met).await {
                tally.injected.add(1);
                most = most.max(judge(behaviour, &said));
            }
        }
        println!("\n{} behaviours, at most {most} kB before login", behaviours.len());
    })
    .await;
}

/// Runs this test in a process of its own that connects to a server.
async fn process(url: &str) -> String {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", "hostile::each_server_is_survived", "--nocapture"]);
    process.env(ADDRESS, url).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || process.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{url}: {:?}\n{said}\n{failed}", output.status);
    said
}

/// Checks the report of a process, and tells the memory that a server took before it let the client in.
fn judge(behaviour: &Behaviour, said: &str) -> u64 {
    let name = behaviour.name;
    let report = said.lines().filter_map(|line| line.split_once("met: "));
    let report: Vec<&str> = report.map(|(_, report)| report).collect();
    assert_eq!(report.len(), 2, "{name}: {said}");
    let mut most = 0;
    for line in report {
        println!("{name}: {line}");
        let mut words = line.split(' ');
        let (outcome, memory) = (words.next().unwrap(), words.next().unwrap());
        assert_eq!(outcome == "ok", behaviour.is_harmless, "{name}: {line}");
        if behaviour.is_before_login() {
            let kilobytes: u64 = memory.parse().unwrap();
            assert!(kilobytes < MEGABYTES * 1024, "{name} took {kilobytes} kB");
            most = most.max(kilobytes);
        }
    }
    most
}

/// Connects and asks once with prepared statements and once without, and reports how it went.
async fn meet(url: &str) {
    for unnamed in [false, true] {
        let before = peak();
        let begun = Instant::now();
        let met = tokio::time::timeout((LIMIT + SLACK) * 2, connect_and_ask(url, unnamed)).await;
        let met = met.unwrap_or_else(|_| panic!("it hangs after {:?}", begun.elapsed()));
        let kind = match &met {
            Ok(()) => "ok".to_owned(),
            Err(error) if error.is_connection() => "connection".to_owned(),
            Err(error) if error.is_timeout() => "timeout".to_owned(),
            Err(error) if error.is_row_mismatch() => "row_mismatch".to_owned(),
            Err(_) => "another".to_owned(),
        };
        let text = met.map_or_else(|error| error.to_string(), |()| String::new());
        let text = text.replace('\n', " ");
        println!("met: {kind} {} in {:?}: {text}", peak() - before, begun.elapsed());
    }
}

async fn connect_and_ask(url: &str, unnamed: bool) -> Result<()> {
    let begun = Instant::now();
    let options = ConnectOptions::new(url).pool_size(1).connect_timeout(LIMIT).wait_timeout(LIMIT);
    let options = options.statement_timeout(LIMIT).unnamed_statements(unnamed);
    let db = options.connect().await;
    // The round trip that is measured at first has as long as the connection.
    assert!(begun.elapsed() < LIMIT * 2 + SLACK, "it took {:?} to connect", begun.elapsed());
    let (db, begun) = (db?, Instant::now());
    let asked = ask(&db).await;
    assert!(begun.elapsed() < LIMIT + SLACK, "a statement took {:?}", begun.elapsed());
    asked
}

async fn ask(db: &Database) -> Result<()> {
    let number: i32 = sql("SELECT 1 AS n", ()).one(db).await?;
    assert_eq!(number, 1, "a server that is right is understood");
    Ok(())
}

/// The most memory that this process has had so far, in kilobytes; nothing where it is not told.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}
