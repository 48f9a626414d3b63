// Columns are found by the names of fields.

use relations::prelude::*;

#[derive(FromRow)]
struct Pair(i64, String);

async fn run(db: &relations::Database) -> relations::Result<Vec<Pair>> {
    relations::sql("SELECT id, name FROM customers", ()).all(db).await
}

fn main() {}
