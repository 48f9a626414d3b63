// An enum that is stored as numbers has no texts.
use relations::prelude::*;

#[derive(Debug, Clone, Value)]
#[value(integer)]
enum Level {
    #[value(rename = "low")]
    Low,
}

fn main() {}
