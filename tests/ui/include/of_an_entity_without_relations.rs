// An entity without relations has nothing to include.
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[has_many(Line)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    price: i32,
}

#[derive(Entity)]
struct Note {
    #[id]
    id: i64,
}

fn lines() {
    let _ = Note::find().include(Order::LINES);
}

fn main() {}
