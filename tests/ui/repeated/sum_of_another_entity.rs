// A sum is of a column of the entity that is queried.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    quantity: i32,
    note: Option<String>,
}

async fn run(db: &Database, order: Order) -> Result<()> {
    drop(Order::find().sum(db, Customer::ID).await?);
    Ok(())
}

fn main() {}
