//! Keys that are not the id, by string and by word, from either side.

use relations::prelude::*;

#[derive(Debug, Entity)]
#[has_many(Order, key_from = "email", key_to = "customer_email")]
#[has_one(Address, key_from = pk, key_to = customer_pk)]
struct Customer {
    #[id]
    id: i64,
    #[unique]
    pk: i64,
    #[unique]
    email: Option<String>,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = email, name = customer, constraint = "orders_customer")]
    customer_email: String,
}

#[derive(Debug, Entity)]
#[belongs_to(Customer, key_from = "customer_pk", key_to = "pk", index = false)]
struct Address {
    #[id]
    id: i64,
    #[unique]
    customer_pk: i64,
    #[belongs_to(Customer, constraint = false, index = false)]
    lost_id: Option<i64>,
}

async fn run(db: &relations::Database, customer: &Customer) -> relations::Result<()> {
    let orders: Vec<Order> = customer.orders(db).await?;
    let address: Option<Address> = customer.address(db).await?;
    drop((orders, address));
    Ok(())
}
