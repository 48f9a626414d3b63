// A condition without values says so, by an empty tuple.

use relations::Filter;
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

fn main() {
    drop(Customer::find().filter(Filter::raw("id % 2 = 0")));
}
