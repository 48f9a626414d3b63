//! The number of statements of a query with includes, and their strategy.

use ::relations::__private::Acquired;
use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{ConnectOptions, Engine, Executor, Result};

use super::shop;
use crate::cast::*;
use crate::relations::{Category, Letter, NewCategory, Region, create_places};
use crate::support::{self, Counting, Distant};

/// Orders with their customer and their lines with products, by one strategy where it can be had.
macro_rules! tree {
    ($strategy:ident) => {
        Order::find()
            .include(Order::CUSTOMER.$strategy())
            .include(Order::PAYER.$strategy())
            .include(Order::LINES.batched().include(Line::PRODUCT.$strategy()))
    };
}

/// An executor that says no more of itself than it must.
#[derive(Debug)]
struct OnlyRuns<'db, E>(&'db E);

impl<E: Executor> Executor for OnlyRuns<'_, E> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }
}

/// An executor on a server that is far.
#[derive(Debug)]
struct Far<'db, E>(Counting<'db, E>);

impl<E: Executor> Executor for Far<'_, E> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        Distant(self.0.acquire())
    }
}

behaviour! {
    async fn a_far_server_is_sent_all_at_once_and_a_near_one_what_it_needs(db) {
        shop(db).await;
        let query = Order::find()
            .include(Order::CUSTOMER)
            .include(Order::LINES.include(Line::PRODUCT))
            .order_by(Order::ID.asc());
        let (near, far) = (Counting::new(db), Far(Counting::new(db)));
        let found = query.clone().all(&near).await.unwrap();
        assert_eq!(query.clone().all(&far).await.unwrap(), found);
        assert_eq!((near.rounds(), far.0.rounds()), (vec![1, 2, 1], vec![4]));
        let found = query.clone().limit(2).all(&near).await.unwrap();
        assert_eq!(query.limit(2).all(&far).await.unwrap(), found);
        assert_eq!((near.rounds(), far.0.rounds()), (vec![1], vec![3]));
    }

    async fn joined_targets_come_with_their_source(db) {
        shop(db).await;
        let counting = Counting::new(db);
        let lines = Line::find()
            .include(Line::PRODUCT.joined())
            .include(Line::ORDER.joined().include(Order::CUSTOMER.joined()).include(Order::PAYER.joined()));
        assert_eq!(lines.all(&counting).await.unwrap().len(), 4);
        assert_eq!(counting.rounds(), [1]);
        tree!(joined).all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [1, 1]);
    }

    async fn batched_targets_take_a_statement_a_relation_and_a_wave_a_level(db) {
        shop(db).await;
        let counting = Counting::new(db);
        tree!(batched).all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [1, 3, 1]);
    }

    async fn pipelined_targets_go_with_their_source(db) {
        shop(db).await;
        let counting = Counting::new(db);
        Order::find()
            .include(Order::CUSTOMER.pipelined())
            .include(Order::PAYER.pipelined())
            .include(Order::LINES.pipelined().include(Line::PRODUCT.pipelined()))
            .all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [5]);
        Order::find()
            .include(Order::CUSTOMER.joined().include(Customer::ORDERS.pipelined()))
            .include(Order::LINES.batched().include(Line::PRODUCT.pipelined()))
            .all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [2, 2]);
    }

    async fn the_number_of_statements_is_not_that_of_rows(db) {
        let (ada, _, _) = shop(db).await;
        let counting = Counting::new(db);
        let mut before = Vec::new();
        for rows in [3, 30] {
            while Order::find().count(db).await.unwrap() < rows {
                let order = order(db, &ada, 1).await;
                NewLine { order_id: order.id, number: 1, product_id: "pen".into() }.insert(db).await.unwrap();
            }
            let mut rounds = Vec::new();
            assert_eq!(tree!(joined).all(&counting).await.unwrap().len() as i64, rows);
            rounds.push(counting.rounds());
            tree!(batched).all(&counting).await.unwrap();
            rounds.push(counting.rounds());
            tree!(pipelined).all(&counting).await.unwrap();
            rounds.push(counting.rounds());
            let all = Order::find().all(db).await.unwrap();
            Order::preload(all).include(Order::CUSTOMER).include(Order::LINES).all(&counting).await.unwrap();
            rounds.push(counting.rounds());
            if !before.is_empty() {
                assert_eq!(rounds, before);
            }
            before = rounds;
        }
    }

    async fn one_shape_serves_one_source_and_several(db) {
        let (_, _, orders) = shop(db).await;
        let least = |quantity| Order::find().filter(Order::QUANTITY.ge(quantity)).order_by(Order::ID.asc());
        let most = orders.iter().map(|order| order.quantity).max().unwrap();
        let mut numbers = Vec::new();
        for quantity in [most, 0, most] {
            let found = least(quantity)
                .include(Order::CUSTOMER.batched())
                .include(Order::LINES.batched().include(Line::PRODUCT.pipelined()))
                .all(db).await.unwrap();
            let expected = Order::preload(least(quantity).all(db).await.unwrap())
                .include(Order::CUSTOMER)
                .include(Order::LINES.include(Line::PRODUCT))
                .all(db).await.unwrap();
            assert_eq!(found, expected);
            numbers.push(found.len());
        }
        assert_eq!(numbers, [1, orders.len(), 1]);
    }

    async fn no_keys_send_no_statement(db) {
        create(db).await;
        let (ada, _) = customers(db).await;
        let counting = Counting::new(db);
        tree!(batched).all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [1]);
        Order::preload([]).include(Order::CUSTOMER).all(&counting).await.unwrap();
        assert!(counting.rounds().is_empty());
        order(db, &ada, 1).await;
        let found = Order::find().include(Order::PAYER.batched().include(Customer::ORDERS));
        assert_eq!(found.all(&counting).await.unwrap()[0].payer, None);
        assert_eq!(counting.rounds(), [1]);
    }

    async fn a_query_that_finds_nothing_for_sure_sends_nothing(db) {
        create(db).await;
        let counting = Counting::new(db);
        let none = Order::find().filter(Order::ID.is_in([0; 0])).include(Order::LINES.pipelined());
        assert!(none.all(&counting).await.unwrap().is_empty());
        assert!(counting.rounds().is_empty());
    }

    async fn each_key_is_sent_once(db) {
        let (ada, _, _) = shop(db).await;
        let counting = Counting::new(db);
        let orders: Vec<_> = (0..1000)
            .map(|id| Order { id, customer_id: ada.pk, payer_id: Some(ada.pk), quantity: 1 })
            .collect();
        let found = Order::preload(orders)
            .include(Order::CUSTOMER.include(Customer::ORDERS.batched()))
            .include(Order::PAYER)
            .all(&counting).await.unwrap();
        assert_eq!(found.len(), 1000);
        assert!(found.iter().all(|order| order.customer.orders.len() == 2));
        assert_eq!(counting.rounds(), [2, 1]);
    }

    async fn a_hundred_thousand_keys_are_one_statement(db) {
        const MANY: i64 = 100_000;
        let (ada, _, orders) = shop(db).await;
        let counting = Counting::new(db);
        // Contiguous keys are a range, if each has all its targets.
        for (page, gap) in [(false, 1), (false, 2), (true, 1)] {
            let sources = (0..MANY).map(|id| Customer { id, pk: id * gap, name: String::new(), email: None });
            let customers = Customer::preload(sources);
            let customers = if page {
                customers.include(Customer::ORDERS.limit(1).offset(1)).all(&counting).await
            } else {
                customers.include(Customer::ORDERS.filter(Order::QUANTITY.eq(3))).all(&counting).await
            };
            let customers = customers.unwrap();
            assert_eq!(counting.rounds(), [1]);
            let is_range = counting.statements().remove(0).contains("BETWEEN");
            assert_eq!(is_range, gap == 1 && !(page && db.engine() == Engine::Postgres));
            assert_eq!(customers.len() as i64, MANY);
            assert_eq!(customers[(ada.pk / gap) as usize].orders, orders[2..]);
            assert_eq!(customers.iter().map(|one| one.orders.len()).sum::<usize>(), 1);
        }
    }

    async fn what_lies_between_keys_is_of_no_source(db) {
        db.create(schema![Customer, Order, Line, Product]).await.unwrap();
        let new = |pk: i64| NewCustomer { id: -pk, pk, name: format!("{pk}"), email: None };
        NewCustomer::insert_many((1..=1_600).map(new), db).await.unwrap();
        // Of 1,500 keys the first is least, the last greatest, and 100 between are nobody's.
        let keys = || (1..=1_600).filter(|pk| !(700..800).contains(pk));
        let order = |customer_id| Order { id: 0, customer_id, payer_id: Some(customer_id), quantity: 1 };
        let counting = Counting::new(db);
        let found = Order::preload(keys().map(order))
            .include(Order::CUSTOMER.filter(Customer::PK.ne(1_600)))
            .include(Order::PAYER.include(Customer::ORDERS.count()))
            .all(&counting).await.unwrap();
        let [customers, payers, counts] = counting.statements().try_into().unwrap();
        assert!(customers.contains("BETWEEN") && payers.contains("BETWEEN"));
        assert!(!counts.contains("BETWEEN"));
        assert_eq!(found.len(), 1_500);
        for (found, pk) in found.iter().zip(keys()) {
            assert_eq!(found.customer.as_ref().map(|one| one.pk), Some(pk).filter(|pk| *pk != 1_600));
            assert_eq!(found.payer.as_ref().map(|one| (one.pk, one.orders)), Some((pk, 0)));
        }
    }

    async fn a_hundred_thousand_keys_of_two_parts_are_one_statement(db) {
        create_places(db).await;
        let regions = || (0..100_000).map(|number| Region { country_id: "ch".into(), number, name: String::new() });
        let counting = Counting::new(db);
        for page in [Region::TOWNS.offset(0), Region::TOWNS.batched()] {
            let found = Region::preload(regions()).include(page).all(&counting).await.unwrap();
            assert_eq!(found.iter().map(|one| one.towns.len()).sum::<usize>(), 2);
            assert_eq!(counting.rounds(), [1]);
        }
        let letters = Letter::find().include(Letter::TOWN).all(&counting).await.unwrap();
        assert!(letters.is_empty());
    }

    async fn what_is_prepared_already_may_be_answered_first(db) {
        let (_, _, orders) = shop(db).await;
        let transaction = db.begin().await.unwrap();
        for number in 10..1500 {
            let new = NewLine { order_id: orders[1].id, number, product_id: "pen".into() };
            new.insert(&transaction).await.unwrap();
        }
        // More than a connection holds for somebody who does not read it yet.
        let lines = Order::find().include(Order::LINES.batched());
        let expected = lines.clone().all(&transaction).await.unwrap();
        assert_eq!(expected.iter().map(|order| order.lines.len()).max(), Some(1490));
        let both = lines.clone().include(Order::CUSTOMER.batched()).all(&transaction);
        let loaded: Vec<_> = both.await.unwrap().into_iter().map(|order| order.lines).collect();
        assert!(loaded.iter().eq(expected.iter().map(|order| &order.lines)));
        let some = Order::CUSTOMER.filter(Customer::NAME.eq("Ada")).batched();
        let both = lines.include(some).all(&OnlyRuns(&transaction)).await.unwrap();
        assert!(both.iter().map(|order| &order.lines).eq(expected.iter().map(|order| &order.lines)));
    }

    async fn a_long_chain_of_sources_is_loaded_level_by_level(db) {
        db.create(schema![Category]).await.unwrap();
        let mut parent_id = None;
        for id in 0..5 {
            parent_id = Some(NewCategory { id, parent_id }.insert(db).await.unwrap().id);
        }
        let counting = Counting::new(db);
        let up = Category::PARENT.batched().include(Category::PARENT.batched().include(Category::PARENT.batched()));
        Category::find().include(up).all(&counting).await.unwrap();
        assert_eq!(counting.rounds(), [1, 1, 1, 1]);
    }
}

/// One connection is enough for the largest tree: nothing waits for what it holds itself.
#[tokio::test]
async fn a_tree_takes_one_connection() {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(support::postgres_url().await);
    for url in urls {
        let db = ConnectOptions::new(url).pool_size(1).connect().await.unwrap();
        shop(&db).await;
        assert_eq!(tree!(joined).all(&db).await.unwrap().len(), 3);
        assert_eq!(tree!(batched).all(&db).await.unwrap().len(), 3);
        assert_eq!(tree!(pipelined).all(&db).await.unwrap().len(), 3);
        let transaction = db.begin().await.unwrap();
        assert_eq!(tree!(pipelined).all(&transaction).await.unwrap().len(), 3);
        assert_eq!(tree!(batched).all(&transaction).await.unwrap().len(), 3);
    }
}

/// Of a pool that could make more, a tree takes one connection.
#[tokio::test]
async fn siblings_go_out_on_one_connection() {
    let Some(url) = support::postgres_url().await else { return };
    let db = ::relations::connect(&url).await.unwrap();
    shop(&db).await;
    tree!(batched).all(&db).await.unwrap();
    tree!(pipelined).all(&db).await.unwrap();
    let client = support::client(&url).await;
    let others = "SELECT COUNT(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let connections: i64 = client.query_one(others, &[]).await.unwrap().get(0);
    assert_eq!(connections, 1);
}

#[tokio::test]
async fn whether_a_server_is_far_can_be_said() {
    let Some(url) = support::postgres_url().await else { return };
    for far in [true, false] {
        let db = ConnectOptions::new(&url).high_latency(far).connect().await.unwrap();
        assert_eq!((db.is_high_latency(), db.begin().await.unwrap().is_high_latency()), (far, far));
    }
    assert!(!support::sqlite().await.is_high_latency());
}
