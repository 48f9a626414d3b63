// A range is within another range, not within a value.

use relations::prelude::*;
use relations::value::Range;

#[derive(Entity)]
struct Price {
    #[id]
    id: i64,
    quantities: Range<i32>,
}

fn main() {
    drop(Price::find().filter(Price::QUANTITIES.is_within(7)));
}
