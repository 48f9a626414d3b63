// A newtype that is a key has `Eq` and `Hash`.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Value)]
struct OrderId(i64);

#[derive(Entity)]
struct Order {
    #[id]
    id: OrderId,
}

fn main() {}
