// The elements of the array are keys of the target.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "label_ids")]
struct Post {
    #[id]
    id: i64,
    label_ids: Vec<String>,
}

#[derive(Entity)]
struct Label {
    #[id]
    id: i64,
}

fn main() {}
