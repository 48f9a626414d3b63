// Texts and ranges contain others; a number does not.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    price: i64,
}

fn main() {
    drop(Line::find().filter(Line::PRICE.contains("7")));
}
