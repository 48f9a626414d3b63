//! Executors that are chosen at run time.

use std::sync::Arc;

use relations::prelude::*;
use relations::{Database, Executor, Result};

#[derive(Entity)]
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

async fn by_reference(db: &dyn Executor) -> Result<Vec<OrderWith<Customer>>> {
    Order::find().include(Order::CUSTOMER).all(&db).await
}

async fn shared(db: Arc<dyn Executor>, order: Order) -> Result<Customer> {
    order.customer(&db).await
}

async fn boxed(db: Box<dyn Executor + '_>, mut customer: Customer) -> Result<()> {
    customer.update(&db).await
}

#[allow(clippy::manual_async_fn, reason = "the future has to be `Send`")]
fn all_of_them(db: Arc<Database>, order: Order) -> impl Future<Output = Result<()>> + Send {
    async move {
        by_reference(&db).await?;
        let customer = shared(Arc::clone(&db) as Arc<dyn Executor>, order).await?;
        boxed(Box::new(&*db), customer).await
    }
}
