//! A private PostgreSQL of a test's own, which can be stopped, crash, and start again.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ::relations::{ConnectOptions, Database};
use tokio_postgres::NoTls;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");

/// Committed rows survive a crash, and a deadlock is detected at once.
const SETTINGS: &str = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on \
                        -c deadlock_timeout=20ms";

/// The name by which a test's own connections are known to the server, apart from those under test.
const WATCHER: &str = "watcher";

/// A standby of a server, which goes with it.
pub struct Standby {
    pub url: String,
    home: String,
}

impl Standby {
    /// Stops it, which tells its clients.
    pub async fn stop(&self) {
        control(&self.home, "stop").await;
    }

    /// Starts it again, on the port that it had.
    pub async fn start_again(&self) {
        control(&self.home, "start").await;
    }

    /// Makes it the primary.
    pub async fn promote(&self) {
        control(&self.home, "promote").await;
    }
}

/// Stops, starts or promotes the server of a folder.
async fn control(home: &str, what: &'static str) {
    let home = home.to_owned();
    let run = move || Command::new(SCRIPT).args([what, &home]).stdout(Stdio::null()).status();
    let status = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    assert!(status.success(), "`scripts/postgres {what}` failed");
}

/// A PostgreSQL server that goes when this is dropped, or when the process ends.
pub struct Server {
    script: Child,
    pub url: String,
    home: String,
}

impl Server {
    /// Starts a server. Without PostgreSQL the test says so and is skipped; in CI that is a
    /// failure.
    pub async fn start() -> Option<Self> {
        if std::env::var_os("RELATIONS_TEST_POSTGRES").is_none() {
            assert!(std::env::var_os("CI").is_none(), "CI tests on PostgreSQL; run scripts/test");
            eprintln!("skipped: no PostgreSQL; run scripts/faults or scripts/test to have one");
            return None;
        }
        let started = tokio::task::spawn_blocking(|| {
            let mut script = Command::new(SCRIPT)
                .args(["run", "sh", "-c"])
                // It ends with its standard input, and so with this process.
                .arg("echo $RELATIONS_TEST_POSTGRES $RELATIONS_TEST_POSTGRES_HOME; cat >/dev/null")
                .env("POSTGRES_SETTINGS", SETTINGS)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("scripts/postgres runs");
            let mut line = String::new();
            BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let (url, home) = line.trim().split_once(' ').expect("scripts/postgres has a server");
            Self { url: url.to_owned(), home: home.to_owned(), script }
        });
        Some(started.await.unwrap())
    }

    /// Stops the server, which tells its clients.
    pub async fn stop(&self) {
        control(&self.home, "stop").await;
    }

    /// Ends the server at once, as a crash of it would.
    pub async fn crash(&self) {
        control(&self.home, "crash").await;
    }

    /// Starts the server again, on the port that it had.
    pub async fn start_again(&self) {
        control(&self.home, "start").await;
    }

    /// Starts a standby that streams from this server.
    pub async fn standby(&self, name: &'static str) -> Standby {
        let home = self.home.clone();
        let run = move || Command::new(SCRIPT).args(["standby", &home, name]).output();
        let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let (url, home) = said.trim().split_once(' ').expect("scripts/postgres starts a standby");
        Standby { url: url.to_owned(), home: home.to_owned() }
    }

    /// A pool of that many connections, which waits at most two seconds for one of them.
    pub async fn pool(&self, connections: usize) -> Database {
        pool(&self.url, connections).await
    }

    /// A connection that watches the others, and is not one of them.
    pub async fn watcher(&self) -> Watcher {
        watcher(&self.url).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// A pool of that many connections to a server at a URL.
pub async fn pool(url: &str, connections: usize) -> Database {
    ConnectOptions::new(url)
        .pool_size(connections)
        .wait_timeout(Duration::from_secs(2))
        .connect_timeout(Duration::from_secs(2))
        .connect()
        .await
        .expect("the server answers")
}

/// A connection that watches the others of a server.
pub async fn watcher(url: &str) -> Watcher {
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    let (client, connection) =
        config.application_name(WATCHER).connect(NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    Watcher(client)
}

/// A connection that sees what the others do, and can end them.
pub struct Watcher(tokio_postgres::Client);

impl Watcher {
    /// Runs SQL of any kind.
    pub async fn run(&self, sql: &str) {
        self.0.batch_execute(sql).await.unwrap();
    }

    /// Waits until another connection sleeps within a statement. It is active from when it prepares
    /// the statement, and a connection that is killed that early can send the statement again.
    pub async fn sees_sleep(&self) {
        const ASKED: &str = "SELECT 1 FROM pg_stat_activity \
                             WHERE application_name <> $1 AND wait_event = 'PgSleep'";
        while self.0.query(ASKED, &[&WATCHER]).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The number of other connections that run a statement.
    #[cfg(feature = "deadpool-postgres")]
    pub async fn active(&self) -> usize {
        const ACTIVE: &str = "SELECT 1 FROM pg_stat_activity WHERE application_name <> $1 \
                              AND backend_type = 'client backend' AND state = 'active'";
        self.0.query(ACTIVE, &[&WATCHER]).await.unwrap().len()
    }

    /// Kills the backends of all other connections, and tells how many there were when they are gone.
    pub async fn kill(&self) -> usize {
        const KILLED: &str = "SELECT pid FROM pg_stat_activity WHERE application_name <> $1 \
                              AND backend_type = 'client backend' AND pg_terminate_backend(pid)";
        const THERE: &str = "SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1)";
        let killed = self.0.query(KILLED, &[&WATCHER]).await.unwrap();
        let killed: Vec<i32> = killed.iter().map(|row| row.get(0)).collect();
        while !self.0.query(THERE, &[&killed]).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        killed.len()
    }
}
