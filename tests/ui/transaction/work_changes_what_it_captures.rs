// Work that may be done several times changes nothing beside the database.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &Database) -> Result<()> {
    let mut quantity = 0;
    db.transaction(async |tx| {
        quantity += 1;
        NewOrder { quantity }.insert(tx).await.map(drop)
    })
    .await
}

fn main() {}
