// A filter that is there or not is one of the queried entity.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[has_many(Product, through(Line))]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Entity)]
struct Line {
    #[id]
    #[belongs_to(Order)]
    order_id: i64,
    #[id]
    #[belongs_to(Product)]
    product_id: i64,
}

#[derive(Entity)]
struct Product {
    #[id]
    id: i64,
}

fn query(filter: Option<relations::Filter<Customer>>) -> relations::Query<Order> {
    Order::find().filter(filter)
}

fn main() {}
