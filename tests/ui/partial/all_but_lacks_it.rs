// What is left out of a struct is not there.

use relations::prelude::*;

#[derive(Entity)]
#[all_but(DocumentHead, body)]
struct Document {
    #[id]
    id: i64,
    body: String,
}

async fn read(db: &relations::Database) -> relations::Result<usize> {
    let head = Document::find_by_id(1).select_as::<DocumentHead>().one(db).await?;
    Ok(head.body.len())
}

fn main() {}
