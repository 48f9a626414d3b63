// Threads share entities, so a field is not a `RefCell`.
use relations::prelude::*;
use std::cell::RefCell;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    note: RefCell<String>,
}

fn main() {}
