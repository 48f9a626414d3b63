//! Accessors that are called at the same time, and the one statement in which they meet.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use ::relations::driver::{QueryStats, Rows, Statement};
use ::relations::prelude::*;
use ::relations::{Batched, Database, Engine, Executor, Result, Transactional, sql};
use futures_util::future::{join, join_all};
use rust_decimal::Decimal;
use time::macros::{datetime, offset};
use uuid::Uuid;

use crate::cast::{self, Customer, Line, NewCustomer, NewLine, NewOrder, NewProduct, Order};
use crate::relations::{Letter, create_places, letter, loose, promised};

/// Customers whose keys are no ids, each with some orders.
async fn orders(db: &Database, customers: i64, each: i64) -> Vec<Order> {
    cast::create(db).await;
    let new = (1..=customers).map(|id| NewCustomer {
        id,
        pk: 1_000 - id,
        name: format!("Customer {id}"),
        email: None,
    });
    let customers = NewCustomer::insert_many(new, db).await.unwrap();
    let new = (0..each).flat_map(|_| &customers).map(|customer| NewOrder {
        customer_id: customer.pk,
        payer_id: (customer.id % 2 == 0).then_some(customer.pk),
        quantity: customer.id as i32,
    });
    NewOrder::insert_many(new.collect::<Vec<_>>(), db).await.unwrap()
}

/// The statistics, by the name of the relation.
fn of(stats: &QueryStats, relation: &str) -> usize {
    let counts = stats.counts();
    let counts = counts.iter().filter(|one| one.relation().is_some_and(|one| one.name == relation));
    counts.map(::relations::driver::QueryCount::statements).sum()
}

async fn all_of<T>(calls: impl IntoIterator<Item = impl Future<Output = Result<T>>>) -> Vec<T> {
    join_all(calls).await.into_iter().map(Result::unwrap).collect()
}

behaviour! {
    async fn a_hundred_accessors_are_one_statement(db) {
        let orders = orders(db, 100, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let customers = all_of(orders.iter().map(|order| order.customer(&batched))).await;
        for (order, customer) in orders.iter().zip(&customers) {
            assert_eq!((order.customer_id, order.quantity), (customer.pk, customer.id as i32));
        }
        assert_eq!(stats.statements(), 1);
    }

    async fn tasks_meet_as_well(db) {
        let orders = orders(db, 100, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let tasks = orders.into_iter().map(|order| {
            let batched = batched.clone();
            tokio::spawn(async move { order.customer(&batched).await.unwrap().id as i32 - order.quantity })
        });
        for task in tasks.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap(), 0);
        }
        assert_eq!(stats.statements(), 1);
    }

    async fn each_key_is_sent_once(db) {
        let orders = orders(db, 1, 20).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let customers = all_of(orders.iter().map(|order| order.customer(&batched))).await;
        assert!(customers.iter().all(|customer| customer.id == 1));
        // One key is looked up as an accessor alone does, but for many.
        assert_eq!((stats.statements(), stats.n_plus_one(0).len()), (1, 0));
    }

    async fn each_relation_is_a_statement(db) {
        let orders = orders(db, 10, 2).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let (customers, payers) = join(
            all_of(orders.iter().map(|order| order.customer(&batched))),
            all_of(orders.iter().map(|order| order.payer(&batched))),
        )
        .await;
        for (customer, payer) in customers.into_iter().zip(payers) {
            assert_eq!(payer, (customer.id % 2 == 0).then_some(customer));
        }
        assert_eq!((of(&stats, "customer"), of(&stats, "payer")), (1, 1));
    }

    async fn entities_by_their_ids_meet(db) {
        let orders = orders(db, 5, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let find = |id| Order::find_by_id(id).optional(&batched);
        let ids = orders.iter().map(|order| order.id).chain([-1]);
        let found = all_of(ids.map(find)).await;
        assert_eq!(found.iter().flatten().collect::<Vec<_>>(), orders.iter().collect::<Vec<_>>());
        assert_eq!((found.len(), stats.statements()), (6, 1));
        let missing = join(Order::find_by_id(-1).one(&batched), Order::find_by_id(-2).one(&batched)).await;
        assert!(missing.0.as_ref().unwrap_err().is_not_found());
        assert_eq!(missing.0.unwrap_err().key(), Some("-1"));
        assert_eq!(missing.1.unwrap_err().key(), Some("-2"));
    }

    async fn those_of_many_keep_their_order(db) {
        let orders = orders(db, 7, 3).await;
        let customers = Customer::find().order_by(Customer::ID.asc()).all(db).await.unwrap();
        let stats = db.query_stats();
        let batched = stats.batched();
        let found = all_of(customers.iter().map(|customer| customer.orders(&batched))).await;
        for (customer, found) in customers.iter().zip(found) {
            let own = orders.iter().filter(|order| order.customer_id == customer.pk);
            assert_eq!(found, own.cloned().collect::<Vec<_>>());
        }
        assert_eq!(stats.statements(), 1);
    }

    async fn keys_of_several_parts_meet(db) {
        create_places(db).await;
        let mut letters = Vec::new();
        for (id, town) in [
            (1, (Some("ch"), Some(0), Some(5))),
            (2, (Some(""), Some(1), Some(5))),
            (3, (Some("ch"), None, Some(5))),
            (4, (Some("ch"), Some(1), Some(5))),
        ] {
            letters.push(letter(id, town).insert(db).await.unwrap());
        }
        let stats = db.query_stats();
        let batched = stats.batched();
        let found = all_of(letters.iter().map(|letter| letter.town(&batched))).await;
        assert_eq!(found, Letter::TOWN.load(db, &letters).await.unwrap());
        let found = all_of(letters.iter().map(|letter| letter.region_only(&batched))).await;
        assert_eq!(found, Letter::REGION_ONLY.load(db, &letters).await.unwrap());
        assert_eq!(stats.statements(), 2);
    }

    async fn lines_by_an_id_of_two_parts_meet(db) {
        let orders = orders(db, 2, 1).await;
        NewProduct { code: "a".into(), price: 1.0 }.insert(db).await.unwrap();
        let mut lines = Vec::new();
        for order in &orders {
            for number in 1..=2 {
                let line = NewLine { order_id: order.id, number, product_id: "a".into() };
                lines.push(line.insert(db).await.unwrap());
            }
        }
        let stats = db.query_stats();
        let batched = stats.batched();
        let find = |line: &Line| Line::find_by_id((line.order_id, line.number)).one(&batched);
        assert_eq!(all_of(lines.iter().map(find)).await, lines);
        assert_eq!(stats.statements(), 1);
    }

    async fn a_null_key_asks_for_nothing(db) {
        let orders = orders(db, 1, 3).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let payers = all_of(orders.iter().map(|order| order.payer(&batched))).await;
        assert_eq!((payers, stats.statements()), (vec![None, None, None], 0));
    }

    async fn each_is_told_of_its_own_missing_target(db) {
        loose::create(db).await;
        let pets = promised::Pet::find().order_by(promised::Pet::ID.asc()).all(db).await.unwrap();
        let batched = db.batched();
        let found = join_all(pets.iter().map(|pet| pet.owner(&batched))).await;
        let keys = found.iter().map(|found| found.as_ref().map_err(ToString::to_string));
        let owner = loose::Owner { id: 1, code: "a".into() };
        let missing = "`Pet.owner` points to Owner 7, which is missing or hidden by row-level \
    security; say `constraint = false` where that may be, which makes an `Option` of it".to_owned();
        assert_eq!(keys.collect::<Vec<_>>(), [Ok(&owner), Err(missing), Ok(&owner)]);
        let sitters = join_all(pets.iter().map(|pet| pet.sitter(&batched))).await;
        assert_eq!(sitters[1].as_ref().unwrap_err().key(), Some("\"z\""));
        assert_eq!(sitters[0].as_ref().unwrap().as_ref(), Some(&owner));
        assert_eq!(sitters[2].as_ref().unwrap(), &None);
    }

    async fn an_error_is_told_to_each(db) {
        let orders = orders(db, 3, 1).await;
        let batched = db.batched();
        db.drop(schema![Customer, Order, Line, cast::Product]).await.unwrap();
        for failed in join_all(orders.iter().map(|order| order.customer(&batched))).await {
            let error = failed.unwrap_err();
            assert_eq!((error.entity(), error.relation().map(|one| one.name)), (Some("Customer"), Some("customer")));
            assert!(error.to_string().contains("customers"), "{error}");
        }
    }

    async fn a_resolver_tree_takes_a_statement_a_level(db) {
        let orders = orders(db, 5, 4).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        // Each order asks for its customer, each of those for its orders, and each of those again.
        let resolve = async |order: &Order| -> Result<usize> {
            let customer = order.customer(&batched).await?;
            let siblings = customer.orders(&batched).await?;
            let customers = join_all(siblings.iter().map(|sibling| sibling.customer(&batched))).await;
            for again in &customers {
                assert_eq!(again.as_ref().unwrap(), &customer);
            }
            Ok(customers.len())
        };
        let found = all_of(orders.iter().map(resolve)).await;
        assert_eq!((found, stats.statements()), (vec![4; 20], 3));
    }

    async fn a_batch_has_so_many_keys_at_most(db) {
        let orders = orders(db, 25, 2).await;
        let stats = db.query_stats();
        let batched = stats.batched().max_keys(10);
        let customers = all_of(orders.iter().map(|order| order.customer(&batched))).await;
        let right = |(order, customer): (&Order, &Customer)| order.customer_id == customer.pk;
        assert!(orders.iter().zip(&customers).all(right));
        // The third takes five of the first round of orders and five of the second.
        assert_eq!(stats.statements(), 5);
        let batched = stats.batched().max_keys(0);
        all_of(orders.iter().take(3).map(|order| order.customer(&batched))).await;
        assert_eq!(stats.statements(), 8);
    }

    async fn a_window_gathers_what_comes_in_time(db) {
        let orders = orders(db, 4, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched().window(Duration::from_millis(80));
        let late = async |order: &Order| {
            tokio::time::sleep(Duration::from_millis(order.quantity as u64)).await;
            order.customer(&batched).await
        };
        all_of(orders.iter().map(late)).await;
        assert_eq!(stats.statements(), 1);
        // A full batch does not wait.
        let batched = stats.batched().window(Duration::from_hours(1)).max_keys(4);
        all_of(orders.iter().map(|order| order.customer(&batched))).await;
        assert_eq!(stats.statements(), 2);
    }

    async fn what_is_more_than_a_key_is_sent_as_it_is(db) {
        let orders = orders(db, 2, 2).await;
        let customers = Customer::find().order_by(Customer::ID.asc()).all(db).await.unwrap();
        let stats = db.query_stats();
        let batched = stats.batched();
        let of = |customer| Customer::ORDERS.of(customer);
        let plain = all_of(customers.iter().map(|one| of(one).all(&batched))).await;
        assert_eq!((plain[0].len(), stats.statements()), (2, 1));
        let filtered = all_of(customers.iter().map(|one| of(one).filter(Order::ID.ne(0)).all(&batched))).await;
        let limited = all_of(customers.iter().map(|one| of(one).limit(1).all(&batched))).await;
        assert_eq!((filtered, stats.statements()), (plain, 5));
        assert_eq!(limited[1].len(), 1);
        let included = Order::find_by_id(orders[0].id).include(Order::CUSTOMER);
        assert_eq!(included.one(&batched).await.unwrap().customer, customers[0]);
        assert_eq!(Order::find().count(&batched).await.unwrap(), 4);
        assert_eq!(stats.statements(), 7);
    }

    async fn a_transaction_is_not_gathered(db) {
        let orders = orders(db, 2, 1).await;
        let batched = db.batched();
        let stats = QueryStats::new(batched.begin().await.unwrap());
        let new = NewCustomer { id: 7, pk: 7, name: "Eve".into(), email: None };
        new.insert(&stats).await.unwrap();
        let ids = [7, 7, 1];
        all_of(ids.into_iter().map(|id| Customer::find_by_id(id).one(&stats))).await;
        assert_eq!(stats.statements(), 4);
        // Nor where somebody asks for it.
        let gathering = Batched::new(stats);
        all_of(orders.iter().map(|order| order.customer(&gathering))).await;
        assert_eq!(gathering.executor().statements(), 6);
        drop(gathering);
        assert!(Customer::find_by_id(7).one(&batched).await.unwrap_err().is_not_found());
    }

    async fn work_in_a_transaction_holds(db) {
        cast::create(db).await;
        let batched = db.batched();
        let add = async |tx: &::relations::Transaction| {
            NewCustomer { id: 7, pk: 7, name: "Eve".into(), email: None }.insert(tx).await
        };
        let eve = batched.transaction(add).await.unwrap();
        assert_eq!(Customer::find_by_id(7).one(&batched).await.unwrap(), eve);
        assert_eq!(delete_seventh(&batched).await.unwrap(), 1);
        assert_eq!(Customer::find_by_id(7).optional(&batched).await.unwrap(), None);
    }
}

/// A function that takes any executor takes this one as well.
async fn delete_seventh(db: &impl Transactional) -> Result<u64> {
    db.transaction(async |tx| Customer::find_by_id(7).delete(tx).await).await
}

/// Polls a future once.
async fn poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    poll_fn(|context| {
        Poll::Ready(match pin!(&mut future).poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

mod keys_of_every_type {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Amount {
        #[id]
        pub amount: Decimal,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Moment {
        #[id]
        pub at: time::OffsetDateTime,
        #[unique]
        pub token: Uuid,
        #[unique]
        pub open: bool,
    }

    behaviour! {
        async fn are_matched_by_their_values(db) {
            db.create(schema![Amount, Moment]).await.unwrap();
            for amount in ["1.50", "2"] {
                NewAmount { amount: amount.parse().unwrap() }.insert(db).await.unwrap();
            }
            let stats = db.query_stats();
            let batched = stats.batched();
            let find = |text: &str| Amount::find_by_id(text.parse::<Decimal>().unwrap()).optional(&batched);
            let found = all_of(["1.5", "1.500", "2.0", "3"].into_iter().map(find)).await;
            let found: Vec<_> = found.into_iter().map(|one| one.map(|one| one.amount.normalize().to_string())).collect();
            assert_eq!(found, [Some("1.5".into()), Some("1.5".into()), Some("2".into()), None]);
            assert_eq!(stats.statements(), 1);

            let (first, second) = (datetime!(2024-02-29 12:00 UTC), datetime!(2024-03-01 12:00 UTC));
            for (at, open) in [(first, true), (second, false)] {
                NewMoment { at, token: Uuid::from_u128(u128::from(open)), open }.insert(db).await.unwrap();
            }
            let elsewhere = first.to_offset(offset!(+5));
            let find = |at| Moment::find_by_id(at).optional(&batched);
            let found = all_of([first, elsewhere, second].into_iter().map(find)).await;
            let found: Vec<_> = found.into_iter().flatten().map(|one| one.open).collect();
            assert_eq!(found, [true, true, false]);
            assert_eq!(stats.statements(), 2);
        }
    }
}

/// An executor that never answers, and counts who asked and who was given up.
struct Silent {
    begun: Arc<AtomicUsize>,
    given_up: Arc<AtomicUsize>,
}

struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Executor for Silent {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, _: &Statement) -> Result<Rows> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let _given_up = OnDrop(Arc::clone(&self.given_up));
        std::future::pending().await
    }
}

/// An executor that has a mistake.
struct Panicking;

impl Executor for Panicking {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn run(&self, _: &Statement) -> Result<Rows> {
        panic!("a mistake")
    }
}

fn sold(customer_id: i64) -> Order {
    Order { id: 1, customer_id, payer_id: None, quantity: 1 }
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_is_given_up() {
    let (begun, given_up) = (Arc::default(), Arc::default());
    let batched =
        Batched::new(Silent { begun: Arc::clone(&begun), given_up: Arc::clone(&given_up) });
    let orders = [sold(1), sold(2)];
    let both = join(orders[0].customer(&batched), orders[1].customer(&batched));
    let waited = tokio::time::timeout(Duration::from_millis(50), both).await;
    assert!(waited.is_err());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((begun.load(Ordering::SeqCst), given_up.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn an_executor_that_panics_is_an_error_to_each() {
    let batched = Batched::new(Panicking);
    let orders = [sold(1), sold(2)];
    let (first, second) = join(orders[0].customer(&batched), orders[1].customer(&batched)).await;
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert!(error.is_connection(), "{error}");
    }
}

mod dropped;
mod request_cache;
mod threads;
