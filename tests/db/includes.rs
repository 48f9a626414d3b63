//! Includes: what a query loads with its rows.

use ::relations::prelude::*;
use ::relations::{Database, NotIncluded};

mod agreement;
mod chain;
mod conditional;
mod joined_many;
mod keys;
mod many_keys;
mod meaning;
mod named;
mod names;
mod partial;
mod serialized;
mod statements;

use crate::cast::*;
use crate::support::Counting;

/// Two customers; Ada has two orders, Bob one, which Ada pays; two orders have lines.
async fn shop(db: &Database) -> (Customer, Customer, Vec<Order>) {
    create(db).await;
    let (ada, bob) = customers(db).await;
    let mut orders = Vec::new();
    for (customer, payer, quantity) in [(&ada, None, 1), (&bob, Some(&ada), 2), (&ada, None, 3)] {
        let new =
            NewOrder { customer_id: customer.pk, payer_id: payer.map(|one| one.pk), quantity };
        orders.push(new.insert(db).await.unwrap());
    }
    for (code, price) in [("ink", 1.5), ("pen", 4.0), ("cap", 9.0)] {
        NewProduct { code: code.into(), price }.insert(db).await.unwrap();
    }
    for (order, number, code) in [(0, 1, "pen"), (0, 2, "ink"), (0, 3, "ink"), (2, 1, "cap")] {
        let line = NewLine { order_id: orders[order].id, number, product_id: code.into() };
        line.insert(db).await.unwrap();
    }
    (ada, bob, orders)
}

behaviour! {
    async fn a_required_target_is_there(db) {
        let (ada, bob, orders) = shop(db).await;
        for query in [
            Order::find().include(Order::CUSTOMER.joined()),
            Order::find().include(Order::CUSTOMER.batched()),
            Order::find().include(Order::CUSTOMER.pipelined()),
        ] {
            let found: Vec<OrderWith<Customer>> = query.order_by(Order::ID.asc()).all(db).await.unwrap();
            let customers: Vec<_> = found.iter().map(|order| order.customer.clone()).collect();
            assert_eq!(customers, [ada.clone(), bob.clone(), ada.clone()]);
            let inner: Vec<_> = found.into_iter().map(OrderWith::into_inner).collect();
            assert_eq!(inner, orders);
        }
    }

    async fn an_optional_target_may_be_missing(db) {
        let (ada, _, _) = shop(db).await;
        for payer in [Order::PAYER.joined(), Order::PAYER.batched(), Order::PAYER.pipelined()] {
            let found: Vec<OrderWith<NotIncluded, Option<Customer>>> =
                Order::find().include(payer).order_by(Order::ID.asc()).all(db).await.unwrap();
            let payers: Vec<_> = found.into_iter().map(|order| order.payer).collect();
            assert_eq!(payers, [None, Some(ada.clone()), None]);
        }
    }

    async fn a_tree_is_loaded(db) {
        let (_, _, orders) = shop(db).await;
        for lines in [Order::LINES.batched(), Order::LINES.pipelined()] {
            for product in [Line::PRODUCT.joined(), Line::PRODUCT.batched(), Line::PRODUCT.pipelined()] {
                let found = Order::find()
                    .include(Order::CUSTOMER.include(Customer::ORDERS))
                    .include(lines.clone().include(product))
                    .order_by(Order::ID.desc())
                    .all(db).await.unwrap();
                let ids: Vec<_> = found.iter().map(|order| order.id).collect();
                assert_eq!(ids, [orders[2].id, orders[1].id, orders[0].id]);
                let codes: Vec<Vec<_>> = found
                    .iter()
                    .map(|order| order.lines.iter().map(|line| line.product.code.as_str()).collect())
                    .collect();
                assert_eq!(codes, [vec!["cap"], vec![], vec!["pen", "ink", "ink"]]);
                let of_customers: Vec<_> =
                    found.iter().map(|order| order.customer.orders.len()).collect();
                assert_eq!(of_customers, [2, 1, 2]);
            }
        }
    }

    async fn a_page_of_each_source_is_loaded(db) {
        let (_, _, orders) = shop(db).await;
        for lines in [Order::LINES.batched(), Order::LINES.pipelined()] {
            for product in [Line::PRODUCT.joined(), Line::PRODUCT.batched(), Line::PRODUCT.pipelined()] {
                let lines = lines.clone().order_by(Line::NUMBER.desc()).limit(2).include(product);
                let found = Order::find().include(lines).order_by(Order::ID.asc()).all(db).await.unwrap();
                let codes: Vec<Vec<_>> = found
                    .iter()
                    .map(|order| order.lines.iter().map(|line| (line.number, line.product.code.as_str())).collect())
                    .collect();
                assert_eq!(codes, [vec![(3, "ink"), (2, "ink")], vec![], vec![(1, "cap")]]);
                assert_eq!(found[1].id, orders[1].id);
            }
        }
    }

    async fn targets_are_filtered(db) {
        let (_, _, _) = shop(db).await;
        let ada = Customer::NAME.eq("Ada");
        let query = Order::CUSTOMER.filter(ada);
        for customer in [query.clone().joined(), query.clone().batched(), query.pipelined()] {
            let found: Vec<OrderWith<Option<Customer>>> =
                Order::find().include(customer.clone()).order_by(Order::ID.asc()).all(db).await.unwrap();
            let names: Vec<_> = found.iter().map(|order| order.customer.is_some()).collect();
            assert_eq!(names, [true, false, true]);
            let found: Vec<OrderWith<Customer>> =
                Order::find().include_required(customer).order_by(Order::ID.asc()).limit(2).all(db).await.unwrap();
            assert_eq!(found.len(), 2);
        }
    }

    async fn sources_in_hand_take_one_statement_a_relation(db) {
        let (ada, _, orders) = shop(db).await;
        let counting = Counting::new(db);
        let found = Order::preload(orders.clone())
            .include(Order::CUSTOMER)
            .include(Order::LINES.include(Line::PRODUCT))
            .all(&counting).await.unwrap();
        assert_eq!(counting.statements().len(), 3);
        assert_eq!(found[0].customer, ada);
        assert_eq!(found[0].lines.len(), 3);
    }
}

behaviour! {
    async fn targets_are_counted(db) {
        let (_, _, _) = shop(db).await;
        let count = Order::LINES.count().filter(Line::NUMBER.gt(1));
        for count in [count.clone(), count.clone().joined(), count.clone().batched(), count.pipelined()] {
            let found: Vec<OrderWith<NotIncluded, NotIncluded, i64>> =
                Order::find().include(count).order_by(Order::ID.asc()).all(db).await.unwrap();
            let counts: Vec<_> = found.iter().map(|order| order.lines).collect();
            assert_eq!(counts, [2, 0, 0]);
        }
    }
}
