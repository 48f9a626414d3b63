//! Functions over the values of each row, and aggregates over the rows of a group.

use std::fmt;

use crate::ast::aggregate::Aggregate;
use crate::ast::arithmetic::Operator;
use crate::ast::predicate::Predicate;
use crate::ast::raw_sql::RawSql;
use crate::ast::term::{Field, Operand, Term};
use crate::definition::property::ColumnType;
use crate::value::types::interval::Interval;

/// A call of a function, before it is written as SQL.
#[doc(hidden)]
#[derive(Clone, PartialEq)]
pub struct Call {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Operand>,
    /// The type of the result.
    pub(crate) result: ColumnType,
    /// Whether the result may be null.
    pub(crate) nullable: bool,
    /// The number of calls in each other.
    pub(crate) depth: usize,
}

/// A function.
#[derive(Clone, PartialEq)]
pub(crate) enum Function {
    /// The first argument that is not null.
    Coalesce,
    Lower,
    Upper,
    /// A text without the blanks around it.
    Trim,
    /// The number of characters.
    Length,
    /// Texts one after another; a null is an empty one.
    Concat,
    /// The value as one of the result's type.
    Cast,
    Part(DatePart),
    Truncate(DateUnit),
    /// A date or a time, later by an interval.
    Shift(Interval),
    /// A date or a time, later or earlier by the interval of each row.
    ShiftBy(Operator),
    /// The current time of the database.
    Now,
    /// The value of a range's lower bound.
    LowerBound,
    /// The value of a range's upper bound.
    UpperBound,
    /// A value in JSON: the JSON and the path.
    #[cfg_attr(not(feature = "json"), allow(dead_code))]
    Json,
    /// The argument whose condition is the first to hold; the one behind them, if none does.
    Case(Vec<Predicate>),
    /// SQL of the user's own.
    Raw(RawSql),
    /// A value made of the rows of a group.
    Aggregate(GroupAggregate, Predicate),
}

/// An aggregate of the rows of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupAggregate {
    /// The number of rows, or of those in which the argument is not null.
    Count,
    /// The number of different values.
    CountDistinct,
    Of(Aggregate),
}

/// A part of a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    DayOfYear,
    DayOfWeek,
    Hour,
    Minute,
    Second,
}

/// The unit to which [`date_trunc`](crate::expression::date_trunc) truncates a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateUnit {
    /// To the first of January.
    Year,
    /// To the first of January, April, July or October.
    Quarter,
    /// To the first of the month.
    Month,
    /// To the Monday of the week.
    Week,
    /// To midnight.
    Day,
    /// To the hour.
    Hour,
    /// To the minute.
    Minute,
    /// To the second.
    Second,
}

impl DateUnit {
    /// The unit in SQL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
}

impl DatePart {
    /// The part in SQL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::DayOfYear => "doy",
            Self::DayOfWeek => "isodow",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }
}

/// `lower(Order.note)`
impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.function {
            Function::Coalesce => "coalesce",
            Function::Lower => "lower",
            Function::Upper => "upper",
            Function::Trim => "trim",
            Function::Length => "length",
            Function::Concat => "concat",
            Function::Cast => "cast",
            Function::Part(part) => part.name(),
            Function::Truncate(_) => "date_trunc",
            Function::Shift(_) | Function::ShiftBy(_) => "shift",
            Function::Now => "now",
            Function::LowerBound => "lower_bound",
            Function::UpperBound => "upper_bound",
            Function::Json => "json",
            Function::Case(_) => "case",
            Function::Raw(_) => "sql_expr",
            Function::Aggregate(GroupAggregate::Count, _) => "count",
            Function::Aggregate(GroupAggregate::CountDistinct, _) => "count_distinct",
            Function::Aggregate(GroupAggregate::Of(aggregate), _) => aggregate.name(),
        };
        write!(formatter, "{name}(")?;
        for (at, argument) in self.arguments.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(formatter, "{comma}{argument:?}")?;
        }
        write!(formatter, ")")
    }
}

impl Call {
    pub(crate) fn terms(&self) -> impl Iterator<Item = &Term> {
        self.arguments.iter().filter_map(|argument| match argument {
            Operand::Term(term) => Some(term),
            Operand::Parameter(_) => None,
        })
    }

    /// The conditions in it.
    pub(crate) fn predicates(&self) -> &[Predicate] {
        match &self.function {
            Function::Case(conditions) => conditions,
            Function::Aggregate(_, filter) => std::slice::from_ref(filter),
            _ => &[],
        }
    }

    /// The column whose values these are, which says how values beside them are sent and read.
    pub(crate) fn column(&self) -> Option<Field> {
        let is_of_them = match &self.function {
            Function::Coalesce | Function::Case(_) => true,
            Function::Aggregate(GroupAggregate::Of(aggregate), _) => {
                matches!(aggregate, Aggregate::Least | Aggregate::Greatest)
            }
            _ => false,
        };
        let mut columns = self.terms().filter(|_| is_of_them).filter_map(Term::column);
        columns.find(|field| field.property.column_type == self.result)
    }

    /// Whether a value is sent with it.
    pub(crate) fn holds_values(&self) -> bool {
        let is_value = |argument: &Operand| match argument {
            Operand::Term(term) => term.holds_values(),
            Operand::Parameter(_) => true,
        };
        match &self.function {
            Function::Case(_) | Function::Aggregate(..) | Function::Shift(_) => true,
            Function::Raw(sql) => !sql.values.is_empty(),
            _ => self.arguments.iter().any(is_value),
        }
    }
}
