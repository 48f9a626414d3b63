//! Eager loading: includes in a query, and preloading for entities that you already have.
//!
//! The type of a query's rows, such as `OrderWith<Customer>`, says which relations are loaded.
//! Without an include, the field of a relation is [`NotIncluded`].
// A tree of `Inclusion`s beside that type says which targets to fetch. The plan of the tree decides
// which statement brings which columns, and the loader distributes the rows among their parents.

#[allow(clippy::type_complexity, reason = "the type says what is loaded")]
pub(crate) mod builder;
#[allow(clippy::type_complexity, reason = "the type says what is loaded")]
pub(crate) mod conditional;
#[cfg(feature = "serde")]
pub(crate) mod named;
pub(crate) mod preload;
#[allow(clippy::type_complexity, reason = "the type says what is loaded")]
pub(crate) mod visible;

pub use crate::ast::inclusion::Strategy;
pub use crate::include::builder::Including;
#[cfg(feature = "serde")]
pub use crate::include::named::{Nameable, NamedIncludes};
pub use crate::include::preload::Preload;
pub use crate::loader::loaded::Loaded;
pub use crate::loader::maybe::Maybe;
#[cfg(feature = "serde")]
pub use crate::loader::named::{Included, WithIncluded};
pub use crate::loader::shape::{RowShape, ShapeOf, Shaped};
pub use crate::loader::slot::Slot;
pub use crate::loader::total::WithTotal;

use crate::ast::inclusion::Inclusion;
use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::relation::arity::Arity;
use crate::relation::{Place, Relation, RelationHandle};
use crate::relation_aggregate::Count;
use crate::value::type_bounds::{Impossible, Never};

/// A relation that was not included. To read it, add `.include(Order::CUSTOMER)` to the query.
///
/// An entity alone has a field of this type for each relation, so that `order.customer.name` is a compile error
/// that speaks of `include`; `order.customer(&db)` loads the customer of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "unloaded")]
#[doc(alias = "lazy loading")]
pub struct NotIncluded;

/// A hint, whose only field rustc names where another one is asked for.
#[derive(Debug)]
#[doc(hidden)]
pub struct AddInclude {
    /// The way to load a relation together with its sources.
    pub add_include_to_the_query: (),
}

impl std::ops::Deref for NotIncluded {
    type Target = AddInclude;

    fn deref(&self) -> &AddInclude {
        &AddInclude { add_include_to_the_query: () }
    }
}

/// A relation of `E`, to be included in a query.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation of `{E}`",
    label = "expected a relation of `{E}`",
    note = "a relation of an included entity is included there, as in \
            `Order::CUSTOMER.include(Customer::COUNTRY)`"
)]
pub trait IntoInclusion<E> {
    /// The relation, or the place of several.
    type Relation: Place;
    /// The type of its targets.
    type Targets: Send;
    /// The type of its targets if sources without one are left out.
    type Required: Send;

    /// Hands the relation, or each of several, to a function.
    #[doc(hidden)]
    fn each_inclusion(self, each: impl FnMut(Inclusion));
}

#[diagnostic::do_not_recommend]
impl<R: Relation> IntoInclusion<R::Source> for RelationHandle<R> {
    type Relation = R;
    type Targets = <R::Arity as Arity>::Of<R::Target>;
    type Required = R::Target;

    fn each_inclusion(self, mut each: impl FnMut(Inclusion)) {
        each(Inclusion::of::<R>());
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

    fn each_inclusion(self, _: impl FnMut(Inclusion)) {
        <Never<(E, R)>>::never::<()>();
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, T: Send, A: Arity> IntoInclusion<R::Source> for Including<R, T, A> {
    type Relation = R;
    type Targets = A::Of<T>;
    type Required = T;

    fn each_inclusion(self, mut each: impl FnMut(Inclusion)) {
        each(self.inclusion);
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

    fn each_inclusion(self, _: impl FnMut(Inclusion)) {
        <Never<(E, R)>>::never::<()>();
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation> IntoInclusion<R::Source> for Count<R> {
    type Relation = R;
    type Targets = i64;
    type Required = i64;

    fn each_inclusion(self, mut each: impl FnMut(Inclusion)) {
        let mut inclusion = Inclusion::of::<R>();
        if !matches!(self.filter, Predicate::Always) {
            inclusion.select().predicate = self.filter;
        }
        if self.links.is_some() {
            inclusion.select().links = self.links;
        }
        each(Inclusion { strategy: self.strategy, counted: true, ..inclusion });
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

    fn each_inclusion(self, _: impl FnMut(Inclusion)) {
        <Never<(E, R)>>::never::<()>();
    }
}

impl Inclusion {
    /// All targets of a relation.
    pub(crate) fn of<R: Relation>() -> Self {
        let relation = R::DEFINITION;
        let declares_order = relation.through.as_ref().is_some_and(|one| one.order_by.is_some());
        Self {
            relation,
            select: declares_order.then(|| Box::new(Select::targets(relation))),
            strategy: None,
            required: false,
            counted: false,
            total: false,
            named: None,
        }
    }
}

/// An entity with a place for a relation; the derive implements it for `OrderWith<…>`, once a
/// relation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place for this relation by itself",
    label = "this relation is not included here",
    note = "a relation that a `#[one_of]` names is included by that, as in `Comment::SUBJECT`; a \
            partial includes a relation by a field with `#[include]`"
)]
pub trait Include<R> {
    /// The type in that slot.
    type Slot;
    /// The entity with that in its place instead.
    type With<S: Send>;

    /// The entity with that in its place instead.
    #[doc(hidden)]
    fn put<S: Send>(self, targets: S) -> Self::With<S>;
}

/// `T` with `S` in the slot of a relation.
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

/// The rows of a query without includes, `E` itself; verbs that load no rows ask for it.
#[diagnostic::on_unimplemented(
    message = "with an include a query is for loading rows, not for counting or deleting them",
    label = "the query loads each row as `{Self}`",
    note = "leave out `include`; in the place of `include_required` ask with a filter, as in \
            `.filter(Order::PAYER.is_present())`"
)]
pub trait Bare<E> {}

#[diagnostic::do_not_recommend]
impl<E> Bare<E> for E {}
