//! No answer is lost: a caller that waits is woken, however the threads interleave. Loom reports a
//! deadlock otherwise.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::thread;

use crate::connection::{Answer, Socket};
use crate::driver::postgres::caller_driven::Driver;

/// Runs a model with at most so many preemptions, which finds all races of that many.
fn model(preemptions: usize, run: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(run);
}

fn wait(driver: &Driver, answer: Answer) -> usize {
    block_on(async { driver.wait(pin!(answer)).await })
}

/// Waits for an answer, and gives up after one poll.
fn give_up(driver: &Driver, answer: Answer) -> Poll<usize> {
    let mut answer = pin!(answer);
    let waiting = pin!(driver.wait(answer.as_mut()));
    waiting.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn one_caller_is_woken() {
    model(4, || {
        let (socket, driver) = Socket::new(2);
        let server = thread::spawn({
            let socket = Arc::clone(&socket);
            move || (0..2).for_each(|_| socket.send())
        });
        assert_eq!(wait(&driver, socket.answer(0)), 0);
        assert_eq!(wait(&driver, socket.answer(1)), 1);
        server.join().unwrap();
    });
}

/// The next caller takes over from one that is no longer polled.
#[test]
fn a_caller_is_woken_after_another_was_dropped() {
    model(3, || {
        let (socket, driver) = Socket::new(2);
        let server = thread::spawn({
            let socket = Arc::clone(&socket);
            move || (0..2).for_each(|_| socket.send())
        });
        let _ = give_up(&driver, socket.answer(0));
        assert_eq!(wait(&driver, socket.answer(1)), 1);
        server.join().unwrap();
    });
}

/// Two callers of a transaction wait at once, and leave the connection to a task.
#[test]
fn two_callers_are_woken() {
    model(2, || {
        let (socket, driver) = Socket::new(2);
        let other = thread::spawn({
            let (socket, driver) = (Arc::clone(&socket), Arc::clone(&driver));
            move || wait(&driver, socket.answer(1))
        });
        socket.send();
        let server = thread::spawn({
            let socket = Arc::clone(&socket);
            move || socket.send()
        });
        assert_eq!(wait(&driver, socket.answer(0)), 0);
        assert_eq!(other.join().unwrap(), 1);
        server.join().unwrap();
    });
}

/// A caller is woken though the one before it stopped being polled while it still drives.
#[test]
fn a_caller_is_woken_beside_one_that_is_not_polled() {
    model(3, || {
        let (socket, driver) = Socket::new(2);
        let server = thread::spawn({
            let socket = Arc::clone(&socket);
            move || (0..2).for_each(|_| socket.send())
        });
        let mut first = pin!(socket.answer(0));
        let mut driving = pin!(driver.wait(first.as_mut()));
        let _ = driving.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(wait(&driver, socket.answer(1)), 1);
        server.join().unwrap();
    });
}

/// An idle connection is looked at before it is lent, while the server sends.
#[test]
fn a_look_takes_nothing_from_the_next_caller() {
    model(3, || {
        let (socket, driver) = Socket::new(1);
        let server = thread::spawn({
            let socket = Arc::clone(&socket);
            move || socket.send()
        });
        driver.look();
        assert_eq!(wait(&driver, socket.answer(0)), 0);
        server.join().unwrap();
    });
}
