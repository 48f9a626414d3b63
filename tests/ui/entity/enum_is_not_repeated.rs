// An enum that should be an entity is one mistake, also where other entities refer to it.

use relations::prelude::*;

#[derive(Entity)]
enum Customer {
    Ada,
}

#[derive(Entity)]
#[has_many(Customer)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

async fn run(db: &relations::Database, order: Order) -> relations::Result<()> {
    drop((Customer::find().all(db).await?, order.customer(db).await?));
    Ok(())
}

fn main() {}
