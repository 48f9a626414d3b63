// A type of the user's own derives `Value`.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq)]
struct Email(String);

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
    email: Email,
}

fn main() {}
