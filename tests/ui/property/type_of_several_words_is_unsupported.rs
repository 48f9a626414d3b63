// A property has a type that a column can have, however the type is written.

use relations::prelude::*;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    address: std::net::SocketAddr,
}

fn main() {}
