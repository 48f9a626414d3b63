// A struct of your own derives `FromRow`.

use relations::prelude::*;

struct Busy {
    name: String,
}

fn read<T: FromRow>() {}

fn run() {
    read::<Busy>();
}

fn main() {}
