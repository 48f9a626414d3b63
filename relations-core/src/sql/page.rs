//! Pages: the rows behind one of them, in the order of a query.

use sea_query::{Alias, CommonTableExpression, DynIden, Expr, ExprTrait, Func, SelectStatement};

use crate::ast::order::OrderBy;
use crate::ast::page::Anchor;
use crate::ast::select::Select;
use crate::ast::term::{Operand, Term};
use crate::dialect::Engine;
use crate::error::Result;
use crate::sql::from_clause::{AliasedTable, FromClause, tuple};
use crate::sql::limit_of;
use crate::sql::spelling::AGAIN;
use crate::sql::value::Selected;
use crate::value::parameter::Parameter;

/// One of a query's orders, with the anchor's value in it.
#[derive(Debug, Clone, Copy)]
struct KeysetStep<'a> {
    by: &'a OrderBy,
    anchor: KeysetValue<'a>,
}

/// The anchor's value.
#[derive(Debug, Clone, Copy)]
enum KeysetValue<'a> {
    Known(&'a Parameter),
    /// That of the row with an id.
    Of(&'a [Parameter]),
    /// That of the row which is looked up once, under a name, by its number there.
    In(&'a DynIden, usize),
}

impl KeysetStep<'_> {
    /// Whether a comparison of the values tells which row comes behind the anchor: none is null,
    /// or only such as come before it.
    fn is_plain(&self) -> bool {
        match self.anchor {
            _ if !self.by.term.is_nullable() => true,
            KeysetValue::Known(value) => !value.is_null() && self.by.nulls_come_first(),
            KeysetValue::Of(_) | KeysetValue::In(..) => false,
        }
    }

    /// Whether both are told apart in one comparison.
    fn goes_with(&self, next: &Self) -> bool {
        self.is_plain() && next.is_plain() && self.by.descending == next.by.descending
    }
}

impl FromClause<'_> {
    /// The values that rows are ordered by and do not hold; as texts where Rust may not hold them.
    pub(crate) fn told(&mut self, select: &Select) -> Result<Vec<Selected>> {
        let told = |by: &OrderBy| {
            let selected = self.selected(&by.term)?;
            Ok(match (self.writer.engine, by.text_type()) {
                (Engine::Postgres, Some(name)) => Selected::new(text(selected.value, name), None),
                _ => selected,
            })
        };
        select.told().map(told).collect()
    }

    /// Whether a row comes behind the anchor, in orders that leave no two rows equal.
    ///
    /// Values that are never null and go one way are compared as one tuple, which an index on them
    /// answers: `(quantity, id) > (3, 7)`. Nothing comes behind a row that is not there.
    pub(crate) fn behind(&mut self, select: &Select, anchor: &Anchor) -> Result<Expr> {
        let mut steps: Vec<_> = match anchor {
            Anchor::Row(id) => select
                .orders
                .iter()
                .map(|by| KeysetStep { by, anchor: KeysetValue::Of(id) })
                .collect(),
            Anchor::Values(values) => {
                let known = values.iter().map(KeysetValue::Known);
                select
                    .orders
                    .iter()
                    .zip(known)
                    .map(|(by, anchor)| KeysetStep { by, anchor })
                    .collect()
            }
        };
        let name;
        if steps.chunk_by(KeysetStep::goes_with).count() > 1
            || !steps.iter().all(KeysetStep::is_plain)
        {
            self.compute_once(select)?;
            if let Anchor::Row(id) = anchor {
                name = self.look_up_once(select, id)?;
                for (number, step) in (1..).zip(&mut steps) {
                    step.anchor = KeysetValue::In(&name, number);
                }
            }
        }
        let mut rest = None;
        for steps in steps.chunk_by(KeysetStep::goes_with).rev() {
            rest = Some(match (steps, rest) {
                ([step], Some(rest)) if !step.is_plain() => self.nullable(*step, rest)?,
                (steps, rest) => self.plain(select, steps, rest)?,
            });
        }
        Ok(rest.unwrap_or_else(|| Expr::cust("FALSE")))
    }

    /// Whether a row comes behind the anchor by some values, or else by the rest of the orders.
    ///
    /// With a rest it is `quantity >= 3 AND (quantity > 3 OR …)`: an index answers the first half.
    fn plain(
        &mut self,
        select: &Select,
        steps: &[KeysetStep<'_>],
        rest: Option<Expr>,
    ) -> Result<Expr> {
        let own = steps.iter().map(|step| self.term(&step.by.term)).collect::<Result<_>>()?;
        let (own, anchor) = (tuple(own), self.anchor(select, steps)?);
        let descending = steps.first().is_some_and(|step| step.by.descending);
        Ok(match (rest, descending) {
            (None, false) => own.gt(anchor),
            (None, true) => own.lt(anchor),
            (Some(rest), false) => own.clone().gte(anchor.clone()).and(own.gt(anchor).or(rest)),
            (Some(rest), true) => own.clone().lte(anchor.clone()).and(own.lt(anchor).or(rest)),
        })
    }

    /// Whether a row comes behind the anchor by a value that may be null, or else by the rest.
    fn nullable(&mut self, step: KeysetStep<'_>, rest: Expr) -> Result<Expr> {
        let KeysetStep { by, anchor } = step;
        let own = self.term(&by.term)?;
        match anchor {
            KeysetValue::Known(value) if !value.is_null() => {
                let value = self.known(by, value)?;
                let greater = beyond(by, own.clone(), value.clone());
                Ok(greater.or(own.clone().is_null()).or(own.eq(value).and(rest)))
            }
            KeysetValue::Known(_) if by.nulls_come_first() => Ok(own.is_not_null().or(rest)),
            KeysetValue::Known(_) => Ok(own.is_null().and(rest)),
            // Nothing is behind a row that is looked up by nothing.
            KeysetValue::Of(_) => Ok(Expr::cust("FALSE")),
            KeysetValue::In(name, number) => {
                let column = column_in(name, number);
                let value = in_row(name, [column.clone()]);
                // Both are null for a row that is not there, so that nothing is equal to it.
                let null = in_row(name, [column.clone().is_null()]);
                let apart = if by.nulls_come_first() {
                    own.clone().is_not_null().and(null.clone())
                } else {
                    own.clone().is_null().and(in_row(name, [column.is_not_null()]))
                };
                let greater = beyond(by, own.clone(), value.clone());
                let equal = own.clone().eq(value).or(own.is_null().and(null));
                Ok(greater.or(apart).or(equal.and(rest)))
            }
        }
    }

    /// A value of the anchor, as the database had it. A part of an id that a page was given may be
    /// stored in another spelling, by which it is ordered.
    fn known(&mut self, by: &OrderBy, value: &Parameter) -> Result<Expr> {
        if let Some(property) = by.property().filter(|_| self.writer.engine == Engine::Sqlite)
            && property.column_type.has_spellings()
            && !value.is_as_stored()
        {
            let entity = self.root.entity;
            let place = self.root.beside(self.writer.aliases.named("anchor"));
            let mut stored = SelectStatement::new();
            stored.expr(place.column(property)).limit(limit_of(1));
            self.writer.from(&mut stored, &place);
            let column = place.column(property);
            stored.and_where(self.writer.equals(column, entity, property, value)?);
            return Ok(Func::coalesce([Expr::from(stored), Expr::cust(AGAIN)]).into());
        }
        let known =
            self.operand(&Operand::Parameter(value.clone()), &Operand::Term(by.term.clone()))?;
        Ok(match (self.writer.engine, by.text_type()) {
            (Engine::Postgres, Some(name)) if by.property().is_none() => {
                known.cast_as(Alias::new(name))
            }
            _ => known,
        })
    }

    /// The anchor's values.
    fn anchor(&mut self, select: &Select, steps: &[KeysetStep<'_>]) -> Result<Expr> {
        let (mut known, mut looked_up) = (Vec::new(), Vec::new());
        let mut named = None;
        for KeysetStep { by, anchor } in steps {
            match anchor {
                KeysetValue::Known(value) => known.push(self.known(by, value)?),
                KeysetValue::Of(id) => {
                    let terms = steps.iter().map(|step| &step.by.term);
                    let values = self.anchor_row(select, id, terms, |statement, value| {
                        statement.expr(value);
                    });
                    return values.map(Expr::from);
                }
                KeysetValue::In(name, number) => {
                    looked_up.push(column_in(name, *number));
                    named = Some(*name);
                }
            }
        }
        Ok(named.map_or_else(|| tuple(known), |name| in_row(name, looked_up)))
    }

    /// Looks the anchor up once for the whole statement, under a name.
    fn look_up_once(&mut self, select: &Select, id: &[Parameter]) -> Result<DynIden> {
        let name = self.writer.aliases.named("anchor");
        let terms = select.orders.iter().map(|by| &by.term);
        let mut number = 0;
        let row = self.anchor_row(select, id, terms, |statement, value| {
            number += 1;
            statement.expr_as(value, Alias::new(format!("value_{number}")));
        })?;
        let mut once = CommonTableExpression::new();
        once.query(row).table_name(name.clone()).materialized(true);
        self.with(once);
        Ok(name)
    }

    /// Values of the row with an id, if the query means it: a row that it hides tells nothing, neither
    /// that it is there nor where. The table keeps its name there, as a condition in SQL knows it.
    fn anchor_row<'a>(
        &self,
        select: &Select,
        id: &[Parameter],
        terms: impl Iterator<Item = &'a Term>,
        mut each: impl FnMut(&mut SelectStatement, Expr),
    ) -> Result<SelectStatement> {
        let entity = self.root.entity;
        let mut places = FromClause::new(self.writer, AliasedTable::rows_of(select));
        places.order_by_links(select);
        let ordered = select.link_orders().next().is_some();
        let linked = ordered.then(|| places.conditions(select)).transpose()?;
        let mut statement = SelectStatement::new();
        for term in terms {
            each(&mut statement, places.term(term)?);
        }
        self.writer.from(&mut statement, &places.root);
        for (property, parameter) in entity.id().zip(id) {
            let column = places.root.column(property);
            statement.and_where(self.writer.equals(column, entity, property, parameter)?);
        }
        for condition in linked.map_or_else(|| places.conditions(select), Ok)? {
            statement.and_where(condition);
        }
        places.join_to(&mut statement);
        Ok(statement)
    }
}

/// A value of a row that was looked up under a name.
fn column_in(name: &DynIden, number: usize) -> Expr {
    Expr::col((name.clone(), Alias::new(format!("value_{number}"))))
}

/// The value of a looked-up row under a name.
fn in_row(name: &DynIden, values: impl IntoIterator<Item = Expr>) -> Expr {
    let mut statement = SelectStatement::new();
    statement.exprs(values).from(name.clone());
    statement.into()
}

/// The text that the database writes of a value and reads as the same again, whatever the session's
/// way to write dates is.
fn text(value: Expr, type_name: &str) -> Expr {
    if type_name == "date" || type_name.starts_with("timestamp") {
        return Expr::cust_with_exprs("to_json($1) #>> '{}'", [value]);
    }
    value.cast_as(Alias::new("text"))
}

/// Whether a value comes behind another in an order.
fn beyond(by: &OrderBy, value: Expr, other: Expr) -> Expr {
    if by.descending { value.lt(other) } else { value.gt(other) }
}
