//! The rows that would be orphaned, were others deleted.

use sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, SelectStatement};

use crate::ast::select::Select;
use crate::definition::foreign_keys::Held;
use crate::definition::relation::Action;
use crate::definition::visible::Visible;
use crate::dialect::{Dialect, Tenancy};
use crate::error::Result;
use crate::error::constraint::Constraint;
use crate::sql::from_clause::{AliasedTable, FromClause, is_among, tuple};
use crate::sql::{Lowered, Writer};

/// The number of rows that reference those of a query by the last of some foreign keys. The earlier
/// ones lead there from the query's own rows, with which their sources would be deleted. It says which of
/// the rows that reference are counted.
pub(crate) fn referencing_rows(
    dialect: Dialect,
    select: &Select,
    way: &[Held],
    seen: Visible,
) -> Result<Option<Lowered>> {
    let writer = Writer::new(dialect, select.entity);
    let Some(((source, last), before)) = way.split_last() else { return Ok(None) };
    let first = way.first().map_or(*last, |(_, relation)| relation);
    let mut targets = writer.keys_of(select, first.key_to)?;
    for (at, (source, relation)) in before.iter().enumerate() {
        let place =
            AliasedTable::aliased(source, writer.aliases.named("source")).seen(Visible::ALL);
        let next = way.get(at + 1).map_or(*last, |(_, relation)| relation);
        let mut sources = SelectStatement::new();
        writer.from(&mut sources, &place);
        sources.exprs(place.named(next.key_to));
        sources.and_where(is_among(place.named(relation.key_from), targets));
        targets = sources;
    }
    let place = AliasedTable::aliased(source, writer.aliases.named("source")).seen(seen);
    let mut counted = SelectStatement::new();
    counted.expr(Func::count(Expr::col(Asterisk)));
    writer.from(&mut counted, &place);
    counted.and_where(is_among(place.named(last.key_from), targets));
    let waits = last.foreign_key.is_some_and(|key| key.on_delete == Action::NoAction);
    if waits && source.is(select.entity) {
        // A row that is deleted together with its target does not count.
        let ids: Vec<_> = select.entity.id().map(|id| id.name).collect();
        let going = writer.keys_of(select, &ids)?;
        counted.and_where(tuple(place.id().collect()).not_in_subquery(going));
    }
    writer.write(&counted).map(Some)
}

/// The number of rows of a table without a known entity that reference those of a query, by the
/// columns of a foreign key.
pub(crate) fn referencing(
    dialect: Dialect,
    select: &Select,
    constraint: &Constraint,
    target: &[String],
) -> Result<Option<Lowered>> {
    let writer = Writer::new(dialect, select.entity);
    let property = |column: &String| {
        let mut properties = select.entity.properties.iter();
        properties.find(|property| property.column == column).map(|property| property.name)
    };
    let names: Option<Vec<_>> = target.iter().map(property).collect();
    let (Some(names), Some(table)) = (names, &constraint.table) else { return Ok(None) };
    if dialect.tenancy != Tenancy::Open {
        // It is not known which of the rows are the tenant's.
        return Ok(None);
    }
    if names.is_empty() || names.len() != constraint.columns.len() {
        return Ok(None);
    }
    let source = writer.aliases.named("source");
    let mut counted = SelectStatement::new();
    counted.expr(Func::count(Expr::col(Asterisk)));
    match &constraint.schema {
        Some(schema) => {
            counted.from_as((Alias::new(schema), Alias::new(table)), source.clone());
        }
        None => {
            counted.from_as(Alias::new(table), source.clone());
        }
    }
    let columns = constraint.columns.iter();
    let columns = columns.map(|column| Expr::col((source.clone(), Alias::new(column))));
    counted.and_where(is_among(columns, writer.keys_of(select, &names)?));
    writer.write(&counted).map(Some)
}

impl Writer {
    /// Some columns of the rows that a query means.
    fn keys_of(&self, select: &Select, names: &[&'static str]) -> Result<SelectStatement> {
        let mut places = FromClause::new(self, AliasedTable::rows_of(select));
        let mut keys = SelectStatement::new();
        self.from(&mut keys, &places.root);
        keys.exprs(places.root.named(names));
        for condition in places.conditions(select)? {
            keys.and_where(condition);
        }
        places.join_to(&mut keys);
        Ok(keys)
    }
}
