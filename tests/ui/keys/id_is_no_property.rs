// An id is a property, so its type has a column type.
use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Code(u128);

#[derive(Entity)]
struct Order {
    #[id]
    id: Code,
}

fn main() {}
