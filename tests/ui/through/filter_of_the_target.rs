// The filter of a link speaks of the link.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, through(Link, filter = Label::NEW.eq(true)))]
struct Order {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Label {
    #[id]
    id: i64,
    new: bool,
}

#[derive(Entity)]
struct Link {
    #[id]
    #[belongs_to(Order)]
    order_id: i64,
    #[id]
    #[belongs_to(Label)]
    label_id: i64,
}

fn main() {}
