//! One batch: keys that are gathered, who waits for them, and what they are answered.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::runtime::Id;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle, yield_now};
use tokio::time::timeout;

use crate::driver::coalesce::answer::{Answered, Share};
use crate::driver::coalesce::keys::{SharedKey, SharedKeys};
use crate::error::{Error, Kind, Result};
use crate::sql::batch_key::BatchKey;

/// The number of times that others go first that may bring keys, so that a batch is sent however many they are. A
/// runtime of tokio comes back after some sixty tasks at most.
const MOST_ROUNDS: usize = 64;

/// The time that a batch waits for a caller that is to close it and is not polled. It would
/// otherwise keep all others waiting.
const STALL_TIMEOUT: Duration = Duration::from_millis(10);

/// The batches that callers can join, one a look-up at most.
#[derive(Default)]
pub(crate) struct Open(Mutex<Vec<Arc<Batch>>>);

impl Open {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Vec<Arc<Batch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nobody join a batch any more.
    pub(crate) fn remove(&self, batch: &Arc<Batch>) {
        self.lock().retain(|one| !Arc::ptr_eq(one, batch));
    }
}

pub(crate) struct Batch {
    pub(crate) look_up: BatchKey,
    /// The runtime of its callers, in which its statement is sent: another one may be driven by nothing.
    pub(crate) runtime: Id,
    state: Mutex<BatchState>,
    answer: OnceLock<Result<Arc<Answered>>>,
    /// Told when no more keys are taken.
    closing: Notify,
}

#[derive(Default)]
struct BatchState {
    keys: SharedKeys,
    /// The wakers, by the number of the caller; `None` for one that no longer waits.
    callers: Vec<Option<Waker>>,
    /// The number of callers that were not dropped.
    waiting: usize,
    /// The caller that closes it after a round which brought nobody; the first one, or who came after
    /// it where that was dropped. There is none where a window says when to close.
    gatherer: Option<usize>,
    /// The number of callers before the round, and the number of rounds.
    before: usize,
    rounds: usize,
    /// Whether nobody can join any more.
    closed: bool,
    /// The future that gathers the keys and looks them up.
    task: Option<AbortHandle>,
}

impl BatchState {
    /// The caller that closes the batch in place of one that no longer waits.
    fn next_gatherer(&mut self, gone: usize) -> Option<Waker> {
        self.gatherer.filter(|gatherer| *gatherer == gone)?;
        self.gatherer = self.callers.iter().position(Option::is_some);
        self.callers.get(self.gatherer?)?.clone()
    }
}

/// Asks to be polled again when the runtime has nothing else to do, or has done much.
fn come_back_later(context: &mut Context<'_>) {
    // The first time that it is polled it says so, and no more is wanted of it.
    let _ = pin!(yield_now()).poll(context);
}

/// A caller that has joined.
#[derive(Clone, Copy)]
pub(crate) struct Joined {
    number: usize,
    /// The place of its key.
    place: usize,
    /// Whether nobody can join after it.
    pub(crate) is_last: bool,
}

impl Batch {
    pub(crate) fn new(look_up: BatchKey, runtime: Id) -> Self {
        let (state, answer, closing) = (Mutex::default(), OnceLock::new(), Notify::new());
        Self { look_up, runtime, state, answer, closing }
    }

    fn state(&self) -> MutexGuard<'_, BatchState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a caller, unless the batch is closed; with so many keys it closes.
    pub(crate) fn join(
        &self,
        key: SharedKey,
        waker: &Waker,
        most: usize,
    ) -> Result<Joined, SharedKey> {
        let mut state = self.state();
        if state.closed {
            return Err(key);
        }
        let (number, place) = (state.callers.len(), state.keys.join(key));
        state.callers.push(Some(waker.clone()));
        state.waiting += 1;
        state.closed = state.keys.places() >= most;
        if state.closed {
            self.closing.notify_one();
        }
        Ok(Joined { number, place, is_last: state.closed })
    }

    /// Tells which task answers it.
    pub(crate) fn is_answered_by(&self, task: &JoinHandle<()>) {
        self.state().task = Some(task.abort_handle());
    }

    /// Lets the first caller close it when it is asked how it goes, and a round brought nobody.
    pub(crate) fn closes_after_a_round(&self, context: &mut Context<'_>) {
        let mut state = self.state();
        (state.gatherer, state.before) = (Some(0), 1);
        drop(state);
        come_back_later(context);
    }

    /// Waits until it is closed, or there is no more time.
    pub(crate) async fn gather(&self, window: Option<Duration>) {
        let _ = timeout(window.unwrap_or(STALL_TIMEOUT), self.closing.notified()).await;
    }

    /// Closes it: the keys, and how many callers there were.
    pub(crate) fn close(&self) -> (SharedKeys, usize) {
        let mut state = self.state();
        state.closed = true;
        (std::mem::take(&mut state.keys), state.callers.len())
    }

    /// Tells an answer to all who wait. A later caller opens a batch of its own, also where this
    /// one is told before it was closed, with the runtime that was to gather it.
    fn tell(&self, answer: Result<Arc<Answered>>) {
        // It is told once.
        let _ = self.answer.set(answer);
        let mut state = self.state();
        state.closed = true;
        let callers = std::mem::take(&mut state.callers);
        drop(state);
        callers.into_iter().flatten().for_each(Waker::wake);
    }
}

/// A batch that is to be answered, whatever becomes of the task that has it.
pub(crate) struct Unanswered(pub(crate) Arc<Batch>);

impl Unanswered {
    pub(crate) fn answer(self, answer: Result<Arc<Answered>>) {
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

/// A caller that waits for an answer. Its place is given up when it is dropped.
pub(crate) struct Waiter<'a> {
    open: &'a Open,
    batch: Arc<Batch>,
    joined: Joined,
}

impl<'a> Waiter<'a> {
    pub(crate) fn new(open: &'a Open, batch: Arc<Batch>, joined: Joined) -> Self {
        Self { open, batch, joined }
    }

    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Share>> {
        if let Some(share) = self.share() {
            return Poll::Ready(share);
        }
        let mut state = self.batch.state();
        if state.gatherer == Some(self.joined.number) && !state.closed {
            let callers = state.callers.len();
            state.rounds += 1;
            state.closed = state.before == callers || state.rounds == MOST_ROUNDS;
            state.before = callers;
            if state.closed {
                self.batch.closing.notify_one();
            } else {
                come_back_later(context);
            }
        }
        // Nobody is there any more where all were woken since it was looked.
        let caller = state.callers.get_mut(self.joined.number);
        let before = caller.and_then(|caller| caller.replace(context.waker().clone()));
        drop(state);
        // A waker may run any code when it is dropped, so it is dropped without the lock.
        drop(before);
        self.share().map_or(Poll::Pending, Poll::Ready)
    }

    fn share(&self) -> Option<Result<Share>> {
        let answer = self.batch.answer.get()?.clone();
        Some(answer.map(|answered| Share::new(answered, self.joined.place)))
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if self.batch.answer.get().is_some() {
            return;
        }
        let mut state = self.batch.state();
        let _waker = state.callers.get_mut(self.joined.number).and_then(Option::take);
        state.keys.leave(self.joined.place);
        state.waiting -= 1;
        if state.waiting > 0 {
            let next = state.next_gatherer(self.joined.number);
            drop(state);
            if let Some(next) = next {
                next.wake();
            }
            return;
        }
        // No caller waits any more, and none can join.
        state.closed = true;
        let task = state.task.take();
        drop(state);
        self.open.remove(&self.batch);
        if let Some(task) = task {
            task.abort();
        }
    }
}
