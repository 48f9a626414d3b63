// The ids of two entities are told apart where each is a type of its own.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
struct CustomerId(i64);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
struct ProductId(i64);

#[derive(Entity)]
struct Customer {
    #[id]
    id: CustomerId,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: ProductId,
}

fn main() {}
