//! Many write to one file of SQLite, and processes die while they write.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, connect};

use crate::tally::tried;
use crate::writers::{Entry, NewEntry, NewReceipt, Receipt, Writers};

/// The variable that tells the process to be killed where its file is.
const FILE: &str = "RELATIONS_FAULTS_FILE";

/// The word that the process prints before the number of each row that was acknowledged.
const WROTE: &str = "wrote ";

/// A folder with a database of its own, which goes when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);

        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("relations-faults-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("faults.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn open(file: &Path, wait: Duration) -> Database {
    let options = ConnectOptions::new(format!("sqlite:{}", file.display()));
    options.wait_timeout(wait).connect().await.unwrap()
}

/// They write through two pools, as two processes would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_tasks_write_to_one_file() {
    tried(60, async |tally| {
        let folder = Folder::new();
        let patience = Duration::from_secs(30);
        let db = open(&folder.file(), patience).await;
        let others = open(&folder.file(), patience).await;
        let writers = Writers::start(&[db, others], 16, &tally).await;
        writers.write(12).await;
        writers.finish().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_written_to_is_waited_for() {
    tried(30, async |tally| {
        let folder = Folder::new();
        let holder = open(&folder.file(), Duration::from_secs(5)).await;
        holder.create(schema![Entry, Receipt]).await.unwrap();
        let hasty = open(&folder.file(), Duration::from_millis(300)).await;
        let patient = open(&folder.file(), Duration::from_secs(10)).await;
        let new = |number| NewEntry { writer: 0, number };

        let held = holder.begin().await.unwrap();
        new(0).insert(&held).await.unwrap();
        tally.injected.add(1);
        for begun in [false, true] {
            let asked = Instant::now();
            let refused = if begun {
                hasty.begin().await.map(drop)
            } else {
                new(1).insert(&hasty).await.map(drop)
            };
            let (error, waited) = (refused.unwrap_err(), asked.elapsed());
            assert!(error.is_serialization_failure() && !error.is_connection(), "{error:?}");
            let (least, most) = (Duration::from_millis(250), Duration::from_secs(3));
            assert!((least..most).contains(&waited), "it waited for {waited:?}");
        }
        assert_eq!(Entry::find().count(&hasty).await.unwrap(), 0, "who only reads need not wait");

        let waiting = tokio::spawn(async move { new(2).insert(&patient).await });
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(!waiting.is_finished());
        held.commit().await.unwrap();
        waiting.await.unwrap().unwrap();
        assert_eq!(Entry::find().count(&hasty).await.unwrap(), 2);
        tally.acknowledged.add(2);
    })
    .await;
}

/// Each row that was acknowledged to a killed process is found by its successors; and no half of a
/// transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_it_was_told() {
    tried(60, async |tally| {
        let folder = Folder::new();
        let db = open(&folder.file(), Duration::from_secs(5)).await;
        db.create(schema![Entry, Receipt]).await.unwrap();
        drop(db);
        let mut acknowledged = HashSet::new();
        for generation in 0..8 {
            let file = folder.file();
            let killed = move || killed_writer(&file, Duration::from_millis(100 + 37 * generation));
            let wrote = tokio::task::spawn_blocking(killed).await.unwrap();
            tally.injected.add(1);
            tally.acknowledged.add(wrote.len() as u64);
            assert!(!wrote.is_empty(), "it was killed before it wrote anything");
            acknowledged.extend(wrote);

            let db = open(&folder.file(), Duration::from_secs(5)).await;
            let entries = Entry::find().all(&db).await.unwrap();
            let written: HashSet<_> = entries.iter().map(|entry| entry.id).collect();
            let lost: Vec<_> = acknowledged.difference(&written).collect();
            tally.lost.add(lost.len() as u64);
            assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
            let receipts = Receipt::find().all(&db).await.unwrap();
            assert_eq!(receipts.len(), entries.len(), "a half of a transaction");
        }
    })
    .await;
}

/// Runs `a_process_that_is_killed` in a process of its own until it has written and some time has
/// gone, and tells the rows it was told are written.
fn killed_writer(file: &Path, life: Duration) -> Vec<i64> {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::a_process_that_is_killed", "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let number = |line: String| line.strip_prefix(WROTE).and_then(|id| id.parse().ok());
    let mut wrote: Vec<i64> = lines.by_ref().find_map(number).into_iter().collect();
    std::thread::sleep(life);
    process.kill().unwrap();
    wrote.extend(lines.filter_map(number));
    process.wait().unwrap();
    wrote
}

/// The process of the test above: it writes until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "another test runs it, in a process of its own, and kills it"]
async fn a_process_that_is_killed() {
    let Ok(file) = std::env::var(FILE) else { return };
    let db = connect(&format!("sqlite:{file}")).await.unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let transaction = db.begin().await.unwrap();
                    let entry = NewEntry { writer, number }.insert(&transaction).await.unwrap();
                    let receipt = NewReceipt { entry_id: entry.id };
                    receipt.insert(&transaction).await.unwrap();
                    transaction.commit().await.unwrap();
                    // In one piece, so that a line is either there or not.
                    let line = format!("\n{WROTE}{}\n", entry.id);
                    std::io::stdout().write_all(line.as_bytes()).unwrap();
                    std::io::stdout().flush().unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
