//! Includes: relations that are followed inside a query, and what is loaded as part of the type.
//!
//! What to load is told twice. The type of a query's rows, such as `OrderWith<Customer>`, says what
//! each row becomes; a tree of [`Inclusion`]s beside it says how to ask for it. The [`plan`] of that
//! tree says which statement brings what, and where in its rows it stands; [`branch`]es take the
//! rows of each statement and put them into those that they belong to.

#[allow(clippy::type_complexity, reason = "the type says what is loaded")]
mod builder;
mod key_index;
mod load;
mod loaded;
mod plan;
mod slot;
mod target_loader;
mod with;

use std::fmt;

use smallvec::SmallVec;

pub use builder::Including;
pub use load::Preload;
pub(crate) use load::{All, Show, targets, trees};
pub use loaded::{Branches, Loaded, branches};
pub use plan::Plan;
pub(crate) use plan::{Bound, KeptPlan, KeptSql, Layout, OwnOrKept, Planned, Reach, any_unknown};
pub use slot::Slot;
pub use target_loader::Branch;
#[cfg(feature = "serde")]
pub use with::{Member, Members, serialize_with};

use crate::filter::Predicate;
use crate::meta::RelationDefinition;
use crate::query::Select;
use crate::relation::{Arity, Relation, RelationHandle};
use crate::relation_aggregate::Count;
use crate::value::{Impossible, Never};

/// What stands for a relation that was not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NotIncluded;

/// How the targets of a relation are loaded. The result is the same, and the number of statements
/// never depends on the number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// In the statement that loads the sources; for relations to one, and for counts.
    Joined,
    /// By one further statement for all sources, which is sent their keys, each once, when they
    /// are known.
    Batched,
    /// By one further statement that repeats the query of the sources and is sent together with
    /// it. [Batched](Self::Batched) instead where the query may mean other rows the second time: where
    /// the statements see no one snapshot, as in a transaction below repeatable read, and where it holds
    /// SQL of the user's own ([`Filter::raw`](crate::Filter::raw)).
    Pipelined,
}

/// One relation to follow, and which of its targets.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Inclusion {
    pub(crate) relation: &'static RelationDefinition,
    /// The filter, order and page of the targets, and what is included with them in turn; `None` for
    /// all of them, by themselves.
    pub(crate) select: Option<Box<Select>>,
    /// The strategy that was asked for by name.
    pub(crate) strategy: Option<Strategy>,
    /// Whether sources without a target are left out.
    pub(crate) required: bool,
    /// Whether targets are counted rather than loaded.
    pub(crate) counted: bool,
}

/// What is included with the rows of a query; often one relation.
pub(crate) type Inclusions = SmallVec<[Inclusion; 1]>;

impl Inclusion {
    pub(crate) fn of<R: Relation>() -> Self {
        let relation = R::DEFINITION;
        Self { relation, select: None, strategy: None, required: false, counted: false }
    }

    /// The targets, to say which ones.
    pub(crate) fn select(&mut self) -> &mut Select {
        self.select.get_or_insert_with(|| Box::new(Select::targets(self.relation)))
    }
}

/// What can be included in a query of `E`: one of its relations.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no relation of `{E}`",
    label = "expected a relation of `{E}`",
    note = "a relation of an included entity is included there, as in \
            `Order::CUSTOMER.include(Customer::COUNTRY)`"
)]
pub trait IntoInclusion<E> {
    /// The relation.
    type Relation: Relation;
    /// What becomes of its targets.
    type Targets: Send;
    /// What becomes of them where sources without one are left out.
    type Required: Send;

    /// The relation as a query knows it.
    #[doc(hidden)]
    fn into_inclusion(self) -> Inclusion;
}

#[diagnostic::do_not_recommend]
impl<R: Relation> IntoInclusion<R::Source> for RelationHandle<R> {
    type Relation = R;
    type Targets = <R::Arity as Arity>::Of<R::Target>;
    type Required = R::Target;

    fn into_inclusion(self) -> Inclusion {
        Inclusion::of::<R>()
    }
}

#[diagnostic::do_not_recommend]
impl<E, R: Relation> IntoInclusion<E> for RelationHandle<R>
where
    Never<(E, R)>: Impossible,
{
    type Relation = R;
    type Targets = <R::Arity as Arity>::Of<R::Target>;
    type Required = R::Target;

    fn into_inclusion(self) -> Inclusion {
        <Never<(E, R)>>::never()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T: Send, A: Arity> IntoInclusion<R::Source> for Including<R, T, A> {
    type Relation = R;
    type Targets = A::Of<T>;
    type Required = T;

    fn into_inclusion(self) -> Inclusion {
        self.inclusion
    }
}

#[diagnostic::do_not_recommend]
impl<E, R: Relation, T: Send, A: Arity> IntoInclusion<E> for Including<R, T, A>
where
    Never<(E, R)>: Impossible,
{
    type Relation = R;
    type Targets = A::Of<T>;
    type Required = T;

    fn into_inclusion(self) -> Inclusion {
        <Never<(E, R)>>::never()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation> IntoInclusion<R::Source> for Count<R> {
    type Relation = R;
    type Targets = i64;
    type Required = i64;

    fn into_inclusion(self) -> Inclusion {
        let mut inclusion = Inclusion::of::<R>();
        if !matches!(self.filter, Predicate::Always) {
            inclusion.select().predicate = self.filter;
        }
        Inclusion { strategy: self.strategy, counted: true, ..inclusion }
    }
}

#[diagnostic::do_not_recommend]
impl<E, R: Relation> IntoInclusion<E> for Count<R>
where
    Never<(E, R)>: Impossible,
{
    type Relation = R;
    type Targets = i64;
    type Required = i64;

    fn into_inclusion(self) -> Inclusion {
        <Never<(E, R)>>::never()
    }
}

/// An entity with a place for a relation; the derive implements it for `OrderWith<…>`, once a
/// relation.
pub trait Include<R: Relation> {
    /// What stands in that place.
    type Slot;
    /// The entity with that in its place instead.
    type With<S: Send>;

    /// The entity with that in its place instead.
    #[doc(hidden)]
    fn put<S: Send>(self, targets: S) -> Self::With<S>;
}

/// What `T` becomes when `S` stands in the place of a relation.
pub type Filled<T, R, S> = <<T as Loaded>::With as Include<R>>::With<S>;

/// A place where nothing stands yet.
#[diagnostic::on_unimplemented(
    message = "this relation is already included, as `{Self}`",
    label = "a relation is included once",
    note = "include all that is needed of it in one place, as in \
            `Order::LINES.include(Line::PRODUCT).include(Line::UNIT)`"
)]
pub trait Free {}

#[diagnostic::do_not_recommend]
impl Free for NotIncluded {}

/// What a query without includes brings, which the verbs that load no rows are for: `E` itself.
#[diagnostic::on_unimplemented(
    message = "with an include a query is for loading rows, not for counting or deleting them",
    label = "the query loads each row as `{Self}`",
    note = "leave out `include`; in the place of `include_required` ask with a filter, as in \
            `.filter(Order::PAYER.is_present())`"
)]
pub trait Bare<E> {}

#[diagnostic::do_not_recommend]
impl<E> Bare<E> for E {}

impl fmt::Display for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Joined => "joined",
            Self::Batched => "batched",
            Self::Pipelined => "pipelined",
        })
    }
}
