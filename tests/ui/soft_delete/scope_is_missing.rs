// A scoped entity says which rows that means.

use relations::prelude::*;

#[derive(Entity)]
#[entity(scoped)]
struct Article {
    #[id(generated)]
    id: i64,
}

fn main() {}
