// Entities stand beside a kind and a key.
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
#[one_of(crate::Post, crate::Photo, name = "subject")]
struct Comment {
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
}

fn main() {}
