// A relation to one with a filter leads to a key of the rows that the filter matches.

use relations::prelude::*;

#[derive(Entity)]
#[has_one(Address, name = "main_address", filter = Address::IS_MAIN.eq(true))]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Address {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    is_main: bool,
}

fn main() {}
