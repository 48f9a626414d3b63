// A target is named once.
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
#[one_of(Post, Photo, Post(name = "old_post"), name = "subject", kind = "subject_type", key = "subject_id")]
struct Comment {
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
}

fn main() {}
