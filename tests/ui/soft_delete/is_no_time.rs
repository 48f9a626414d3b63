// A deletion has a time.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
    #[deleted_at]
    deleted: Option<bool>,
}

fn main() {}
