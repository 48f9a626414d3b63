// A key leads to one row of the target.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "codes", key_to = "code")]
struct Post {
    #[id]
    id: i64,
    codes: Vec<i64>,
}

#[derive(Entity)]
struct Label {
    #[id]
    id: i64,
    code: i64,
}

fn main() {}
