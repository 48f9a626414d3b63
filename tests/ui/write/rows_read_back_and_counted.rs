// Rows are read back or counted: `execute` ends the call.
use relations::prelude::*;

#[derive(Entity)]
struct Product {
    #[id]
    id: i64,
}

async fn run(db: &relations::Database, new: Vec<NewProduct>) -> relations::Result<Vec<Product>> {
    NewProduct::insert_many(new, db).execute().await
}

fn main() {}
