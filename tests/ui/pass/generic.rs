//! Code that is generic over entities.

use relations::prelude::*;
use relations::value::Key;
use relations::{Column, Database, Executor, Query, Relation, RelationHandle, Result};

#[derive(Debug, Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
}

#[derive(Debug, Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn page<E: Entity>(number: u64) -> Query<E> {
    E::find().limit(20).offset(20 * number)
}

async fn by_id<E: Entity>(db: &impl Executor, id: E::Id) -> Result<Option<E>>
where
    E::Id: relations::value::IntoKey<E::Id>,
{
    E::find_by_id(id).optional(db).await
}

fn is_same<E: Entity>(one: &E, other: &E) -> bool {
    one.id() == other.id()
}

async fn of_all<R: Relation>(db: &Database, relation: RelationHandle<R>) -> Result<usize> {
    let sources = R::Source::find().all(db).await?;
    Ok(relation.load(db, &sources).await?.len())
}

fn with<E: Entity>(column: Column<E, i64>, value: i64) -> Query<E> {
    E::find().filter(column.eq(value))
}

fn parts<K: Key>(key: &K) -> K {
    key.clone()
}

async fn all(db: &Database) -> Result<()> {
    let orders = page::<Order>(2).all(db).await?;
    let customer = by_id::<Customer>(db, 7).await?;
    of_all(db, Order::CUSTOMER).await?;
    of_all(db, Customer::ORDERS).await?;
    let with = with(Order::CUSTOMER_ID, parts(&7));
    drop((orders, customer, with, is_same::<Order>));
    Ok(())
}
