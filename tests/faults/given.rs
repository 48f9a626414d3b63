//! A pool of `deadpool_postgres`, used by a `Database`: statements and transactions whose callers
//! stop waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::relations::{Database, sql};
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::tally::tried;

const PLACES: usize = 4;

fn pool(server: &Server) -> Database {
    let config: tokio_postgres::Config = server.url.parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, NoTls);
    deadpool_postgres::Pool::builder(manager).max_size(PLACES).build().unwrap().into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_are_dropped_never_work_beyond_the_pool() {
    tried(60, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (pool(&server), server.watcher().await);
        let ended = Arc::new(AtomicBool::new(false));
        let watching = {
            let ended = Arc::clone(&ended);
            tokio::spawn(async move {
                let mut most = 0;
                while !ended.load(Ordering::Relaxed) {
                    most = most.max(watcher.active().await);
                    sleep(Duration::from_millis(2)).await;
                }
                (most, watcher)
            })
        };
        for _ in 0..8 {
            let dropped = (0..10).map(|_| async {
                let slept = sql("SELECT pg_sleep(30)::text", ()).one::<String>(&db);
                assert!(timeout(Duration::from_millis(100), slept).await.is_err());
            });
            join_all(dropped).await;
            tally.injected.add(10);
        }
        // The places are free again.
        let asked = (0..PLACES * 4).map(|_| sql("SELECT 1", ()).one::<i32>(&db));
        let asked = tally.within(Duration::from_secs(5), "queries", join_all(asked)).await;
        assert!(asked.into_iter().all(|number| number.unwrap() == 1));
        ended.store(true, Ordering::Relaxed);
        let (most, watcher) = watching.await.unwrap();
        assert!(most <= PLACES, "{most} backends work at once for a pool of {PLACES}");
        while watcher.active().await > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_dropped_lets_go_of_its_locks() {
    tried(60, async |tally| {
        let Some(server) = Server::start().await else { return };
        let (db, watcher) = (pool(&server), server.watcher().await);
        watcher.run("CREATE TABLE locked (id int)").await;
        for _ in 0..5 {
            let transaction = db.begin().await.unwrap();
            sql("INSERT INTO locked VALUES (1)", ()).execute(&transaction).await.unwrap();
            let slept = sql("SELECT pg_sleep(30)::text", ()).one::<String>(&transaction);
            assert!(timeout(Duration::from_millis(50), slept).await.is_err());
            drop(transaction);
            tally.injected.add(1);
            let locked = watcher.run("BEGIN; LOCK TABLE locked; ROLLBACK");
            tally.within(Duration::from_secs(2), "a lock", locked).await;
        }
        let left: i64 = sql("SELECT count(*) FROM locked", ()).one(&db).await.unwrap();
        assert_eq!(left, 0);
    })
    .await;
}

/// A pool that is given outside of a runtime has nowhere to wait, so that a connection is closed.
#[test]
fn a_pool_of_no_runtime_lends_no_connection_that_is_busy() {
    let start = || {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
    };
    let runtime = start();
    let Some(server) = runtime.block_on(Server::start()) else { return };
    let db = pool(&server);
    let again = start();
    again.block_on(async {
        let slept = sql("SELECT pg_sleep(30)::text", ()).one::<String>(&db);
        assert!(timeout(Duration::from_millis(300), slept).await.is_err());
    });
    // Calls that wait for the pool end with it.
    again.shutdown_timeout(Duration::from_secs(1));
    let asked = async { sql("SELECT 1", ()).one::<i32>(&db).await };
    let asked = runtime.block_on(async { timeout(Duration::from_secs(5), asked).await });
    assert_eq!(asked.expect("it waits for nobody").unwrap(), 1);
    runtime.block_on(async { drop(server) });
}
