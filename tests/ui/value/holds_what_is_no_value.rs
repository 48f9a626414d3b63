// A newtype holds a value.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
struct Quantity(i8);

fn main() {}
