// A value has no generics.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
struct Id<T>(T);

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    number: Id<i64>,
}

fn main() {}
