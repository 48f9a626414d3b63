// The primary key has one name.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id(name = "pk_lines")]
    order_id: i64,
    #[id(name = "lines_key")]
    position: i32,
}

fn main() {}
