//! Rows that are read, and what is made of them.

use sea_query::{Alias, Asterisk, Expr, Func, NullOrdering, Order, SelectStatement};

use super::place::{column, columns, in_table, table};
use super::{Lowered, Verb, Writer};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::filter::Field;
use crate::meta::EntityDefinition;
use crate::query::{Nulls, OrderBy, Select};

/// The rows of a query, whole.
pub(crate) fn rows(engine: Engine, select: &Select, verb: Verb) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = writer.select(select)?;
    statement.exprs(columns(select.entity));
    match verb {
        Verb::All => writer.page(&mut statement, select, select.limit, select.targets_many()),
        // The only row is the first one too.
        Verb::First | Verb::One if select.is_unique() => {
            writer.page(&mut statement, select, select.limit, false);
        }
        Verb::First => writer.page(&mut statement, select, Some(at_most(select, 1)), true),
        Verb::One => writer.page(&mut statement, select, Some(at_most(select, 2)), false),
    }
    Ok(writer.write(&statement))
}

/// Some columns of a query's rows.
pub(crate) fn projection(
    engine: Engine,
    select: &Select,
    fields: &[Field],
    verb: Verb,
) -> Result<Lowered> {
    let writer = Writer { engine };
    distinct_is_ordered_by_itself(select, fields)?;
    let mut statement = writer.select(select)?;
    statement.exprs(fields.iter().map(|field| column(*field)));
    match verb {
        Verb::All => writer.page(&mut statement, select, select.limit, false),
        Verb::First => {
            // What is distinct can only be ordered by what is selected.
            let by_id = !select.distinct;
            writer.page(&mut statement, select, Some(at_most(select, 1)), by_id);
        }
        Verb::One => writer.page(&mut statement, select, Some(at_most(select, 2)), false),
    }
    Ok(writer.write(&statement))
}

/// What is distinct has no order by anything else, of which each row may stand for several.
fn distinct_is_ordered_by_itself(select: &Select, fields: &[Field]) -> Result<()> {
    let selected =
        |by: &&OrderBy| fields.iter().any(|one| one.property.name == by.field.property.name);
    match select.orders.iter().find(|by| select.distinct && !selected(by)) {
        Some(by) => Err(Error::refused(format!(
            "rows that differ only in what is selected cannot be ordered by `{:?}`; select it too",
            by.field,
        ))
        .entity_is(select.entity)),
        None => Ok(()),
    }
}

/// A value made of a query's rows, such as their number.
pub(crate) fn aggregate(
    engine: Engine,
    select: &Select,
    value: impl FnOnce(Engine) -> Expr,
) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = if select.limit.is_none() && select.offset.is_none() && !select.distinct {
        writer.select(select)?
    } else {
        let mut rows = writer.select(select)?;
        rows.exprs(columns(select.entity));
        writer.page(&mut rows, select, select.limit, false);
        let mut statement = SelectStatement::new();
        statement.from_subquery(rows, Alias::new(select.entity.table));
        statement
    };
    statement.expr(value(engine));
    Ok(writer.write(&statement))
}

/// Whether a query has rows.
pub(crate) fn exists(engine: Engine, select: &Select) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut rows = writer.select(select)?;
    if select.distinct {
        rows.exprs(columns(select.entity));
    } else {
        rows.expr(Expr::cust("1"));
    }
    writer.page(&mut rows, select, select.limit, false);
    let mut statement = SelectStatement::new();
    statement.expr(Expr::exists(rows));
    Ok(writer.write(&statement))
}

/// The number of rows.
pub(crate) fn count(_: Engine) -> Expr {
    Func::count(Expr::col(Asterisk)).into()
}

impl Writer {
    /// The rows that a query means, of which nothing is selected yet.
    fn select(self, select: &Select) -> Result<SelectStatement> {
        let mut statement = SelectStatement::new();
        statement.from(table(select.entity));
        for condition in self.conditions(select)? {
            statement.and_where(condition);
        }
        if select.distinct {
            statement.distinct();
        }
        Ok(statement)
    }

    /// Orders and cuts the rows of a query; by the id where nothing else is asked and it must be.
    fn page(
        self,
        statement: &mut SelectStatement,
        select: &Select,
        limit: Option<u64>,
        ordered: bool,
    ) {
        for order in &select.orders {
            self.order(statement, order);
        }
        if ordered && select.orders.is_empty() {
            order_by_id(statement, select.entity);
        }
        // No table has more rows than the engines can count to.
        let most = i64::MAX.unsigned_abs();
        if let Some(limit) = limit {
            statement.limit(std::cmp::min(limit, most));
        } else if select.offset.is_some() && self.engine == Engine::Sqlite {
            // SQLite knows an offset only behind a limit.
            statement.limit(most);
        }
        if let Some(offset) = select.offset {
            statement.offset(std::cmp::min(offset, most));
        }
    }

    /// Nulls count as greatest on PostgreSQL and as least on SQLite, so SQLite is told.
    fn order(self, statement: &mut SelectStatement, by: &OrderBy) {
        let column = column(by.field);
        let order = if by.descending { Order::Desc } else { Order::Asc };
        let told = self.engine == Engine::Sqlite && by.field.property.nullable;
        let nulls = match (by.nulls, by.descending) {
            (Nulls::Greatest, _) if !told => None,
            (Nulls::First, _) | (Nulls::Greatest, true) => Some(NullOrdering::First),
            (Nulls::Last, _) | (Nulls::Greatest, false) => Some(NullOrdering::Last),
        };
        match nulls {
            Some(nulls) => statement.order_by_expr_with_nulls(column, order, nulls),
            None => statement.order_by_expr(column, order),
        };
    }
}

fn at_most(select: &Select, rows: u64) -> u64 {
    select.limit.map_or(rows, |limit| std::cmp::min(limit, rows))
}

pub(super) fn order_by_id(statement: &mut SelectStatement, entity: &'static EntityDefinition) {
    for property in entity.id() {
        statement.order_by_expr(in_table(entity, property.column), Order::Asc);
    }
}
