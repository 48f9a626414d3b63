// A case is one that is known.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
#[value(rename_all = "snakecase")]
enum Status {
    Open,
}

fn main() {}
