// An enum that is stored as numbers has integers that a column holds.
use relations::prelude::*;

#[derive(Debug, Clone, Value)]
#[value(integer)]
#[repr(u64)]
enum Level {
    Low,
}

fn main() {}
