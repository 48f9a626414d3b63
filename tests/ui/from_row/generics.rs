// A type that is read from rows has no generics.

use relations::prelude::*;

#[derive(FromRow)]
struct Found<T> {
    found: T,
}

async fn run(db: &relations::Database) -> relations::Result<Vec<Found<i64>>> {
    relations::sql("SELECT id AS found FROM customers", ()).all(db).await
}

fn main() {}
