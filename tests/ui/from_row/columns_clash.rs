// A column is read into one field.

use relations::prelude::*;

#[derive(FromRow)]
struct Busy {
    name: String,
    #[column(name = "name")]
    title: String,
}

fn main() {}
