// Only an entity with soft delete has deleted rows.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[unique(with_deleted)]
    email: String,
}

fn main() {}
