//! Conditions of which each may be there or not.

use relations::prelude::*;
use relations::{Filter, Query};

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[entity(deref = false)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

impl std::ops::Deref for Order {
    type Target = i64;

    fn deref(&self) -> &i64 {
        &self.id
    }
}

fn search(name: Option<&str>, ids: Vec<i64>) -> Query<Customer> {
    let by_name = name.map(|name| Customer::NAME.eq(name));
    let by_ids: Vec<Filter<Customer>> = ids.into_iter().map(|id| Customer::ID.eq(id)).collect();
    Customer::find()
        .filter(by_name.clone())
        .filter(Filter::any(by_ids.clone()))
        .filter(by_ids)
        .filter(Filter::all([by_name, Some(Customer::ID.gt(1)), None]))
        .filter([Customer::ID.gt(1), Customer::ID.lt(9)])
        .filter(Filter::always())
        .filter(Customer::ORDERS.any(None::<Filter<Order>>))
}

fn id(order: &Order) -> i64 {
    **order
}
