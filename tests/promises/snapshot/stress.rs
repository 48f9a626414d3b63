//! Readers beside three writers who never rest. `scripts/snapshots` runs this for long.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ::relations::include::Strategy;
use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Error, Executor, Result};

use super::world::{self, Item, Job, NewItem, NewJob, NewOwner, NewTagging, Owner, Tagging};
use crate::support;

/// The number of times that each kind of tree is loaded by each strategy.
fn runs() -> usize {
    let runs = std::env::var("RELATIONS_SNAPSHOT_RUNS").ok();
    runs.and_then(|runs| runs.parse().ok()).unwrap_or(20)
}

/// Takes a job away or lets one come, with as many items and tags as it says, and opens or closes one.
/// At every moment each job has what it says.
async fn write(db: &Database, number: u64) -> Result<()> {
    let id = 4 + i64::try_from(number % 12).unwrap();
    let size = i64::try_from(number % 3).unwrap();
    db.transaction(async |tx| {
        if let Some(job) = Job::find_by_id(id).optional(tx).await? {
            if number.is_multiple_of(5) {
                Job::find_by_id(id).set(Job::OPEN, !job.open).update(tx).await?;
                return Ok(());
            }
            Tagging::find().filter(Tagging::JOB_ID.eq(id)).delete(tx).await?;
            Item::find().filter(Item::JOB_ID.eq(id)).delete(tx).await?;
            Job::find_by_id(id).delete(tx).await?;
            Owner::find_by_id(id).delete(tx).await?;
            return Ok(());
        }
        NewOwner { id, key: id + 100, name: format!("owner {id}") }.insert(tx).await?;
        NewJob { id, owner_key: id + 100, open: true, size }.insert(tx).await?;
        for number in 1..=size {
            NewItem { id: 10 * id + number, job_id: id }.insert(tx).await?;
            let tag_id = number + 50;
            NewTagging { id: 100 * id + number, job_id: id, tag_id }.insert(tx).await?;
        }
        Ok(())
    })
    .await
}

/// Loads a tree, and says whether no moment had it.
async fn is_wrong(kind: usize, strategy: Strategy, db: &impl Executor) -> Result<bool> {
    let open = || Job::find().filter(Job::OPEN.eq(true)).order_by(Job::ID.desc());
    macro_rules! by {
        ($($name:ident = $relation:expr),+; $ask:expr) => {
            match strategy {
                Strategy::Pipelined => { $(let $name = $relation.pipelined();)+ $ask }
                _ => { $(let $name = $relation.batched();)+ $ask }
            }
        };
    }
    Ok(match kind {
        0 => by!(items = Job::ITEMS, tags = Job::TAGS; {
            let jobs = open().include(items).include(tags).all(db).await?;
            jobs.iter().any(|job| {
                job.items.len() as i64 != job.size || job.tags.len() as i64 != job.size
            })
        }),
        1 => by!(items = Job::ITEMS; {
            let jobs = open().limit(3).include(items).all(db).await?;
            jobs.iter().any(|job| job.items.len() as i64 != job.size)
        }),
        2 => by!(items = Job::ITEMS, jobs = Owner::JOBS; {
            let owner = Job::OWNER;
            let jobs = match strategy {
                Strategy::Joined => open().include(owner.joined().include(jobs.include(items))).all(db).await?,
                Strategy::Batched => open().include(owner.batched().include(jobs.include(items))).all(db).await?,
                Strategy::Pipelined => open().include(owner.pipelined().include(jobs.include(items))).all(db).await?,
            };
            jobs.iter().any(|job| {
                let jobs = &job.owner.jobs;
                !jobs.iter().any(|one| one.id == job.id)
                    || jobs.iter().any(|one| one.items.len() as i64 != one.size)
            })
        }),
        3 => {
            let (items, owner) = (Job::ITEMS.count(), Job::OWNER);
            let jobs = match strategy {
                Strategy::Joined => {
                    open().include(items.joined()).include_required(owner.joined()).all(db).await?
                }
                Strategy::Batched => {
                    open()
                        .include(items.batched())
                        .include_required(owner.batched())
                        .all(db)
                        .await?
                }
                Strategy::Pipelined => {
                    open()
                        .include(items.pipelined())
                        .include_required(owner.pipelined())
                        .all(db)
                        .await?
                }
            };
            jobs.iter().any(|job| job.items != job.size || job.owner.key != job.owner_key)
        }
        4 => by!(items = Job::ITEMS; {
            let page = open().include(items).page(3).fetch(db).await?;
            page.rows.iter().any(|job| job.items.len() as i64 != job.size)
        }),
        _ => by!(items = Job::ITEMS; {
            let mut jobs = open().include(items).stream(db).chunk(2);
            let mut wrong = false;
            while let Some(job) = jobs.try_next().await? {
                wrong |= job.items.len() as i64 != job.size;
            }
            wrong
        }),
    })
}

const KINDS: usize = 6;

/// Loads trees while three others write; how many were wrong is what is told.
async fn sees_only_moments(name: &str, reader: &Database, writer: &Database) {
    world::fill(writer).await;
    let (stop, commits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let failed: Arc<Mutex<Vec<Error>>> = Arc::default();
    let writers = (0..3).map(|number| {
        let (db, stop, commits) = (writer.clone(), Arc::clone(&stop), Arc::clone(&commits));
        let failed = Arc::clone(&failed);
        tokio::spawn(async move {
            // Each has jobs of its own, in an order that is another one each time.
            let mut next = number * 4;
            while !stop.load(Ordering::Relaxed) {
                match write(&db, next).await {
                    Ok(()) => commits.fetch_add(1, Ordering::Relaxed),
                    Err(error) => {
                        failed.lock().unwrap().push(error);
                        return;
                    }
                };
                next = number * 4 + (next * 7 + 5) % 4 + 12 * ((next / 12 + 1) % 5);
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let begun = Instant::now();
    for strategy in [Strategy::Joined, Strategy::Batched, Strategy::Pipelined] {
        let (mut wrong, mut interleaved) = (0, 0);
        for run in 0..runs() {
            let before = commits.load(Ordering::Relaxed);
            match is_wrong(run % KINDS, strategy, reader).await {
                Ok(is_wrong) => wrong += usize::from(is_wrong),
                // A target that others delete is not missing.
                Err(error) => {
                    eprintln!("{name} {strategy}: {error}");
                    wrong += 1;
                }
            }
            interleaved += usize::from(commits.load(Ordering::Relaxed) > before);
        }
        let runs = runs();
        println!(
            "snapshots: {name} {strategy} runs={runs} interleaved={interleaved} wrong={wrong}"
        );
        assert_eq!(wrong, 0, "{name} {strategy}");
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(failed.lock().unwrap().is_empty(), "{failed:?}");
    let commits = commits.load(Ordering::Relaxed);
    println!("snapshots: {name} commits={commits} seconds={:.1}", begun.elapsed().as_secs_f64());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_writers_on_postgres() {
    let Some(url) = support::postgres_url().await else { return };
    let writer = ::relations::connect(&url).await.unwrap();
    world::create(&writer).await;
    for unnamed in [false, true] {
        let options = ConnectOptions::new(&url).unnamed_statements(unnamed);
        let name = if unnamed { "postgres-unnamed" } else { "postgres" };
        sees_only_moments(name, &options.connect().await.unwrap(), &writer).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_writers_on_sqlite() {
    let db = support::sqlite().await;
    world::create(&db).await;
    sees_only_moments("sqlite", &db, &db).await;
}
