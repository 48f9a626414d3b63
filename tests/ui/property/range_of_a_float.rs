// PostgreSQL has no range of floats.

use relations::prelude::*;
use relations::value::Range;

#[derive(Entity)]
struct Sensor {
    #[id]
    id: i64,
    allowed: Range<f64>,
}

fn main() {}
