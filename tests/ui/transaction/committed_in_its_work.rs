// A transaction is committed when its work is done, and not by it.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &Database) -> Result<()> {
    db.transaction(async |tx| {
        NewOrder { quantity: 1 }.insert(tx).await?;
        tx.commit().await
    })
    .await
}

fn main() {}
