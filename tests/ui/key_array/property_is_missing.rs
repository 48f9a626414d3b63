// The array is a property of its own side.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "labels_ids")]
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
