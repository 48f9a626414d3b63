// An index is of properties, or of an expression.

use relations::prelude::*;

#[derive(Entity)]
#[index(name = "by_email")]
struct Customer {
    #[id]
    id: i64,
    email: String,
}

fn main() {}
