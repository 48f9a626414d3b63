//! Values of rows, as functions and aggregates take them.

use crate::ast::term::Term;
use crate::column::Column;
use crate::entity::Entity;
use crate::expression::{Count, Expression, RelationAggregate, SqlExpression};
use crate::relation::Relation;
use crate::relation::path::Path;
use crate::value::property::Property;

/// A value of each row: a column, an [`Expression`], or a count or an aggregate of related rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of a row",
    label = "expected a column, or an expression of columns"
)]
pub trait RowValue {
    /// The rows that it is a value of: an entity, or [`Groups`](crate::expression::Groups) of one.
    type Rows;

    /// The type of the value.
    type Type: Property;

    /// The value.
    #[doc(hidden)]
    fn into_term(self) -> Term;
}

/// The type of a row's value, without its `Option`.
pub type ValueOf<T> = <<T as RowValue>::Type as Property>::Value;

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, P: Path> RowValue for Column<E, T, P> {
    type Rows = E;
    type Type = T;

    fn into_term(self) -> Term {
        self.field().into()
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: Property> RowValue for Expression<E, T> {
    type Rows = E;
    type Type = T;

    fn into_term(self) -> Term {
        self.term
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation> RowValue for Count<R> {
    type Rows = R::Source;
    type Type = i64;

    fn into_term(self) -> Term {
        self.term()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property> RowValue for RelationAggregate<E, T> {
    type Rows = E;
    type Type = T;

    fn into_term(self) -> Term {
        self.term()
    }
}

impl<E, T: Property> From<SqlExpression<T>> for Expression<E, T> {
    fn from(expression: SqlExpression<T>) -> Self {
        Self::new(expression.term())
    }
}
