// An observer is registered for an entity that it observes.

use relations::prelude::*;
use relations::repository::{Observer, Observers};

#[derive(Entity)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
}

struct Audit;

impl Observer<Customer> for Audit {}

fn main() {
    drop(Observers::new().on::<Order>(Audit));
}
