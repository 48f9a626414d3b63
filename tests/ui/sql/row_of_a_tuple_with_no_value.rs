// Each part of a tuple has a column type.

use relations::prelude::*;

fn read<T: FromRow>() {}

fn run() {
    read::<(i64, u8)>();
}

fn main() {}
