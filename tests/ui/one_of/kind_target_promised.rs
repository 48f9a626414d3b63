// A target by a kind may be missing.
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
}

async fn run(db: &relations::Database, comment: Comment) {
    let _: CommentSubject = comment.subject(db).await.unwrap();
}

fn main() {}
