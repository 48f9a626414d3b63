// A name that is taken leaves the first relation of it in place.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    #[belongs_to(Customer, name = "customer")]
    payer_id: i64,
}

async fn run(db: &relations::Database, order: Order) -> relations::Result<Customer> {
    order.customer(db).await
}

fn main() {}
