// `derive` names a trait.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch(derive()))]
struct Product {
    #[id]
    id: i64,
    name: String,
}

fn main() {}
