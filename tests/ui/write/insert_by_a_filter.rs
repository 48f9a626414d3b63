// A relation with a filter inserts nothing: whether a new row matches is known when it is there.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order, name = "open_orders", filter = Order::OPEN.eq(true))]
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
    open: bool,
}

fn insert(db: &relations::Database, customer: &Customer) {
    let _inserted = Customer::OPEN_ORDERS
        .insert(db, customer, |customer_id| NewOrder { id: 1, customer_id, open: true });
}

fn main() {}
