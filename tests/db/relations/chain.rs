//! Chained relations: each target once, as SQL by hand finds it.

use ::relations::Database;
use ::relations::prelude::*;
use ::relations::sql;

use super::filtered::{self, Deal, Label, Trader};
use crate::cast::{self, Customer, Line, NewLine, NewOrder, NewProduct, Order, Product};
use crate::support::Counting;

/// Ada orders both products, one of them twice, and Bob pays for one order; Bob orders nothing himself.
async fn create(db: &Database) -> (Customer, Customer) {
    cast::create(db).await;
    let (ada, bob) = cast::customers(db).await;
    for (code, price) in [("tea", 3.5), ("rum", 9.0), ("ale", 4.0)] {
        NewProduct { code: code.into(), price }.insert(db).await.unwrap();
    }
    for (payer_id, products) in [(Some(bob.pk), &["tea", "rum"][..]), (None, &["tea"])] {
        let order = NewOrder { customer_id: ada.pk, payer_id, quantity: 1 };
        let order = order.insert(db).await.unwrap();
        for (number, product) in (5..).zip(products) {
            let line = NewLine { order_id: order.id, number, product_id: (*product).into() };
            line.insert(db).await.unwrap();
        }
    }
    (ada, bob)
}

async fn lines_by_hand(db: &Database, pk: i64) -> Vec<(i64, i32)> {
    let query = "SELECT l.order_id, l.number FROM orders o JOIN lines l ON l.order_id = o.id \
                 WHERE o.customer_id = $1 ORDER BY 1, 2";
    sql(query, (pk,)).all(db).await.unwrap()
}

fn keys(lines: &[Line]) -> Vec<(i64, i32)> {
    lines.iter().map(|line| (line.order_id, line.number)).collect()
}

fn codes(products: &[Product]) -> Vec<&str> {
    products.iter().map(|product| product.code.as_str()).collect()
}

behaviour! {
    async fn two_relations_to_many_lead_to_each_target(db) {
        let (ada, bob) = create(db).await;
        let lines = Customer::ORDERS.then(Order::LINES);
        for customer in [&ada, &bob] {
            let expected = lines_by_hand(db, customer.pk).await;
            let counting = Counting::new(db);
            assert_eq!(keys(&lines.of(customer).all(&counting).await.unwrap()), expected);
            assert_eq!(counting.count(), 1);
            assert_eq!(keys(&lines.of_id(customer.id).all(db).await.unwrap()), expected);
            let number = lines.of(customer).count(db).await.unwrap();
            assert_eq!(number, expected.len() as i64);
            assert_eq!(lines.of(customer).exists(db).await.unwrap(), !expected.is_empty());
        }
        let tea = lines.of(&ada).filter(Line::PRODUCT_ID.eq("tea")).order_by(Line::ORDER_ID.desc());
        let tea: Vec<i64> = tea.select(Line::ORDER_ID).all(db).await.unwrap();
        assert_eq!(tea, [2, 1]);
        let first = lines.of(&ada).limit(1).include(Line::PRODUCT).all(db).await.unwrap();
        assert_eq!((first[0].number, &*first[0].product.code), (5, "tea"));
        assert_eq!(format!("{lines:?}"), "Customer.orders.lines");
    }

    async fn targets_are_in_the_order_of_their_ids_beside_joined_ones(db) {
        let (ada, bob) = create(db).await;
        let orders = Customer::ORDERS.then(Order::CUSTOMER).then(Customer::ORDERS);
        for customer in [&ada, &bob] {
            let counting = Counting::new(db);
            let query = orders.of(customer).limit(10).include(Order::LINES.joined());
            let ids: Vec<i64> = query.all(&counting).await.unwrap().iter().map(|one| one.id).collect();
            assert!(ids.is_sorted(), "{ids:?}");
            let statements = counting.statements();
            let [sql] = &*statements else { panic!("{statements:?}") };
            // A join may bring the limited rows in any order.
            let outer = sql.rsplit_once(" LIMIT ").map(|(_, outer)| outer);
            assert!(outer.is_some_and(|outer| outer.contains("ORDER BY")), "{sql}");
        }
    }

    async fn each_target_comes_once(db) {
        let (ada, bob) = create(db).await;
        let products = Customer::ORDERS.then(Order::LINES).then(Line::PRODUCT);
        assert_eq!(codes(&products.of(&ada).all(db).await.unwrap()), ["tea", "rum"]);
        assert_eq!(products.of(&ada).count(db).await.unwrap(), 2);
        assert_eq!(products.of(&bob).all(db).await.unwrap(), []);
        let payers = Customer::ORDERS.then(Order::PAYER);
        assert_eq!(payers.of(&ada).one(db).await.unwrap(), bob);
        assert_eq!(payers.of(&bob).optional(db).await.unwrap(), None);
        assert!(payers.of(&bob).one(db).await.unwrap_err().is_not_found());
        // First to one, then to many.
        let order = Order::find_by_id(2).one(db).await.unwrap();
        let others = Order::CUSTOMER.then(Customer::ORDERS);
        assert_eq!(others.of(&order).count(db).await.unwrap(), 2);
        assert_eq!(others.of_id(order.id).count(db).await.unwrap(), 2);
        let counting = Counting::new(db);
        let paid = Order::PAYER.then(Customer::ORDERS);
        assert_eq!(paid.of(&order).all(&counting).await.unwrap(), []);
        assert_eq!(counting.count(), 0);
    }

    async fn sources_are_asked_for_targets_behind_others(db) {
        create(db).await;
        let products = Customer::ORDERS.then(Order::LINES).then(Line::PRODUCT);
        let asked = async |filter: ::relations::Filter<Customer>| -> Vec<String> {
            let names = Customer::find().filter(filter).order_by(Customer::NAME.asc());
            names.select(Customer::NAME).all(db).await.unwrap()
        };
        assert_eq!(asked(products.any(Product::CODE.eq("rum"))).await, ["Ada"]);
        assert_eq!(asked(products.any(Product::CODE.eq("ale"))).await, [""; 0]);
        assert_eq!(asked(products.none(Product::CODE.eq("rum"))).await, ["Bob"]);
        assert_eq!(asked(products.all(Product::PRICE.lt(5.0))).await, ["Bob"]);
        assert_eq!(asked(products.all(Product::PRICE.lt(9.5))).await, ["Ada", "Bob"]);
        assert_eq!(asked(products.is_present()).await, ["Ada"]);
    }

    async fn what_relations_leave_out_is_left_out_on_the_way(db) {
        let traders = filtered::create(db).await;
        let ids = |deals: Vec<Deal>| deals.iter().map(|deal| deal.id).collect::<Vec<_>>();
        let open = Trader::LABELS.then(Label::TRADERS).then(Trader::OPEN_DEALS);
        assert_eq!(ids(open.of(&traders[1]).all(db).await.unwrap()), [1, 4]);
        assert_eq!(ids(open.of_id(traders[1].id).all(db).await.unwrap()), [1, 4]);
        assert_eq!(ids(open.of(&traders[2]).all(db).await.unwrap()), [0_i64; 0]);
        let of_short = Trader::SHORT_LABELS.then(Label::TRADERS);
        assert_eq!(of_short.of(&traders[0]).all(db).await.unwrap(), [traders[0].clone()]);
        assert_eq!(of_short.of(&traders[1]).all(db).await.unwrap(), []);
        let labels = Trader::DEALS.then(Deal::TRADER).then(Trader::LABELS);
        assert_eq!(labels.of(&traders[1]).all(db).await.unwrap().len(), 1);
        let deals = Trader::LABELS.then(Label::TRADERS).then(Trader::DEALS);
        assert_eq!(ids(deals.of(&traders[1]).all(db).await.unwrap()), [1, 2, 3, 4, 5]);
        let gone = deals.of(&traders[1]).only_deleted().all(db).await.unwrap();
        assert_eq!(ids(gone), [6]);
    }

    async fn changes_are_of_the_rows_that_are_reached(db) {
        let (ada, bob) = create(db).await;
        let lines = Customer::ORDERS.then(Order::LINES);
        let change = lines.of(&ada).filter(Line::NUMBER.eq(6)).set(Line::PRODUCT_ID, "ale");
        assert_eq!(change.update(db).await.unwrap(), 1);
        let error = lines.of(&ada).set(Line::ORDER_ID, 1).update(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(lines.of(&bob).delete(db).await.unwrap(), 0);
        assert_eq!(lines.of(&ada).delete(db).await.unwrap(), 3);
        assert_eq!(Line::find().count(db).await.unwrap(), 0);
    }
}
