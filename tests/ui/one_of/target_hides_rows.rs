// A row follows one of several relations to a target that queries see.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Comment)]
struct Post {
    #[id]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
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

fn main() {}
