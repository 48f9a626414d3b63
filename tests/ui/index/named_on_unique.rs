// A unique property has an index already, whatever its name.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique]
    #[index(name = "by_email")]
    email: String,
}

fn main() {}
