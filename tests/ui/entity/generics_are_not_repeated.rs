// An entity with generics is one mistake, also where other entities refer to it.

use relations::prelude::*;

#[derive(Entity)]
struct Customer<T> {
    #[id]
    id: T,
}

async fn run(db: &relations::Database) -> relations::Result<()> {
    drop(Customer::<i64>::find().all(db).await?);
    Ok(())
}

fn main() {}
