//! Rows that are read, and what is made of them.

use sea_query::{Asterisk, Expr, Func, NullOrdering, Order, OrderedStatement, SelectStatement};

use super::place::{Place, Places};
use super::{Lowered, Verb, Writer};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::filter::Field;
use crate::query::{Nulls, OrderBy, Select};

/// The rows of a query, whole.
pub(crate) fn rows(engine: Engine, select: &Select, verb: Verb) -> Result<Lowered> {
    let writer = Writer::new(engine, select.entity);
    let mut reading = Reading::of(&writer, select)?;
    reading.statement.exprs(reading.places.root.columns());
    reading.verb(select, verb);
    Ok(writer.write(&reading.finish()))
}

/// Some columns of a query's rows.
pub(crate) fn projection(
    engine: Engine,
    select: &Select,
    fields: &[Field],
    verb: Verb,
) -> Result<Lowered> {
    let writer = Writer::new(engine, select.entity);
    distinct_is_ordered_by_itself(select, fields)?;
    let mut reading = Reading::of(&writer, select)?;
    for field in fields {
        reading.statement.expr(reading.places.field(*field));
    }
    match verb {
        Verb::All => reading.page(select, select.limit, false),
        Verb::First => {
            // What is distinct can only be ordered by what is selected.
            let by_id = !select.distinct;
            reading.page(select, Some(at_most(select, 1)), by_id);
        }
        Verb::One => reading.page(select, Some(at_most(select, 2)), false),
    }
    Ok(writer.write(&reading.finish()))
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
    value: impl FnOnce(Engine, &mut Places<'_>) -> Expr,
) -> Result<Lowered> {
    let writer = Writer::new(engine, select.entity);
    let mut reading = Reading::of(&writer, select)?;
    if select.limit.is_some() || select.offset.is_some() || select.distinct {
        reading.statement.exprs(reading.places.root.columns());
        reading.page(select, select.limit, false);
        let places = Places::new(&writer, Place::table_of(select.entity));
        let mut statement = SelectStatement::new();
        statement.from_subquery(reading.finish(), places.root.name());
        reading = Reading { statement, places };
    }
    reading.statement.expr(value(engine, &mut reading.places));
    Ok(writer.write(&reading.finish()))
}

/// Whether a query has rows.
pub(crate) fn exists(engine: Engine, select: &Select) -> Result<Lowered> {
    let writer = Writer::new(engine, select.entity);
    let mut rows = Reading::of(&writer, select)?;
    if select.distinct {
        rows.statement.exprs(rows.places.root.columns());
    } else {
        rows.statement.expr(Expr::cust("1"));
    }
    rows.page(select, select.limit, false);
    let mut statement = SelectStatement::new();
    statement.expr(Expr::exists(rows.finish()));
    Ok(writer.write(&statement))
}

/// The number of rows.
pub(crate) fn count(_: Engine, _: &mut Places<'_>) -> Expr {
    Func::count(Expr::col(Asterisk)).into()
}

/// A SELECT under way. What it reads from is added at the end, when it is known.
#[derive(Debug)]
pub(crate) struct Reading<'writer> {
    pub(crate) statement: SelectStatement,
    pub(crate) places: Places<'writer>,
}

impl<'writer> Reading<'writer> {
    /// The rows that a query means, of which nothing is selected yet.
    pub(crate) fn of(writer: &'writer Writer, select: &Select) -> Result<Self> {
        let mut places = Places::new(writer, Place::table_of(select.entity));
        let mut statement = SelectStatement::new();
        statement.from(places.root.table());
        for condition in places.conditions(select)? {
            statement.and_where(condition);
        }
        if select.distinct {
            statement.distinct();
        }
        Ok(Self { statement, places })
    }

    /// The whole statement.
    pub(crate) fn finish(mut self) -> SelectStatement {
        self.places.join_to(&mut self.statement);
        self.statement
    }

    /// Orders and cuts the rows of a query to what a verb wants of them.
    pub(crate) fn verb(&mut self, select: &Select, verb: Verb) {
        match verb {
            Verb::All => self.page(select, select.limit, select.targets_many()),
            // The only row is the first one too.
            Verb::First | Verb::One if select.is_unique() => self.page(select, select.limit, false),
            Verb::First => self.page(select, Some(at_most(select, 1)), true),
            Verb::One => self.page(select, Some(at_most(select, 2)), false),
        }
    }

    /// Orders and cuts the rows of a query; by the id where nothing else is asked and it must be.
    pub(crate) fn page(&mut self, select: &Select, limit: Option<u64>, ordered: bool) {
        self.orders(select);
        if ordered && select.orders.is_empty() {
            order_by_id(&mut self.statement, &self.places.root);
        }
        self.cut(select, limit);
    }

    /// Orders the rows as it was asked for.
    pub(crate) fn orders(&mut self, select: &Select) {
        let Self { statement, places } = self;
        for order in &select.orders {
            places.order(statement, order);
        }
    }

    /// Takes some of the rows.
    pub(crate) fn cut(&mut self, select: &Select, limit: Option<u64>) {
        let Self { statement, places } = self;
        // No table has more rows than the engines can count to.
        let most = i64::MAX.unsigned_abs();
        if let Some(limit) = limit {
            statement.limit(std::cmp::min(limit, most));
        } else if select.offset.is_some() && places.writer.engine == Engine::Sqlite {
            // SQLite knows an offset only behind a limit.
            statement.limit(most);
        }
        if let Some(offset) = select.offset {
            statement.offset(std::cmp::min(offset, most));
        }
    }
}

impl Places<'_> {
    /// Nulls count as greatest on PostgreSQL and as least on SQLite, so SQLite is told.
    pub(super) fn order(&mut self, statement: &mut impl OrderedStatement, by: &OrderBy) {
        let column = self.field(by.field);
        let order = if by.descending { Order::Desc } else { Order::Asc };
        let told = self.writer.engine == Engine::Sqlite && by.field.property.nullable;
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

pub(super) fn order_by_id(statement: &mut SelectStatement, place: &Place) {
    for column in place.id() {
        statement.order_by_expr(column, Order::Asc);
    }
}
