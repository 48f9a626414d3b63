// A list is not one key.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, key_from = "label_ids")]
struct Post {
    #[id]
    id: i64,
    label_ids: Vec<i64>,
}

#[derive(Entity)]
struct Label {
    #[id]
    id: i64,
}

fn main() {}
