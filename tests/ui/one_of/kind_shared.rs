// A kind and a key belong to one relation.
use relations::prelude::*;

#[derive(Entity)]
struct Post {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Photo {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
#[one_of(
    Post(name = "other_post"),
    Photo(name = "other_photo"),
    name = "other",
    kind = "subject_type",
    key = "other_id"
)]
struct Comment {
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
    other_id: i64,
}

fn main() {}
