// An expression may be of several columns, so its index stands on the struct.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[index(expression = "lower(email)")]
    email: String,
}

fn main() {}
