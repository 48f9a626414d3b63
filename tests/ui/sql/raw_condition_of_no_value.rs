// The value of a placeholder in a condition has a column type.

use relations::Filter;
use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

fn main() {
    drop(Customer::find().filter(Filter::raw("id > $1", ('5',))));
}
