// A value can be cloned.

use relations::prelude::*;

#[derive(Debug, Value)]
struct Email(String);

fn main() {}
