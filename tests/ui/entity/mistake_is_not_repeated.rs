// A mistake in an entity is reported once, also where other entities refer to it.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
#[has_one(Address)]
struct Customer {
    id: i64,
    name: String,
}

#[derive(Entity)]
#[has_many(Line)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Entity)]
struct Address {
    #[id]
    id: i64,
    #[unique]
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
}

async fn run(db: &relations::Database) -> relations::Result<()> {
    let ada = NewCustomer { id: 1, name: "Ada".to_owned() }.insert(db).await?;
    let orders = ada.orders(db).await?;
    let found = Customer::find().filter(Customer::NAME.like("A%")).all(db).await?;
    let customers = Order::CUSTOMER.load(db, &orders).await?;
    drop((ada.address(db).await?, found, customers));
    db.create(schema![Customer, Order, Address, Line]).await
}

fn main() {}
