// A transaction is begun on a database, or within another one.

use relations::prelude::*;
use relations::{Result, Transactional};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &str) -> Result<()> {
    Transactional::transaction(db, async |tx| Order::find().count(tx).await.map(drop)).await
}

fn main() {}
