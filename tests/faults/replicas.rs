//! Replicas: which statements they answer, and that nobody misses what was written before.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Filter, Transaction, TransactionOptions};

use crate::server::{Server, Standby, watcher};
use crate::tally::tried;
use crate::writers::{Entry, NewEntry, Receipt};

/// A view whose row tells which server has answered.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "places")]
#[has_many(Spot)]
struct Place {
    #[id]
    id: i64,
    port: i32,
    standby: bool,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "spots")]
struct Spot {
    #[id]
    id: i64,
    #[belongs_to(Place)]
    place_id: i64,
    port: i32,
}

const VIEWS: &str = "CREATE VIEW places AS SELECT 1::bigint AS id, inet_server_port() AS port, \
                     pg_is_in_recovery() AS standby; \
                     CREATE VIEW spots AS SELECT n::bigint AS id, 1::bigint AS place_id, \
                     inet_server_port() AS port FROM generate_series(1, 3) AS n";

struct Cluster {
    primary: Server,
    standbys: [Standby; 2],
}

impl Cluster {
    async fn start() -> Option<Self> {
        let primary = Server::start().await?;
        let db = primary.pool(1).await;
        db.create(schema![Entry, Receipt]).await.unwrap();
        primary.watcher().await.run(VIEWS).await;
        let standbys = [primary.standby("one").await, primary.standby("two").await];
        Some(Self { primary, standbys })
    }

    fn options(&self) -> ConnectOptions {
        let options = ConnectOptions::new(&self.primary.url).pool_size(4);
        self.standbys.iter().fold(options, |options, standby| options.replica(&standby.url))
    }

    /// Has both replicas replay what is written that much later.
    async fn delay(&self, time: &str) {
        for standby in &self.standbys {
            let watch = watcher(&standby.url).await;
            watch.run(&format!("ALTER SYSTEM SET recovery_min_apply_delay = '{time}'")).await;
            watch.run("SELECT pg_reload_conf()").await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn place(db: &Database) -> Place {
    Place::find().one(db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_are_spread_and_all_else_goes_to_the_primary() {
    tried(60, async |tally| {
        let Some(cluster) = Cluster::start().await else { return };
        let db = cluster.options().connect().await.unwrap();
        let mut calls: HashMap<i32, usize> = HashMap::new();
        for _ in 0..200 {
            let place = place(&db).await;
            assert!(place.standby);
            *calls.entry(place.port).or_default() += 1;
        }
        assert!(calls.len() == 2 && calls.values().all(|calls| *calls >= 90), "{calls:?}");

        for _ in 0..20 {
            // All of an include is of one server, each statement of it.
            let found = Place::find().include(Place::SPOTS.batched()).one(&db).await.unwrap();
            let ports: Vec<_> = found.spots.iter().map(|spot| spot.port).collect();
            assert_eq!((found.standby, ports), (true, vec![found.port; 3]));
        }
        assert_eq!(Place::find().filter(Place::STANDBY.eq(true)).count(&db).await.unwrap(), 1);
        assert!(Place::find_by_id(1).one(&db.batched()).await.unwrap().standby);
        assert!(Place::find().select(Place::STANDBY).one(&db).await.unwrap());
        let mut pages = std::pin::pin!(Place::find().stream(&db));
        assert!(pages.try_next().await.unwrap().unwrap().standby);

        // SQL whose effect is not known, locks, and transactions that may write.
        let raw = Place::find().filter(Filter::raw("id = $1", (1_i64,)));
        assert!(!raw.one(&db).await.unwrap().standby);
        let asked: bool =
            ::relations::sql("SELECT pg_is_in_recovery()", ()).one(&db).await.unwrap();
        assert!(!asked);
        NewEntry { writer: 1, number: 1 }.insert(&db).await.unwrap();
        assert_eq!(Entry::find().for_update().all(&db).await.unwrap().len(), 1);
        let work = async |tx: &Transaction| Ok(Place::find().one(tx).await?.standby);
        assert!(!db.transaction(work).await.unwrap());
        let read_only = TransactionOptions::new().read_only();
        assert!(db.transaction_with(read_only, work).await.unwrap());
        let serializable = read_only.isolation(::relations::IsolationLevel::Serializable);
        assert!(!db.transaction_with(serializable, work).await.unwrap());

        // Without a replica the primary answers, and the replica again when it is back.
        for standby in &cluster.standbys {
            standby.stop().await;
            tally.injected.add(1);
            place(&db).await;
        }
        let begun = Instant::now();
        for _ in 0..50 {
            assert!(!place(&db).await.standby);
        }
        assert!(begun.elapsed() < Duration::from_secs(2), "a replica is not tried with each call");
        cluster.standbys[0].start_again().await;
        tokio::time::sleep(Duration::from_millis(3200)).await;
        assert!(place(&db).await.standby);
        // A replica that is away does not keep a program from its start.
        assert!(place(&cluster.options().connect().await.unwrap()).await.standby);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_writes_are_seen() {
    tried(60, async |tally| {
        let Some(cluster) = Cluster::start().await else { return };
        let db = cluster.options().connect().await.unwrap();
        let (mut on_replica, mut missed) = (0, 0);
        for number in 0..150 {
            let session = db.causal_session();
            let entry = if number % 2 == 0 {
                NewEntry { writer: 1, number }.insert(&session).await
            } else {
                let work = async |tx: &Transaction| NewEntry { writer: 1, number }.insert(tx).await;
                session.transaction(work).await
            };
            let entry = entry.unwrap();
            tally.acknowledged.add(1);
            let db = if number % 3 == 0 { &db } else { &session };
            missed +=
                usize::from(Entry::find_by_id(entry.id).optional(db).await.unwrap().is_none());
            on_replica += usize::from(place(db).await.standby);
        }
        assert_eq!(missed, 0);
        assert!(on_replica > 100, "{on_replica} of 150 reads were on a replica");

        // Replicas are too late: the primary answers those who wrote, and a replica all others.
        cluster.delay("20s").await;
        let options = cluster.options().replica_timeout(Duration::from_millis(100));
        let db = options.connect().await.unwrap();
        let (mine, other) = (db.causal_session(), db.causal_session());
        let entry = NewEntry { writer: 2, number: 0 }.insert(&mine).await.unwrap();
        for _ in 0..10 {
            assert_eq!(Entry::find_by_id(entry.id).one(&mine).await.unwrap(), entry);
            assert_eq!(Entry::find_by_id(entry.id).one(&db).await.unwrap(), entry);
            assert!(Entry::find_by_id(entry.id).optional(&other).await.unwrap().is_none());
        }
        let read_only = TransactionOptions::new().read_only();
        let work = async |tx: &Transaction| Entry::find_by_id(entry.id).one(tx).await;
        assert_eq!(mine.transaction_with(read_only, work).await.unwrap(), entry);

        // Another process, by the token.
        let token = mine.causal_token().await.unwrap().to_string();
        let elsewhere = cluster.options().replica_timeout(Duration::from_millis(100));
        let elsewhere = elsewhere.connect().await.unwrap();
        assert!(Entry::find_by_id(entry.id).optional(&elsewhere).await.unwrap().is_none());
        let after = elsewhere.causal_session_after(token.parse().unwrap());
        assert_eq!(Entry::find_by_id(entry.id).one(&after).await.unwrap(), entry);
        // A service that only knows the primary makes tokens as well.
        let alone = cluster.primary.pool(1).await;
        assert!(alone.causal_token().await.unwrap() >= token.parse().unwrap());

        // A write whose caller was dropped, or whose position is not told, is not missed either.
        let session = db.causal_session();
        let raw = "INSERT INTO entries (writer, number) VALUES (3, 3)";
        ::relations::sql(raw, ()).execute(&session).await.unwrap();
        assert_eq!(Entry::find().filter(Entry::WRITER.eq(3)).count(&session).await.unwrap(), 1);
        let session = db.causal_session();
        let own = session.sql_session().await.unwrap();
        ::relations::sql(raw, ()).execute(&own).await.unwrap();
        assert_eq!(Entry::find().filter(Entry::WRITER.eq(3)).count(&session).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn sqlite_has_no_replicas() {
    let options = ConnectOptions::new("sqlite::memory:").replica("postgres://a@127.0.0.1:1/b");
    let error = options.connect().await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("replica"), "{error}");
    let db = ::relations::connect("sqlite::memory:").await.unwrap();
    assert_eq!(db.causal_token().await.unwrap().to_string(), "0/0");
}
