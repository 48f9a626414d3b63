// An entity with a scope says so, as relations to it depend on that.

use relations::Filter;
use relations::prelude::*;
use relations::query::Scope;

#[derive(Entity)]
struct Article {
    #[id(generated)]
    id: i64,
    published: bool,
}

impl Scope for Article {
    fn filter() -> Filter<Self> {
        Self::PUBLISHED.eq(true)
    }
}

fn main() {}
