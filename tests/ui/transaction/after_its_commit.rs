// A transaction that has ended runs nothing.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &Database) -> Result<i64> {
    let transaction = db.begin().await?;
    transaction.commit().await?;
    Order::find().count(&transaction).await
}

fn main() {}
