// ConnectOptions are those that are known.

use relations::prelude::*;

#[derive(FromRow)]
#[from_row(krate = "relations")]
struct Busy {
    name: String,
}

fn main() {}
