// A relation to many is a `Vec`.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
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
    price: i32,
}

async fn orders(db: &relations::Database) -> relations::Result<Vec<CustomerWith<Order>>> {
    Customer::find().include(Customer::ORDERS).all(db).await
}

fn main() {}
