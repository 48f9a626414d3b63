// The rows of a tree are filtered by their own columns.

use relations::prelude::*;

#[derive(Entity)]
struct Shop {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Category {
    #[id]
    id: i64,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

fn run(category: &Category) {
    drop(Category::PARENT.descendants(category).filter(Shop::ID.eq(7)));
}

fn main() {}
