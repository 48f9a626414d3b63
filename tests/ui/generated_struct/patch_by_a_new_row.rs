// A new row is no patch.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id(generated)]
    id: i64,
    quantity: i32,
}

fn main() {
    let _ = Line::find_by_id(1).patch(NewLine { quantity: 1 });
}
