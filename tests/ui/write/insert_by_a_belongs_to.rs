// Nothing is inserted under what holds the key itself.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
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

fn insert(db: &relations::Database, order: &Order) {
    let _inserted = Order::CUSTOMER.insert(db, order, |id| NewCustomer { id });
}

fn main() {}
