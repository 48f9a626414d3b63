//! Code that is generic over entities.

use relations::prelude::*;
use relations::query::Identified;
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

async fn by_id<E: Entity>(db: &impl Executor, id: E::Id) -> Result<Option<E>> {
    E::find_by_id(id).optional(db).await
}

fn after<E: Identified>(id: E::Id) -> relations::query::Pages<E> {
    E::find().page(20).after(id)
}

fn targets<R: Relation>(
    handle: RelationHandle<R>,
    id: <R::Source as Entity>::Id,
) -> Query<R::Target> {
    handle.of_id(id)
}

async fn twice<E: Entity>(db: &impl Executor, id: &E::Id) -> Result<(E, E)> {
    Ok((E::find_by_id(id.clone()).one(db).await?, by_id(db, id.clone()).await?.unwrap()))
}

/// All traits of values are in scope together, and each method has one meaning.
mod values {
    use relations::Value;
    #[allow(unused_imports, reason = "they are in scope, as after `use relations::value::*`")]
    use relations::raw_sql::{FromRow, IntoParameter, IntoParameters};
    #[allow(unused_imports, reason = "they are in scope, as after `use relations::value::*`")]
    use relations::value::{Cell, IntoKey, IntoValue, Key, Mismatch, Parameter, Property, Row};

    #[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
    struct Tag(String);

    fn of_values(tag: Tag, number: i64, text: &String) -> [Parameter; 4] {
        [tag.to_parameter(), number.to_parameter(), text.to_parameter(), tag.into_parameter()]
    }

    fn read(cell: Cell<'_>) -> std::result::Result<i64, Mismatch> {
        i64::read(cell)
    }

    fn of_row(row: &Row<'_>) -> relations::Result<Tag> {
        Tag::from_row(row)
    }
}

fn is_same<E: Identified>(one: &E, other: &E) -> bool {
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
