//! SQL of the user's own as a value of each row.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::ast::call::{Call, Function};
use crate::ast::order::OrderBy;
use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::term::{Operand, Term};
use crate::column::IntoOperand;
use crate::error::Result;
use crate::filter::Filter;
use crate::query::order::{IntoOrdering, Ordering};
use crate::query::projection::Selection;
use crate::raw_sql::IntoParameters;
use crate::raw_sql::condition;
use crate::value::property::Property;
use crate::value::row::Row;
use crate::value::{IntoValue, Value};

/// An expression in SQL of your own, with the values for its placeholders. Use it for functions of the
/// database that have no method here, such as the rank of a full-text search or the distance of two vectors.
///
/// ```no_run
/// # use relations::prelude::*;
/// use relations::expression::sql_expr;
///
/// # #[derive(Entity)]
/// # struct Product { #[id] id: i64, name: String }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let rank = sql_expr::<f32>(
///     "ts_rank(to_tsvector('english', products.name), plainto_tsquery('english', $1))",
///     ("green tea",),
/// );
/// let found: Vec<(i64, f32)> = Product::find()
///     .filter(rank.clone().gt(0.01))
///     .order_by(rank.clone().desc())
///     .limit(20)
///     .select((Product::ID, rank))
///     .all(db)
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// It can be selected, ordered by, compared, used in arithmetic, grouped by and written, in queries of any
/// entity. `T` is the type of the value, an `Option` if it may be null; a row with another type is an
/// error that [`is_row_mismatch`](crate::Error::is_row_mismatch).
///
/// Placeholders are `$1`, `$2` and so on, on both engines, and may be repeated; values never become part of
/// the SQL, and have the types of their Rust types. Only the database checks its columns. In a query that
/// follows relations, write `orders.id` for a column of the queried entity.
///
/// # Errors
///
/// The query fails before anything is sent, with an error that
/// [`is_invalid_request`](crate::Error::is_invalid_request), in the same cases as
/// [`Filter::raw`](crate::Filter::raw).
#[doc(alias = "raw")]
#[doc(alias = "literal")]
#[doc(alias = "fragment")]
pub fn sql_expr<T: Property>(
    sql: impl AsRef<str>,
    values: impl IntoParameters,
) -> SqlExpression<T> {
    let raw = condition::expression(sql.as_ref(), values.into_parameters());
    let call = Call {
        function: Function::Raw(raw),
        arguments: Vec::new(),
        result: T::Value::TYPE,
        nullable: T::NULLABLE,
        depth: 1,
    };
    SqlExpression { call: Arc::new(call), of: PhantomData }
}

/// An expression of type `T` in SQL of your own; see [`sql_expr`].
#[must_use = "a value does nothing until a query takes it"]
pub struct SqlExpression<T> {
    call: Arc<Call>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for SqlExpression<T> {
    fn clone(&self) -> Self {
        Self { call: Arc::clone(&self.call), of: PhantomData }
    }
}

impl<T> fmt::Debug for SqlExpression<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SqlExpression").field(&self.call).finish()
    }
}

impl<T> SqlExpression<T> {
    pub(crate) fn term(&self) -> Term {
        Term::Call(Arc::clone(&self.call))
    }
}

impl<T: Property> SqlExpression<T> {
    /// Whether it equals a value, a column, or another expression.
    pub fn eq<E>(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.term(), Comparison::Equal, other)
    }

    /// Whether it differs from a value, a column, or another expression.
    pub fn ne<E>(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.term(), Comparison::NotEqual, other)
    }

    /// Whether it is greater than a value, a column, or another expression.
    pub fn gt<E>(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.term(), Comparison::Greater, other)
    }

    /// Whether it is greater than or equal to a value, a column, or another expression.
    pub fn ge<E>(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.term(), Comparison::GreaterOrEqual, other)
    }

    /// Whether it is less than a value, a column, or another expression.
    pub fn lt<E>(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.term(), Comparison::Less, other)
    }

    /// Whether it is less than or equal to a value, a column, or another expression.
    pub fn le<E>(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.term(), Comparison::LessOrEqual, other)
    }

    /// Whether it is one of the values; an empty list matches no row.
    pub fn is_in<E>(self, values: impl IntoIterator<Item = impl IntoValue<T::Value>>) -> Filter<E> {
        Filter::member(self.term(), values, false)
    }

    /// Whether it is null.
    pub fn is_null<E>(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term(), negated: false })
    }

    /// Whether it has a value.
    pub fn is_not_null<E>(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.term(), negated: true })
    }

    /// Sorts by it in ascending order.
    pub fn asc(self) -> SqlOrdering {
        SqlOrdering(Ordering::<()>::by::<T>(self.term(), false).by)
    }

    /// Sorts by it in descending order.
    pub fn desc(self) -> SqlOrdering {
        SqlOrdering(Ordering::<()>::by::<T>(self.term(), true).by)
    }
}

/// An order by an [`SqlExpression`], of a query of any entity.
#[derive(Debug, Clone)]
#[must_use = "an order does nothing until a query takes it"]
pub struct SqlOrdering(OrderBy);

impl SqlOrdering {
    /// Puts nulls first.
    pub fn nulls_first(self) -> Self {
        Self(Ordering::<()>::of(self.0).nulls_first().by)
    }

    /// Puts nulls last.
    pub fn nulls_last(self) -> Self {
        Self(Ordering::<()>::of(self.0).nulls_last().by)
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoOrdering<E> for SqlOrdering {
    fn into_ordering(self) -> Ordering<E> {
        Ordering::of(self.0)
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: Property> IntoOperand<E, T::Value> for SqlExpression<T> {
    type Type = T;

    fn into_operand(self) -> Operand {
        Operand::Term(self.term())
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: Property> Selection<E> for SqlExpression<T> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        vec![self.term()]
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        crate::expression::read(&self.term(), row, at)
    }
}
