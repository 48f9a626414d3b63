//! A lock holds the first statement on the server while another connection commits.

use std::time::Duration;

use ::relations::include::Strategy;
use ::relations::{ConnectOptions, Database, Executor, IsolationLevel, TransactionOptions};

use super::world::{self, CHANGES, Change, KINDS, STRATEGIES};
use crate::support;

/// Holds each statement that reads jobs while somebody has the lock. No query can see it: jobs are a
/// view of the table that they were.
const HOLD: &str = "
    CREATE FUNCTION held() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN
        PERFORM pg_advisory_xact_lock_shared(7); RETURN true;
    END $$;
    ALTER TABLE jobs RENAME TO jobs_table;
    CREATE VIEW jobs AS SELECT * FROM jobs_table WHERE (SELECT held())";

/// Does the work of `world::fill` in one round trip.
const FILL: &str = "
    BEGIN;
    DELETE FROM notes; DELETE FROM taggings; DELETE FROM items; DELETE FROM jobs_table;
    DELETE FROM owners; DELETE FROM tags;
    INSERT INTO owners SELECT id, id + 100, 'owner ' || id FROM generate_series(1, 2) AS id;
    INSERT INTO tags SELECT id + 50, 'tag ' || id FROM generate_series(1, 2) AS id;
    INSERT INTO jobs_table VALUES (1, 101, true, 2), (2, 102, true, 2), (3, 101, true, 2);
    INSERT INTO items SELECT 10 * job + number, job
        FROM generate_series(1, 3) AS job, generate_series(1, 2) AS number;
    INSERT INTO notes SELECT 1000 + id, id FROM items;
    INSERT INTO taggings SELECT 100 * job + number, job, number + 50
        FROM generate_series(1, 3) AS job, generate_series(1, 2) AS number;
    COMMIT";

/// A server whose first statement can be held, and who holds it.
struct Holding {
    url: String,
    writer: Database,
    holder: tokio_postgres::Client,
}

impl Holding {
    async fn new() -> Option<Self> {
        let url = support::postgres_url().await?;
        let writer = ::relations::connect(&url).await.unwrap();
        world::create(&writer).await;
        let holder = support::client(&url).await;
        holder.batch_execute(HOLD).await.unwrap();
        Some(Self { url, writer, holder })
    }

    /// A query, during which a change is committed behind the snapshot of its first statement, with
    /// the expected answers before and after.
    async fn interleave(
        &self,
        kind: &str,
        strategy: Option<Strategy>,
        change: Change,
        db: &impl Executor,
    ) -> [String; 3] {
        self.holder.batch_execute(FILL).await.unwrap();
        let before = world::ask(kind, strategy, &self.writer).await.unwrap();
        self.holder.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
        let commit = async {
            let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            while self.holder.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.change(change).await;
            self.holder.batch_execute("SELECT pg_advisory_unlock(7)").await.unwrap();
        };
        let (meanwhile, ()) = tokio::join!(world::ask(kind, strategy, db), commit);
        let after = world::ask(kind, strategy, &self.writer).await.unwrap();
        let meanwhile = meanwhile.unwrap_or_else(|error| panic!("{kind} {strategy:?}: {error}"));
        [before, meanwhile, after]
    }

    /// Commits a change, though jobs cannot be read.
    async fn change(&self, change: Change) {
        let sql = match change {
            Change::Insert => {
                "INSERT INTO owners VALUES (3, 103, 'owner 3');
                 INSERT INTO jobs_table VALUES (4, 103, true, 2);
                 INSERT INTO items VALUES (41, 4), (42, 4);
                 INSERT INTO notes VALUES (1041, 41), (1042, 42);
                 INSERT INTO taggings VALUES (401, 4, 51), (402, 4, 52)"
            }
            Change::Update => "UPDATE jobs_table SET open = false WHERE id = 2",
            Change::Delete => {
                "DELETE FROM notes WHERE item_id IN (21, 22);
                 DELETE FROM taggings WHERE job_id = 2; DELETE FROM items WHERE job_id = 2;
                 DELETE FROM jobs_table WHERE id = 2; DELETE FROM owners WHERE id = 2"
            }
        };
        self.holder.batch_execute(&format!("BEGIN; {sql}; COMMIT")).await.unwrap();
    }

    /// Each kind of tree by each strategy and beside each change is what it was before.
    async fn sees_one_snapshot(&self, name: &str, db: &impl Executor) {
        for kind in KINDS {
            for strategy in STRATEGIES {
                for change in CHANGES {
                    let [before, meanwhile, after] =
                        self.interleave(kind, strategy, change, db).await;
                    assert!(before != after || kind == "first", "{kind} {change:?}");
                    let told = format!("{name}: {kind} {strategy:?} {change:?}");
                    assert_eq!(meanwhile, before, "{told}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_pool_shows_one_snapshot() {
    let Some(holding) = Holding::new().await else { return };
    for (far, unnamed) in [(false, false), (true, false), (true, true)] {
        let options =
            ConnectOptions::new(&holding.url).high_latency(far).unnamed_statements(unnamed);
        let db = options.pool_size(1).connect().await.unwrap();
        holding.sees_one_snapshot(&format!("far {far}, unnamed {unnamed}"), &db).await;
    }
}

#[tokio::test]
async fn what_wraps_a_pool_shows_its_snapshot() {
    let Some(holding) = Holding::new().await else { return };
    let db = ConnectOptions::new(&holding.url).high_latency(true).connect().await.unwrap();
    let watched = db.query_stats();
    holding.sees_one_snapshot("watched", &watched).await;
    holding.sees_one_snapshot("batched", &watched.batched()).await;
    holding.sees_one_snapshot("cached", &db.batched().cached()).await;
}

#[tokio::test]
async fn a_pool_of_deadpools_shows_one_snapshot() {
    let Some(holding) = Holding::new().await else { return };
    let config: tokio_postgres::Config = holding.url.parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
    holding.sees_one_snapshot("deadpool", &pool).await;
    holding.sees_one_snapshot("a database of it", &Database::from(pool)).await;
}

/// A transaction that is repeatable read has its snapshot since its first statement.
#[tokio::test]
async fn a_repeatable_read_shows_one_snapshot() {
    let Some(holding) = Holding::new().await else { return };
    let db = ConnectOptions::new(&holding.url).high_latency(true).connect().await.unwrap();
    for kind in KINDS {
        for strategy in STRATEGIES {
            for change in CHANGES {
                let options = TransactionOptions::new().isolation(IsolationLevel::RepeatableRead);
                let tx = db.begin_with(options).await.unwrap();
                let told = holding.interleave(kind, strategy, change, &tx).await;
                assert_eq!(told[0], told[1], "{kind} {strategy:?} {change:?}");
                let again = world::ask(kind, strategy, &tx).await.unwrap();
                assert_eq!(again, told[0], "{kind} {strategy:?} {change:?}");
            }
        }
    }
}

/// Without a snapshot, each source has the targets of the keys that it came with: no job loses a
/// target that was not changed.
#[tokio::test]
async fn without_a_snapshot_nothing_is_repeated() {
    let Some(holding) = Holding::new().await else { return };
    let db = ConnectOptions::new(&holding.url).high_latency(true).connect().await.unwrap();
    let config: tokio_postgres::Config = holding.url.parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
    let mut client = support::client(&holding.url).await;
    let kept = ::relations::driver::Client::new(support::client(&holding.url).await);
    let session = db.sql_session().await.unwrap();
    let mut lent = pool.get().await.unwrap();
    // Its targets are jobs, which change.
    for kind in KINDS.into_iter().filter(|kind| *kind != "nested up") {
        for strategy in STRATEGIES {
            // An update changes no target, and an insert none of those that are asked for.
            for change in [Change::Insert, Change::Update] {
                macro_rules! repeats_nothing {
                    ($name:literal, $db:expr) => {
                        let told = holding.interleave(kind, strategy, change, $db).await;
                        assert_eq!(told[1], told[0], "{}: {kind} {strategy:?} {change:?}", $name);
                    };
                }
                repeats_nothing!("a session", &session);
                repeats_nothing!("a client", &client);
                repeats_nothing!("a client that keeps statements", &kept);
                repeats_nothing!("a client of a deadpool", &lent);
                // The lock is held until a transaction ends.
                let tx = db.begin().await.unwrap();
                repeats_nothing!("a transaction", &tx);
                tx.rollback().await.unwrap();
                let tx = client.transaction().await.unwrap();
                repeats_nothing!("a transaction of a client", &tx);
                tx.rollback().await.unwrap();
                let tx = lent.transaction().await.unwrap();
                repeats_nothing!("a transaction of a deadpool", &tx);
                tx.rollback().await.unwrap();
            }
        }
    }
}

/// A job that goes in between has what it had, or nothing; the others have all of theirs.
#[tokio::test]
async fn without_a_snapshot_a_delete_takes_nothing_from_others() {
    let Some(holding) = Holding::new().await else { return };
    let db = ConnectOptions::new(&holding.url).high_latency(true).connect().await.unwrap();
    let items = |told: &str| {
        let jobs: Vec<_> = told.split("Job {").skip(1).map(str::to_owned).collect();
        jobs
    };
    for kind in ["to many", "through", "count", "nested", "limited", "each limited"] {
        for strategy in STRATEGIES {
            let tx = db.begin().await.unwrap();
            let told = holding.interleave(kind, strategy, Change::Delete, &tx).await;
            tx.rollback().await.unwrap();
            let [before, meanwhile] = [&told[0], &told[1]].map(|told| items(told));
            assert_eq!(meanwhile.len(), before.len(), "{kind} {strategy:?}");
            for (before, meanwhile) in before.iter().zip(&meanwhile) {
                assert!(before == meanwhile || before.contains("id: 2,"), "{kind} {meanwhile}");
            }
        }
    }
}
