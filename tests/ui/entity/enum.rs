// An entity is a struct.

use relations::prelude::*;

#[derive(Entity)]
enum Order {
    Open,
}

fn main() {}
