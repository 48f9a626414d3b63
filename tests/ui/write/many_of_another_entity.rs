// Many rows are of one entity.

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
    NewCustomer::insert_many([NewOrder { number: 1 }], db).await?;
    Ok(())
}

fn main() {}
