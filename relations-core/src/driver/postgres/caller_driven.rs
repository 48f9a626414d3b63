//! The caller drives the connection: the task that awaits a response polls tokio-postgres's
//! `Connection`, so no background task is woken.
//!
//! Within a transaction two tasks may wait at once. From then on a spawned task polls the connection.
//!
//! `loom/` compiles this file with the primitives of a model checker in place of those of
//! [`sync`](super::sync), and runs every interleaving of a few threads.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::driver::postgres::sync::{
    AbortHandle, AtomicBool, AtomicU8, AtomicWaker, Handle, Mutex, MutexGuard, Ordering,
};
use crate::driver::spawn;

/// The future that sends and reads for a client, until the connection is closed.
pub(crate) type ConnectionFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The number of times that a long answer is polled again before the task yields.
const TURNS: usize = 32;

/// Polls a connection on behalf of the task that waits for an answer.
pub(crate) struct Driver {
    line: Mutex<Line>,
    /// Whether somebody waits.
    busy: AtomicBool,
    calls: Arc<WakeFlags>,
    /// Wakes for the wire.
    for_wire: Waker,
    /// Wakes for an answer.
    for_answer: Waker,
    runtime: Handle,
}

struct Line {
    /// None once it is closed, or a task has it.
    wire: Option<ConnectionFuture>,
    /// The task that polls it, where the caller does not.
    task: Option<AbortHandle>,
}

impl Driver {
    /// A driver of a connection that was made on this runtime.
    pub(crate) fn new(wire: ConnectionFuture, runtime: Handle) -> Self {
        // Nobody has looked at the wire yet.
        let calls = Arc::new(WakeFlags { due: AtomicU8::new(WIRE), caller: AtomicWaker::new() });
        Self {
            line: Mutex::new(Line { wire: Some(wire), task: None }),
            busy: AtomicBool::new(false),
            for_wire: CallWaker::waker(&calls, WIRE),
            for_answer: CallWaker::waker(&calls, ANSWER),
            calls,
            runtime,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for an answer, or for several in one future.
    pub(crate) async fn wait<F: Future>(&self, mut answer: Pin<&mut F>) -> F::Output {
        let Some(_turn) = DriverGuard::take(&self.busy) else {
            self.leave_to_task();
            return answer.await;
        };
        self.calls.call(ANSWER);
        poll_fn(|context| self.poll(answer.as_mut(), context)).await
    }

    fn poll<F: Future>(
        &self,
        mut answer: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        self.calls.caller.register(context.waker());
        for _ in 0..TURNS {
            let due = self.calls.listen();
            if due & WIRE != 0 {
                self.work();
            }
            if due & ANSWER != 0 {
                let answer = answer.as_mut().poll(&mut Context::from_waker(&self.for_answer));
                if answer.is_ready() {
                    self.calls.end();
                    return answer;
                }
            }
            if self.calls.rest() {
                return Poll::Pending;
            }
        }
        self.calls.end();
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Sends and reads what can be at once, unless a task does.
    fn work(&self) {
        let mut line = self.line();
        let context = &mut Context::from_waker(&self.for_wire);
        // Why it is closed is told to who waits for an answer.
        if line.wire.as_mut().is_some_and(|wire| wire.as_mut().poll(context).is_ready()) {
            line.wire = None;
        }
    }

    /// Takes in what has come while nobody waited, as that the server has closed the connection.
    pub(crate) fn look(&self) {
        if self.calls.is_due(WIRE) {
            self.work();
        }
    }

    /// Has a task work the wire, for all who wait. Should its runtime end, the wire goes with it, which
    /// tells them.
    fn leave_to_task(&self) {
        let mut line = self.line();
        if let Some(wire) = line.wire.take() {
            line.task = Some(spawn::spawn(&self.runtime, wire));
        }
    }

    /// Closes the connection, of which the server is told where all is answered and the client is gone.
    pub(crate) fn close(&self) {
        self.work();
        let mut line = self.line();
        line.wire = None;
        if let Some(task) = &line.task {
            task.abort();
        }
    }
}

/// That somebody waits, and nobody else does.
struct DriverGuard<'driver>(&'driver AtomicBool);

impl<'driver> DriverGuard<'driver> {
    fn take(busy: &'driver AtomicBool) -> Option<Self> {
        // Made only where it is taken, as one that is dropped ends the turn.
        (!busy.swap(true, Ordering::AcqRel)).then(|| Self(busy))
    }
}

impl Drop for DriverGuard<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The wire is to be worked.
const WIRE: u8 = 1;

/// The answer is to be looked at.
const ANSWER: u8 = 2;

/// Somebody does what is due, and needs no waking.
const AWAKE: u8 = 4;

/// The pending wake-ups, and the tasks to wake.
struct WakeFlags {
    due: AtomicU8,
    caller: AtomicWaker,
}

impl WakeFlags {
    fn call(&self, what: u8) {
        if self.due.fetch_or(what, Ordering::AcqRel) & AWAKE == 0 {
            self.caller.wake();
        }
    }

    /// The wake-ups that are due now, while the caller stays awake.
    fn listen(&self) -> u8 {
        self.due.swap(AWAKE, Ordering::AcqRel)
    }

    /// Goes to sleep, if nothing is due.
    fn rest(&self) -> bool {
        self.due.compare_exchange(AWAKE, 0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// No task waits any more.
    fn end(&self) {
        self.due.fetch_and(!AWAKE, Ordering::AcqRel);
        self.caller.take();
    }

    fn is_due(&self, what: u8) -> bool {
        self.due.load(Ordering::Acquire) & what != 0
    }
}

/// Wakes the tasks that wait for one of both.
struct CallWaker {
    calls: Arc<WakeFlags>,
    due: u8,
}

impl CallWaker {
    fn waker(calls: &Arc<WakeFlags>, due: u8) -> Waker {
        Arc::new(Self { calls: Arc::clone(calls), due }).into()
    }
}

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.calls.call(self.due);
    }
}
