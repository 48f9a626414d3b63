//! Tasks that wait for answers of one connection: many at once, one that is dropped, and none for a
//! while.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Executor, connect, sql};
use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::cast::{self, Customer, NewCustomer, NewOrder, Order};
use crate::support;

/// Runs each behaviour on a runtime of one thread and on one of several, each time on a pool of one
/// connection to an empty database.
macro_rules! behaviour_of_one_connection {
    ($($(#[$attribute:meta])* async fn $name:ident($url:ident, $db:ident) $body:block)*) => {
        $(
            $(#[$attribute])*
            mod $name {
                use super::*;

                #[allow(unused_variables)]
                async fn behaviour($url: &str, $db: Database) $body

                async fn on_postgres() {
                    let Some(url) = support::postgres_url().await else { return };
                    in_time(behaviour(&url, one_connection(&url).await)).await;
                }

                #[tokio::test]
                async fn on_one_thread() {
                    on_postgres().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_several_threads() {
                    on_postgres().await;
                }
            }
        )*
    };
}

/// A task that is never woken fails instead of waiting forever.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), work).await.expect("somebody was not woken")
}

async fn one_connection(url: &str) -> Database {
    ConnectOptions::new(url).pool_size(1).connect().await.unwrap()
}

/// Asks for a number that the server takes so many milliseconds to tell.
async fn slow(db: &impl Executor, number: i64, millis: i32) -> i64 {
    let told = sql("SELECT $1 FROM pg_sleep($2 / 1000.0)", (number, millis));
    told.one(db).await.unwrap()
}

async fn ask(db: &impl Executor, number: i64) -> i64 {
    slow(db, number, 0).await
}

/// Waits until it was woken so often, and then no longer.
async fn for_a_while<T>(wakes: u64, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut polls) = (pin!(work), 0);
    poll_fn(|context| {
        polls += 1;
        match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if polls > wakes => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Orders of two customers in turn.
async fn orders(db: &Database, number: i32) -> Vec<Order> {
    cast::create(db).await;
    let (ada, bob) = cast::customers(db).await;
    let new = (0..number).map(|quantity| {
        let customer = if quantity % 2 == 0 { &ada } else { &bob };
        NewOrder { customer_id: customer.pk, payer_id: None, quantity }
    });
    NewOrder::insert_many(new.collect::<Vec<_>>(), db).await.unwrap()
}

/// Numbers that are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

behaviour_of_one_connection! {
    async fn all_who_wait_at_once_have_their_own_answers(url, db) {
        let orders = orders(&db, 100).await;
        let transaction = db.begin().await.unwrap();
        let found = orders.iter().map(|order| Order::find_by_id(order.id).one(&transaction));
        let customers = orders.iter().map(|order| order.customer(&transaction));
        let (found, customers) = join(join_all(found), join_all(customers)).await;
        for ((order, found), customer) in orders.iter().zip(found).zip(customers) {
            assert_eq!((&found.unwrap(), customer.unwrap().pk), (order, order.customer_id));
        }
        transaction.commit().await.unwrap();
    }

    async fn tasks_share_a_transaction(url, db) {
        let transaction = Arc::new(db.begin().await.unwrap());
        let tasks = (0..8).map(|task| {
            let transaction = Arc::clone(&transaction);
            tokio::spawn(async move {
                for number in task * 100..task * 100 + 25 {
                    assert_eq!(ask(&transaction, number).await, number);
                }
            })
        });
        for task in join_all(tasks).await {
            task.unwrap();
        }
        Arc::into_inner(transaction).unwrap().commit().await.unwrap();
    }

    async fn who_goes_takes_along_no_answer_of_another(url, db) {
        for (first, second) in [(10, 0), (0, 10), (10, 10)] {
            let transaction = db.begin().await.unwrap();
            let goes = for_a_while(0, slow(&transaction, 1, first));
            assert_eq!(join(goes, slow(&transaction, 2, second)).await.1, 2);
            assert_eq!(ask(&transaction, 3).await, 3);
            transaction.commit().await.unwrap();
        }
    }

    async fn who_came_later_may_go_first(url, db) {
        let transaction = db.begin().await.unwrap();
        let goes = for_a_while(0, slow(&transaction, 2, 10));
        assert_eq!(join(slow(&transaction, 1, 10), goes).await.0, 1);
        assert_eq!(ask(&transaction, 3).await, 3);
    }

    async fn who_waits_may_move_to_another_task(url, db) {
        let moved = db.clone();
        let mut asked = Box::pin(async move { slow(&moved, 1, 10).await });
        // A task that is interrupted while it polls may have the answer at once.
        if asked.as_mut().now_or_never().is_none() {
            assert_eq!(tokio::spawn(asked).await.unwrap(), 1);
        }
        assert_eq!(ask(&db, 2).await, 2);
    }

    async fn a_stream_lets_others_ask(url, db) {
        let orders = orders(&db, 30).await;
        let transaction = db.begin().await.unwrap();
        let mut stream = Order::find().stream(&transaction).chunk(4);
        for order in &orders {
            assert_eq!(stream.try_next().await.unwrap().as_ref(), Some(order));
            assert_eq!(ask(&transaction, order.id).await, order.id);
        }
        assert_eq!(stream.try_next().await.unwrap(), None);
    }

    async fn a_stream_may_move_while_a_chunk_is_asked_for(url, db) {
        let orders = orders(&db, 30).await;
        let mut stream = Order::find().stream(db.clone()).chunk(10);
        let first = stream.try_next().now_or_never();
        let read = tokio::spawn(async move {
            let mut read = Vec::from_iter(first.and_then(Result::unwrap));
            while let Some(order) = stream.try_next().await.unwrap() {
                read.push(order);
            }
            read
        });
        assert_eq!(read.await.unwrap(), orders);
    }

    async fn a_long_answer_leaves_turns_to_others(url, db) {
        const ROWS: i64 = 30_000;
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let others = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        });
        let long = sql("SELECT n, repeat('x', 200) FROM generate_series(1, $1) AS n", (ROWS,));
        let read: Vec<(i64, String)> = long.clone().all(&db).await.unwrap();
        assert!(read.iter().map(|(number, _)| *number).eq(1..=ROWS));
        assert!(read.iter().all(|(_, text)| text.len() == 200));
        assert!(turns.load(Ordering::Relaxed) > 20, "{turns:?}");

        let transaction = db.begin().await.unwrap();
        let both = join(long.all::<(i64, String)>(&transaction), ask(&transaction, 7)).await;
        assert!(both.0.unwrap() == read && both.1 == 7);
        others.abort();
    }

    async fn who_asks_and_goes_leaves_the_connection_to_the_next(url, db) {
        for number in 0..20 {
            let _ = slow(&db, number, 1).now_or_never();
            assert_eq!(ask(&db, number).await, number);
        }
    }

    async fn who_panics_over_a_row_leaves_the_connection_to_the_next(url, db) {
        let transaction = Arc::new(db.begin().await.unwrap());
        let shared = Arc::clone(&transaction);
        let panics = tokio::spawn(async move {
            let rows = sql("SELECT n FROM generate_series(1, 1000) AS n", ());
            rows.each(&shared, |_: i32| panic!("as it is meant to")).await
        });
        assert!(panics.await.unwrap_err().is_panic());
        assert_eq!(ask(&transaction, 1).await, 1);
        drop(transaction);
        assert_eq!(ask(&db, 2).await, 2);
    }

    /// The server counts those that it has lost.
    async fn a_connection_that_is_closed_takes_its_leave(url, db) {
        assert_eq!(ask(&db, 1).await, 1);
        drop(db);
        let other = one_connection(url).await;
        let open = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while sql(open, ()).one::<i64>(&other).await.unwrap() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
        let lost = "SELECT sessions_abandoned FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(sql(lost, ()).one::<i64>(&other).await.unwrap(), 0);
    }

    /// A statement that writes is not sent again when the connection turns out to be closed, so
    /// this shows that it was seen before.
    async fn a_connection_that_was_closed_while_nobody_waited_is_noticed(url, db) {
        cast::create(&db).await;
        let other = connect(url).await.unwrap();
        for id in 0..3 {
            let process: i32 = sql("SELECT pg_backend_pid()", ()).one(&db).await.unwrap();
            let terminate = sql("SELECT pg_terminate_backend($1, 5000)", (process,));
            assert!(terminate.one::<bool>(&other).await.unwrap());
            sleep(Duration::from_millis(10)).await;
            let new = NewCustomer { id, pk: id, name: "Ada".into(), email: None };
            new.insert(&db).await.unwrap();
        }
        assert_eq!(Customer::find().count(&db).await.unwrap(), 3);
    }

    /// A connection is worked by a task for good once two have waited at the same time, so each seed
    /// begins with another one.
    async fn each_has_its_answer_in_whatever_order_they_come_and_go(url, db) {
        for seed in 1..=20 {
            let db = one_connection(url).await;
            let mut random = Random(seed * 0x9E37_79B9);
            let crowd = random.below(25);
            let transaction = Arc::new(db.begin().await.unwrap());
            for round in 0..30 {
                let ask = |number| {
                    let transaction = Arc::clone(&transaction);
                    async move { ask(&transaction, number).await == number }
                };
                let (wakes, number) = (random.below(4), round * 10);
                let choices = if round as u64 >= crowd { 6 } else { 3 };
                let (one, other) = match random.below(choices) {
                    0 => (Some(ask(number).await), None),
                    1 => (for_a_while(wakes, ask(number)).await, None),
                    2 => (Some(tokio::spawn(ask(number)).await.unwrap()), None),
                    3 => join(ask(number).map(Some), ask(number + 1).map(Some)).await,
                    4 => join(for_a_while(wakes, ask(number)), ask(number + 1).map(Some)).await,
                    _ => {
                        let spawned = tokio::spawn(ask(number)).map(Result::ok);
                        join(spawned, for_a_while(wakes, ask(number + 1))).await
                    }
                };
                assert!(one.unwrap_or(true) && other.unwrap_or(true), "{seed}, {round}");
            }
            Arc::into_inner(transaction).unwrap().commit().await.unwrap();
        }
    }
}

/// A runtime takes its tasks along, and the sockets that it has looked after.
#[test]
fn who_waits_when_the_runtime_is_gone_is_told_so() {
    let runtime = || Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for at_once in 1..=2 {
        let (gone, other) = (runtime(), runtime());
        let Some(url) = gone.block_on(support::postgres_url()) else { return };
        let transaction = gone.block_on(async {
            let transaction = one_connection(&url).await.begin().await.unwrap();
            join_all((0..at_once).map(|number| ask(&transaction, number))).await;
            transaction
        });
        drop(gone);
        let told = other.block_on(in_time(sql("SELECT 1", ()).one::<i32>(&transaction)));
        assert!(told.as_ref().is_err_and(::relations::Error::is_connection), "{told:?}");
    }
}
