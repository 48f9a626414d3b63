// Each word is one of the type of the kind.
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

#[derive(Debug, Clone, Copy, PartialEq, Value)]
#[value(rename_all = "snake_case")]
enum SubjectKind {
    Post,
    Picture,
}

#[derive(Entity)]
#[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
struct Comment {
    #[id]
    id: i64,
    subject_type: SubjectKind,
    subject_id: i64,
}

fn main() {}
