// A new row is not read without a property that it needs.

use relations::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Entity, Serialize)]
#[entity(new(derive(Deserialize)))]
struct User {
    #[id(generated)]
    id: i64,
    name: String,
    #[serde(skip)]
    password: String,
}

fn main() {}
