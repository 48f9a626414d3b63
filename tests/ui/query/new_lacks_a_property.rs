// A new entity has all that the database does not make.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    quantity: i32,
    note: Option<String>,
}

fn main() {
    drop(NewOrder { id: 1, customer_id: 1, quantity: 3 });
}
