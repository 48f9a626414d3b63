// A trait object is an executor behind a pointer, and is passed as `&db`.

use relations::prelude::*;
use relations::{Executor, Result};

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    quantity: i32,
}

async fn run(db: &dyn Executor) -> Result<()> {
    Order::find().all(db).await.map(drop)
}

fn main() {}
