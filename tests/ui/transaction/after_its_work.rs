// A transaction is there for its work, and not after it.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &Database) -> Result<i64> {
    let ended = db.transaction(async |tx| Ok(tx)).await?;
    Order::find().count(ended).await
}

fn main() {}
