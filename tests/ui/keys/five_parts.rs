// A key has four parts at most.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    a: i64,
    #[id]
    b: i64,
    #[id]
    c: i64,
    #[id]
    d: i64,
    #[id]
    e: i64,
}

fn main() {}
