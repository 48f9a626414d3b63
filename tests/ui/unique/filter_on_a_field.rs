// A key of some rows stands on the struct.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    #[unique(filter = "id > 0")]
    email: String,
}

fn main() {}
