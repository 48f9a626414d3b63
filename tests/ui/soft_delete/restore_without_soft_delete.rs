// Only rows that are deleted softly can be seen and restored.

use relations::prelude::*;

#[derive(Entity)]
struct Customer {
    #[id(generated)]
    id: i64,
}

fn main() {
    let _ = Customer::find().with_deleted();
}
