//! A database of its own for each test, and an executor that counts.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::relations::__private::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use ::relations::driver::{Rows, Statement};
use ::relations::{ConnectOptions, Database, Engine, Executor, Result, connect};

/// Runs each behaviour on SQLite and on PostgreSQL, each time on an empty database.
macro_rules! behaviour {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident) $body:block)*) => {
        $(
            $(#[$attribute])*
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn behaviour($db: &::relations::Database) $body

                #[tokio::test]
                async fn on_sqlite() {
                    behaviour(&crate::support::sqlite().await).await;
                }

                #[tokio::test]
                async fn on_postgres() {
                    let Some(fresh) = crate::support::postgres().await else { return };
                    behaviour(&fresh).await;
                }
            }
        )*
    };
}

/// An empty database of SQLite, in memory.
pub async fn sqlite() -> Database {
    connect("sqlite::memory:").await.expect("SQLite opens in memory")
}

/// An empty database of the PostgreSQL that `scripts/test` starts. Without one the test says so
/// and is skipped; in CI that is a failure.
pub async fn postgres() -> Option<Database> {
    Some(connected(&postgres_url().await?).await)
}

/// A pool of a PostgreSQL database, behind a pooler if `scripts/pgbouncer` runs one. Tests of
/// prepared statements, or of the connections themselves, connect without it. The server counts as near,
/// also on a machine so busy that the measured round trip is long.
pub async fn connected(url: &str) -> Database {
    let options = match std::env::var("RELATIONS_TEST_POOLER") {
        Ok(pooler) => {
            let (_, database) = url.rsplit_once('/').expect("the URL names a database");
            ConnectOptions::new(format!("{pooler}/{database}")).unnamed_statements(true)
        }
        Err(_) => ConnectOptions::new(url),
    };
    options.high_latency(false).connect().await.expect("the database answers")
}

/// The URL of an empty database.
pub async fn postgres_url() -> Option<String> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);

    let Ok(server) = std::env::var("RELATIONS_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "CI tests on PostgreSQL; run scripts/test");
        eprintln!("skipped: no PostgreSQL; run scripts/test to have one");
        return None;
    };
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let (client, connection) =
        tokio_postgres::connect(&server, tokio_postgres::NoTls).await.expect("the server answers");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(&format!("CREATE DATABASE {name} STRATEGY file_copy"))
        .await
        .expect("a database is created");
    drop(client);
    let _ = connection.await;
    let (address, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{address}/{name}"))
}

/// An executor that keeps the SQL of every statement that goes through it, and how many of them went
/// together.
#[derive(Debug)]
pub struct Counting<'db, E> {
    db: &'db E,
    statements: Mutex<Vec<String>>,
    rounds: Mutex<Vec<usize>>,
}

impl<'db, E: Executor> Counting<'db, E> {
    pub fn new(db: &'db E) -> Self {
        Self { db, statements: Mutex::default(), rounds: Mutex::default() }
    }

    /// The number of statements of each round, since the last call.
    pub fn rounds(&self) -> Vec<usize> {
        std::mem::take(&mut *self.rounds.lock().unwrap())
    }

    /// The number of statements since the last call.
    pub fn count(&self) -> usize {
        self.statements().len()
    }

    /// The statements since the last time.
    pub fn statements(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }
}

impl<E: Executor> Executor for Counting<'_, E> {
    fn engine(&self) -> Engine {
        self.db.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.statements.lock().unwrap().push(statement.sql().to_owned());
        self.rounds.lock().unwrap().push(1);
        self.db.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        let see = |_: usize, statements: &[Statement]| {
            let sql = statements.iter().map(|statement| statement.sql().to_owned());
            self.statements.lock().unwrap().extend(sql);
            self.rounds.lock().unwrap().push(statements.len());
        };
        Seen::new(self.db.acquire(), see)
    }
}

/// A call whose statements a function sees before they are sent, with the number of the round.
pub struct Seen<A, F> {
    inner: A,
    see: F,
}

impl<A: Acquired, F: FnMut(usize, &[Statement]) + Send> Seen<A, F> {
    pub fn new(inner: A, see: F) -> Self {
        Self { inner, see }
    }
}

impl<A: Acquired, F: FnMut(usize, &[Statement]) + Send> Acquired for Seen<A, F> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        (self.see)(0, std::slice::from_ref(statement));
        self.inner.fetch(statement, each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        (self.see)(round.number, round.statements);
        self.inner.round(round, each).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        self.inner.end().await
    }
}

/// A call on a server that is said to be far.
pub struct Distant<A>(pub A);

impl<A: Acquired> Acquired for Distant<A> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { high_latency: true, ..self.0.capabilities() }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.0.fetch(statement, each).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        self.0.round(round, each).await
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        self.0.end().await
    }
}

/// A client of the driver's own, for what entities have no words for.
pub async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}
