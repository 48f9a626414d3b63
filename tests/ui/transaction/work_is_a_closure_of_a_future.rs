// The work of a transaction is an async closure, `async |tx| { … }`.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

async fn run(db: &Database) -> Result<()> {
    db.transaction(|tx| async move { NewOrder { quantity: 3 }.insert(tx).await.map(drop) }).await
}

fn main() {}
