//! One batch: keys that are gathered, who waits for them, and what they are answered.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle, yield_now};
use tokio::time::timeout;

use super::answer::{Answered, Share};
use super::keys::{Key, Keys};
use crate::error::{Error, Kind, Result};
use crate::query::LookUp;

/// How often a batch lets others go first that may bring keys, so that it is sent however many
/// they are. A runtime of tokio comes back after some sixty tasks at most.
const MOST_YIELDS: usize = 64;

/// The batches that callers can join, one a look-up at most.
#[derive(Default)]
pub(super) struct Open(Mutex<Vec<Arc<Batch>>>);

impl Open {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Arc<Batch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nobody join a batch any more.
    pub(super) fn remove(&self, batch: &Arc<Batch>) {
        self.lock().retain(|one| !Arc::ptr_eq(one, batch));
    }
}

pub(super) struct Batch {
    pub(super) look_up: LookUp,
    state: Mutex<State>,
    answer: OnceLock<Result<Arc<Answered>>>,
    /// Told when no more keys are taken.
    full: Notify,
}

#[derive(Default)]
struct State {
    keys: Keys,
    /// Who is to be woken, by the number of the caller; nobody where it no longer waits.
    callers: Vec<Option<Waker>>,
    /// How many callers were not dropped.
    waiting: usize,
    /// Whether nobody can join any more.
    closed: bool,
    /// What gathers the keys and looks them up.
    task: Option<AbortHandle>,
}

/// A caller that has joined.
#[derive(Clone, Copy)]
pub(super) struct Joined {
    number: usize,
    /// The place of its key.
    place: usize,
    /// Whether nobody can join after it.
    pub(super) is_last: bool,
}

impl Batch {
    pub(super) fn new(look_up: LookUp) -> Self {
        let (state, answer, full) = (Mutex::default(), OnceLock::new(), Notify::new());
        Self { look_up, state, answer, full }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a caller, unless the batch is closed; with so many keys it closes.
    pub(super) fn join(&self, key: Key, waker: &Waker, most: usize) -> Result<Joined, Key> {
        let mut state = self.state();
        if state.closed {
            return Err(key);
        }
        let (number, place) = (state.callers.len(), state.keys.join(key));
        state.callers.push(Some(waker.clone()));
        state.waiting += 1;
        state.closed = state.keys.places() >= most;
        if state.closed {
            self.full.notify_one();
        }
        Ok(Joined { number, place, is_last: state.closed })
    }

    /// Tells which task answers it.
    pub(super) fn is_answered_by(&self, task: &JoinHandle<()>) {
        self.state().task = Some(task.abort_handle());
    }

    /// Waits while keys come.
    pub(super) async fn gather(&self, window: Option<Duration>) {
        if let Some(window) = window {
            // Either there is time no more, or no room.
            let _ = timeout(window, self.full.notified()).await;
            return;
        }
        let callers = || {
            let state = self.state();
            (!state.closed).then_some(state.callers.len())
        };
        let mut seen = callers();
        for _ in 0..MOST_YIELDS {
            yield_now().await;
            let now = callers();
            if now.is_none() || now == seen {
                return;
            }
            seen = now;
        }
    }

    /// Closes it: the keys, and how many callers there were.
    pub(super) fn close(&self) -> (Keys, usize) {
        let mut state = self.state();
        state.closed = true;
        (std::mem::take(&mut state.keys), state.callers.len())
    }

    /// Tells an answer to all who wait.
    fn tell(&self, answer: Result<Arc<Answered>>) {
        // It is told once.
        let _ = self.answer.set(answer);
        let callers = std::mem::take(&mut self.state().callers);
        callers.into_iter().flatten().for_each(Waker::wake);
    }
}

/// A batch that is to be answered, whatever becomes of the task that has it.
pub(super) struct Unanswered(pub(super) Arc<Batch>);

impl Unanswered {
    pub(super) fn answer(self, answer: Result<Arc<Answered>>) {
        self.0.tell(answer);
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if self.0.answer.get().is_none() {
            let given_up = "a statement of several callers was given up: the runtime has ended, or \
                            an executor has panicked";
            self.0.tell(Err(Error::new(Kind::Connection(given_up.to_owned()))));
        }
    }
}

/// Who waits for an answer. Its place is given up when it is dropped.
pub(super) struct Seat<'a> {
    open: &'a Open,
    batch: Arc<Batch>,
    joined: Joined,
}

impl<'a> Seat<'a> {
    pub(super) fn new(open: &'a Open, batch: Arc<Batch>, joined: Joined) -> Self {
        Self { open, batch, joined }
    }

    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Share>> {
        if let Some(share) = self.share() {
            return Poll::Ready(share);
        }
        let mut state = self.batch.state();
        // Nobody is there any more where all were woken since it was looked.
        let caller = state.callers.get_mut(self.joined.number);
        let before = caller.and_then(|caller| caller.replace(context.waker().clone()));
        drop(state);
        // What a waker does when it is dropped is not known, so it is done here.
        drop(before);
        self.share().map_or(Poll::Pending, Poll::Ready)
    }

    fn share(&self) -> Option<Result<Share>> {
        let answer = self.batch.answer.get()?.clone();
        Some(answer.map(|answered| Share::new(answered, self.joined.place)))
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if self.batch.answer.get().is_some() {
            return;
        }
        let mut state = self.batch.state();
        let _waker = state.callers.get_mut(self.joined.number).and_then(Option::take);
        state.keys.leave(self.joined.place);
        state.waiting -= 1;
        if state.waiting > 0 {
            drop(state);
            return;
        }
        // Nobody waits any more, and nobody can join.
        state.closed = true;
        let task = state.task.take();
        drop(state);
        self.open.remove(&self.batch);
        if let Some(task) = task {
            task.abort();
        }
    }
}
