// No row is inserted or linked through an array of keys.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, keys_from = "label_ids")]
struct Post {
    #[id]
    id: i64,
    label_ids: Vec<i64>,
}

#[derive(Entity)]
#[has_many(Post, keys_to = "label_ids")]
struct Label {
    #[id]
    id: i64,
}

async fn written(db: &relations::Database, post: &Post, label: &Label) {
    let _ = Post::LABELS.link(db, post, label).await;
    let _ = Label::POSTS.insert(db, label, |id| NewPost { id: 1, label_ids: vec![id] }).await;
}

fn main() {}
