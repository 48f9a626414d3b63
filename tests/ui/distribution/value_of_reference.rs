// `reference` takes no value.

use relations::prelude::*;

#[derive(Entity)]
#[entity(reference = true)]
struct Country {
    #[id]
    code: String,
}

fn main() {}
