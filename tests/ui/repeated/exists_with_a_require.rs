// Whether there are rows is asked without an include.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Category {
    #[id]
    id: i64,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

async fn run(db: &Database) -> Result<bool> {
    Category::find().include_required(Category::PARENT).exists(db).await
}

fn main() {}
