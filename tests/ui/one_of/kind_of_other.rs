// The filter names one of the relations.
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
    subject_type: String,
    subject_id: i64,
    #[belongs_to(Post)]
    other_id: i64,
}

fn main() {
    let _ = Comment::find().filter(Comment::SUBJECT.is(Comment::OTHER));
}
