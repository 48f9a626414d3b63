// Whoever refers to an enum that should be an entity does not repeat the mistake.

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
