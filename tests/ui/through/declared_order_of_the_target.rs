// The declared order of links is one of the link entity.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Tag, through(Tagging, order_by = Tag::NAME.asc()))]
struct Track {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Tag {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
struct Tagging {
    #[id]
    #[belongs_to(Track)]
    track_id: i64,
    #[id]
    #[belongs_to(Tag)]
    tag_id: i64,
    position: i32,
}

fn main() {
}
