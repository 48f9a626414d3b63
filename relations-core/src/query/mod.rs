//! Queries: which rows of an entity, in which order, and what to do with them.

mod aggregate;
mod batch_key;
mod change;
#[cfg(feature = "signed-cursors")]
mod cursor;
pub(crate) mod execute;
mod lock;
pub(crate) mod lower;
mod order;
mod page;
mod projection;
mod referencing_rows;
mod stream;
mod unknown;

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

pub(crate) use aggregate::Aggregate;
pub use aggregate::{Averaged, Summed};
pub(crate) use batch_key::{BatchKey, number_in};
pub use change::{IntoProperty, Update};
#[cfg(feature = "signed-cursors")]
pub use cursor::{Cursor, CursorKey, SignedPages};
pub(crate) use lock::{Busy, Lock, Strength};
pub use lower::Assignment;
pub use order::{IntoOrdering, Ordering};
pub(crate) use order::{Nulls, OrderBy};
pub(crate) use page::Anchor;
pub use page::{Page, Pages};
pub(crate) use projection::next;
pub use projection::{Projection, Selection};
pub use stream::Streaming;

use crate::entity::Entity;
use crate::filter::{Filter, IntoFilter, Predicate};
use crate::include::{Filled, Free, Include, Inclusion, Inclusions, IntoInclusion, Loaded};
use crate::meta::{EntityDefinition, RelationDefinition, ThroughDefinition};
use crate::private::SqlCache;
use crate::relation::{Relation, Requirable};
use crate::value::{Parts, ReadKey};

/// A query of an entity's rows, which runs when one of its verbs is awaited.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let large = Order::find()
///     .filter(Order::QUANTITY.gt(100))
///     .order_by(Order::ID.desc())
///     .limit(20)
///     .all(db)
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a query does nothing until one of its verbs is awaited"]
pub struct Query<E, T = E> {
    pub(crate) select: Select,
    loaded: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Query<E, T> {
    fn clone(&self) -> Self {
        Self { select: self.select.clone(), loaded: PhantomData }
    }
}

impl<E, T> fmt::Debug for Query<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Query").field(&self.select).finish()
    }
}

/// What a query says, before it is put into the SQL of an engine.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) scope: Scope,
    /// The relation that was followed to get here.
    pub(crate) relation: Option<&'static RelationDefinition>,
    pub(crate) predicate: Predicate,
    pub(crate) orders: Vec<OrderBy>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    /// The row behind which the rows start; the orders then leave no two rows equal.
    pub(crate) anchor: Option<Anchor>,
    /// Whether each row begins with the values it is ordered by that are none of its own columns.
    pub(crate) tells_order: bool,
    pub(crate) distinct: bool,
    /// Whether a change of every row was asked for by name.
    pub(crate) all_rows: bool,
    pub(crate) lock: Lock,
    /// What is loaded with each row.
    pub(crate) includes: Inclusions,
    /// The line of code that asks.
    pub(crate) caller: Option<&'static Location<'static>>,
}

/// The rows that a query starts from.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// All rows of the table.
    Table,
    /// The rows with this key, which is never null, and the entity that the followed relation has it
    /// from.
    Key {
        properties: &'static [&'static str],
        key: Parts,
        read_key: ReadKey,
        source: Option<&'static EntityDefinition>,
    },
    /// The targets that links lead to from the source with this key.
    Linked(SourceByKey),
    /// The targets of the source with this id.
    TargetsOfId(SourceById),
    /// No rows: the key that would lead to them is null.
    Nothing,
}

/// A source that is known by a key which is never null.
#[derive(Debug, Clone)]
pub(crate) struct SourceByKey {
    pub(crate) key: Parts,
    pub(crate) read_key: ReadKey,
    /// Where the source's SQL is kept.
    pub(crate) sql: &'static SqlCache,
}

/// A source that is known by its id.
#[derive(Debug, Clone)]
pub(crate) struct SourceById {
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) id: Parts,
    /// Reads the source's foreign key.
    pub(crate) read_key: ReadKey,
    /// Where the source's SQL is kept.
    pub(crate) sql: &'static SqlCache,
}

impl Select {
    pub(crate) fn new(entity: &'static EntityDefinition, scope: Scope) -> Self {
        Self {
            entity,
            scope,
            relation: None,
            predicate: Predicate::Always,
            orders: Vec::new(),
            limit: None,
            offset: None,
            anchor: None,
            tells_order: false,
            distinct: false,
            all_rows: false,
            lock: Lock::default(),
            includes: Inclusions::new(),
            caller: None,
        }
    }

    /// The targets of a relation.
    pub(crate) fn targets(relation: &'static RelationDefinition) -> Self {
        Self { relation: Some(relation), ..Self::new(relation.target.definition(), Scope::Table) }
    }

    /// Leaves only the rows that a filter matches as well.
    pub(crate) fn narrow<E>(&mut self, filter: Filter<E>) {
        let before = std::mem::replace(&mut self.predicate, Predicate::Always);
        self.predicate = before.and(filter.predicate);
    }

    /// Loads a relation with each row.
    fn include(&mut self, inclusion: Inclusion) {
        // Whole rows differ by their id, with or without what is loaded with them.
        self.distinct = false;
        // An inclusion is large, and most queries have few.
        self.includes.reserve_exact(1);
        self.includes.push(inclusion);
    }

    /// Whether it is known without asking that there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.scope, Scope::Nothing) || matches!(self.predicate, Predicate::Never)
    }

    /// Whether one key says which rows.
    pub(crate) fn is_by_key(&self) -> bool {
        matches!(self.scope, Scope::Key { .. } | Scope::Linked(_) | Scope::TargetsOfId(_))
    }

    /// Whether nothing but the scope says which rows and in which order.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.predicate, Predicate::Always)
            && self.orders.is_empty()
            && self.limit.is_none()
            && self.offset.is_none()
            && self.anchor.is_none()
            && !self.tells_order
            && !self.distinct
            && self.lock.busy != Busy::Skip
    }

    /// Whether rows that the scope means may be left out.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.is_plain() || self.includes.iter().any(|one| one.required)
    }

    /// Whether the scope alone leaves one row at most: it is an id, or a key that a relation to one
    /// leads to.
    pub(crate) fn is_unique(&self) -> bool {
        matches!(self.scope, Scope::Key { .. }) && !self.targets_many()
    }

    /// The query as it is where a part of its statement has already found its rows: in its order, and
    /// with nothing that leaves out rows or locks them.
    pub(crate) fn of_given_rows(&self) -> Self {
        Self {
            scope: Scope::Table,
            predicate: Predicate::Always,
            limit: None,
            offset: None,
            anchor: None,
            lock: Lock::default(),
            includes: Inclusions::default(),
            ..self.clone()
        }
    }

    /// The relation that was followed, and the link that it goes through.
    pub(crate) fn through(
        &self,
    ) -> Option<(&'static RelationDefinition, &'static ThroughDefinition)> {
        self.relation.and_then(|relation| Some((relation, relation.through.as_ref()?)))
    }

    /// Whether the rows are the targets of a relation to many, which come by their id.
    pub(crate) fn targets_many(&self) -> bool {
        self.relation.is_some_and(RelationDefinition::targets_many)
    }
}

impl<E: Entity> Query<E> {
    #[track_caller]
    pub(crate) fn new(scope: Scope) -> Self {
        let caller = Some(Location::caller());
        let select = Select { caller, ..Select::new(E::DEFINITION, scope) };
        Self { select, loaded: PhantomData }
    }

    /// A query of what a relation leads to.
    #[track_caller]
    pub(crate) fn following(relation: &'static RelationDefinition, scope: Scope) -> Self {
        let mut query = Self::new(scope);
        query.select.relation = Some(relation);
        query
    }
}

impl<E: Entity, T> Query<E, T> {
    /// Leaves only the rows that a filter matches as well.
    pub fn filter(mut self, filter: impl IntoFilter<E>) -> Self {
        self.select.narrow(filter.into_filter());
        self
    }

    /// Orders the rows, by what was given before first.
    ///
    /// Without an order rows come as the database finds them; the targets of a relation to many
    /// come by their id.
    pub fn order_by(mut self, order: impl IntoOrdering<E>) -> Self {
        self.select.orders.push(order.into_ordering().by);
        self
    }

    /// Takes this many rows at most.
    pub fn limit(mut self, rows: u64) -> Self {
        self.select.limit = Some(rows);
        self
    }

    /// Leaves out this many rows at the start.
    pub fn offset(mut self, rows: u64) -> Self {
        self.select.offset = Some(rows);
        self
    }

    /// Loads a relation with each row: an `Order` becomes an `OrderWith<Customer>`.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # #[has_many(Line)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let orders: Vec<OrderWith<Customer, Vec<Line>>> =
    ///     Order::find().include(Order::CUSTOMER).include(Order::LINES).all(db).await?;
    /// for order in &orders {
    ///     println!("{}: {} lines for {}", order.id, order.lines.len(), order.customer.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A relation to one is a target, or an `Option` of one where there may be none; a relation to
    /// many is a `Vec`, by the id of the targets unless ordered otherwise. What was not included is
    /// not there:
    ///
    /// ```compile_fail,E0609
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # #[has_many(Line)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let orders = Order::find().include(Order::LINES).all(db).await?;
    /// let name = &orders[0].customer.name;
    /// # Ok(())
    /// # }
    /// ```
    pub fn include<I: IntoInclusion<E>>(
        mut self,
        relation: I,
    ) -> Query<E, Filled<T, I::Relation, I::Targets>>
    where
        T: Loaded<Entity = E>,
        T::With: Include<I::Relation, Slot: Free>,
    {
        self.select.include(relation.into_inclusion());
        Query { select: self.select, loaded: PhantomData }
    }

    /// Loads a relation to one with each row, and leaves out the rows that it leads to nothing
    /// from: there is always a target, whether or not the key may be null.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: Option<i64> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let orders: Vec<OrderWith<Customer>> =
    ///     Order::find().include_required(Order::CUSTOMER).all(db).await?;
    /// let some: Vec<OrderWith<Option<Customer>>> =
    ///     Order::find().include(Order::CUSTOMER).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn include_required<I: IntoInclusion<E>>(
        mut self,
        relation: I,
    ) -> Query<E, Filled<T, I::Relation, I::Required>>
    where
        T: Loaded<Entity = E>,
        T::With: Include<I::Relation, Slot: Free>,
        I::Relation: Relation<Arity: Requirable>,
    {
        self.select.include(Inclusion { required: true, ..relation.into_inclusion() });
        Query { select: self.select, loaded: PhantomData }
    }
}

impl<E: Entity> Query<E> {
    /// Leaves out rows that equal another one.
    pub fn distinct(mut self) -> Self {
        self.select.distinct = true;
        self
    }

    /// Says that every row is meant, where a delete or an update has no filter.
    pub fn all_rows(mut self) -> Self {
        self.select.all_rows = true;
        self
    }
}
