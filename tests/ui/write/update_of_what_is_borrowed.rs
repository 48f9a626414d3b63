// `update` writes the returned row back into the entity.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    version: i32,
}

async fn write(order: &Order, db: &relations::Database) -> relations::Result<()> {
    order.update(db).await
}

fn main() {
    drop(write);
}
