//! Pages: the rows behind one of them, in the order of a query.

use sea_query::{Expr, ExprTrait, SelectStatement};

use super::place::{Place, Places, tuple};
use super::value::Selected;
use crate::error::Result;
use crate::filter::{Operand, Term};
use crate::query::{Anchor, OrderBy, Select};
use crate::value::Parameter;

/// One of a query's orders, with the anchor's value in it.
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    by: &'a OrderBy,
    anchor: Value<'a>,
}

/// The anchor's value.
#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    Known(&'a Parameter),
    /// That of the row with an id.
    Of(&'a [Parameter]),
}

impl Step<'_> {
    /// Whether a comparison of the values tells which row comes behind the anchor: none is null,
    /// or only such as come before it.
    fn is_plain(&self) -> bool {
        match self.anchor {
            _ if !self.by.term.is_nullable() => true,
            Value::Known(value) => !value.is_null() && self.by.nulls_come_first(),
            Value::Of(_) => false,
        }
    }

    /// Whether both are told apart in one comparison.
    fn goes_with(&self, next: &Self) -> bool {
        self.is_plain() && next.is_plain() && self.by.descending == next.by.descending
    }
}

impl Places<'_> {
    /// The values that rows are ordered by and do not hold.
    pub(super) fn told(&mut self, select: &Select) -> Result<Vec<Selected>> {
        select.told().map(|by| self.selected(&by.term)).collect()
    }

    /// Whether a row comes behind the anchor, in orders that leave no two rows equal.
    ///
    /// Values that are never null and go one way are compared as one tuple, which an index on them
    /// answers: `(quantity, id) > (3, 7)`. Nothing comes behind a row that is not there.
    pub(super) fn behind(&mut self, select: &Select, anchor: &Anchor) -> Result<Expr> {
        let steps: Vec<_> = match anchor {
            Anchor::Row(id) => {
                select.orders.iter().map(|by| Step { by, anchor: Value::Of(id) }).collect()
            }
            Anchor::Values(values) => {
                let known = values.iter().map(Value::Known);
                select.orders.iter().zip(known).map(|(by, anchor)| Step { by, anchor }).collect()
            }
        };
        let mut rest = None;
        for steps in steps.chunk_by(Step::goes_with).rev() {
            rest = Some(match (steps, rest) {
                ([step], Some(rest)) if !step.is_plain() => self.nullable(*step, rest)?,
                (steps, rest) => self.plain(steps, rest)?,
            });
        }
        Ok(rest.unwrap_or_else(|| Expr::cust("FALSE")))
    }

    /// Whether a row comes behind the anchor by some values, or else by the rest of the orders.
    ///
    /// With a rest it is `quantity >= 3 AND (quantity > 3 OR …)`: an index answers the first half.
    fn plain(&mut self, steps: &[Step<'_>], rest: Option<Expr>) -> Result<Expr> {
        let own = steps.iter().map(|step| self.term(&step.by.term)).collect::<Result<_>>()?;
        let (own, anchor) = (tuple(own), self.anchor(steps)?);
        let descending = steps.first().is_some_and(|step| step.by.descending);
        Ok(match (rest, descending) {
            (None, false) => own.gt(anchor),
            (None, true) => own.lt(anchor),
            (Some(rest), false) => own.clone().gte(anchor.clone()).and(own.gt(anchor).or(rest)),
            (Some(rest), true) => own.clone().lte(anchor.clone()).and(own.lt(anchor).or(rest)),
        })
    }

    /// Whether a row comes behind the anchor by a value that may be null, or else by the rest.
    fn nullable(&mut self, step: Step<'_>, rest: Expr) -> Result<Expr> {
        let Step { by, anchor } = step;
        let own = self.term(&by.term)?;
        let id = match anchor {
            Value::Known(value) if !value.is_null() => {
                let value = self.anchor(&[step])?;
                let greater = beyond(by, own.clone(), value.clone());
                return Ok(greater.or(own.clone().is_null()).or(own.eq(value).and(rest)));
            }
            Value::Known(_) if by.nulls_come_first() => return Ok(own.is_not_null().or(rest)),
            Value::Known(_) => return Ok(own.is_null().and(rest)),
            Value::Of(id) => id,
        };
        let value = self.anchor(&[step])?;
        // Both are null for a row that is not there, so that nothing is equal to it.
        let null: Expr = self.of_anchor(id, &[&by.term], ExprTrait::is_null)?.into();
        let present: Expr = self.of_anchor(id, &[&by.term], ExprTrait::is_not_null)?.into();
        let apart = if by.nulls_come_first() {
            own.clone().is_not_null().and(null.clone())
        } else {
            own.clone().is_null().and(present)
        };
        let greater = beyond(by, own.clone(), value.clone());
        let equal = own.clone().eq(value).or(own.is_null().and(null));
        Ok(greater.or(apart).or(equal.and(rest)))
    }

    /// The anchor's values.
    fn anchor(&mut self, steps: &[Step<'_>]) -> Result<Expr> {
        let mut known = Vec::new();
        for Step { by, anchor } in steps {
            match anchor {
                Value::Known(value) => {
                    let beside = Operand::Term(by.term.clone());
                    known.push(self.operand(&Operand::Parameter((*value).clone()), &beside)?);
                }
                Value::Of(id) => {
                    let terms: Vec<_> = steps.iter().map(|step| &step.by.term).collect();
                    return Ok(self.of_anchor(id, &terms, |value| value)?.into());
                }
            }
        }
        Ok(tuple(known))
    }

    /// What is made of values of the row with an id.
    fn of_anchor(
        &self,
        id: &[Parameter],
        terms: &[&Term],
        made: fn(Expr) -> Expr,
    ) -> Result<SelectStatement> {
        let entity = self.root.entity;
        let place = Place::aliased(entity, self.writer.aliases.named("anchor"));
        let mut places = Places::new(self.writer, place);
        let mut statement = SelectStatement::new();
        for term in terms {
            statement.expr(made(places.term(term)?));
        }
        statement.from(places.root.table());
        for (property, parameter) in entity.id().zip(id) {
            let value = self.writer.parameter(entity, property, parameter)?;
            statement.and_where(places.root.column(property).eq(value));
        }
        places.join_to(&mut statement);
        Ok(statement)
    }
}

/// Whether a value comes behind another in an order.
fn beyond(by: &OrderBy, value: Expr, other: Expr) -> Expr {
    if by.descending { value.lt(other) } else { value.gt(other) }
}
