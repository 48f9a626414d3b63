// Ancestors are a list; only descendants come as trees.

use relations::prelude::*;
use relations::{Database, Result};

#[derive(Entity)]
struct Category {
    #[id]
    id: i64,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

async fn run(db: &Database, category: &Category) -> Result<()> {
    drop(Category::PARENT.ancestors(category).trees(db).await?);
    Ok(())
}

fn main() {}
