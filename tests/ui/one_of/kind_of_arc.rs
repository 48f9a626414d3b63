// Foreign keys are set one by one.
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
#[one_of(post, photo, name = "subject")]
struct Comment {
    #[id]
    id: i64,
    #[belongs_to(Post)]
    post_id: Option<i64>,
    #[belongs_to(Photo)]
    photo_id: Option<i64>,
}

fn main() {
    let _ = Comment::find_by_id(1).set_one_of(Comment::SUBJECT, Some(3));
}
