// A value can be shown while debugging.

use relations::prelude::*;

#[derive(Clone, Value)]
enum Status {
    Open,
}

fn main() {}
