// A field has a type that a column can have.

use relations::prelude::*;

#[derive(FromRow)]
struct Busy {
    name: String,
    orders: i8,
}

fn main() {}
