// A kind and a key do not tell the server of a target.
use relations::prelude::*;

#[derive(Entity)]
#[entity(distributed_by = "id")]
struct Post {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(reference)]
struct Photo {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(distributed_by = "tenant_id")]
#[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
struct Comment {
    #[id]
    tenant_id: i64,
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
}

fn main() {}
