//! Parts of dates and times, and intervals.

use sea_query::{Expr, ExprTrait, Func, Value as SqlValue};

use crate::ast::arithmetic::Operator;
use crate::ast::call::{Call, Function};
use crate::ast::term::Term;
use crate::definition::property::ColumnType;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::call::type_name;
use crate::sql::from_clause::FromClause;
use crate::sql::value::now;
use crate::value::types::interval::Interval;

/// The functions of SQLite's connections: each takes the name of the value's type, the value, and the
/// part, the unit or the interval.
pub(crate) const PART: &str = "relations_date_part";

pub(crate) const TRUNCATE: &str = "relations_date_trunc";

pub(crate) const SHIFT: &str = "relations_shift";

impl FromClause<'_> {
    /// A function of a date or a time. One with a time zone is taken in UTC, whatever the zone of the
    /// session is.
    pub(crate) fn of_calendar(&mut self, call: &Call) -> Result<Expr> {
        let engine = self.writer.engine;
        let of = call.terms().next().map_or(call.result, Term::column_type);
        let Some(value) = self.arguments(call)?.pop() else {
            return Ok(Expr::cust(now(engine, call.result)));
        };
        Ok(match engine {
            Engine::Postgres => on_postgres(&call.function, of, value),
            Engine::Sqlite => on_sqlite(&call.function, of, value),
        })
    }

    /// A date or a time with an interval of the row. A date is truncated to its day.
    pub(crate) fn shifted_by(&mut self, operator: Operator, call: &Call) -> Result<Expr> {
        if self.writer.engine == Engine::Sqlite {
            return Err(Error::invalid_request(
                "SQLite has no intervals, and a date cannot be calculated with a column of them; add a \
                 constant such as `days(7)`, or use PostgreSQL",
            ));
        }
        let of = call.result;
        let mut arguments = self.arguments(call)?.into_iter();
        let (Some(moment), Some(interval)) = (arguments.next(), arguments.next()) else {
            return Ok(Expr::cust("NULL"));
        };
        let local = local(of, moment);
        let sign = if operator == Operator::Subtract { '-' } else { '+' };
        Ok(returned(of, Expr::cust_with_exprs(format!("($1) {sign} ($2)"), [local, interval])))
    }
}

/// A date or a time on PostgreSQL, in UTC if it has a time zone.
fn local(of: ColumnType, value: Expr) -> Expr {
    if of == ColumnType::TimestampTz { in_utc(value) } else { value }
}

/// The value that [`local`] took, after a calculation.
fn returned(of: ColumnType, result: Expr) -> Expr {
    match of {
        ColumnType::Date => result.cast_as("date"),
        ColumnType::TimestampTz => in_utc(result),
        _ => result,
    }
}

fn in_utc(value: Expr) -> Expr {
    Expr::cust_with_exprs("($1) AT TIME ZONE 'UTC'", [value])
}

fn on_postgres(function: &Function, of: ColumnType, value: Expr) -> Expr {
    let local = local(of, value);
    let result = match function {
        Function::Part(part) => {
            let part = part.name();
            // A cast rounds, and a second that has begun is not the next one.
            let template = format!("CAST(floor(extract({part} FROM $1)) AS integer)");
            return Expr::cust_with_exprs(template, [local]);
        }
        Function::Truncate(unit) => {
            // Of a date alone the time zone of the session would be taken.
            let local = if of == ColumnType::Date { local.cast_as("timestamp") } else { local };
            Expr::cust_with_exprs(format!("date_trunc('{}', $1)", unit.name()), [local])
        }
        Function::Shift(interval) => {
            let interval = Expr::val(SqlValue::from(interval.written()));
            Expr::cust_with_exprs("($1) + CAST($2 AS interval)", [local, interval])
        }
        _ => local,
    };
    returned(of, result)
}

fn on_sqlite(function: &Function, of: ColumnType, value: Expr) -> Expr {
    let word = |word: &str| Expr::cust(format!("'{word}'"));
    let call = |function: &'static str, last: Expr| {
        Func::cust(function).args([word(type_name(of)), value.clone(), last]).into()
    };
    match function {
        Function::Part(part) => call(PART, word(part.name())),
        Function::Truncate(unit) => call(TRUNCATE, word(unit.name())),
        Function::Shift(interval) => call(SHIFT, Expr::val(SqlValue::from(written(*interval)))),
        _ => value,
    }
}

/// An interval as SQLite's function reads it: its months, days and microseconds.
fn written(interval: Interval) -> String {
    let Interval { months, days, microseconds } = interval;
    format!("{months} months {days} days {microseconds} microseconds")
}
