//! Service functions that call each other, of whose futures rustc computes the layout: a dozen calls
//! are within its default limit.

use relations::prelude::*;
use relations::{Database, Executor, Result};

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

async fn work(db: &impl Executor) -> Result<usize> {
    let orders = Order::find().include(Order::CUSTOMER).all(db).await?;
    let mut customer = Customer::find_by_id(1).one(db).await?;
    customer.update(db).await?;
    NewOrder { id: 1, customer_id: customer.id }.insert(db).await?;
    Order::find().set(Order::CUSTOMER_ID, 1).update(db).await?;
    Ok(orders.len() + customer.orders(db).await?.len())
}

macro_rules! calls {
    ($($outer:ident $inner:ident,)*) => {
        $(async fn $outer(db: &impl Executor) -> Result<usize> {
            $inner(db).await
        })*
    };
}

calls! { a work, b a, c b, d c, e d, f e, g f, h g, i h, j i, k j, l k, }

async fn both(db: Database) -> Result<usize> {
    l(&db).await?;
    db.transaction(async |tx| l(tx).await).await
}

fn size<F>(_: fn(Database) -> F) -> usize {
    size_of::<F>()
}

fn main() {
    assert!(size(both) > 0);
}
