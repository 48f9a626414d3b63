// Only an entity says what its columns are.

use relations::prelude::*;

#[derive(FromRow)]
struct Busy {
    name: String,
    #[column(type = "bigint")]
    orders: i64,
}

fn main() {}
