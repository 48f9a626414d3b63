// A relation with a filter links nothing.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Label, name = "new_labels", through(Link), filter = Label::NEW.eq(true))]
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

fn link(db: &relations::Database, order: &Order, label: &Label) {
    let _ = Order::NEW_LABELS.unlink(db, order, label);
}

fn main() {}
