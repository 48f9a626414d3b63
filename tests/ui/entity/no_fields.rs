// An entity has properties.

use relations::prelude::*;

#[derive(Entity)]
struct Order {}

fn main() {}
