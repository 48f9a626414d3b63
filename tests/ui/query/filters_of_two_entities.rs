// Filters that are put together speak of one entity.

use relations::prelude::*;

#[derive(Entity)]
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
    quantity: i32,
    note: Option<String>,
}

fn main() {
    drop(Order::find().filter(Order::ID.eq(1).and(Customer::ID.eq(1))));
}
