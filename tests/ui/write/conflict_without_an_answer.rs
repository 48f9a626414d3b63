// An upsert states its action on a conflict.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[unique]
    email: String,
    name: String,
}

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    number: i32,
}

async fn run(db: &relations::Database, new: NewCustomer) -> relations::Result<()> {
    new.on_conflict(Customer::EMAIL).insert(db).await?;
    Ok(())
}

fn main() {}
