// The elements of the target's array are keys of the source.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "label_codes", key_to = "code")]
struct Post {
    #[id]
    id: i64,
    label_codes: Vec<String>,
}

#[derive(Entity)]
#[has_many(Post, keys_to = "label_codes")]
struct Label {
    #[id]
    id: i64,
    #[unique]
    code: String,
}

fn main() {}
