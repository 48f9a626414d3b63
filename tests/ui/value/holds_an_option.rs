// It is the property that may be null, not what a newtype holds.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
struct Email(Option<String>);

fn main() {}
