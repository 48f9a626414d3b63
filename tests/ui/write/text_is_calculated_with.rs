// Text is not a number.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    credit: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    price: i64,
    quantity: i32,
    note: String,
    discount: Option<i64>,
}

fn main() {
    drop(Order::find().all_rows().set_expr(Order::NOTE, Order::NOTE + "more"));
}
