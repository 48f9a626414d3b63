// The variants of an enum differ in text.

use relations::prelude::*;

#[derive(Debug, Clone, Value)]
enum Status {
    Open,
    #[value(rename = "open")]
    Reopened,
}

fn main() {}
