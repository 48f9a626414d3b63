//! Selected values with a name.

use crate::ast::term::Term;
use crate::column::Column;
use crate::entity::Entity;
use crate::error::Result;
use crate::expression::{Expression, SqlExpression};
use crate::query::projection::Selection;
use crate::relation::path::Path;
use crate::value::property::Property;
use crate::value::row::Row;

/// A selected value with a name, by which [`rows_as`](crate::query::Projection::rows_as) finds the field of a
/// struct.
#[derive(Debug, Clone)]
#[must_use = "a value does nothing until a query takes it"]
pub struct Named<S> {
    value: S,
    name: &'static str,
}

impl<E, S: Selection<E>> Selection<E> for Named<S> {
    type Output = S::Output;

    fn terms(&self) -> Vec<Term> {
        self.value.terms()
    }

    fn names(&self) -> Vec<&'static str> {
        vec![self.name; self.value.terms().len()]
    }

    fn check(&self) -> Result<()> {
        self.value.check()
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<S::Output> {
        self.value.read(row, at)
    }
}

macro_rules! named {
    ($type:ty, [$($parameters:tt)*]) => {
        impl<$($parameters)*> $type {
            /// Names this value, so that [`rows_as`](crate::query::Projection::rows_as) finds the
            /// field of a struct.
            #[doc(alias = "as")]
            #[doc(alias = "alias")]
            pub fn named(self, name: &'static str) -> Named<Self> {
                Named { value: self, name }
            }
        }
    };
}

named!(Column<E, T, P>, [E: Entity, T: Property, P: Path]);

named!(Expression<E, T>, [E, T: Property]);

named!(SqlExpression<T>, [T: Property]);

named!(crate::relation_aggregate::RelationAggregate<E, T>, [E: Entity, T: Property]);

named!(crate::relation_aggregate::Count<R>, [R: crate::relation::Relation]);
