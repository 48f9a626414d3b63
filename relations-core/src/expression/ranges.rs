//! Conditions on columns of ranges, and their bounds.

use crate::ast::call::Function;
use crate::ast::predicate::{Predicate, RangeOperator};
use crate::column::Column;
use crate::entity::Entity;
use crate::expression::Expression;
use crate::expression::contains::RangeOperand;
use crate::filter::Filter;
use crate::relation::path::Path;
use crate::value::property::Property;
use crate::value::{Range, RangeElement};

/// # Ranges
///
/// Filters of [`Range`] columns (only on PostgreSQL), besides [`contains`](Self::contains) and
/// [`overlaps`](Self::overlaps). A `gist` index serves them. The bounds can be compared, selected, ordered by
/// and grouped by.
impl<E: Entity, V: RangeElement, T: Property<Value = Range<V>>, P: Path> Column<E, T, P> {
    fn ranges(self, operator: RangeOperator, other: impl RangeOperand<E, V>) -> Filter<E> {
        let (term, other) = (self.field().into(), other.into_operand());
        Filter::new(Predicate::Range { term, operator, other })
    }

    /// Whether the range contains all values of another one; always true for an empty other range.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// use relations::value::Range;
    ///
    /// # #[derive(Entity)]
    /// # struct Price { #[id] id: i64, quantities: Range<i32> }
    /// let prices = Price::find().filter(Price::QUANTITIES.contains_range(10..=20));
    /// ```
    #[doc(alias = "@>")]
    pub fn contains_range(self, other: impl RangeOperand<E, V>) -> Filter<E> {
        self.ranges(RangeOperator::Contains, other)
    }

    /// Whether another range contains all values of this one; always true for an empty range.
    #[doc(alias = "<@")]
    pub fn is_within(self, other: impl RangeOperand<E, V>) -> Filter<E> {
        self.ranges(RangeOperator::IsContained, other)
    }

    /// Whether the range ends where another one starts, or starts where it ends.
    #[doc(alias = "-|-")]
    pub fn is_adjacent_to(self, other: impl RangeOperand<E, V>) -> Filter<E> {
        self.ranges(RangeOperator::IsAdjacent, other)
    }

    /// Whether the range is empty.
    #[doc(alias = "isempty")]
    pub fn is_empty(self) -> Filter<E> {
        self.eq(Range::empty())
    }

    /// The value of the lower bound; null if the range is empty or has none.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// use relations::value::Range;
    ///
    /// # #[derive(Entity)]
    /// # struct Price { #[id] id: i64, quantities: Range<i32> }
    /// let prices = Price::find().order_by(Price::QUANTITIES.lower_bound().asc());
    /// let open = Price::find().filter(Price::QUANTITIES.upper_bound().is_null());
    /// ```
    #[doc(alias = "lower")]
    pub fn lower_bound(self) -> Expression<E, Option<V>> {
        Expression::call(Function::LowerBound, vec![self.field().into()])
    }

    /// The value of the upper bound; null if the range is empty or has none. Ranges of integers and days
    /// exclude it.
    #[doc(alias = "upper")]
    pub fn upper_bound(self) -> Expression<E, Option<V>> {
        Expression::call(Function::UpperBound, vec![self.field().into()])
    }
}
