// Targets that a link leads to do not hold the key of a new row.
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

async fn create(db: &relations::Database) -> relations::Result<()> {
    let order = NewOrder { id: 1, customer_id: 1 };
    order.with(Order::PRODUCTS, |_| [NewProduct { id: 1 }]).insert(db).await?;
    Ok(())
}

fn main() {}
