// The result of a query is typed.

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
    let customers: Vec<Customer> = Order::find().all(db).await?;
    drop(customers);
    Ok(())
}

fn main() {}
