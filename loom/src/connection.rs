//! A connection and a server, reduced to what wakes whom.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use loom::sync::atomic::{AtomicUsize, Ordering};

use crate::driver::postgres::caller_driven::{ConnectionFuture, Driver};
use crate::driver::postgres::sync::{AtomicWaker, Handle};

/// The socket, and the answers that were read from it.
pub(crate) struct Socket {
    /// The number of answers that the server has sent.
    sent: AtomicUsize,
    readable: AtomicWaker,
    /// The number of answers that the connection has read.
    read: AtomicUsize,
    /// Wakes the caller of each answer.
    answered: Vec<AtomicWaker>,
}

impl Socket {
    /// A socket over which so many answers come, and the driver of its connection.
    pub(crate) fn new(answers: usize) -> (Arc<Self>, Arc<Driver>) {
        let socket = Arc::new(Self {
            sent: AtomicUsize::new(0),
            readable: AtomicWaker::new(),
            read: AtomicUsize::new(0),
            answered: (0..answers).map(|_| AtomicWaker::new()).collect(),
        });
        let connection: ConnectionFuture = Box::pin(Connection(Arc::clone(&socket)));
        (socket, Arc::new(Driver::new(connection, Handle)))
    }

    /// The server sends the next answer.
    pub(crate) fn send(&self) {
        self.sent.fetch_add(1, Ordering::AcqRel);
        self.readable.wake();
    }

    /// The answer of that number.
    pub(crate) fn answer(self: &Arc<Self>, number: usize) -> Answer {
        Answer { socket: Arc::clone(self), number }
    }
}

/// Reads what has come, and wakes its callers; ends after the last answer.
struct Connection(Arc<Socket>);

impl Future for Connection {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let socket = &self.0;
        socket.readable.register(context.waker());
        let sent = socket.sent.load(Ordering::Acquire);
        let read = socket.read.swap(sent, Ordering::AcqRel);
        for caller in socket.answered.get(read..sent).unwrap_or_default() {
            caller.wake();
        }
        if sent == socket.answered.len() { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Is ready when its answer was read.
pub(crate) struct Answer {
    socket: Arc<Socket>,
    number: usize,
}

impl Future for Answer {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        if let Some(caller) = self.socket.answered.get(self.number) {
            caller.register(context.waker());
        }
        if self.socket.read.load(Ordering::Acquire) > self.number {
            return Poll::Ready(self.number);
        }
        Poll::Pending
    }
}
