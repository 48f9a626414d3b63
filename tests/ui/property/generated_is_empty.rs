// A generated column has an expression.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    #[column(generated = "")]
    twice: i64,
}

fn main() {}
