//! Which rows are meant.

use sea_query::extension::postgres::PgExpr;
use sea_query::{Alias, BinOper, Expr, ExprTrait, Func, LikeExpr};

use crate::ast::list::List;
use crate::ast::predicate::{
    ArrayOperator, Comparison, DEEPEST, Predicate, RangeOperator, Targets,
};
use crate::ast::raw_sql::{Piece, RawSql};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand, Term};
use crate::dialect::{Engine, postgres_type};
use crate::error::{Error, Result};
use crate::plan::strategy::FEW_KEYS;
use crate::sql::Writer;
use crate::sql::from_clause::{FromClause, named};
use crate::sql::key_columns::Origin;
use crate::sql::keys::PLANNED_ANEW;
use crate::sql::spelling::{as_compared, plain};
use crate::value::parameter::{NUL, Parameter, has_nul};

impl FromClause<'_> {
    /// Which rows a query means.
    pub(crate) fn conditions(&mut self, select: &Select) -> Result<Vec<Expr>> {
        let entity = select.entity;
        // Before they are written, which takes time and room.
        select.check_values(self.writer.engine)?;
        self.links.filter.clone_from(&select.links);
        let mut conditions = Vec::new();
        match &select.scope {
            SelectScope::Table => {}
            SelectScope::Key { properties, key, source, .. } => {
                let origin = |at| Origin::of(select.relation?, (*source)?, at);
                for (at, (property, parameter)) in named(entity, properties).zip(key).enumerate() {
                    let (column, origin) = (self.root.column(property), origin(at));
                    let equal =
                        self.writer.equals_key(column, entity, property, parameter, origin)?;
                    conditions.push(equal);
                }
            }
            SelectScope::Array(source) => {
                if let Some(relation) = select.relation {
                    conditions.push(self.targets_of_key(relation, &source.key)?);
                }
            }
            SelectScope::Linked(source) => {
                if let Some((relation, through)) = select.through() {
                    conditions.extend(self.linked_to_key(relation, through, &source.key)?);
                }
            }
            SelectScope::TargetsOfId(source) => {
                if let Some((relation, through)) = select.through() {
                    conditions.extend(self.linked_to_id(relation, through, source)?);
                } else if let Some(relation) = select.relation {
                    conditions.push(self.targets_of_id(relation, source)?);
                }
            }
            SelectScope::Via(via) => conditions.push(self.targets_via(via)?),
            SelectScope::Nothing => conditions.push(self.predicate(&Predicate::Never)?),
        }
        conditions.extend(self.filter(&select.predicate)?);
        Ok(conditions)
    }

    /// Which rows a predicate leaves, as conditions of which all are to hold.
    pub(crate) fn filter(&mut self, predicate: &Predicate) -> Result<Vec<Expr>> {
        match predicate {
            Predicate::Always => Ok(Vec::new()),
            Predicate::All(all) if all.len() <= List::CHAIN => {
                all.iter().map(|one| self.predicate(one)).collect()
            }
            one => Ok(vec![self.predicate(one)?]),
        }
    }

    /// One side of a comparison; a value is sent as the column beside it has it.
    pub(crate) fn operand(&mut self, operand: &Operand, beside: &Operand) -> Result<Expr> {
        match operand {
            Operand::Term(term) => self.term(term),
            Operand::Parameter(parameter) => self.value_beside(parameter, beside.column()),
        }
    }

    /// A value, as the column beside it has it.
    pub(crate) fn value_beside(
        &self,
        parameter: &Parameter,
        beside: Option<Field>,
    ) -> Result<Expr> {
        if let Some(field) = beside {
            return self.writer.key_value(field.entity, field.property, parameter, None);
        }
        let value = parameter.clone().into_sql().map(Expr::val);
        value.map_err(|why| {
            Error::invalid_request(format!("a value {why}")).entity_is(self.root.entity)
        })
    }

    /// Nested conditions are written here, and all others elsewhere: each level takes the stack of
    /// this function.
    pub(crate) fn predicate(&mut self, predicate: &Predicate) -> Result<Expr> {
        match predicate {
            Predicate::All(all) => self.connect(all, ExprTrait::and),
            Predicate::Any(any) => self.connect(any, ExprTrait::or),
            Predicate::Not(inner) => self.predicate(inner).map(ExprTrait::not),
            Predicate::Untrue(inner) => self.predicate(inner).map(is_untrue),
            Predicate::Exists(targets) => self.exists(targets),
            alone => self.alone(alone),
        }
    }

    /// A predicate that holds no others.
    fn alone(&mut self, predicate: &Predicate) -> Result<Expr> {
        Ok(match predicate {
            Predicate::Always => Expr::cust("TRUE"),
            Predicate::Never => Expr::cust("FALSE"),
            Predicate::Compare(left, comparison, right) => {
                self.compare(left, *comparison, right)?
            }
            Predicate::In { term, values, negated } => self.member(term, values, *negated)?,
            Predicate::Like { term, pattern, .. } if has_nul(pattern) => {
                return Err(self.refused(term, &format!("is asked for a text that {NUL}")));
            }
            Predicate::Like { term, pattern, fold_case } => {
                let text = self.term(term)?;
                self.writer.like(text, pattern, *fold_case)
            }
            Predicate::Array { term, operator, elements } => {
                self.arrays(term, *operator, elements)?
            }
            Predicate::Range { term, operator, other } => self.ranges(term, *operator, other)?,
            Predicate::Null { term, negated: false } => self.term(term)?.is_null(),
            Predicate::Null { term, negated: true } => self.term(term)?.is_not_null(),
            Predicate::Raw(condition) => self.raw(condition, "Filter::raw")?,
            // `TooDeep`; conditions that hold others are matched above.
            _ => {
                let why = format!(
                    "a filter has more than {DEEPEST} conditions in each other; put them side by \
                     side, as `a.or(b).or(c)`, or ask for a list of values with `.is_in(…)`",
                );
                return Err(Error::invalid_request(why).entity_is(self.root.entity));
            }
        })
    }

    /// The error about a value of each row that cannot be asked for.
    fn refused(&self, term: &Term, why: &str) -> Error {
        let entity = term.column().map_or(self.root.entity, |field| field.entity);
        Error::invalid_request(format!("`{term:?}` {why}")).entity_is(entity)
    }

    /// SQL of the user's own, given to a function of that name.
    pub(crate) fn raw(&self, raw: &RawSql, function: &str) -> Result<Expr> {
        let refused = |why: &str| {
            Error::invalid_request(format!("`{function}`: {why}")).entity_is(self.root.entity)
        };
        let pieces = raw.pieces(self.writer.engine).map_err(refused)?;
        if let [Piece::Sql(sql)] = pieces {
            return Ok(Expr::cust(sql.to_string()));
        }
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            parts.push(match piece {
                Piece::Sql(sql) => Expr::cust(sql.to_string()),
                Piece::Value(at) => {
                    let value = raw.values.get(*at).cloned().map(Parameter::into_sql);
                    let number = at + 1;
                    match value {
                        Some(Ok(value)) => Expr::val(value),
                        Some(Err(why)) => {
                            return Err(refused(&format!("the value of `${number}` {why}")));
                        }
                        None => return Err(refused(&format!("there is no value for `${number}`"))),
                    }
                }
            });
        }
        // No part is read by the builder, which takes some texts and operators for placeholders.
        let places: Vec<_> = match self.writer.engine {
            Engine::Postgres => (1..=parts.len()).map(|number| format!("${number}")).collect(),
            Engine::Sqlite => vec!["?".to_owned(); parts.len()],
        };
        Ok(Expr::cust_with_exprs(places.join(" "), parts))
    }

    /// Two sides of a comparison. A value beside a column is compared as that holds it.
    fn compare(&mut self, left: &Operand, comparison: Comparison, right: &Operand) -> Result<Expr> {
        let writer = self.writer;
        let (one, other) = (self.operand(left, right)?, self.operand(right, left)?);
        match (left, right) {
            (Operand::Term(Term::Field(field)), Operand::Parameter(_)) => {
                Ok(writer.compared(one, field.property, comparison, other))
            }
            (Operand::Parameter(_), Operand::Term(Term::Field(field))) => {
                Ok(writer.compared(other, field.property, comparison.reversed(), one))
            }
            _ => {
                let said = |side: &Operand, value| match side {
                    Operand::Term(term) => writer.said(value, term.column_type()),
                    Operand::Parameter(_) => value,
                };
                Ok(plain(said(left, one), comparison, said(right, other)))
            }
        }
    }

    fn exists(&mut self, targets: &Targets) -> Result<Expr> {
        let mut targets = self.targets(targets, false)?;
        targets.statement.expr(Expr::cust("1"));
        Ok(Expr::exists(targets.finish()))
    }

    fn connect(&mut self, list: &List, join: fn(Expr, Expr) -> Expr) -> Result<Expr> {
        // Before they are written, which takes time and room, wherever they stand.
        list.check(self.writer.engine).map_err(|error| error.entity_is(self.root.entity))?;
        let mut conditions = Vec::with_capacity(list.len());
        for one in list.iter() {
            conditions.push(self.predicate(one)?);
        }
        Ok(joined(conditions, join))
    }

    /// Whether a value is one of some, which go as one array however many they are. PostgreSQL plans for
    /// many of them at each call, as an index may be missing.
    fn member(&mut self, term: &Term, values: &[Parameter], negated: bool) -> Result<Expr> {
        let value = self.term(term)?;
        let (column_type, property) = (term.column_type(), term.column().map(|one| one.property));
        let array = Parameter::array(column_type, values.to_vec());
        if let Some(field) = term.column() {
            self.writer.check_stored(field.entity, field.property)?;
        }
        let whole = property.map_or(Ok(()), |property| array.check_whole(property));
        let sql = whole.and_then(|()| array.clone().into_compared_array());
        let sql = sql.map_err(|why| self.refused(term, &why))?;
        Ok(match self.writer.engine {
            Engine::Postgres => {
                let array = match property {
                    Some(property) => self.writer.cast_compared(Expr::val(sql), property, "[]"),
                    None => Expr::val(sql),
                };
                let (value, array) = match property.and_then(as_compared) {
                    Some(name) => (
                        value.cast_as(Alias::new(name)),
                        array.cast_as(Alias::new(format!("{name}[]"))),
                    ),
                    None => (value, array),
                };
                let differs = |value: Expr, array| value.ne(Func::cust("ALL").arg(array));
                let equals = |value: Expr, array| value.eq(Func::cust("ANY").arg(array));
                // A cluster looks for a list of the values that tell the servers of rows.
                let is_shown =
                    term.column().is_some_and(|one| one.entity.is_distributed_by(one.property));
                match (negated, values.len() > FEW_KEYS && !is_shown) {
                    (false, false) => equals(value, array),
                    (false, true) => equals(value, array).or(Expr::cust(PLANNED_ANEW)),
                    (true, false) => differs(value, array),
                    (true, true) => differs(value, array).and(Expr::cust(PLANNED_ANEW).not()),
                }
            }
            Engine::Sqlite => {
                let entity = term.column().map_or(self.root.entity, |field| field.entity);
                let json = crate::sql::spelling::json_array(std::slice::from_ref(&array))
                    .map_err(|error| error.entity_is(entity))?;
                self.writer.is_one_of([value], &[column_type], Expr::val(json), negated)
            }
        })
    }

    /// A comparison of an array with another one, which only PostgreSQL has.
    fn arrays(
        &mut self,
        term: &Term,
        operator: ArrayOperator,
        elements: &Parameter,
    ) -> Result<Expr> {
        if self.writer.engine == Engine::Sqlite {
            return Err(self.refused(
                term,
                "is an array, which SQLite does not have; make it `Json`, or a relation to many",
            ));
        }
        let value = self.term(term)?;
        let elements = match term.column() {
            Some(field) => self.writer.key_value(field.entity, field.property, elements, None)?,
            None => self.value_beside(elements, None)?,
        };
        let operator = match operator {
            ArrayOperator::Contains => "@>",
            ArrayOperator::IsContained => "<@",
            ArrayOperator::Overlaps => "&&",
        };
        Ok(value.binary(BinOper::Custom(operator), elements))
    }

    /// A comparison of a range, which only PostgreSQL has.
    fn ranges(&mut self, term: &Term, operator: RangeOperator, other: &Operand) -> Result<Expr> {
        self.check_ranges(term)?;
        let range = self.term(term)?;
        let other = match (operator, other) {
            // A value is one of the bounds' type, and not a range.
            (RangeOperator::Holds, Operand::Parameter(value)) => self.value_beside(value, None)?,
            (_, Operand::Parameter(value)) => self.value_beside(value, term.column())?,
            (_, Operand::Term(field @ Term::Field(_))) => self.term(field)?,
            (_, Operand::Term(other)) => self.bound_of(other)?,
        };
        let operator = match operator {
            RangeOperator::Holds | RangeOperator::Contains => "@>",
            RangeOperator::IsContained => "<@",
            RangeOperator::Overlaps => "&&",
            RangeOperator::IsAdjacent => "-|-",
        };
        Ok(range.binary(BinOper::Custom(operator), other))
    }

    /// A value that a statement makes, as one of the type of a range's bounds: which range it is compared with
    /// depends on its type.
    fn bound_of(&mut self, value: &Term) -> Result<Expr> {
        let made = self.term(value)?;
        Ok(made.cast_as(Alias::new(postgres_type(value.column_type()))))
    }

    /// Makes sure that the engine has ranges.
    pub(crate) fn check_ranges(&self, term: &Term) -> Result<()> {
        match self.writer.engine {
            Engine::Postgres => Ok(()),
            Engine::Sqlite => Err(self.refused(
                term,
                "is a range, which SQLite does not have; make each of its bounds a property",
            )),
        }
    }
}

/// Whether the answer is no, or there is none.
fn is_untrue(condition: Expr) -> Expr {
    condition.is_not(Expr::custom_keyword("TRUE"))
}

/// Conditions as one: a few in a row, and many in halves, since each is written within the one that
/// it is joined to.
fn joined(mut conditions: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Expr {
    if conditions.len() > List::CHAIN {
        let behind = conditions.split_off(conditions.len() / 2);
        return join(joined(conditions, join), joined(behind, join));
    }
    conditions.into_iter().reduce(join).unwrap_or_else(|| Expr::cust("TRUE"))
}

impl Writer {
    fn like(&self, column: Expr, pattern: &str, fold_case: bool) -> Expr {
        match (self.engine, fold_case) {
            // Unless told otherwise PostgreSQL escapes by a backslash, and SQLite by nothing.
            (Engine::Postgres, false) => column.like(pattern),
            (Engine::Postgres, true) => column.ilike(pattern),
            (Engine::Sqlite, false) => column.like(LikeExpr::new(pattern).escape('\\')),
            (Engine::Sqlite, true) => Expr::from(Func::cust(FOLD_CASE).arg(column))
                .like(LikeExpr::new(folded(pattern)).escape('\\')),
        }
    }
}

/// The function by which SQLite folds the case of any letter; its own knows only ASCII.
pub(crate) const FOLD_CASE: &str = "relations_fold_case";

/// A text with its case folded, each letter by itself and to one letter, as PostgreSQL does: what a
/// letter becomes must not depend on those beside it, which a pattern may lack, and `_` has to match it.
pub(crate) fn folded(text: &str) -> String {
    text.chars().map(|one| one.to_lowercase().next().unwrap_or(one)).collect()
}
