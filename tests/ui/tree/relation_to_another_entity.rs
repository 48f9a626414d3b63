// A tree is made by a relation of an entity with itself.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn run(order: &Order) {
    drop(Order::CUSTOMER.ancestors(order));
}

fn main() {}
