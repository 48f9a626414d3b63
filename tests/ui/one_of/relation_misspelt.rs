// A `one_of` names relations of the entity.
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
#[one_of(pots, photo, name = "subject")]
struct Comment {
    #[id]
    id: i64,
    #[belongs_to(Post)]
    post_id: Option<i64>,
    #[belongs_to(Photo)]
    photo_id: Option<i64>,
}

fn main() {}
