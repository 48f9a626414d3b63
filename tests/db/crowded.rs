//! Look-ups that find all connections of a pool in use.
#![allow(clippy::large_futures, reason = "many calls wait at once")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, schema, sql};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tracing::span::{Attributes, Record};
use tracing::{Event, Id, Metadata, Subscriber};

use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Plant, key_to = "garden_code", key_from = "code")]
struct Garden {
    #[id(generated)]
    id: i64,
    #[unique]
    code: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Plant {
    #[id(generated)]
    id: i64,
    #[belongs_to(Garden, name = "garden", key_to = "code")]
    garden_code: i64,
}

/// Counts statements that are sent.
#[derive(Debug, Clone, Default)]
struct Sent(Arc<AtomicUsize>);

impl Subscriber for Sent {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "relations"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Sent {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let listening = tracing::subscriber::set_default(self.clone());
        tracing::callsite::rebuild_interest_cache();
        listening
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

async fn pool_of(url: &str, connections: usize) -> Database {
    let options = ConnectOptions::new(url).pool_size(connections);
    options.wait_timeout(Duration::from_secs(10)).connect().await.unwrap()
}

/// Plants of two hundred gardens, two in each.
async fn plants(db: &Database) -> Vec<Plant> {
    db.create(schema![Garden, Plant]).await.unwrap();
    let gardens = (0..200).map(|number| NewGarden { code: 1_000 - number });
    let gardens = NewGarden::insert_many(gardens, db).await.unwrap();
    let new = gardens.iter().chain(&gardens).map(|garden| NewPlant { garden_code: garden.code });
    NewPlant::insert_many(new.collect::<Vec<_>>(), db).await.unwrap()
}

/// Polls all calls once, so that they wait, and then does something else beside them.
async fn beside<T>(
    calls: impl IntoIterator<Item = impl Future<Output = T>>,
    work: impl Future<Output = ()>,
) -> Vec<T> {
    let mut calls = pin!(join_all(calls));
    assert!(calls.as_mut().now_or_never().is_none());
    work.await;
    calls.await
}

#[tokio::test]
async fn look_ups_that_wait_are_one_statement() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of(&url, 1).await;
    let plants = plants(&db).await;
    let sent = Sent::default();
    let _listening = sent.listen();
    for _ in 0..3 {
        let transaction = db.begin().await.unwrap();
        sent.take();
        let gardens = beside(plants.iter().map(|plant| plant.garden(&db)), async {
            transaction.commit().await.unwrap();
            assert_eq!(sent.take(), 1);
        });
        for (plant, garden) in plants.iter().zip(gardens.await) {
            assert_eq!(garden.unwrap().code, plant.garden_code);
        }
        assert_eq!(sent.take(), 1);
    }

    // An executor that counts look-ups counts each caller's.
    let stats = db.query_stats();
    let transaction = db.begin().await.unwrap();
    let counted = beside(plants[..50].iter().map(|plant| plant.garden(&stats)), async {
        transaction.commit().await.unwrap();
        sent.take();
    });
    counted.await.into_iter().for_each(|garden| assert!(garden.is_ok()));
    assert_eq!((sent.take(), stats.statements()), (1, 50));

    // To many, each with its own rows.
    let gardens = Garden::find().order_by(Garden::ID.asc()).all(&db).await.unwrap();
    let transaction = db.begin().await.unwrap();
    let all = beside(gardens.iter().map(|garden| garden.plants(&db)), async {
        transaction.commit().await.unwrap();
        sent.take();
    });
    for (garden, plants) in gardens.iter().zip(all.await) {
        let plants = plants.unwrap();
        assert_eq!(plants.len(), 2);
        assert!(plants.iter().all(|plant| plant.garden_code == garden.code));
    }
    assert_eq!(sent.take(), 1);
}

#[tokio::test]
async fn look_ups_that_need_not_wait_are_sent_as_they_are() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of(&url, 2).await;
    let plants = plants(&db).await;
    let sent = Sent::default();
    let _listening = sent.listen();
    for plant in &plants[..3] {
        plant.garden(&db).await.unwrap();
    }
    assert_eq!(sent.take(), 3);
    let transaction = db.begin().await.unwrap();
    sent.take();
    let both = plants[..2].iter().map(|plant| plant.garden(&transaction));
    assert!(join_all(both).await.iter().all(Result::is_ok));
    assert_eq!(sent.take(), 2);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn each_caller_is_told_what_is_its_own() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of(&url, 1).await;
    let plants = plants(&db).await;
    let id = |plant: &Plant| plant.id;
    let asked = [id(&plants[0]), 77_777, id(&plants[1]), id(&plants[0])];
    let transaction = db.begin().await.unwrap();
    let told = beside(asked.map(|id| Plant::find_by_id(id).one(&db)), async {
        transaction.commit().await.unwrap();
    });
    let told = told.await;
    for (asked, told) in asked.iter().zip(told) {
        match told {
            Ok(plant) => assert_eq!(plant.id, *asked),
            Err(error) => {
                assert!(error.is_not_found() && *asked == 77_777, "{error}");
                assert!(error.to_string().contains("77777"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn callers_that_are_dropped_cost_the_others_nothing() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of(&url, 1).await;
    let plants = plants(&db).await;
    let transaction = db.begin().await.unwrap();
    let mut calls: Vec<_> = plants.iter().map(|plant| Box::pin(plant.garden(&db))).collect();
    for call in &mut calls {
        assert!(call.as_mut().now_or_never().is_none());
    }
    let kept = calls.split_off(calls.len() - 3);
    drop(calls);
    transaction.commit().await.unwrap();
    for (plant, garden) in plants[plants.len() - 3..].iter().zip(join_all(kept).await) {
        assert_eq!(garden.unwrap().code, plant.garden_code);
    }
    // When all are dropped, the pool is as it was.
    let transaction = db.begin().await.unwrap();
    let mut call = Box::pin(plants[0].garden(&db));
    assert!(call.as_mut().now_or_never().is_none());
    drop(call);
    transaction.commit().await.unwrap();
    assert_eq!(plants[0].garden(&db).await.unwrap().code, plants[0].garden_code);
}

#[tokio::test]
async fn who_waits_too_long_is_told_so() {
    let Some(url) = support::postgres_url().await else { return };
    let options = ConnectOptions::new(&url).pool_size(1).wait_timeout(Duration::from_millis(50));
    let db = options.connect().await.unwrap();
    let plants = plants(&db).await;
    let transaction = db.begin().await.unwrap();
    let told = join_all(plants[..5].iter().map(|plant| plant.garden(&db))).await;
    let alone = Plant::find().count(&db).await.unwrap_err();
    for error in told {
        assert_eq!(error.unwrap_err().to_string(), alone.to_string());
    }
    transaction.commit().await.unwrap();
    assert_eq!(plants[0].garden(&db).await.unwrap().code, plants[0].garden_code);
}

#[tokio::test]
async fn writes_are_seen_by_look_ups_after_them() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of(&url, 1).await;
    let plants = plants(&db).await;
    let work = plants.iter().take(100).enumerate().map(async |(number, plant)| {
        let number = i64::try_from(number).unwrap();
        for round in 0..3 {
            let mut plant = Plant::find_by_id(plant.id).one(&db).await.unwrap();
            plant.garden_code = 1_000 - (number + round) % 200;
            plant.update(&db).await.unwrap();
            assert_eq!(plant.garden(&db).await.unwrap().code, plant.garden_code);
            assert_eq!(Plant::find_by_id(plant.id).one(&db).await.unwrap(), plant);
            yield_now().await;
        }
    });
    timeout(Duration::from_secs(30), join_all(work)).await.unwrap();
}

/// A runtime that nothing drives holds up nobody in another one.
#[test]
fn each_runtime_waits_for_itself() {
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let (one, other) = (runtime(), runtime());
    let Some(url) = one.block_on(support::postgres_url()) else { return };
    let (db, plants, transaction) = one.block_on(async {
        let db = pool_of(&url, 1).await;
        let plants = plants(&db).await;
        let transaction = db.begin().await.unwrap();
        (db, plants, transaction)
    });
    let mut first = Box::pin(plants[0].garden(&db));
    one.block_on(async { assert!(first.as_mut().now_or_never().is_none()) });
    let mut second = Box::pin(plants[1].garden(&db));
    other.block_on(async { assert!(second.as_mut().now_or_never().is_none()) });
    one.block_on(async { transaction.commit().await.unwrap() });
    // The first one waits for the connection before the second one does, and is not driven now.
    one.block_on(async { assert_eq!(first.await.unwrap().code, plants[0].garden_code) });
    let told = other.block_on(async { timeout(Duration::from_secs(10), second).await.unwrap() });
    assert_eq!(told.unwrap().code, plants[1].garden_code);
    other.block_on(async {
        sleep(Duration::from_millis(1)).await;
        assert_eq!(sql("SELECT 1", ()).one::<i32>(&db).await.unwrap(), 1);
    });
}

#[tokio::test]
async fn look_ups_of_a_schema_stay_in_it() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of(&url, 1).await;
    let plants = plants(&db).await;
    let other = db.in_schema("other");
    sql("CREATE SCHEMA other", ()).execute(&db).await.unwrap();
    other.create(schema![Garden, Plant]).await.unwrap();
    let garden = NewGarden { code: plants[0].garden_code }.insert(&other).await.unwrap();
    let transaction = db.begin().await.unwrap();
    let found = beside((0..3).map(|_| plants[0].garden(&other)), async {
        transaction.commit().await.unwrap();
    });
    for found in found.await {
        assert_eq!(found.unwrap(), garden);
    }
}
