// A function that writes a property does not write an `Option` of it.

use relations::prelude::*;
use serde::Serialize;

#[derive(Entity, Serialize)]
#[entity(patch(derive(Serialize)))]
struct User {
    #[id(generated)]
    id: i64,
    #[serde(serialize_with = "stars")]
    rating: i64,
}

fn stars<S: serde::Serializer>(rating: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    "*".repeat(*rating as usize).serialize(serializer)
}

fn main() {}
