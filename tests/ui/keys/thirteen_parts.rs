// A key has twelve parts at most.

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
    #[id]
    f: i64,
    #[id]
    g: i64,
    #[id]
    h: i64,
    #[id]
    i: i64,
    #[id]
    j: i64,
    #[id]
    k: i64,
    #[id]
    l: i64,
    #[id]
    m: i64,
}

fn main() {}
