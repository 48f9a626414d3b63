//! Newtypes and enums as properties and as keys.

use relations::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
struct CustomerId(i64);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub(crate) struct Code(pub String);

#[derive(Debug, Clone, PartialEq, Value)]
struct Tags(Vec<String>);

#[derive(Debug, Clone, Value)]
struct Nested(Code);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Open,
    #[value(rename = "on its way")]
    InDelivery,
    r#Final,
}

#[derive(Debug, Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: CustomerId,
    #[unique]
    code: Option<Code>,
    nested: Nested,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    status: Status,
    #[id]
    number: i64,
    #[belongs_to(Customer)]
    customer_id: CustomerId,
    #[belongs_to(Customer, key_to = "code", name = "coded")]
    customer_code: Option<Code>,
    tags: Option<Tags>,
    statuses: Vec<Status>,
}

fn orders() -> relations::Query<Order> {
    Order::find_by_id((Status::Open, 7))
        .filter(Order::STATUS.is_in([Status::InDelivery, Status::Final]))
        .filter(Order::CUSTOMER_ID.eq(CustomerId(1)))
        .filter(Order::CUSTOMER_CODE.eq(Code("a".to_owned())))
}
