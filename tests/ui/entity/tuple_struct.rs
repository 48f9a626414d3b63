// The fields of an entity have names.

use relations::prelude::*;

#[derive(Entity)]
struct Order(i64);

fn main() {}
