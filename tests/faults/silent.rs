//! Servers that say nothing more: each call ends by its time-out.

use std::time::{Duration, Instant};

use ::relations::{ConnectOptions, connect, sql};

use crate::fake_server::{FakeServer, Moment, Reply};
use crate::tally::tried;

/// The time that a connection, and then a statement, may take.
const LIMIT: Duration = Duration::from_millis(300);

/// The time that a call may take beyond that.
const SLACK: Duration = Duration::from_secs(3);

/// The moments of a connection, up to the round trip that is measured first.
const MOMENTS: [Moment; 7] = [
    Moment::Connected,
    Moment::Encryption,
    Moment::Login,
    Moment::Settings,
    Moment::Key,
    Moment::Ready,
    Moment::Asked(b'Q'),
];

fn silence() -> Reply {
    Reply::Silence(Vec::new())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_connect_ends_in_time() {
    tried(60, async |tally| {
        for moment in MOMENTS {
            let server = FakeServer::start(vec![(moment, silence())]).await;
            // Without encryption nobody asks for it.
            let parameters = if moment == Moment::Encryption { "" } else { "?sslmode=disable" };
            if moment == Moment::Encryption && !cfg!(feature = "tls") {
                continue;
            }
            let options = ConnectOptions::new(server.url(parameters)).connect_timeout(LIMIT);
            let connecting = options.connect();
            let error = tally.within(LIMIT + SLACK, "to connect", connecting).await.unwrap_err();
            assert!(error.is_connection(), "{moment:?}: {error:?}");
            tally.injected.add(1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_out_of_the_url_holds_for_all_of_it() {
    for moment in [Moment::Settings, Moment::Asked(b'Q')] {
        let server = FakeServer::start(vec![(moment, silence())]).await;
        let begun = Instant::now();
        let error = connect(&server.url("?sslmode=disable&connect_timeout=1")).await.unwrap_err();
        assert!(error.is_connection() && begun.elapsed() < Duration::from_secs(4), "{moment:?}");
        // An option replaces it.
        let url = server.url("?sslmode=disable&connect_timeout=3600");
        let connecting = ConnectOptions::new(url).connect_timeout(LIMIT).connect();
        assert!(tokio::time::timeout(LIMIT + SLACK, connecting).await.unwrap().is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_server_is_tried() {
    let (first, second) = (
        FakeServer::start(vec![(Moment::Login, silence())]).await,
        FakeServer::start(vec![]).await,
    );
    let url =
        format!("postgres://bob@{},{}/shop?sslmode=disable", first.address(), second.address());
    let connecting = ConnectOptions::new(url).connect_timeout(LIMIT).connect();
    let db = tokio::time::timeout(LIMIT + SLACK, connecting).await.unwrap().unwrap();
    assert_eq!(sql("SELECT 1 AS n", ()).one::<i32>(&db).await.unwrap(), 1);
}

/// The first connection is well, and the pool needs a second one later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_further_connection_ends_in_time() {
    tried(60, async |tally| {
        for moment in &MOMENTS[..6] {
            if *moment == Moment::Encryption {
                continue;
            }
            let server = FakeServer::start_after(1, vec![(*moment, silence())]).await;
            let options =
                ConnectOptions::new(server.url("?sslmode=disable")).connect_timeout(LIMIT);
            let db = options.pool_size(2).connect().await.unwrap();
            let transaction = db.begin().await.unwrap();
            let asked = sql("SELECT 1 AS n", ()).one::<i32>(&db);
            let error = tally.within(LIMIT + SLACK, "a statement", asked).await.unwrap_err();
            assert!(error.is_connection(), "{moment:?}: {error:?}");
            let asked = sql("SELECT 1 AS n", ()).one::<i32>(&transaction).await;
            assert_eq!(asked.unwrap(), 1);
            tally.injected.add(1);
        }
    })
    .await;
}

/// A statement is late, and so is the answer to the request to cancel it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_to_cancel_ends_in_time() {
    tried(60, async |tally| {
        let wrong = [(Moment::Asked(b'E'), silence()), (Moment::Connected, silence())];
        for server in [
            FakeServer::start(wrong[..1].to_vec()).await,
            FakeServer::start_after(1, wrong[1..].to_vec()).await,
        ] {
            let options =
                ConnectOptions::new(server.url("?sslmode=disable")).connect_timeout(LIMIT);
            let options = options.pool_size(1).statement_timeout(LIMIT).wait_timeout(SLACK);
            let db = options.connect().await.unwrap();
            // Its caller is gone, and its place in the pool is free again soon.
            let asked = sql("SELECT 1 AS n", ()).one::<i32>(&db);
            let _ = tokio::time::timeout(Duration::from_millis(1), asked).await;
            let asked = sql("SELECT 1 AS n", ()).one::<i32>(&db);
            let asked = tally.within(LIMIT * 2 + SLACK * 2, "a statement", asked).await;
            match asked {
                Ok(number) => assert_eq!(number, 1),
                Err(error) => assert!(error.is_timeout() || error.is_connection(), "{error:?}"),
            }
            tally.injected.add(1);
        }
    })
    .await;
}
