// Rows are read as a type that implements `FromRow`.

struct Busy {
    name: String,
}

async fn run(db: &relations::Database) -> relations::Result<Vec<Busy>> {
    relations::sql("SELECT name FROM customers", ()).all(db).await
}

fn main() {}
