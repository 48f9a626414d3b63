//! Some properties of an entity, as a struct of the user's own.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::inclusion::Inclusion;
use crate::definition::property::PropertyDefinition;
use crate::error::Result;
use crate::loader::branch::Branch;
use crate::loader::loaded::OwnPart;
use crate::loader::shape::{RowShape, Shaped};
use crate::loader::slot::Slot;
use crate::plan::tree::RowPlan;
use crate::relation::{OneOf, OneOfHandle, Place, Relation, RelationHandle};
use crate::value::row::Row;

/// Some properties of an entity; `#[derive(Partial)]` implements it, and
/// [`Query::select_as`](crate::Query::select_as) loads it.
pub trait Partial: RowShape {
    /// The fields that are properties.
    #[doc(hidden)]
    type Fields: Send;

    /// The properties, in the order of the fields.
    #[doc(hidden)]
    const PROPERTIES: &'static [&'static PropertyDefinition];

    /// The fields in a row.
    #[doc(hidden)]
    fn fields(row: &Row<'_>, plan: &RowPlan) -> Result<Self::Fields>;
}

/// The fields of a partial before its relations are loaded.
#[doc(hidden)]
pub struct PartialFields<P: Partial>(pub P::Fields);

impl<P: Partial> fmt::Debug for PartialFields<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PartialFields").finish_non_exhaustive()
    }
}

impl<P: Partial> OwnPart for PartialFields<P> {
    type Entity = P::Entity;

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Self> {
        P::fields(row, plan).map(Self)
    }

    fn source(&self) -> Option<&P::Entity> {
        None
    }
}

/// A partial has no places for relations but its own fields.
#[doc(hidden)]
#[derive(Debug)]
pub struct PartialRow<P>(PhantomData<fn() -> P>);

impl<P> PartialRow<P> {
    /// The row of a partial.
    #[must_use]
    pub fn of(_: P) -> Self {
        Self(PhantomData)
    }
}

/// A field of a partial that holds a relation.
#[doc(hidden)]
pub trait PartialSlot<E>: Sized {
    /// The type of the field.
    type Value;

    /// The branch that loads it by further statements.
    type Branch: Branch<E> + 'static;

    fn inclusions(self) -> Vec<Inclusion>;
    fn branch(self, plan: &RowPlan, at: usize) -> Self::Branch;
    fn duplicate(self, value: &Self::Value) -> Self::Value;
    fn read(self, row: &Row<'_>, plan: &RowPlan, at: usize) -> Result<Option<Self::Value>>;
    fn take(self, branch: &mut Self::Branch) -> Result<Option<Self::Value>>;
}

/// The slot of a relation, by its type.
#[derive(Debug)]
pub(crate) struct SlotOf<R, S>(PhantomData<fn() -> (R, S)>);

/// The field of a partial that holds a relation as this type.
#[must_use]
pub fn slot_of<H: Handle, S: Shaped<H::Place>>(
    _: H,
    _: PhantomData<S>,
) -> impl PartialSlot<<H::Place as Place>::Source, Value = S> {
    SlotOf::<H::Place, S>(PhantomData)
}

/// A constant that stands for a relation, or for one of several.
#[doc(hidden)]
pub trait Handle {
    type Place: Place;
}

impl<R: Relation> Handle for RelationHandle<R> {
    type Place = R;
}

impl<A: OneOf> Handle for OneOfHandle<A> {
    type Place = A;
}

impl<R: Place, S: Shaped<R>> PartialSlot<R::Source> for SlotOf<R, S> {
    type Value = S;
    type Branch = <S as Slot<R>>::Branch;

    fn inclusions(self) -> Vec<Inclusion> {
        S::inclusions()
    }

    fn branch(self, plan: &RowPlan, at: usize) -> Self::Branch {
        S::branch(plan, at)
    }

    fn duplicate(self, value: &S) -> S {
        S::duplicate(value)
    }

    fn read(self, row: &Row<'_>, plan: &RowPlan, at: usize) -> Result<Option<S>> {
        S::read(row, plan, at, None)
    }

    fn take(self, branch: &mut Self::Branch) -> Result<Option<S>> {
        S::take(branch, None)
    }
}
