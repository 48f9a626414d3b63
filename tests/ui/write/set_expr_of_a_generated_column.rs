// A column that the database calculates is not set to an expression.

use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    price: i64,
    quantity: i64,
    #[column(generated = "price * quantity")]
    total: i64,
}

fn main() {
    let _ = Line::find().set_expr(Line::TOTAL, Line::PRICE * 2);
}
