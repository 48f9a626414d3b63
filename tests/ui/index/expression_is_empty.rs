// An expression is SQL.

use relations::prelude::*;

#[derive(Entity)]
#[index(expression = "")]
struct Customer {
    #[id]
    id: i64,
    email: String,
}

fn main() {}
