//! Groups of rows.

use sea_query::{Alias, BinOper, Expr, ExprTrait, Func};

use crate::ast::grouping::{Determined, Grouping};
use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::definition::property::ColumnType;
use crate::dialect::{Dialect, Engine};
use crate::error::{Error, Result};
use crate::sql::from_clause::{AliasedTable, FromClause};
use crate::sql::select::SelectBuilder;
use crate::sql::spelling::as_compared;
use crate::sql::value::Selected;
use crate::sql::{Lowered, Verb, Writer};

/// Values of the groups of a query's rows. The query's order and page are those of the groups.
pub(crate) fn groups(
    dialect: Dialect,
    select: &Select,
    grouping: &Grouping,
    terms: &[Term],
    verb: Verb,
) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let mut reading = grouped(&writer, select, grouping, terms)?;
    match verb {
        Verb::All => reading.page(select, select.limit, false)?,
        Verb::First | Verb::One => {
            let rows = if verb == Verb::First { 1 } else { 2 };
            let limit = select.limit.map_or(rows, |limit| std::cmp::min(limit, rows));
            reading.order(select)?;
            if verb == Verb::First && select.orders.is_empty() {
                for key in &grouping.keys {
                    let key = reading.places.term(key)?;
                    reading.statement.order_by_expr(key, sea_query::Order::Asc);
                }
            }
            reading.cut(select, Some(limit));
        }
    }
    writer.write(&reading.read())
}

/// The number of groups.
pub(crate) fn count(dialect: Dialect, select: &Select, grouping: &Grouping) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let mut reading = grouped(&writer, select, grouping, &[])?;
    reading.statement.expr(Expr::cust("1"));
    reading.cut(select, select.limit);
    let places = FromClause::new(&writer, AliasedTable::rows_of(select));
    let mut statement = sea_query::SelectStatement::new();
    statement.from_subquery(reading.finish(), places.root.name());
    let mut outer = SelectBuilder::new(statement, places);
    outer.columns.push(Selected::new(Func::cust("COUNT").arg(Expr::cust("*")).into(), None));
    writer.write(&outer.read())
}

fn grouped<'writer>(
    writer: &'writer Writer,
    select: &Select,
    grouping: &Grouping,
    terms: &[Term],
) -> Result<SelectBuilder<'writer>> {
    select.check_unlocked("groups of rows lock none of them")?;
    let determined = determined(select, grouping, terms)?;
    let mut reading = SelectBuilder::of(writer, select)?;
    for key in &grouping.keys {
        reading.places.compute_key(key)?;
    }
    for term in terms {
        reading.select(term.clone())?;
    }
    for (column, term) in reading.columns.iter_mut().zip(terms) {
        if grouping.keys.contains(term)
            && let Some(name) = column.property.and_then(|one| writer.cast_to_compare(one))
        {
            column.value = column.value.clone().cast_as(Alias::new(name));
        }
    }
    let fields = determined.fields.into_iter().map(Term::Field);
    for term in grouping.keys.iter().cloned().chain(fields) {
        let value = reading.places.term(&term)?;
        reading.statement.add_group_by([writer.group_key(value, &term)]);
    }
    for condition in reading.places.filter(&grouping.having)? {
        reading.statement.and_having(condition);
    }
    Ok(reading)
}

/// Makes sure that all values are of groups, and gives those that the keys determine.
fn determined(select: &Select, grouping: &Grouping, terms: &[Term]) -> Result<Determined> {
    let mut determined = Determined::default();
    let orders = select.orders.iter().map(|by| &by.term);
    let all = terms.iter().chain(orders).try_for_each(|term| grouping.check(term, &mut determined));
    let all = all.and_then(|()| grouping.check_all(&grouping.having, &mut determined));
    match all {
        Ok(()) => Ok(determined),
        Err(term) => Err(Error::invalid_request(format!(
            "`{term:?}` has no single value in a group; add it to `group_by(…)`, or make one value of \
             it, as `.min()` does",
        ))
        .entity_is(select.entity)),
    }
}

impl FromClause<'_> {
    /// Has PostgreSQL know a key by a name, where it would not see that it is written twice: values are
    /// sent with it, each as a parameter of its own.
    fn compute_key(&mut self, key: &Term) -> Result<()> {
        if self.writer.engine == Engine::Postgres && key.holds_values() {
            self.compute(key)?;
        }
        Ok(())
    }
}

impl Writer {
    /// The type that the column of a property is compared as, where its own has no comparison.
    fn cast_to_compare(
        &self,
        property: &crate::definition::property::PropertyDefinition,
    ) -> Option<&'static str> {
        as_compared(property).filter(|_| self.engine == Engine::Postgres)
    }

    /// A value in a form in which equal values are equal: SQLite tells spellings apart, and PostgreSQL
    /// does not compare `json`.
    pub(crate) fn group_key(&self, value: Expr, term: &Term) -> Expr {
        let property = term.column().map(|field| field.property);
        match self.engine {
            Engine::Postgres => match property.and_then(as_compared) {
                Some(name) => value.cast_as(Alias::new(name)),
                None => value,
            },
            Engine::Sqlite if term.column_type() == ColumnType::Decimal => {
                value.binary(BinOper::Custom("COLLATE"), Expr::custom_keyword("decimal"))
            }
            Engine::Sqlite if term.column_type().has_spellings() => {
                // A text that is not a value of the type stays as it is, and joins no other group.
                let said = self.said(value.clone(), term.column_type());
                Func::coalesce([said, value]).into()
            }
            Engine::Sqlite => value,
        }
    }
}
