// A newtype that is a key has `Eq`.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Hash, Value)]
struct OrderId(i64);

#[derive(Entity)]
struct Order {
    #[id]
    id: OrderId,
}

fn main() {}
