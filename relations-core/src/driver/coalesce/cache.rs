//! Remembered answers, for as long as nothing is written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::driver::coalesce::answer::{Answered, Share};
use crate::driver::coalesce::keys::{SharedKey, SharedKeys};
use crate::driver::transaction::Ending;
use crate::hash::Seed;
use crate::sql::batch_key::BatchKey;

#[derive(Default)]
pub(crate) struct Cache(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The answers of each look-up; there are few of them.
    answers: Vec<(BatchKey, HashMap<SharedKey, Share, Seed>)>,
    /// The number of times that everything was forgotten. An answer to an earlier request is not kept.
    forgotten: u64,
    /// The transactions that are open.
    transactions: Vec<Ending>,
}

/// When something was asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheState(u64);

impl Cache {
    fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = known.transactions.len();
        known.transactions.retain(|ending| !ending.is_here());
        if known.transactions.len() < open {
            known.forget();
        }
        known
    }

    /// The remembered answer for a key.
    pub(crate) fn get(&self, look_up: &BatchKey, key: &SharedKey) -> Option<Share> {
        let known = self.known();
        if !known.transactions.is_empty() {
            return None;
        }
        let (_, answers) = known.answers.iter().find(|(one, _)| one.is(look_up))?;
        answers.get(key).cloned()
    }

    pub(crate) fn state(&self) -> CacheState {
        CacheState(self.known().forgotten)
    }

    /// Keeps the answer to some keys, unless anything was written since they were asked for.
    pub(crate) fn keep(
        &self,
        asked: CacheState,
        look_up: BatchKey,
        keys: SharedKeys,
        answered: &Arc<Answered>,
    ) {
        let mut known = self.known();
        if CacheState(known.forgotten) != asked || !known.transactions.is_empty() {
            return;
        }
        let shares =
            keys.into_wanted().map(|(key, place)| (key, Share::new(Arc::clone(answered), place)));
        match known.answers.iter_mut().find(|(one, _)| one.is(&look_up)) {
            Some((_, answers)) => answers.extend(shares),
            None => known.answers.push((look_up, shares.collect())),
        }
    }

    /// Keeps nothing before a transaction is over, and forgets everything then.
    pub(crate) fn wait_for(&self, transaction: Ending) {
        let mut known = self.known();
        known.forget();
        known.transactions.push(transaction);
    }

    /// Forgets everything, now and when what is returned is dropped.
    pub(crate) fn forgetting(&self) -> Forgetting<'_> {
        self.known().forget();
        Forgetting(self)
    }
}

impl Known {
    fn forget(&mut self) {
        self.answers.clear();
        self.forgotten += 1;
    }
}

/// Something is written.
pub(crate) struct Forgetting<'cache>(&'cache Cache);

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        self.0.known().forget();
    }
}
