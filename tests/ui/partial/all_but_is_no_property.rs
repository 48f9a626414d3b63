// A struct leaves out properties of its entity.

use relations::prelude::*;

#[derive(Entity)]
#[all_but(DocumentHead, bodi)]
struct Document {
    #[id]
    id: i64,
    body: String,
}

fn main() {}
