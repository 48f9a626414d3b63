// An array is the only key, and leads to many.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, name = "one", keys_from = "label_ids", key_from = "id")]
#[has_many(Label, name = "two", keys_from = "label_ids", keys_to = "post_ids")]
#[has_many(Label, name = "three", keys_from = "label_ids", through(PostLabel))]
#[has_many(Label, name = "four", keys_to = "post_ids", key_to = "id")]
#[has_many(Label, name = "five", keys_to = "post_ids", index = false)]
#[has_many(Label, name = "six", keys_from = "label_ids", on_delete = "cascade")]
#[has_one(Label, name = "seven", keys_from = "label_ids")]
#[has_many(Label, name = "eight", keys_from = "label_ids", key_to("id", "code"))]
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
    #[id]
    code: i64,
    post_ids: Vec<i64>,
}

#[derive(Entity)]
struct PostLabel {
    #[id]
    #[belongs_to(Post)]
    post_id: i64,
    #[id]
    label_id: i64,
}

fn main() {}
