// A kind tells at least two entities apart.
use relations::prelude::*;

#[derive(Entity)]
struct Post {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[one_of(Post, name = "subject", kind = "subject_type", key = "subject_id")]
struct Comment {
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
}

fn main() {}
