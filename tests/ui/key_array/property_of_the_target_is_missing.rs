// The array of an inverse is a property of the target.

use relations::prelude::*;

#[derive(Entity)]
struct Post {
    #[id]
    id: i64,
    label_ids: Vec<i64>,
}

#[derive(Entity)]
#[has_many(Post, keys_to = "labels_ids")]
struct Label {
    #[id]
    id: i64,
}

fn main() {}
