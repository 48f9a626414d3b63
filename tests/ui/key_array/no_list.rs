// An array of keys is a list.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "label_id")]
struct Post {
    #[id]
    id: i64,
    label_id: i64,
}

#[derive(Entity)]
struct Label {
    #[id]
    id: i64,
}

fn main() {}
