// A column that the database calculates is not given to a new row.

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
    let _ = NewLine { id: 1, price: 2, quantity: 3, total: 6 };
}
