// Enums alone are stored as the numbers of variants.
use relations::prelude::*;

#[derive(Debug, Clone, Value)]
#[value(integer)]
struct Level(i32);

fn main() {}
