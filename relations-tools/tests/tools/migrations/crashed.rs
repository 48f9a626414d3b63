//! Servers that crash beneath a runner: at each step of a file in turn, and some time later.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ::relations::Engine;
use ::relations::shape::migration::Consents;

use super::evolve::{EVOLUTIONS, evolved};
use super::versions::one;
use super::{add, count, migrations, nothing, run, shape, steps};
use crate::command::Folder;
use crate::support;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/postgres");

/// Committed rows survive a crash.
const SETTINGS: &str = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on";

/// A server of the test's own, which ends with its standard input.
struct Server {
    script: Child,
    url: String,
    home: String,
}

impl Server {
    fn start() -> Self {
        let mut script = Command::new(SCRIPT)
            .args(["run", "sh", "-c"])
            .arg("echo $RELATIONS_TEST_POSTGRES $RELATIONS_TEST_POSTGRES_HOME; cat >/dev/null")
            .env("POSTGRES_SETTINGS", SETTINGS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (url, home) = line.trim().split_once(' ').expect("scripts/postgres has a server");
        Self { url: url.to_owned(), home: home.to_owned(), script }
    }

    fn control(&self, what: &str) {
        let status = Command::new(SCRIPT).args([what, &self.home]).stdout(Stdio::null()).status();
        assert!(status.unwrap().success(), "`scripts/postgres {what}` failed");
    }

    /// An empty database of it.
    async fn database(&self, name: &str) -> String {
        let client = support::client(&self.url).await;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (server, _) = self.url.rsplit_once('/').unwrap();
        format!("{server}/{name}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Runs `relations apply` and has its server crash a moment after a step begins. Tells whether it failed,
/// as it does unless it was done by then.
fn crashed(folder: &Folder, url: &str, step: usize, server: &Server, moment: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_relations"))
        .args(["apply", "--url", url, "--dir", &folder.path("")])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let begins = format!(": step {step} of ");
    for line in lines.by_ref().map_while(Result::ok) {
        if line.contains(&begins) {
            break;
        }
    }
    std::thread::sleep(moment);
    // It stands still meanwhile, so that the server does not crash at a later step.
    signal(&child, "-STOP");
    server.control("crash");
    signal(&child, "-CONT");
    // It ends by itself, and says why.
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "a runner without a server hangs");
        std::thread::sleep(Duration::from_millis(10));
    };
    server.control("start");
    !status.success()
}

/// The second run ends in the same schema, at whatever step the server crashed.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_loses_no_step() {
    if std::env::var_os("RELATIONS_TEST_POSTGRES").is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI tests on PostgreSQL; run scripts/test");
        eprintln!("skipped: no PostgreSQL; run scripts/migrations or scripts/test to have one");
        return;
    }
    let engine = Engine::Postgres;
    let before = one::all().shape(engine).unwrap();
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
    // One file of many steps: an index, a unique key, a foreign key, a column that is not null.
    let mut after = before.clone();
    for at in [0, 1, 5, 7, 8, 11, 12, 17] {
        after = evolved(&after, &EVOLUTIONS[at]);
    }
    let consents = Consents::new().fill("orders.note", "''");
    add(&mut files, engine, &steps(&before, &after, &consents));
    let folder = Folder::new("crashed");
    for (name, text) in &files {
        std::fs::write(folder.path(&format!("{name}.sql")), text).unwrap();
    }
    let number = migrations(&files).files().unwrap()[1].steps.len();
    let server = Server::start();
    let scratch = support::connected(&server.database("scratch").await).await;
    migrations(&files).apply(&scratch).await.unwrap();
    let expected = shape(&scratch).await;
    drop(scratch);
    let times = std::env::var("RELATIONS_MIGRATIONS_TIMES").ok();
    let times: usize = times.and_then(|times| times.parse().ok()).unwrap_or(2);
    let mut failed = 0;
    for at in 0..times {
        // In the short form the middle and the last step.
        let step = if times < number { (at + 1) * number / times } else { at % number + 1 };
        let url = server.database(&format!("crashed_{at}")).await;
        let db = support::connected(&url).await;
        migrations(&files[..1]).apply(&db).await.unwrap();
        run(&db, [
            "INSERT INTO customers (email, name) SELECT n || '@x', 'x' FROM generate_series(1, 2000) n",
            "INSERT INTO orders (customer_id, number, total) SELECT n, n, n FROM generate_series(1, 2000) n",
        ])
        .await;
        drop(db);
        let moment = Duration::from_millis([0, 0, 2][at % 3]);
        failed += usize::from(crashed(&folder, &url, step, &server, moment));
        let db = support::connected(&url).await;
        let all = migrations(&files);
        all.apply(&db).await.unwrap_or_else(|error| panic!("crashed at {step}: {error}"));
        assert_eq!(shape(&db).await, expected, "crashed at {step}");
        assert_eq!(count(&db, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, 0);
        assert_eq!(count(&db, "SELECT count(*) FROM orders").await, 2000);
        assert_eq!(all.apply(&db).await.unwrap().steps, 0);
    }
    println!(
        "{times} crashes of the server, each at one of {number} steps in turn: {failed} runners failed, \
         {times} second runs ended in the same schema"
    );
    assert!(failed > 0);
}
