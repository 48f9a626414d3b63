// A schema is of entities.

use relations::prelude::*;

struct Customer;

fn main() {
    drop(schema![Customer]);
}
