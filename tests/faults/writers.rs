//! Writers that go on whatever happens, and remember what they were told.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{Database, Error, Result, Transaction};
use tokio::task::JoinHandle;

use crate::tally::Tally;

/// An entry: the writer's number, and how many it has written before.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Entry {
    #[id(generated)]
    pub id: i64,
    pub writer: i64,
    pub number: i64,
}

/// The row that is written in one transaction with an entry.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Receipt {
    #[id]
    #[belongs_to(Entry)]
    pub entry_id: i64,
}

/// The time that one write may take, which acquires a connection, perhaps makes it, and uses it.
const LIMIT: Duration = Duration::from_secs(6);

/// In which way a writer writes, each in its turn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Alone,
    Begun,
    Worked,
}

impl Way {
    fn of(number: i64) -> Self {
        match number % 3 {
            0 => Self::Alone,
            1 => Self::Begun,
            _ => Self::Worked,
        }
    }

    async fn write(self, db: &Database, writer: i64, number: i64) -> Result<()> {
        let entry = NewEntry { writer, number };
        match self {
            Self::Alone => {
                entry.insert(db).await?;
            }
            Self::Begun => {
                let transaction = db.begin().await?;
                let entry = entry.insert(&transaction).await?;
                NewReceipt { entry_id: entry.id }.insert(&transaction).await?;
                transaction.commit().await?;
            }
            Self::Worked => {
                let work = async |transaction: &Transaction| {
                    let entry = NewEntry { writer, number }.insert(transaction).await?;
                    NewReceipt { entry_id: entry.id }.insert(transaction).await
                };
                db.transaction(work).await?;
            }
        }
        Ok(())
    }

    /// Whether what failed may be there all the same. It is so where a connection broke while a row
    /// was written alone or a transaction was committed, and at no other time.
    fn may_have_written(self, error: &Error) -> bool {
        error.is_commit_unknown() || (self == Self::Alone && error.is_connection())
    }
}

/// The answers that one writer got.
#[derive(Default)]
struct Told {
    acknowledged: HashSet<(i64, i64)>,
    unknown: HashSet<(i64, i64)>,
}

/// Tasks that write until they are told to stop.
pub struct Writers {
    /// The first writer writes through the first, the second through the second, and so on.
    pools: Vec<Database>,
    tally: Arc<Tally>,
    written: Arc<Vec<AtomicU64>>,
    calm: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Told>>,
}

impl Writers {
    pub async fn start(pools: &[Database], writers: usize, tally: &Arc<Tally>) -> Self {
        pools[0].create(schema![Entry, Receipt]).await.unwrap();
        let mut started = Self {
            pools: pools.to_vec(),
            tally: Arc::clone(tally),
            written: Arc::new((0..writers).map(|_| AtomicU64::new(0)).collect()),
            calm: Arc::new(AtomicBool::new(true)),
            stopped: Arc::default(),
            tasks: Vec::new(),
        };
        started.tasks = (0..writers).map(|writer| tokio::spawn(started.writer(writer))).collect();
        started
    }

    /// One writer. Nothing helps it: it holds a pool, and writes again when a write has failed.
    fn writer(&self, writer: usize) -> impl Future<Output = Told> + use<> {
        let db = self.pools[writer % self.pools.len()].clone();
        let tally = Arc::clone(&self.tally);
        let (written, stopped) = (Arc::clone(&self.written), Arc::clone(&self.stopped));
        let calm = Arc::clone(&self.calm);
        async move {
            let key = i64::try_from(writer).unwrap();
            let mut told = Told::default();
            for number in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let way = Way::of(number);
                let calm_before = calm.load(Ordering::Relaxed);
                match tally.within(LIMIT, "a write", way.write(&db, key, number)).await {
                    Ok(()) => {
                        told.acknowledged.insert((key, number));
                        tally.acknowledged.add(1);
                        written[writer].fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => {
                        assert!(error.is_connection() ^ error.is_commit_unknown(), "{error:?}");
                        assert!(!error.is_retryable() && !error.is_timeout(), "{error:?}");
                        let calm = calm_before && calm.load(Ordering::Relaxed);
                        assert!(!calm, "nothing was broken when this was written: {error:?}");
                        if way.may_have_written(&error) {
                            told.unknown.insert((key, number));
                        }
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                }
            }
            told
        }
    }

    /// Whether from now on nothing is broken, as at first, so that no write that begins may fail.
    pub fn calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::Relaxed);
    }

    /// Waits until each writer has written so many times more.
    pub async fn write(&self, times: u64) {
        let counts = || self.written.iter().map(|count| count.load(Ordering::Relaxed));
        let wanted: Vec<_> = counts().map(|count| count + times).collect();
        while counts().zip(&wanted).any(|(count, wanted)| count < *wanted) {
            assert!(!self.tasks.iter().any(JoinHandle::is_finished), "a writer has failed");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops the writers, and compares what they were told with what is there.
    pub async fn finish(self) {
        self.stopped.store(true, Ordering::Relaxed);
        let mut told = Told::default();
        for task in self.tasks {
            let one = task.await.unwrap();
            told.acknowledged.extend(one.acknowledged);
            told.unknown.extend(one.unknown);
        }
        let entries = Entry::find().all(&self.pools[0]).await.unwrap();
        let written: HashSet<_> = entries.iter().map(|one| (one.writer, one.number)).collect();
        let lost: Vec<_> = told.acknowledged.difference(&written).collect();
        self.tally.lost.add(lost.len() as u64);
        assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
        assert_eq!(entries.len(), written.len(), "nothing is written twice");
        let denied: Vec<_> = written
            .iter()
            .filter(|one| !told.acknowledged.contains(one) && !told.unknown.contains(one))
            .collect();
        assert!(denied.is_empty(), "there, though its writer was told that it is not: {denied:?}");

        let receipts = Receipt::find().all(&self.pools[0]).await.unwrap();
        let receipts: HashSet<_> = receipts.iter().map(|one| one.entry_id).collect();
        let halves = entries
            .iter()
            .filter(|one| receipts.contains(&one.id) == (Way::of(one.number) == Way::Alone));
        assert_eq!(halves.count(), 0, "transactions of which a half is there");
    }
}
