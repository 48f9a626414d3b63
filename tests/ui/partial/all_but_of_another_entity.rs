// A struct without some properties is one of its own entity.

use relations::prelude::*;

#[derive(Entity)]
#[all_but(DocumentHead, body)]
struct Document {
    #[id]
    id: i64,
    body: String,
}

#[derive(Entity)]
struct Note {
    #[id]
    id: i64,
}

fn main() {
    drop(Note::find().select_as::<DocumentHead>());
}
