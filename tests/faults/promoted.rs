//! The primary crashes under load, and one of two streaming replicas takes its place.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Transaction, TransactionOptions, connect, sql};

use crate::server::{Server, Standby, watcher};
use crate::tally::{Tally, tried};
use crate::writers::{Entry, NewEntry, Receipt};

/// A commit is acknowledged when one of the replicas has it too.
const SYNCHRONOUS: &str = "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'";

fn port(url: &str) -> &str {
    url.split(['@', '/', ':']).nth(5).unwrap()
}

/// The counters of all writers.
#[derive(Default)]
struct Seen {
    stopped: AtomicBool,
    missed: AtomicU64,
    acknowledged: Mutex<HashSet<i64>>,
    unknown: AtomicU64,
    /// The moments of all acknowledgements.
    moments: Mutex<Vec<Instant>>,
}

/// Writes, and reads what it has written, until it is told to stop.
async fn write(db: Database, writer: i64, seen: Arc<Seen>, tally: Arc<Tally>) {
    // A failover takes longer here than the default.
    let options = TransactionOptions::new().failover_timeout(Duration::from_secs(20));
    let mut number = 0;
    while !seen.stopped.load(Ordering::Relaxed) {
        number += 1;
        let session = db.causal_session();
        let work = async |tx: &Transaction| NewEntry { writer, number }.insert(tx).await;
        let written = if number % 4 == 0 {
            NewEntry { writer, number }.insert(&session).await
        } else {
            session.transaction_with(options, work).await
        };
        match written {
            Ok(entry) => {
                tally.acknowledged.add(1);
                seen.acknowledged.lock().unwrap().insert(entry.id);
                seen.moments.lock().unwrap().push(Instant::now());
                // While no server writes a read may fail, and may not miss the row.
                if let Ok(None) = Entry::find_by_id(entry.id).optional(&session).await {
                    seen.missed.fetch_add(1, Ordering::Relaxed);
                }
            }
            Err(error) => {
                assert!(error.is_commit_unknown() || number % 4 == 0, "{error:?}");
                seen.unknown.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// The replica that has received more comes first.
async fn in_order(standbys: [Standby; 2]) -> [Standby; 2] {
    let mut received = Vec::new();
    for standby in &standbys {
        let db = connect(&standby.url).await.unwrap();
        let received_by = "SELECT (pg_last_wal_receive_lsn() - '0/0')::text";
        received
            .push(sql(received_by, ()).one::<String>(&db).await.unwrap().parse::<u64>().unwrap());
    }
    let [one, two] = standbys;
    if received[0] >= received[1] { [one, two] } else { [two, one] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_over_under_load() {
    tried(60, async |tally| {
        let Some(primary) = Server::start().await else { return };
        primary.pool(1).await.create(schema![Entry, Receipt]).await.unwrap();
        let watch = primary.watcher().await;
        let standbys = [primary.standby("one").await, primary.standby("two").await];
        for server in [&primary.url, &standbys[0].url, &standbys[1].url] {
            let watch = watcher(server).await;
            watch.run(SYNCHRONOUS).await;
            watch.run("SELECT pg_reload_conf()").await;
        }
        drop(watch);
        let ports = [port(&primary.url), port(&standbys[0].url), port(&standbys[1].url)];
        let [first, second, third] = ports.map(|port| format!("127.0.0.1:{port}"));
        let url = format!(
            "postgres://postgres@{first},{second},{third}/postgres?target_session_attrs=read-write"
        );
        let db = ConnectOptions::new(url)
            .replica(&standbys[0].url)
            .replica(&standbys[1].url)
            .pool_size(8)
            .connect_timeout(Duration::from_secs(2))
            .connect()
            .await
            .unwrap();
        let seen = Arc::new(Seen::default());
        let writers: Vec<_> = (0..6)
            .map(|writer| tokio::spawn(write(db.clone(), writer, Arc::clone(&seen), Arc::clone(&tally))))
            .collect();
        tokio::time::sleep(Duration::from_secs(2)).await;
        primary.crash().await;
        tally.injected.add(1);
        let [next, other] = in_order(standbys).await;
        next.promote().await;
        let follow = format!(
            "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port={} user=postgres'",
            port(&next.url)
        );
        let watch = watcher(&other.url).await;
        watch.run(&follow).await;
        watch.run("SELECT pg_reload_conf()").await;
        tokio::time::sleep(Duration::from_secs(4)).await;
        seen.stopped.store(true, Ordering::Relaxed);
        for writer in writers {
            tally.within(Duration::from_secs(25), "a writer", writer).await.unwrap();
        }
        let now = connect(&next.url).await.unwrap();
        let found: HashSet<i64> =
            Entry::find().select(Entry::ID).all(&now).await.unwrap().into_iter().collect();
        let acknowledged = seen.acknowledged.lock().unwrap().clone();
        tally.lost.add(acknowledged.difference(&found).count() as u64);
        let mut moments = seen.moments.lock().unwrap().clone();
        moments.sort();
        let gap = moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
        let missed = seen.missed.load(Ordering::Relaxed);
        println!(
            "\ngap: promoted: {} writes acknowledged, {} lost, {missed} own writes missed, {} unknown, \
             longest gap {} ms",
            acknowledged.len(),
            tally.lost.get(),
            seen.unknown.load(Ordering::Relaxed),
            gap.as_millis(),
        );
        assert_eq!((tally.lost.get(), missed), (0, 0), "lost, and own writes missed");
        assert!(gap < Duration::from_secs(15), "{gap:?}");
        let after = moments.iter().rev().take_while(|at| at.elapsed() < Duration::from_secs(4)).count();
        assert!(after > 50, "{after} writes after the failover");
    })
    .await;
}
