// The `key_to` of a `has_many` is a property of the target.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Category, name = "children", key_to = "parnt_id")]
struct Category {
    #[id]
    id: i64,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

fn main() {}
