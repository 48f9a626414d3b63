// Rows that are deleted have nothing included.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Category {
    #[id]
    id: i64,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

async fn run(db: &Database) -> Result<u64> {
    Category::find().include(Category::PARENT).delete(db).await
}

fn main() {}
