// Columns are selected by a query without includes.
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

async fn ids(db: &relations::Database) -> relations::Result<Vec<i64>> {
    Order::find().include(Order::CUSTOMER).select(Order::ID).all(db).await
}

fn main() {}
