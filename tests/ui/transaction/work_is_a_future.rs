// The work of a transaction is given the transaction: it is a closure, not a future.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &Database) -> Result<()> {
    db.transaction(async { NewOrder { quantity: 3 }.insert(db).await.map(drop) }).await
}

fn main() {}
