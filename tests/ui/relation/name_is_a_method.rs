// An accessor does not share its name with a method of the user's own.

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

impl Order {
    fn customer(&self) -> i64 {
        self.customer_id
    }
}

fn main() {}
