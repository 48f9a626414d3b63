// A newtype holds one field.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
struct Money(i64, String);

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    price: Option<Money>,
}

fn main() {
    let _ = Order::PRICE.is_null();
}
