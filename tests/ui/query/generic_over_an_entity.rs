// Generic code asks for entities.

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

fn all<E: Entity>() -> relations::Query<E> {
    E::find()
}

fn main() {
    drop(all::<i64>());
}
