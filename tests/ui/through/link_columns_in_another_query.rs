// An include by links belongs to a query of their source.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Tag, through(Tagging))]
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
    drop(Tagging::find().include(Track::TAGS.order_by_link(Tagging::POSITION.asc())));
}
