// A relation to one leads to an `Option` of an entity that hides rows.

use chrono::{DateTime, Utc};
use relations::prelude::*;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id(generated)]
    id: i64,
    name: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

async fn name(db: relations::Database, order: Order) -> relations::Result<String> {
    let customer = order.customer(&db).await?;
    Ok(customer.name)
}

fn main() {}
