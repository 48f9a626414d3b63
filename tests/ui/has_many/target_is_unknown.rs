// The target of a `has_many` is in scope.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

fn main() {}
