//! Several servers: which of them a pool uses, and when it leaves one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Transaction, connect, sql};

use crate::fake_server::{FakeServer, Moment, Reply};
use crate::server::{Server, watcher};
use crate::tally::tried;
use crate::writers::{Entry, NewEntry, Receipt};

/// The address of a URL, and its port.
fn address(url: &str) -> &str {
    url.split(['@', '/']).nth(3).unwrap()
}

/// A URL of several servers.
fn several(urls: &[&str], parameters: &str) -> String {
    let addresses: Vec<_> = urls.iter().map(|url| address(url)).collect();
    format!("postgres://postgres@{}/postgres?{parameters}", addresses.join(","))
}

async fn is_standby(db: &Database) -> bool {
    sql("SELECT pg_is_in_recovery()", ()).one(db).await.unwrap()
}

async fn port(db: &Database) -> i32 {
    sql("SELECT inet_server_port()", ()).one(db).await.unwrap()
}

async fn session(db: &Database) -> i32 {
    sql("SELECT pg_backend_pid()", ()).one(db).await.unwrap()
}

/// The first server accepts and stays silent. A caller that waits for less than `connect_timeout` comes
/// to the second one with its next call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_keeps_no_other_from_being_tried() {
    tried(30, async |tally| {
        let first = FakeServer::start_after(1, vec![(Moment::Login, Reply::Silence(vec![]))]).await;
        let second = FakeServer::start(vec![]).await;
        let url =
            format!("postgres://bob@{},{}/shop?sslmode=disable", first.address(), second.address());
        let db = ConnectOptions::new(url).pool_size(2).connect().await.unwrap();
        let transaction = db.begin().await.unwrap();
        let asked = sql("SELECT 1 AS n", ()).one::<i32>(&db);
        assert!(tokio::time::timeout(Duration::from_millis(300), asked).await.is_err());
        let asked = sql("SELECT 1 AS n", ()).one::<i32>(&db);
        let answer = tally.within(Duration::from_secs(2), "the next call", asked).await;
        assert_eq!(answer.unwrap(), 1);
        drop(transaction);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_uses_the_servers_that_its_url_asks_for() {
    tried(60, async |_| {
        let Some(primary) = Server::start().await else { return };
        let standby = primary.standby("one").await;
        let (p, s) = (primary.url.as_str(), standby.url.as_str());
        let both = [[p, s], [s, p]];
        for (target, expected) in [
            ("any", [Some(false), Some(true)]),
            ("read-write", [Some(false); 2]),
            ("primary", [Some(false); 2]),
            ("read-only", [Some(true); 2]),
            ("standby", [Some(true); 2]),
            ("prefer-standby", [Some(true); 2]),
        ] {
            for (urls, expected) in both.iter().zip(expected) {
                let url = several(urls, &format!("target_session_attrs={target}"));
                let db = connect(&url).await.unwrap();
                assert_eq!(Some(is_standby(&db).await), expected, "{target}");
            }
        }
        let none = connect(&several(&[p], "target_session_attrs=standby")).await.unwrap_err();
        assert!(none.is_connection() && none.to_string().contains("standby"), "{none}");
        let alone = connect(&several(&[p], "target_session_attrs=prefer-standby")).await.unwrap();
        assert!(!is_standby(&alone).await);
        let unknown = connect(&several(&[p], "target_session_attrs=slave")).await.unwrap_err();
        assert!(unknown.is_invalid_request() && unknown.to_string().contains("`prefer-standby`"));

        // One call after another, as each takes the next server.
        let db = connect(&several(&[p, s], "load_balance_hosts=random")).await.unwrap();
        let mut calls: HashMap<i32, usize> = HashMap::new();
        for _ in 0..200 {
            *calls.entry(port(&db).await).or_default() += 1;
        }
        assert!(calls.len() == 2 && calls.values().all(|calls| *calls >= 80), "{calls:?}");

        // A pool of standbys leaves a server that is promoted.
        let other = primary.standby("two").await;
        let url = several(&[s, &other.url], "target_session_attrs=standby");
        let db = ConnectOptions::new(url).pool_size(2).connect().await.unwrap();
        let before = port(&db).await;
        standby.promote().await;
        // The answer with which the server tells its new role is the last one.
        let _ = port(&db).await;
        assert!(is_standby(&db).await);
        assert_ne!(port(&db).await, before);
    })
    .await;
}

/// A server that no longer writes is left, and what it refused is written to another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_writes_leaves_a_server_that_only_reads() {
    const READ_ONLY: &str = "ALTER SYSTEM SET default_transaction_read_only = on";
    tried(60, async |tally| {
        let (Some(one), Some(two)) = (Server::start().await, Server::start().await) else { return };
        for server in [&one, &two] {
            server.pool(1).await.create(schema![Entry]).await.unwrap();
        }
        let url = several(&[&one.url, &two.url], "target_session_attrs=read-write");
        let db = ConnectOptions::new(&url).pool_size(3).connect().await.unwrap();
        let first = port(&db).await;
        let held = db.begin().await.unwrap();
        NewEntry { writer: 0, number: 0 }.insert(&held).await.unwrap();
        held.commit().await.unwrap();
        let watch = one.watcher().await;
        watch.run(READ_ONLY).await;
        watch.run("SELECT pg_reload_conf()").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        tally.injected.add(1);
        NewEntry { writer: 0, number: 1 }.insert(&db).await.unwrap();
        assert_ne!(port(&db).await, first);
        let work = async |tx: &Transaction| NewEntry { writer: 0, number: 2 }.insert(tx).await;
        db.transaction(work).await.unwrap();
        assert_eq!(Entry::find().count(&db).await.unwrap(), 2);

        // No server that accepts writes is left, and the error names the option.
        let watch = two.watcher().await;
        watch.run(READ_ONLY).await;
        watch.run("SELECT pg_reload_conf()").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let error = NewEntry { writer: 0, number: 3 }.insert(&db).await.unwrap_err();
        assert!(error.to_string().contains("read-write"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_end_after_their_lifetime() {
    tried(30, async |_| {
        let Some(server) = Server::start().await else { return };
        let options = ConnectOptions::new(&server.url).pool_size(1);
        let db = options.clone().max_lifetime(Duration::from_millis(400)).connect().await.unwrap();
        let first = session(&db).await;
        assert_eq!(session(&db).await, first);
        tokio::time::sleep(Duration::from_millis(450)).await;
        assert_ne!(session(&db).await, first);
        // One that is lent goes on until it is given back.
        let transaction = db.begin().await.unwrap();
        tokio::time::sleep(Duration::from_millis(450)).await;
        sql("SELECT 1", ()).one::<i32>(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        let db = options.connect().await.unwrap();
        let first = session(&db).await;
        tokio::time::sleep(Duration::from_millis(450)).await;
        assert_eq!(session(&db).await, first);
    })
    .await;
}

/// The connection is not lost where a server tells of another server that is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_about_another_server_keeps_the_connection() {
    tried(30, async |_| {
        let Some(server) = Server::start().await else { return };
        let watch = watcher(&server.url).await;
        watch
            .run(
                "CREATE FUNCTION fail(code text) RETURNS int LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = code; END $$",
            )
            .await;
        let db = server.pool(1).await;
        let first = session(&db).await;
        for code in ["08006", "08001", "57P01", "53300"] {
            let failed = sql("SELECT fail($1)", (code,)).one::<i32>(&db).await.unwrap_err();
            assert!(!failed.is_connection() && failed.code() == Some(code), "{failed:?}");
            assert_eq!(session(&db).await, first, "{code}");
        }
        for code in ["26000", "42P05"] {
            let failed = sql("SELECT fail($1)", (code,)).one::<i32>(&db).await.unwrap_err();
            let told = failed.to_string();
            assert!(told.contains("pooler") && told.contains("unnamed_statements"), "{told}");
        }
    })
    .await;
}

/// An error of Citus names shards in its message, and tells no table and no constraint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_of_a_shard_is_about_the_whole_table() {
    const TRIGGER: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        RAISE foreign_key_violation USING MESSAGE = 'update or delete on table \"entries_102008\" \
        violates foreign key constraint \"receipts_entry_id_fkey_102669\" on table \
        \"receipts_102669\"', DETAIL = format('Key (id)=(%s) is still referenced from table \
        \"receipts_102669\".', OLD.id); END $$; \
        CREATE TRIGGER refuse BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION refuse()";
    tried(30, async |_| {
        let Some(server) = Server::start().await else { return };
        let db = server.pool(1).await;
        db.create(schema![Entry, Receipt]).await.unwrap();
        watcher(&server.url).await.run(TRIGGER).await;
        let entry = NewEntry { writer: 0, number: 0 }.insert(&db).await.unwrap();
        let error = entry.delete(&db).await.unwrap_err();
        assert!(error.is_still_referenced(), "{error:?}");
        assert_eq!(error.constraint(), Some("receipts_entry_id_fkey"));
        let told = error.to_string();
        assert!(told.starts_with("cannot delete ") && told.contains("`receipts`"), "{told}");
    })
    .await;
}

/// A transaction is retried while its server is away, and no longer than it may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_outlive_a_restart() {
    tried(60, async |tally| {
        let Some(server) = Server::start().await else { return };
        let db = server.pool(4).await;
        db.create(schema![Entry]).await.unwrap();
        for (round, crashes) in [false, true].into_iter().enumerate() {
            let writers: Vec<_> = (0..4_i64)
                .map(|writer| {
                    let db = db.clone();
                    tokio::spawn(async move {
                        let (begun, mut written) = (Instant::now(), 0);
                        while begun.elapsed() < Duration::from_secs(2) {
                            let number = i64::try_from(round).unwrap() * 1_000_000 + written;
                            let work = async |tx: &Transaction| {
                                NewEntry { writer, number }.insert(tx).await.map(drop)
                            };
                            match db.transaction(work).await {
                                Ok(()) => {}
                                Err(error) => assert!(error.is_commit_unknown(), "{error:?}"),
                            }
                            written += 1;
                        }
                    })
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(500)).await;
            if crashes {
                server.crash().await;
            } else {
                server.stop().await;
            }
            tally.injected.add(1);
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.start_again().await;
            for writer in writers {
                writer.await.unwrap();
            }
        }
        server.stop().await;
        let options = relations::TransactionOptions::new();
        for (options, least, most) in [
            (options.failover_timeout(Duration::from_millis(400)), 300, 2000),
            (options.failover_timeout(Duration::ZERO), 0, 300),
            (options.retries(0), 0, 300),
        ] {
            let begun = Instant::now();
            let work = async |_: &Transaction| Ok(());
            let error = db.transaction_with(options, work).await.unwrap_err();
            assert!(error.is_connection(), "{error:?}");
            let waited = begun.elapsed().as_millis();
            assert!((least..most).contains(&waited), "{options:?}: {waited} ms");
        }
    })
    .await;
}
