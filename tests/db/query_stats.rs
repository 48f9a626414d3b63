//! Statements that are counted, and those that were better asked together.

use ::relations::driver::{QueryCount, QueryStats};
use ::relations::prelude::*;

use crate::cast::{self, Customer, Order};

/// Two customers with an order each, and one more of the first.
async fn orders(db: &::relations::Database) -> Vec<Order> {
    cast::create(db).await;
    let (ada, bob) = cast::customers(db).await;
    let mut orders = Vec::new();
    for customer in [&ada, &bob, &ada] {
        orders.push(cast::order(db, customer, 1).await);
    }
    orders
}

behaviour! {
    async fn statements_are_counted_by_relation_and_by_entity(db) {
        let orders = orders(db).await;
        let stats = db.query_stats();
        for order in &orders {
            order.customer(&stats).await.unwrap();
        }
        Order::find().all(&stats).await.unwrap();
        Order::find().include(Order::CUSTOMER.batched()).all(&stats).await.unwrap();
        ::relations::sql("SELECT 1", ()).execute(&stats).await.unwrap();
        let counts: Vec<_> = stats
            .counts()
            .iter()
            .map(|one| (one.relation().map(|relation| relation.name), one.entity(), one.statements(), one.single_key()))
            .collect();
        assert_eq!(
            counts,
            [
                (Some("customer"), Some("Customer"), 4, 3),
                (None, Some("Order"), 2, 0),
                (None, None, 1, 0),
            ],
        );
        assert_eq!(stats.statements(), 7);
        assert_eq!(db.query_stats().statements(), 0);
    }

    async fn the_line_that_repeats_is_named(db) {
        let orders = orders(db).await;
        let stats = db.query_stats();
        let mut lines = Vec::new();
        for order in &orders {
            lines.push(line!() + 1);
            order.customer(&stats).await.unwrap();
        }
        let of_loop = lines[0];
        let of_another = line!() + 1;
        Order::CUSTOMER.of(&orders[0]).one(&stats).await.unwrap();
        let of_id = line!() + 1;
        Order::CUSTOMER.of_id(orders[0].id).one(&stats).await.unwrap();
        let repeated = stats.n_plus_one(1);
        let [repeated] = repeated.as_slice() else { panic!("{repeated:?}") };
        let callers: Vec<_> = repeated.callers().map(|(at, times)| (at.file(), at.line(), times)).collect();
        assert_eq!(callers, [(file!(), of_loop, 3), (file!(), of_another, 1), (file!(), of_id, 1)]);
        assert_eq!(
            repeated.to_string(),
            format!(
                "`Order.customer`: 5 statements, 5 for one key each at {0}:{of_loop} (3), \
                 {0}:{of_another} (1), {0}:{of_id} (1)",
                file!(),
            ),
        );
        assert!(stats.n_plus_one(5).is_empty());
    }

    async fn one_by_id_is_told_by_the_line_that_finds_it(db) {
        let orders = orders(db).await;
        let stats = db.query_stats();
        for order in &orders {
            Order::find_by_id(order.id).one(&stats).await.unwrap();
        }
        let [found] = &stats.n_plus_one(2)[..] else { panic!() };
        assert_eq!(found.to_string(), format!("`Order`: 3 statements, 3 for one key each at {}:{}", file!(), line!() - 3));
    }

    async fn one_too_many_fails_and_says_what_to_write(db) {
        let orders = orders(db).await;
        let stats = db.query_stats().limit(2);
        let mut failed = None;
        for order in &orders {
            failed = order.customer(&stats).await.err();
        }
        let error = failed.unwrap();
        assert!(error.is_n_plus_one());
        assert_eq!((error.entity(), error.relation().map(|one| one.name)), (Some("Customer"), Some("customer")));
        assert_eq!(
            error.to_string(),
            format!(
                "`Order.customer` is looked up for one key at a time, 3 times by now, at {}:{}; include the \
                 relation, `load` it for all sources, or ask through `db.batched()`",
                file!(),
                line!() - 11,
            ),
        );
        // Nothing was sent, and others go on.
        assert_eq!(stats.statements(), 2);
        assert_eq!(Order::find_by_id(orders[0].id).one(&stats).await.unwrap(), orders[0]);
        let error = async {
            for _ in 0..2 {
                Order::find_by_id(orders[0].id).one(&stats).await?;
            }
            Ok::<_, ::relations::Error>(())
        };
        let error = error.await.unwrap_err().to_string();
        assert!(error.ends_with("; ask for all by `is_in`, or concurrently through `db.batched()`"), "{error}");
    }

    async fn what_is_asked_together_is_not_repeated(db) {
        let orders = orders(db).await;
        let stats = db.query_stats().limit(0);
        Order::find().include(Order::CUSTOMER).all(&stats).await.unwrap();
        Order::CUSTOMER.load(&stats, &orders).await.unwrap();
        let batched = stats.batched();
        let (first, second) = tokio::join!(orders[0].customer(&batched), orders[1].customer(&batched));
        assert_ne!(first.unwrap(), second.unwrap());
        assert!(stats.n_plus_one(0).is_empty());
        // One that meets nobody is as alone as ever.
        assert!(orders[0].customer(&batched).await.unwrap_err().is_n_plus_one());
    }

    async fn a_transaction_is_watched_by_a_reference(db) {
        let orders = orders(db).await;
        let transaction = db.begin().await.unwrap();
        let stats = QueryStats::new(&transaction);
        orders[0].customer(&stats).await.unwrap();
        orders[0].customer(&stats).await.unwrap();
        assert_eq!(stats.n_plus_one(1).iter().map(QueryCount::single_key).collect::<Vec<_>>(), [2]);
        transaction.commit().await.unwrap();
    }

    async fn what_is_written_by_key_is_not_looked_up(db) {
        let orders = orders(db).await;
        let stats = db.query_stats().limit(0);
        for order in &orders {
            Order::find_by_id(order.id).set(Order::QUANTITY, 2).update(&stats).await.unwrap();
        }
        assert_eq!(stats.statements(), 3);
        assert_eq!(Customer::find().count(&stats).await.unwrap(), 2);
    }
}
