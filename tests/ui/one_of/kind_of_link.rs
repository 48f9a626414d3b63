// A link has foreign keys.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Tag, through(Tagging))]
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
struct Tag {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
struct Tagging {
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
    #[belongs_to(Tag)]
    tag_id: i64,
}

fn main() {}
