// Whether a conditional include was loaded is asked before it is used.
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

async fn names(db: &relations::Database, wanted: bool) -> relations::Result<Vec<String>> {
    let orders = Order::find().include_if(wanted, Order::CUSTOMER).all(db).await?;
    Ok(orders.iter().map(|order| order.customer.name.clone()).collect())
}

fn main() {}
