// `patch` has no value.

use relations::prelude::*;

#[derive(Entity)]
#[entity(patch = "Deserialize")]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

fn main() {}
