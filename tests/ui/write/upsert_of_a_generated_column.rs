// An upsert does not update a column that the database calculates.

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
    let new = NewLine { id: 1, price: 2, quantity: 3 };
    let _ = new.on_conflict(Line::ID).update((Line::PRICE, Line::TOTAL));
}
