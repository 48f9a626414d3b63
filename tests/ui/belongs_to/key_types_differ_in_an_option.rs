// A foreign key that may be null has the type of the target's id in its `Option`.

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
    customer_id: Option<String>,
}

fn main() {}
