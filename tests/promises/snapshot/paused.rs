//! An executor that pauses before a wave, while another connection commits.

use std::sync::atomic::{AtomicBool, Ordering};

use ::relations::__private::Acquired;
use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Engine, Executor, Result};

use super::world::{self, CHANGES, Change, Job, KINDS, Owner, STRATEGIES};
use crate::support::{self, Seen};

/// Runs what an executor does, and lets something happen once before the wave of a number.
pub(super) struct Pausing<'a, E, F> {
    db: &'a E,
    wave: usize,
    happen: F,
    happened: AtomicBool,
}

impl<'a, E: Executor, F: Fn() + Send + Sync> Pausing<'a, E, F> {
    pub(super) fn new(db: &'a E, wave: usize, happen: F) -> Self {
        Self { db, wave, happen, happened: AtomicBool::new(false) }
    }
}

impl<E: Executor, F: Fn() + Send + Sync> Executor for Pausing<'_, E, F> {
    fn engine(&self) -> Engine {
        self.db.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.db.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        let pause = |number, _: &[Statement]| {
            if number == self.wave && !self.happened.swap(true, Ordering::Relaxed) {
                (self.happen)();
            }
        };
        Seen::new(self.db.acquire(), pause)
    }
}

/// Does something on a thread of its own, and waits for it.
pub(super) fn elsewhere(work: impl Future<Output = ()> + Send) {
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(work);
        });
        done.join().unwrap();
    });
}

/// Commits a change elsewhere.
fn commit(url: &str, change: Change) {
    elsewhere(async {
        let db = ::relations::connect(url).await.unwrap();
        change.commit(&db).await;
    });
}

async fn sees_one_snapshot(url: &str, db: &Database) {
    world::create(db).await;
    for kind in KINDS {
        for strategy in STRATEGIES {
            for change in CHANGES {
                for wave in if kind.starts_with("nested") { 1..3 } else { 1..2 } {
                    world::fill(db).await;
                    let before = world::ask(kind, strategy, db).await.unwrap();
                    let pausing = Pausing::new(db, wave, || commit(url, change));
                    let meanwhile = world::ask(kind, strategy, &pausing).await;
                    let told = format!("{kind} {strategy:?} {change:?} before wave {wave}");
                    let meanwhile = meanwhile.unwrap_or_else(|error| panic!("{told}: {error}"));
                    assert_eq!(meanwhile, before, "{told}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_pause_between_waves_changes_nothing_on_postgres() {
    let Some(url) = support::postgres_url().await else { return };
    for (far, unnamed) in [(false, false), (true, true)] {
        let options =
            ConnectOptions::new(&url).high_latency(far).unnamed_statements(unnamed).pool_size(1);
        let db = options.connect().await.unwrap();
        sees_one_snapshot(&url, &db).await;
        db.drop(schema![world::Owner, Job, world::Item, world::Note, world::Tag, world::Tagging])
            .await
            .unwrap();
    }
}

/// A file with a log, which is written to while others read.
#[tokio::test]
async fn a_pause_between_waves_changes_nothing_on_sqlite() {
    let folder = std::env::temp_dir().join(format!("relations-snapshot-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("sqlite:{}", folder.join("paused.db").display());
    let db = ::relations::connect(&url).await.unwrap();
    let session = db.sql_session().await.unwrap();
    let log = ::relations::sql("PRAGMA journal_mode = WAL", ()).all::<String>(&session).await;
    assert_eq!(log.unwrap(), ["wal"]);
    session.close();
    sees_one_snapshot(&url, &db).await;
    drop(db);
    let _ = std::fs::remove_dir_all(folder);
}

/// Two kinds of entities in hand, with what is further away.
#[tokio::test]
async fn what_entities_in_hand_lead_to_is_of_one_snapshot() {
    let Some(url) = support::postgres_url().await else { return };
    let db = ::relations::connect(&url).await.unwrap();
    world::create(&db).await;
    for change in CHANGES {
        world::fill(&db).await;
        let jobs = || async { Job::find().order_by(Job::ID.asc()).all(&db).await.unwrap() };
        let load = |jobs| {
            Job::preload(jobs)
                .include(Job::OWNER.include(Owner::JOBS))
                .include(Job::ITEMS.include(world::Item::NOTES))
        };
        let hand = jobs().await;
        let before = load(hand.clone()).all(&db).await.unwrap();
        let pausing = Pausing::new(&db, 1, || commit(&url, change));
        assert_eq!(load(hand.clone()).all(&pausing).await.unwrap(), before, "{change:?}");
    }
}
