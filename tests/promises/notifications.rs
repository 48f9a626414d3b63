//! `NOTIFY` and `LISTEN`, typed by a payload.

use std::time::Duration;

use ::relations::driver::{Notifications, notify};
use ::relations::repository::Observers;
use ::relations::{Database, sql};
use ::serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::support::{postgres_url, sqlite};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Placed {
    order_id: i64,
    note: String,
}

fn placed(order_id: i64) -> Placed {
    Placed { order_id, note: "it's \"new\"".into() }
}

/// A database without a pooler, which would listen on whichever connection is free.
async fn direct(url: &str) -> Database {
    ::relations::connect(url).await.unwrap()
}

async fn postgres() -> Option<Database> {
    Some(direct(&postgres_url().await?).await)
}

async fn next<P: ::serde::de::DeserializeOwned>(
    listener: &mut Notifications<P>,
) -> ::relations::Result<Option<P>> {
    timeout(Duration::from_secs(20), listener.try_next()).await.expect("a notification comes")
}

/// Nothing has come that was not taken.
async fn has_nothing_else(db: &Database, channel: &str, listener: &mut Notifications<Placed>) {
    notify(db, channel, &placed(-1)).await.unwrap();
    assert_eq!(next(listener).await.unwrap(), Some(placed(-1)));
}

#[tokio::test]
async fn a_notification_comes_with_the_commit() {
    let Some(url) = postgres_url().await else { return };
    let (db, other) = (direct(&url).await, direct(&url).await);
    let mut listener = db.listen::<Placed>("orders").await.unwrap();
    let mut of_another = other.listen::<Placed>("Orders").await.unwrap();
    notify(&other, "orders", &placed(7)).await.unwrap();
    assert_eq!(next(&mut listener).await.unwrap(), Some(placed(7)));

    let tx = other.begin().await.unwrap();
    notify(&tx, "orders", &placed(8)).await.unwrap();
    notify(&tx, "orders", &placed(9)).await.unwrap();
    let early = timeout(Duration::from_millis(300), listener.try_next()).await;
    assert!(early.is_err(), "{early:?}");
    tx.commit().await.unwrap();
    assert_eq!(next(&mut listener).await.unwrap(), Some(placed(8)));
    assert_eq!(next(&mut listener).await.unwrap(), Some(placed(9)));

    let tx = other.begin().await.unwrap();
    notify(&tx, "orders", &placed(10)).await.unwrap();
    tx.rollback().await.unwrap();
    has_nothing_else(&other, "orders", &mut listener).await;
    has_nothing_else(&other, "Orders", &mut of_another).await;
}

#[tokio::test]
async fn a_channel_of_any_name_is_that_channel() {
    let Some(db) = postgres().await else { return };
    let longest = "ü".repeat(31) + "x";
    for name in ["a\"; DROP TABLE x; --", "select", "Ünï cödé", " ", "it's", "$1", &longest] {
        let mut listener = db.listen::<Placed>(name).await.unwrap();
        notify(&db, name, &placed(7)).await.unwrap();
        assert_eq!(next(&mut listener).await.unwrap(), Some(placed(7)), "{name}");
    }
    for name in ["", "a\0b", &"x".repeat(64), &"ü".repeat(32)] {
        let error = db.listen::<Placed>(name).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        let error = notify(&db, name, &placed(7)).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("63 bytes"), "{error}");
    }
}

#[tokio::test]
async fn a_payload_that_is_too_long_is_refused_before_it_is_sent() {
    let Some(db) = postgres().await else { return };
    let mut listener = db.listen::<String>("long").await.unwrap();
    let longest = "x".repeat(7_997);
    notify(&db, "long", &longest).await.unwrap();
    assert_eq!(next(&mut listener).await.unwrap(), Some(longest.clone()));
    let error = notify(&db, "long", &(longest + "x")).await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("8000 bytes"), "{error}");
}

#[tokio::test]
async fn a_payload_of_another_type_is_an_error_after_which_more_comes() {
    let Some(db) = postgres().await else { return };
    let mut listener = db.listen::<Placed>("orders").await.unwrap();
    sql("NOTIFY orders", ()).execute(&db).await.unwrap();
    notify(&db, "orders", &"secret").await.unwrap();
    notify(&db, "orders", &placed(7)).await.unwrap();
    for _ in 0..2 {
        let error = next(&mut listener).await.unwrap_err();
        assert!(error.is_invalid_input() && !error.to_string().contains("secret"), "{error}");
    }
    assert_eq!(next(&mut listener).await.unwrap(), Some(placed(7)));
}

#[tokio::test]
async fn a_lost_connection_ends_the_stream_with_an_error() {
    let Some(db) = postgres().await else { return };
    let mut listener = db.listen::<Placed>("orders").await.unwrap();
    notify(&db, "orders", &placed(7)).await.unwrap();
    // A caller that stops waiting loses nothing.
    assert_eq!(next(&mut listener).await.unwrap(), Some(placed(7)));
    assert!(timeout(Duration::from_millis(50), listener.try_next()).await.is_err());
    notify(&db, "orders", &placed(8)).await.unwrap();
    assert_eq!(next(&mut listener).await.unwrap(), Some(placed(8)));

    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' \
                 AND datname = current_database()";
    assert_eq!(sql(ended, ()).one::<i64>(&db).await.unwrap(), 1);
    let error = next(&mut listener).await.unwrap_err();
    assert!(error.is_connection() && error.to_string().contains("listen anew"), "{error}");
    assert!(next(&mut listener).await.unwrap().is_none());
}

#[tokio::test]
async fn a_listener_that_is_dropped_closes_its_connection() {
    let Some(db) = postgres().await else { return };
    let mut listener = db.listen::<Placed>("orders").await.unwrap();
    assert!(timeout(Duration::from_millis(50), listener.try_next()).await.is_err());
    drop(listener);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";
    for _ in 0..100 {
        if sql(open, ()).one::<i64>(&db).await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is still there");
}

#[tokio::test]
async fn executors_around_a_database_notify_too() {
    let Some(db) = postgres().await else { return };
    let mut listener = db.listen::<Placed>("orders").await.unwrap();
    notify(&db.tenant(7_i64), "orders", &placed(1)).await.unwrap();
    notify(&db.in_schema("t7"), "orders", &placed(2)).await.unwrap();
    notify(&db.batched(), "orders", &placed(3)).await.unwrap();
    notify(&db.observed(Observers::new()), "orders", &placed(4)).await.unwrap();
    for number in 1..=4 {
        assert_eq!(next(&mut listener).await.unwrap(), Some(placed(number)));
    }
}

#[tokio::test]
async fn sqlite_notifies_nobody() {
    let db = sqlite().await;
    assert!(db.listen::<Placed>("orders").await.unwrap_err().is_invalid_request());
    assert!(notify(&db, "orders", &placed(7)).await.unwrap_err().is_invalid_request());
}
