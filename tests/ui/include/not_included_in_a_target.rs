// A relation that was not included in a target is not there.
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

async fn names(db: &relations::Database) -> relations::Result<Vec<String>> {
    let lines = Line::find().include(Line::ORDER.include(Order::LINES)).all(db).await?;
    Ok(lines.iter().map(|line| line.order.customer.name.clone()).collect())
}

fn main() {}
