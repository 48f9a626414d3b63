// A row has one version.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    version: i32,
    #[version]
    edition: i32,
}

fn main() {}
