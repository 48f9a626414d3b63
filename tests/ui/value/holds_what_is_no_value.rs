// A newtype holds a value.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
struct Quantity(u8);

fn main() {}
