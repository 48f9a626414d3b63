// A field has one `#[belongs_to]`; the other one stands on the struct.
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
    #[belongs_to(Customer, name = "payer")]
    customer_id: i64,
}

fn main() {}
