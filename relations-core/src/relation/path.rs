//! The way from an entity to a column, through relations to one.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::term::PathStep;
use crate::column::Column;
use crate::relation::arity::{Arity, Optional, Required};
use crate::relation::{Relation, RelationHandle};
use crate::value::property::Property;

/// The path from the queried entity to a column: its [`Own`], or [`Through`] a relation.
pub trait Path: Send + Sync + 'static {
    /// The relations on the way.
    #[doc(hidden)]
    const STEPS: Option<&'static PathStep>;

    /// Whether the column is of the new row of an upsert.
    #[doc(hidden)]
    const EXCLUDED: bool = false;
}

/// The way to a column of the queried entity itself.
#[derive(Debug, Clone, Copy)]
pub struct Own;

impl Path for Own {
    const STEPS: Option<&'static PathStep> = None;
}

/// The way to a generated column of the queried entity: it is read as any other, and never written.
///
/// ```compile_fail,E0308
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Line {
///     #[id]
///     id: i64,
///     price: i64,
///     #[column(generated = "price * 2")]
///     twice: i64,
/// }
///
/// let change = Line::find().set(Line::TWICE, 8);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Generated;

impl Path for Generated {
    const STEPS: Option<&'static PathStep> = None;
}

/// The way to the column by which rows are distributed over the servers of a cluster: it is read as any
/// other and given to new rows, and never changed, as a row stays on its server.
///
/// ```compile_fail,E0308
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[entity(distributed_by = "tenant_id")]
/// struct Order {
///     #[id]
///     tenant_id: i64,
///     #[id]
///     id: i64,
/// }
///
/// let change = Order::find().set(Order::TENANT_ID, 8);
/// ```
#[derive(Debug, Clone, Copy)]
#[doc(alias = "distribution column")]
pub struct DistributedBy;

impl Path for DistributedBy {
    const STEPS: Option<&'static PathStep> = None;
}

/// The way to a column of the new row of an upsert; see [`Column::excluded`].
#[derive(Debug, Clone, Copy)]
pub struct Excluded;

impl Path for Excluded {
    const STEPS: Option<&'static PathStep> = None;
    const EXCLUDED: bool = true;
}

/// The way to a column through the relation `R`, and on from its target by `P`.
pub struct Through<R, P>(PhantomData<fn() -> (R, P)>);

impl<R: Relation, P: Path> fmt::Debug for Through<R, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::STEPS.fmt(formatter)
    }
}

impl<R: Relation, P: Path> Through<R, P> {
    const STEP: &'static PathStep = &PathStep { relation: R::DEFINITION, then: P::STEPS };
}

impl<R: Relation, P: Path> Path for Through<R, P> {
    const STEPS: Option<&'static PathStep> = Some(Self::STEP);
}

/// An [`Arity`] of one target at most, whose columns are as good as the source's own.
#[diagnostic::on_unimplemented(
    message = "a relation to many leads to no single row whose column this could be",
    label = "this relation has any number of targets",
    note = "ask whether there are targets with `.any(…)`, `.none(…)` or `.all(…)`, or make one \
            value of them with `.count()`, `.sum(…)`, `.min(…)`, `.max(…)` or `.avg(…)`"
)]
pub trait ToOne: Arity {
    /// The type of a property of the target, seen from the source.
    type Seen<T: Property>: Property<Value = T::Value>;
}

impl ToOne for Required {
    type Seen<T: Property> = T;
}

impl ToOne for Optional {
    type Seen<T: Property> = Option<T::Value>;
}

/// # Ask
///
/// A column of the target, by a relation to one.
impl<R: Relation> RelationHandle<R> {
    /// A column of the target of a relation to one, which can be used like a column of the source:
    /// in filters, orders and selections.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: Option<i64> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let name = Order::CUSTOMER.column(Customer::NAME);
    /// let orders = Order::find().filter(name.like("A%")).order_by(name.asc()).all(db).await?;
    /// let names: Vec<(i64, String)> = Order::find().select((Order::ID, name)).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Relations can be chained. If one of them may have no target, the column is null for such a
    /// source, and its type is an `Option`:
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: Option<i64> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let name = Line::ORDER.column(Order::CUSTOMER.column(Customer::NAME));
    /// let names: Vec<Option<String>> = Line::find().select(name).all(db).await?;
    /// let stray = Line::find().filter(name.is_null()).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// However often it is asked for, one relation is one `LEFT JOIN` in the statement.
    // A bound on what the method's own parameters do not name would hide the method, and rustc
    // would not tell why it is not there. So the arity is one of them, here and for `count`.
    #[must_use]
    pub const fn column<A: ToOne, T: Property, P: Path>(
        self,
        column: Column<R::Target, T, P>,
    ) -> Column<R::Source, A::Seen<T>, Through<R, P>>
    where
        R: Relation<Arity = A>,
    {
        Column::through(column)
    }
}
