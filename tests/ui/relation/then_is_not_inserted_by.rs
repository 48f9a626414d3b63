// A chain of relations inserts nothing.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[has_many(Line)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
}

fn add(db: &relations::Database, customer: &Customer) {
    let lines = Customer::ORDERS.then(Order::LINES);
    let _ = lines.insert(db, customer, |order_id| NewLine { id: 1, order_id });
}

fn main() {}
