//! Row types that say by themselves what a query loads.

use crate::ast::inclusion::{Inclusion, Inclusions};
use crate::ast::select::{Columns, Select};
use crate::entity::Entity;
use crate::include::NotIncluded;
use crate::loader::loaded::Loaded;
use crate::loader::slot::Slot;
use crate::loader::total::WithTotal;
use crate::relation::arity::{Many, Requirable};
use crate::relation::{Place, Relation};
use crate::value::type_bounds::{Impossible, Never};

/// A row type that says by itself what a query loads: an entity, an entity with its relations such as
/// `OrderWith<Customer>`, or a struct with `#[derive(Partial)]`.
pub trait RowShape: Loaded {
    /// The columns and relations that the query loads.
    #[doc(hidden)]
    fn wants() -> Wants;
}

/// The columns and relations that a row type wants.
#[doc(hidden)]
#[derive(Debug)]
pub struct Wants {
    columns: Option<Columns>,
    includes: Inclusions,
}

impl Wants {
    /// All columns, and some relations.
    #[must_use]
    pub fn of<const N: usize>(includes: [Vec<Inclusion>; N]) -> Self {
        Self { columns: None, includes: includes.into_iter().flatten().collect() }
    }

    /// These columns alone, and the relations.
    #[must_use]
    pub fn columns(self, columns: Columns) -> Self {
        Self { columns: Some(columns), ..self }
    }

    /// Has a query load this.
    pub(crate) fn of_select(self, select: &mut Select) {
        select.columns = self.columns;
        for inclusion in self.includes {
            select.include(inclusion);
        }
    }

    /// Has an inclusion load this.
    pub(crate) fn of_inclusion(self, inclusion: &mut Inclusion) {
        if self.columns.is_some() || !self.includes.is_empty() {
            self.of_select(inclusion.select());
        }
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> RowShape for E {
    fn wants() -> Wants {
        Wants::of([])
    }
}

/// A [`RowShape`] of rows of the entity `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold properties of `{E}`",
    label = "expected a struct with `#[derive(Partial)]` and `#[partial({E})]`, or `{E}` with relations"
)]
pub trait ShapeOf<E>: RowShape {}

#[diagnostic::do_not_recommend]
impl<T: RowShape> ShapeOf<T::Entity> for T {}

#[diagnostic::do_not_recommend]
impl<E, T: RowShape> ShapeOf<E> for T where Never<(E, T)>: Impossible {}

/// A type in the slot of a relation that says by itself how the relation is included.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold this relation",
    label = "expected what an include of the relation gives: a target, an `Option` or a `Vec`"
)]
pub trait Shaped<R: Place>: Slot<R> {
    /// The relation as a query includes it, or several in one place; none where nothing is included.
    #[doc(hidden)]
    fn inclusions() -> Vec<Inclusion>;
}

/// The relation, whose targets are of a shape.
#[must_use]
pub fn inclusion<R: Relation, T: RowShape>() -> Inclusion {
    let mut inclusion = Inclusion::of::<R>();
    T::wants().of_inclusion(&mut inclusion);
    inclusion
}

#[diagnostic::do_not_recommend]
impl<R: Place> Shaped<R> for NotIncluded {
    fn inclusions() -> Vec<Inclusion> {
        Vec::new()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation<Arity: Requirable>, T: RowShape<Entity = R::Target>> Shaped<R> for T {
    fn inclusions() -> Vec<Inclusion> {
        // A target that is always there leaves out the sources without one.
        vec![Inclusion { required: R::DEFINITION.optional, ..inclusion::<R, T>() }]
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation<Arity: Requirable>, T: RowShape<Entity = R::Target>> Shaped<R> for Option<T> {
    fn inclusions() -> Vec<Inclusion> {
        vec![inclusion::<R, T>()]
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation<Arity = Many>, T: RowShape<Entity = R::Target>> Shaped<R> for Vec<T> {
    fn inclusions() -> Vec<Inclusion> {
        vec![inclusion::<R, T>()]
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation<Arity = Many>, T: RowShape<Entity = R::Target>> Shaped<R> for WithTotal<T> {
    fn inclusions() -> Vec<Inclusion> {
        vec![Inclusion { total: true, ..inclusion::<R, T>() }]
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation<Arity = Many>> Shaped<R> for i64 {
    fn inclusions() -> Vec<Inclusion> {
        vec![Inclusion { counted: true, ..Inclusion::of::<R>() }]
    }
}
