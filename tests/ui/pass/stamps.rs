//! Versions and times, of types of one's own as well, and expressions of all that can stand in one.

use chrono::{DateTime, Utc};
use relations::Query;
use relations::prelude::*;

/// A version and two timestamps.
#[derive(Debug, Clone, PartialEq, Value)]
struct Revision(i64);

#[derive(Debug, Clone, PartialEq, Value)]
struct Moment(DateTime<Utc>);

#[derive(Debug, Entity)]
#[has_many(Line)]
struct Order {
    #[id(generated)]
    id: i64,
    #[version]
    #[index]
    revision: Revision,
    #[created_at]
    made: Moment,
    #[updated_at]
    #[column(name = "Changed At", type = "timestamptz(3)")]
    changed: Moment,
    price: i64,
    quantity: i64,
    discount: Option<i64>,
}

#[derive(Debug, Entity)]
struct Line {
    #[id(generated)]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    price: i64,
}

/// Of nothing that the database makes.
fn new() -> NewOrder {
    NewOrder { price: 1, quantity: 2, discount: None }
}

fn expressions() -> Query<Order> {
    let total = Order::PRICE * Order::QUANTITY - 1;
    let reduced = total.clone() - Order::DISCOUNT;
    drop(
        Order::find_by_id(1)
            .set_expr(Order::PRICE, total.clone() / (Order::QUANTITY + 1))
            .set_expr(Order::DISCOUNT, reduced.clone() * 2)
            .set(Order::DISCOUNT, 1)
            .set_expr(Order::DISCOUNT, Order::PRICE)
            .set_expr(Order::QUANTITY, Order::LINES.count())
            .set_expr(Order::DISCOUNT, Order::LINES.max(Line::PRICE)),
    );
    drop(Order::find().select((total.clone(), reduced.clone(), Order::ID)));
    Order::find()
        .filter(total.clone().between(1, Order::PRICE).and(reduced.clone().is_not_null()))
        .filter(Order::LINES.count().gt(total.clone()).or(Order::PRICE.ne(total)))
        .order_by(reduced.desc().nulls_last())
        .for_update()
        .skip_locked()
}
