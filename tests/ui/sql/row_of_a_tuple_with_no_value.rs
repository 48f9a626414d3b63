// Each part of a tuple has a column type.

use relations::prelude::*;

fn read<T: FromRow>() {}

fn run() {
    read::<(i64, i8)>();
}

fn main() {}
