//! Functions of the values of each row.

use sea_query::{Alias, BinOper, CaseStatement, Expr, ExprTrait, Func};

use crate::ast::aggregate::Aggregate;
use crate::ast::call::{Call, Function, GroupAggregate};
use crate::ast::predicate::Predicate;
use crate::ast::term::{Operand, Term};
use crate::definition::property::ColumnType;
use crate::dialect::{Engine, postgres_type};
use crate::error::Result;
use crate::sql::Writer;
use crate::sql::from_clause::FromClause;
use crate::sql::spelling::json_array;
use crate::value::sql_type::has_own_input;

/// The functions of SQLite's connections that change the case of any letter.
pub(crate) const LOWER: &str = "relations_lower";

pub(crate) const UPPER: &str = "relations_upper";

/// The one that gives a value as another type: it takes the names of both types, and the value.
pub(crate) const CAST: &str = "relations_cast";

/// The one that gives a value in JSON: it takes the name of its type, the JSON and the path.
pub(crate) const JSON: &str = "relations_json";

impl FromClause<'_> {
    /// The result of a function in each row.
    pub(crate) fn called(&mut self, call: &Call) -> Result<Expr> {
        let engine = self.writer.engine;
        let value = match &call.function {
            Function::Coalesce => {
                let arguments = self.alike(call)?;
                Func::coalesce(arguments).into()
            }
            Function::Case(conditions) => self.case(call, conditions)?,
            Function::Raw(raw) => {
                let sql = self.raw(raw, "sql_expr")?;
                let brackets = if engine == Engine::Postgres { "($1)" } else { "(?)" };
                Expr::cust_with_exprs(brackets, [sql])
            }
            Function::Aggregate(aggregate, filter) => self.aggregated(*aggregate, filter, call)?,
            Function::Lower => self.text_function("lower", LOWER, call)?,
            Function::Upper => self.text_function("upper", UPPER, call)?,
            Function::Trim => self.text_function("trim", "trim", call)?,
            Function::Length => self.text_function("length", "length", call)?,
            Function::Concat => self.concatenated(call)?,
            Function::Cast => self.cast_to(call)?,
            Function::LowerBound => self.bound("lower", call)?,
            Function::UpperBound => self.bound("upper", call)?,
            Function::Json => self.in_json(call)?,
            Function::Part(_) | Function::Truncate(_) | Function::Shift(_) | Function::Now => {
                self.of_calendar(call)?
            }
            Function::ShiftBy(operator) => self.shifted_by(*operator, call)?,
        };
        Ok(Aggregate::compared(engine, call.result, value))
    }

    /// The arguments of a call, by themselves.
    pub(crate) fn arguments(&mut self, call: &Call) -> Result<Vec<Expr>> {
        call.arguments
            .iter()
            .map(|argument| match argument {
                Operand::Term(term) => self.term(term),
                Operand::Parameter(parameter) => self.value_beside(parameter, None),
            })
            .collect()
    }

    /// The arguments of a call that are values of one type: those that are given go as the column has it.
    fn alike(&mut self, call: &Call) -> Result<Vec<Expr>> {
        let beside = call.column();
        call.arguments
            .iter()
            .map(|argument| match argument {
                Operand::Term(term) => self.term(term),
                Operand::Parameter(parameter) => self.value_beside(parameter, beside),
            })
            .collect()
    }

    fn case(&mut self, call: &Call, conditions: &[Predicate]) -> Result<Expr> {
        let mut values = self.alike(call)?.into_iter();
        let mut case = CaseStatement::new();
        for (condition, value) in conditions.iter().zip(values.by_ref()) {
            case = case.case(self.predicate(condition)?, value);
        }
        if let Some(value) = values.next() {
            case = case.finally(value);
        }
        Ok(case.into())
    }

    /// A text among the arguments: of a type that is none of the usual texts, what it says.
    fn text(&mut self, argument: &Operand) -> Result<Expr> {
        match argument {
            Operand::Parameter(parameter) => self.value_beside(parameter, None),
            Operand::Term(term) => {
                let value = self.term(term)?;
                let has_own = term.column().is_some_and(|field| has_own_input(field.property));
                if has_own && self.writer.engine == Engine::Postgres {
                    return Ok(value.cast_as("text"));
                }
                Ok(value)
            }
        }
    }

    fn text_function(
        &mut self,
        on_postgres: &'static str,
        on_sqlite: &'static str,
        call: &Call,
    ) -> Result<Expr> {
        let name = match self.writer.engine {
            Engine::Postgres => on_postgres,
            Engine::Sqlite => on_sqlite,
        };
        let texts = call.arguments.iter().map(|argument| self.text(argument));
        Ok(Func::cust(name).args(texts.collect::<Result<Vec<_>>>()?).into())
    }

    /// Texts one after another, of which a null is an empty one, as in PostgreSQL's `concat`, which no
    /// index knows.
    fn concatenated(&mut self, call: &Call) -> Result<Expr> {
        let mut all: Option<Expr> = None;
        for argument in &call.arguments {
            let mut text = self.text(argument)?;
            let may_be_null = match argument {
                Operand::Term(term) => term.is_nullable(),
                Operand::Parameter(parameter) => parameter.is_null(),
            };
            if may_be_null {
                text = Func::coalesce([text, Expr::cust("''")]).into();
            }
            all = Some(match all {
                Some(before) => before.binary(BinOper::Custom("||"), text),
                None => text,
            });
        }
        Ok(all.unwrap_or_else(|| Expr::cust("''")))
    }

    fn cast_to(&mut self, call: &Call) -> Result<Expr> {
        let from = call.terms().next().map_or(call.result, Term::column_type);
        let mut arguments = self.arguments(call)?;
        let Some(value) = arguments.pop() else { return Ok(Expr::cust("NULL")) };
        Ok(self.writer.as_type(value, from, call.result))
    }

    /// A bound of a range, which only PostgreSQL has.
    fn bound(&mut self, name: &'static str, call: &Call) -> Result<Expr> {
        call.terms().try_for_each(|range| self.check_ranges(range))?;
        Ok(Func::cust(name).args(self.arguments(call)?).into())
    }

    fn in_json(&mut self, call: &Call) -> Result<Expr> {
        let [Operand::Term(json), Operand::Parameter(path)] = call.arguments.as_slice() else {
            return self.alike(call).map(|mut all| all.pop().unwrap_or_else(|| Expr::cust("NULL")));
        };
        let json = self.term(json)?;
        if self.writer.engine == Engine::Sqlite {
            let kind = Expr::cust(format!("'{}'", type_name(call.result)));
            let path = Expr::val(json_array(std::slice::from_ref(path))?);
            return Ok(Func::cust(JSON).args([kind, json, path]).into());
        }
        let path = self.value_beside(path, None)?;
        let json = json.cast_as("jsonb");
        let found = json.clone().binary(BinOper::Custom("#>"), path.clone());
        let template = match call.result {
            ColumnType::Text => return Ok(json.binary(BinOper::Custom("#>>"), path)),
            ColumnType::Boolean => {
                "CASE WHEN jsonb_typeof($1) = 'boolean' THEN CAST($1 AS boolean) END"
            }
            ColumnType::Double => {
                "CASE WHEN jsonb_typeof($1) = 'number' THEN CAST($1 AS double precision) END"
            }
            ColumnType::BigInt => {
                "CASE WHEN jsonb_typeof($1) = 'number' THEN CASE WHEN mod(CAST($1 AS numeric), 1) = 0 \
                 THEN CAST(CAST($1 AS numeric) AS bigint) END END"
            }
            _ => return Ok(found),
        };
        // A number and not a reference to a parameter: each is written by itself.
        let found = Expr::cust_with_exprs("($1)", [found]);
        let mut parts = template.split("$1");
        let mut numbered = parts.next().unwrap_or_default().to_owned();
        let mut count = 0;
        for part in parts {
            count += 1;
            numbered = format!("{numbered}${count}{part}");
        }
        Ok(Expr::cust_with_exprs(numbered, vec![found; count]))
    }

    /// A value made of the rows of a group, or of those that a filter leaves.
    fn aggregated(
        &mut self,
        aggregate: GroupAggregate,
        filter: &Predicate,
        call: &Call,
    ) -> Result<Expr> {
        let engine = self.writer.engine;
        let argument = call.terms().next();
        let value = argument.map(|term| self.term(term)).transpose()?;
        let filter = match filter {
            Predicate::Always => None,
            filter => Some(self.predicate(filter)?),
        };
        let of = argument.map_or(ColumnType::BigInt, Term::column_type);
        Ok(match (aggregate, argument, value) {
            (GroupAggregate::Of(aggregate), _, Some(value)) => {
                aggregate.of(engine, of, value, filter, call.result)
            }
            (GroupAggregate::CountDistinct, Some(term), Some(value)) => {
                let value = self.writer.group_key(value, term);
                let template = if engine == Engine::Postgres {
                    "COUNT(DISTINCT $1)"
                } else {
                    "COUNT(DISTINCT ?)"
                };
                let count = Expr::cust_with_exprs(template, [value]);
                crate::ast::aggregate::filtered(engine, count, filter)
            }
            (_, _, value) => {
                let value = value.unwrap_or_else(|| Expr::cust("*"));
                let count = Func::cust("COUNT").arg(value).into();
                crate::ast::aggregate::filtered(engine, count, filter)
            }
        })
    }
}

impl Writer {
    /// A value of one type as one of another.
    fn as_type(&self, value: Expr, from: ColumnType, to: ColumnType) -> Expr {
        if self.engine == Engine::Sqlite {
            let name = |column_type| Expr::cust(format!("'{}'", type_name(column_type)));
            return Func::cust(CAST).args([name(from), name(to), value]).into();
        }
        let in_utc = |value| Expr::cust_with_exprs("($1) AT TIME ZONE 'UTC'", [value]);
        let value = if from == ColumnType::TimestampTz { in_utc(value) } else { value };
        if to == ColumnType::TimestampTz {
            return in_utc(value.cast_as("timestamp"));
        }
        value.cast_as(Alias::new(postgres_type(to)))
    }
}

/// The name of a type, as the functions of SQLite's connections know it.
pub(crate) fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Boolean => "boolean",
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInt => "bigint",
        ColumnType::Real => "real",
        ColumnType::Double => "double",
        ColumnType::Text => "text",
        ColumnType::Bytes => "bytes",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Timestamp => "timestamp",
        ColumnType::TimestampTz => "timestamptz",
        ColumnType::Uuid => "uuid",
        ColumnType::Json => "json",
        ColumnType::Array(_) => "array",
        ColumnType::Range(_) => "range",
        ColumnType::Interval => "interval",
        ColumnType::Decimal => "decimal",
    }
}
