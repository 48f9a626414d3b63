// A key of a type with a mistake is told once.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
struct OrderId(i64, i64);

#[derive(Entity)]
struct Order {
    #[id]
    id: OrderId,
}

fn main() {}
