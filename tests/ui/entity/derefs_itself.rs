// An entity with relations derefs to a hint for each of them, unless it is told not to.
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

impl std::ops::Deref for Order {
    type Target = i64;

    fn deref(&self) -> &i64 {
        &self.id
    }
}

fn main() {}
