// A sole value of a condition is in a tuple too.

use relations::Filter;
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

fn main() {
    drop(Customer::find().filter(Filter::raw("lower(name) = $1", "ada")));
}
