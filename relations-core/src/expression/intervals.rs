//! Dates and times that are later or earlier by intervals.

use crate::ast::arithmetic::Operator;
use crate::ast::call::Function;
use crate::ast::term::Term;
use crate::column::Column;
use crate::definition::property::ColumnType;
use crate::entity::Entity;
use crate::expression::operators::{Added, Beside};
use crate::expression::{Dated, Expression, RowValue, SqlExpression};
use crate::relation::path::Path;
use crate::value::Value;
use crate::value::property::Property;
use crate::value::types::interval::{Interval, Length};

/// A date or a time, later or earlier by a span of time.
pub(crate) fn shifted<E, T: Property<Value: Dated>>(
    left: Term,
    operator: Operator,
    interval: Option<Interval>,
) -> Expression<E, T> {
    let interval = match operator {
        Operator::Subtract => interval.and_then(Interval::negated),
        _ => interval,
    };
    let Some(interval) = interval else {
        return Expression::invalid("is an interval that is out of range");
    };
    let interval = match <T::Value as Value>::TYPE {
        ColumnType::Date => interval.in_days(),
        _ => Some(interval),
    };
    let Some(interval) = interval else {
        return Expression::invalid(
            "is an interval with hours, which a date does not have; add `days(…)`, or make it a \
             time with `.cast::<…>()`",
        );
    };
    Expression::call(Function::Shift(interval), vec![left.into()])
}

macro_rules! beside_dates {
    ($($length:ty),+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<E, T: Property<Value: Dated>> Beside<E, T, Added> for $length {
                type Result = T;

                fn calculated(self, left: Term, operator: Operator) -> Expression<E, T> {
                    shifted(left, operator, self.interval())
                }
            }
        )+
    };
}

/// A date or a time with the interval of each row; null where one of both is.
type ShiftedBy<T, I> = <T as Property>::Or<<I as Property>::With<<T as Property>::Value>>;

fn shifted_by<E, T: Property>(left: Term, operator: Operator, by: Term) -> Expression<E, T> {
    Expression::call(Function::ShiftBy(operator), vec![left.into(), by.into()])
}

macro_rules! beside_columns {
    ($($rows:ty, $interval:ty, $of:ty, [$($parameters:tt)*];)+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($parameters)*, T: Property<Value: Dated>> Beside<$rows, T, Added> for $of {
                type Result = ShiftedBy<T, $interval>;

                fn calculated(
                    self,
                    left: Term,
                    operator: Operator,
                ) -> Expression<$rows, Self::Result> {
                    shifted_by(left, operator, self.into_term())
                }
            }
        )+
    };
}

macro_rules! beside_intervals {
    ($($length:ty),+) => {
        $(
            beside_columns! {
                E, $length, Column<E, $length, P>, [E: Entity, P: Path];
                E, Option<$length>, Column<E, Option<$length>, P>, [E: Entity, P: Path];
                E, $length, Expression<E, $length>, [E];
                E, Option<$length>, Expression<E, Option<$length>>, [E];
            }

            #[diagnostic::do_not_recommend]
            impl<E, T: Property<Value: Dated>> Beside<E, T, Added> for SqlExpression<$length> {
                type Result = T;

                fn calculated(self, left: Term, operator: Operator) -> Expression<E, T> {
                    shifted_by(left, operator, self.term())
                }
            }

            #[diagnostic::do_not_recommend]
            impl<E, T: Property<Value: Dated>> Beside<E, T, Added> for SqlExpression<Option<$length>> {
                type Result = ShiftedBy<T, Option<$length>>;

                fn calculated(self, left: Term, operator: Operator) -> Expression<E, Self::Result> {
                    shifted_by(left, operator, self.term())
                }
            }
        )+
    };
}

beside_dates!(Interval, std::time::Duration);

beside_intervals!(Interval, std::time::Duration);

#[cfg(feature = "chrono")]
beside_dates!(chrono::TimeDelta);

#[cfg(feature = "chrono")]
beside_intervals!(chrono::TimeDelta);

#[cfg(feature = "time")]
beside_dates!(time::Duration);

#[cfg(feature = "time")]
beside_intervals!(time::Duration);
