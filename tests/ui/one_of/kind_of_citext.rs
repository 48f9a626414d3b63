// A kind is equal in the database to what it is equal to in Rust.
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
struct Comment {
    #[id]
    id: i64,
    #[column(type = "citext")]
    subject_type: String,
    subject_id: i64,
}

fn main() {}
