// A conflict is found by columns.

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
    new.on_conflict("email").do_nothing().insert(db).await?;
    Ok(())
}

fn main() {}
