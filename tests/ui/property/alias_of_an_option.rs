// An `Option` is written as one, so that it is seen.

use relations::prelude::*;

type Note = Option<String>;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    note: Note,
}

fn main() {}
