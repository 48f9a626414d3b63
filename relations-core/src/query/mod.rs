//! Queries: which rows of an entity, in which order, and what to do with them.

pub(crate) mod aggregate;
pub(crate) mod change;
mod check_change;
#[cfg(feature = "signed-cursors")]
pub(crate) mod cursor;
#[cfg(feature = "signed-cursors")]
mod cursor_bytes;
pub(crate) mod execute;
pub(crate) mod grouped;
pub(crate) mod identified;
pub(crate) mod into_property;
pub(crate) mod lock;
pub(crate) mod named;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod partial;
mod patch;
pub(crate) mod projection;
pub(crate) mod referencing_rows;
#[cfg(feature = "serde")]
pub mod reflect;
pub(crate) mod stream;
mod target_of_id;
pub(crate) mod visible;

pub use crate::loader::partial::Partial;
pub use crate::query::aggregate::{Averaged, Summed};
pub use crate::query::change::{IntoProperty, Update};
#[cfg(feature = "signed-cursors")]
pub use crate::query::cursor::{Cursor, CursorKey, SignedPages};
pub use crate::query::grouped::{GroupedQuery, Unselected};
pub use crate::query::identified::Identified;
pub use crate::query::named::{ColumnNames, NamedColumns};
pub use crate::query::order::{IntoOrdering, Ordering};
pub use crate::query::page::{Page, Pages};
pub use crate::query::partial::Distinct;
pub use crate::query::patch::Patch;
pub use crate::query::projection::{Projection, RowsAs, Selection};
pub use crate::query::stream::{RowChunks, Streaming};
pub use crate::query::visible::{Scope, Scoped};

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use crate::ast::inclusion::Inclusion;
use crate::ast::scope;
use crate::ast::select::Select;
use crate::entity::Entity;
use crate::filter::IntoFilter;
use crate::include::{Filled, Free, Include, IntoInclusion};
use crate::loader::loaded::Loaded;
use crate::relation::Relation;
use crate::relation::arity::Requirable;
use crate::sql::cache::{Caches, SqlCache};
use crate::value::key::{Key as _, read_key};

/// A query of an entity's rows, which runs when a verb such as `all` or `one` is awaited.
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
    /// The cache of the source of the followed relation.
    pub(crate) source: Option<&'static SqlCache>,
    loaded: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Query<E, T> {
    fn clone(&self) -> Self {
        Self { select: self.select.clone(), source: self.source, loaded: PhantomData }
    }
}

impl<E, T> fmt::Debug for Query<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Query").field(&self.select).finish()
    }
}

impl<E: Entity> Query<E> {
    #[track_caller]
    pub(crate) fn new(scope: scope::SelectScope) -> Self {
        let caller = Some(Location::caller());
        let select = Select { caller, ..Select::new(E::DEFINITION, scope) };
        Self { select, source: None, loaded: PhantomData }
    }

    /// A query of the entity with an id.
    #[track_caller]
    pub(crate) fn by_id(id: &E::Id) -> Self {
        let (properties, key) = (E::ID_PROPERTIES, id.to_parameters());
        let read_key = read_key::<E::Id>;
        Self::new(scope::SelectScope::Key { properties, key, read_key, source: None })
    }

    /// A query of the targets of a relation.
    #[track_caller]
    pub(crate) fn following<R: Relation>(scope: scope::SelectScope) -> Self {
        let mut query = Self::new(scope);
        query.select.follow(R::DEFINITION);
        query.source = Some(R::Source::sql_cache());
        query
    }

    /// A query of the targets of another query's rows, by a relation.
    #[track_caller]
    pub(crate) fn via<R: Relation<Target = E>>(sources: Query<R::Source>) -> Self {
        let relation = R::DEFINITION;
        let scope = match sources.select {
            sources if sources.is_empty() => scope::SelectScope::Nothing,
            sources => scope::SelectScope::Via(Box::new(scope::Via { sources, relation })),
        };
        let mut query = Self::new(scope);
        query.select.visible = relation.visible();
        query
    }
}

impl<E: Entity, T> Query<E, T> {
    /// This query, with rows of another type.
    pub(crate) fn loaded_as<U>(self) -> Query<E, U> {
        Query { select: self.select, source: self.source, loaded: PhantomData }
    }

    /// The caches that hold the SQL of this query.
    pub(crate) fn caches(&self) -> Caches {
        Caches { entity: E::sql_cache(), source: self.source }
    }

    /// Keeps only the rows that also match a filter (`WHERE … AND`).
    pub fn filter(mut self, filter: impl IntoFilter<E>) -> Self {
        self.select.narrow(filter.into_filter());
        self
    }

    /// Sorts the rows, after earlier orders (`ORDER BY`).
    ///
    /// Without an order, rows come in any order, but the targets of a relation to many come by
    /// their id.
    pub fn order_by(mut self, order: impl IntoOrdering<E>) -> Self {
        self.select.order_by(order.into_ordering().by);
        self
    }

    /// Takes at most this many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.select.limit = Some(rows);
        self
    }

    /// Skips this many rows.
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
    /// A relation to one is a target, or an `Option` if there may be none; a relation to many is a
    /// `Vec`, sorted by the id of the targets unless ordered otherwise. A relation that was not
    /// included cannot be read:
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
    #[doc(alias = "eager")]
    #[doc(alias = "eager loading")]
    #[doc(alias = "n+1")]
    #[doc(alias = "join")]
    #[doc(alias = "populate")]
    pub fn include<I: IntoInclusion<E>>(
        mut self,
        relation: I,
    ) -> Query<E, Filled<T, I::Relation, I::Targets>>
    where
        T: Loaded<Entity = E>,
        T::With: Include<I::Relation, Slot: Free>,
    {
        relation.each_inclusion(|inclusion| self.select.include(inclusion));
        Query { select: self.select, source: self.source, loaded: PhantomData }
    }

    /// Loads a relation to one with each row, and leaves out the rows without a target, like an
    /// inner join: the target is never an `Option`.
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
    #[doc(alias = "inner join")]
    pub fn include_required<I: IntoInclusion<E>>(
        mut self,
        relation: I,
    ) -> Query<E, Filled<T, I::Relation, I::Required>>
    where
        T: Loaded<Entity = E>,
        T::With: Include<I::Relation, Slot: Free>,
        I::Relation: Relation<Arity: Requirable>,
    {
        relation.each_inclusion(|one| self.select.include(Inclusion { required: true, ..one }));
        Query { select: self.select, source: self.source, loaded: PhantomData }
    }
}

impl<E: Entity, T: Distinct> Query<E, T> {
    /// Leaves out duplicate rows.
    ///
    /// The rows are then not in the order that a many-to-many relation declares, as equal rows may have several
    /// links.
    pub fn distinct(mut self) -> Self {
        self.select.forget_declared_order();
        self.select.distinct = true;
        self
    }
}

impl<E: Entity> Query<E> {
    /// Allows a delete or an update of every row, without a filter.
    pub fn all_rows(mut self) -> Self {
        self.select.all_rows = true;
        self
    }
}
