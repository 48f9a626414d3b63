// An entity is read from rows as it is.

use relations::prelude::*;

#[derive(Entity, FromRow)]
struct Order {
    #[id]
    id: i64,
}

async fn run(db: &relations::Database) -> relations::Result<Vec<Order>> {
    relations::sql("SELECT * FROM orders", ()).all(db).await
}

fn main() {}
