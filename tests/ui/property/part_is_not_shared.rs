// Threads share entities, whatever a field holds within.
use relations::prelude::*;
use std::rc::Rc;

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[skip]
    notes: Option<Vec<Rc<String>>>,
}

fn main() {}
