// Only a relation through a link has links; the call is told once, also when it is awaited.
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

async fn link(
    db: &relations::Database,
    customer: &Customer,
    order: &Order,
) -> relations::Result<()> {
    Order::CUSTOMER.link(db, order, customer).await?;
    Ok(())
}

fn main() {}
