// A range contains values of the type of its bounds.

use relations::prelude::*;
use relations::value::Range;

#[derive(Entity)]
struct Price {
    #[id]
    id: i64,
    quantities: Range<i32>,
}

fn main() {
    drop(Price::find().filter(Price::QUANTITIES.contains(7_i64)));
}
