//! Asking through relations, by names and by code that is generic over the way to a column.

use relations::expression::{Count, RelationAggregate};
use relations::prelude::*;
use relations::relation::{Many, Own, Path, Required, Through};
use relations::{Column, Filter, Query, Relation, RelationHandle};

#[derive(Debug, Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    #[belongs_to(Order, name = "after")]
    after_id: Option<i64>,
    quantity: i32,
}

fn large<P: Path>(quantity: Column<Order, i32, P>) -> Filter<Order> {
    quantity.gt(100)
}

fn named<R: Relation<Target = Customer, Arity = Required>>(
    relation: RelationHandle<R>,
) -> Filter<R::Source> {
    relation.column(Customer::NAME).eq("Ada")
}

fn busy<R: Relation<Arity = Many>>(relation: RelationHandle<R>) -> (Count<R>, Filter<R::Source>) {
    (relation.count(), relation.count().ge(10))
}

fn own(column: Column<Customer, String>) -> Column<Customer, String, Own> {
    column
}

fn is_sent<T: Send + Sync + Clone>(_: &T) {}

fn all() -> (Query<Order>, Query<Customer>) {
    // An `Option` stays one, and becomes one on the way.
    let before = Order::AFTER.column(Order::AFTER.column(Order::AFTER_ID));
    let orders = Order::find()
        .filter(large(Order::QUANTITY).or(named(Order::CUSTOMER)))
        .filter(Order::AFTER.any(large(Order::QUANTITY)))
        .filter(before.is_null().and(before.ne(Order::AFTER_ID)).and(before.ne(7)))
        .order_by(before.asc());
    let (count, busy) = busy(Customer::ORDERS);
    let greatest: RelationAggregate<Customer, Option<i32>> = Customer::ORDERS.max(Order::QUANTITY);
    let customers = Customer::find()
        .filter(busy.and(greatest.clone().gt(1)).and(own(Customer::NAME).eq("Ada")))
        .order_by(count.clone().desc())
        .order_by(greatest.clone().asc().nulls_first());
    is_sent(&orders);
    is_sent(&customers);
    is_sent(&(count, greatest));
    (orders, customers)
}

const NAME: fn() -> String = || format!("{:?}", Order::CUSTOMER.column(Customer::NAME));
const QUANTITY: Column<Order, i32> = Order::QUANTITY;

fn way<R: Relation, T, P>(
    column: &Column<R::Source, T, Through<R, P>>,
) -> &Column<R::Source, T, Through<R, P>> {
    column
}
