//! A bound for the types that the driver looks up.
//!
//! The driver asks the server for each type that it does not know, then for the types that this one is
//! made of, and so on, each time by a function that calls itself. A server that answers with another
//! unknown type each time would have it use up the stack, which ends the process.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

use crate::error::told::RedactableMessage;
use crate::error::{Error, Kind};

/// The number of answers of the server that a statement may take before its rows come. A type takes one or two;
/// so many calls within each other fit on the stack of any thread.
const ANSWERS: usize = 100;

/// Waits for a future of the driver that looks up types, and gives it up when it has asked too often.
pub(crate) async fn bounded<T, E: From<Error>>(
    looking_up: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let answers = Arc::new(WakeCounter::default());
    let waker = Waker::from(Arc::clone(&answers));
    let mut looking_up = pin!(looking_up);
    poll_fn(|context| {
        answers.caller.register(context.waker());
        if answers.number.load(Ordering::Relaxed) > ANSWERS {
            return Poll::Ready(Err(without_end().into()));
        }
        looking_up.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}

/// Counts how often the driver is woken, which it is once an answer at least: it asks for a type when
/// the one before it is known, and waits.
#[derive(Default)]
struct WakeCounter {
    caller: AtomicWaker,
    number: AtomicUsize,
}

impl Wake for WakeCounter {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.number.fetch_add(1, Ordering::Relaxed);
        self.caller.wake();
    }
}

fn without_end() -> Error {
    Error::new(Kind::Database {
        code: None,
        message: RedactableMessage::safe(
            "the types of one statement take too many look-ups; cast columns of types that are not \
                  built into PostgreSQL to text",
        ),
    })
}
