// Bytes are no list of keys.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "label_ids")]
struct Post {
    #[id]
    id: i64,
    label_ids: Vec<u8>,
}

#[derive(Entity)]
struct Label {
    #[id]
    id: u8,
}

fn main() {}
