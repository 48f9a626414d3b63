//! Links between many and many: the targets that they lead to, and links that are made and removed.

use std::sync::Arc;

use sea_query::{
    Alias, Expr, ExprTrait, Func, InsertStatement, JoinType, OnConflict, SelectStatement,
};

use crate::ast::predicate::Predicate;
use crate::ast::scope::SourceById;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::dialect::{Dialect, Engine};
use crate::error::{Error, Result};
use crate::sql::change::{Assignment, Returning};
use crate::sql::from_clause::{AliasedTable, FromClause, all, is_among, keys_equal, tuple};
use crate::sql::insert::{NewColumn, ValueBinding, placeholder, value_name};
use crate::sql::key_columns::Origin;
use crate::sql::relation::place_of_source;
use crate::sql::{Lowered, Writer};
use crate::value::parameter::Parameter;

/// A new link of those keys, unless there is one; it is given those and a tenant.
///
/// If the keys are a key of the link, its constraint decides. Otherwise a key of the link is only a part
/// of them: the statement looks for the link, and another one with that part is a violation.
pub(crate) fn link(
    dialect: Dialect,
    through: &ThroughDefinition,
    keys: &[Assignment],
    given: &[Assignment],
    returning: Returning,
) -> Result<Lowered> {
    let entity = through.link.definition();
    let (writer, place) = (Writer::new(dialect, entity), AliasedTable::table_of(entity));
    let values = given.iter().map(|one| writer.parameter(entity, one.property, &one.parameter));
    let values = values.collect::<Result<Vec<_>>>()?;
    let columns = || keys.iter().map(|one| Alias::new(one.property.column));
    let names = given.iter().map(|one| Alias::new(one.property.column));
    let mut statement = InsertStatement::new();
    writer.insert_into(&mut statement, entity);
    statement.columns(names);
    let written = if through.is_key_of_link() {
        statement.on_conflict(OnConflict::columns(columns()).do_nothing().to_owned());
        statement.values(values)
    } else {
        let mut there = SelectStatement::new();
        there.expr(Expr::cust("1"));
        writer.from(&mut there, &place);
        for condition in is_link(&writer, through, &place, keys)? {
            there.and_where(condition);
        }
        let mut absent = SelectStatement::new();
        absent.exprs(values).and_where(Expr::exists(there).not());
        statement.select_from(absent)
    };
    written.map_err(|error| Error::invalid_request(error.to_string()))?;
    if let Some(clause) = writer.returned(entity, returning) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

/// The removal of all links of those keys.
pub(crate) fn unlink(
    dialect: Dialect,
    through: &ThroughDefinition,
    keys: &[Assignment],
) -> Result<Lowered> {
    let entity = through.link.definition();
    let (writer, place) = (Writer::new(dialect, entity), AliasedTable::table_of(entity));
    let conditions = is_link(&writer, through, &place, keys)?;
    writer.removal(&place, conditions)
}

/// New links of those keys, unless they are there. PostgreSQL is sent an array for each property.
pub(crate) fn link_many(
    dialect: Dialect,
    through: &ThroughDefinition,
    keys: &[&'static PropertyDefinition],
    given: &[&'static PropertyDefinition],
    returning: Returning,
) -> Result<Lowered> {
    let entity = through.link.definition();
    let (writer, place) = (Writer::new(dialect, entity), AliasedTable::table_of(entity));
    let values = writer.aliases.named("given");
    let columns = given_columns(given);
    let mut rows = SelectStatement::new();
    rows.exprs(writer.made_of(&columns, &values));
    rows.from_subquery(writer.given(&columns, ValueBinding::Parameters, |_| None), values.clone());
    let names = |all: &[&'static PropertyDefinition]| {
        let names: Vec<_> = all.iter().map(|one| Alias::new(one.column)).collect();
        names
    };
    let mut statement = InsertStatement::new();
    writer.insert_into(&mut statement, entity);
    statement.columns(names(given));
    if through.is_key_of_link() {
        statement.on_conflict(OnConflict::columns(names(keys)).do_nothing().to_owned());
    } else {
        let mut there = SelectStatement::new();
        there.expr(Expr::cust("1"));
        writer.from(&mut there, &place);
        // The keys come first.
        for (number, property) in (1..).zip(keys) {
            let value = Expr::col((values.clone(), value_name(number)));
            there.and_where(place.column(property).eq(value));
        }
        rows.and_where(Expr::exists(there).not());
    }
    let written = statement.select_from(rows);
    written.map_err(|error| Error::invalid_request(error.to_string()))?;
    if let Some(clause) = writer.returned(entity, returning) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

/// The removal of the links of a source to some targets, or to all others. The keys of the targets are an
/// array for each property on PostgreSQL, and JSON on SQLite.
pub(crate) fn unlink_some(
    dialect: Dialect,
    through: &ThroughDefinition,
    from: &[Assignment],
    to: &[&'static PropertyDefinition],
    others: bool,
) -> Result<Lowered> {
    let entity = through.link.definition();
    let (writer, place) = (Writer::new(dialect, entity), AliasedTable::table_of(entity));
    let mut conditions = is_link(&writer, through, &place, from)?;
    let columns = to.iter().map(|property| place.column(property));
    conditions.push(match (dialect.engine, to) {
        (Engine::Sqlite, _) => {
            let types: Vec<_> = to.iter().map(|property| property.column_type).collect();
            writer.is_one_of(columns, &types, placeholder(), others)
        }
        // The array has no type of its own, so that it takes that of the column.
        (Engine::Postgres, [only]) => {
            let array = writer.cast_compared(placeholder(), only, "[]");
            if others {
                place.column(only).ne(Func::cust("ALL").arg(array))
            } else {
                place.column(only).eq(Func::cust("ANY").arg(array))
            }
        }
        (Engine::Postgres, _) => {
            let keys = writer.given(&given_columns(to), ValueBinding::Parameters, |_| None);
            let key = tuple(columns.collect());
            if others { key.not_in_subquery(keys) } else { key.in_subquery(keys) }
        }
    });
    writer.removal(&place, conditions)
}

fn given_columns(keys: &[&'static PropertyDefinition]) -> Vec<NewColumn> {
    keys.iter().map(|property| NewColumn { property, is_partial: false }).collect()
}

/// Whether a link has those keys.
fn is_link(
    writer: &Writer,
    through: &ThroughDefinition,
    link: &AliasedTable,
    keys: &[Assignment],
) -> Result<Vec<Expr>> {
    let equal = |one: &Assignment| {
        let origin = Origin::of_end(through, one.property);
        let column = link.column(one.property);
        writer.equals_key(column, link.entity, one.property, &one.parameter, origin)
    };
    keys.iter().map(equal).collect()
}

impl FromClause<'_> {
    /// Whether a link leads to a row from the source with a key.
    pub(crate) fn linked_to_key(
        &mut self,
        relation: &'static RelationDefinition,
        through: &ThroughDefinition,
        key: &[Parameter],
    ) -> Result<Option<Expr>> {
        let link = self.meant_link(through);
        let mut conditions = Vec::new();
        let source = through.from().target.definition();
        let keys = through.key_from(relation.key_from).zip(key);
        for (at, (property, parameter)) in keys.enumerate() {
            let origin = Origin::of(relation, source, at);
            let column = link.column(property);
            let equal = self.writer.equals_key(column, link.entity, property, parameter, origin)?;
            conditions.push(equal);
        }
        self.led_to(relation, through, &link, all(conditions.into_iter()))
    }

    /// Whether a link leads to a row from the source with an id.
    pub(crate) fn linked_to_id(
        &mut self,
        relation: &RelationDefinition,
        through: &ThroughDefinition,
        SourceById { entity: source, id, .. }: &SourceById,
    ) -> Result<Option<Expr>> {
        let link = self.meant_link(through);
        let place = place_of_source(source, self.root.entity);
        let mut keys = SelectStatement::new();
        self.writer.from(&mut keys, &place);
        keys.exprs(place.named(relation.key_from));
        for (property, parameter) in source.id().zip(id) {
            let column = place.column(property);
            keys.and_where(self.writer.equals(column, source, property, parameter)?);
        }
        let key = through.key_from(relation.key_from).map(|property| link.column(property));
        self.led_to(relation, through, &link, is_among(key, keys))
    }

    /// Joins to targets their links, which lead to each row.
    pub(crate) fn link(
        &self,
        statement: &mut SelectStatement,
        through: &ThroughDefinition,
        links: Option<&Arc<Predicate>>,
        target: &AliasedTable,
    ) {
        let link = self.writer.aliases.link_of(through, links);
        let leads_to = keys_equal(&link, through.to(), target);
        self.writer.join(statement, JoinType::InnerJoin, &link, leads_to);
        statement.and_where(is_from(&self.root, through, &link));
    }

    /// Whether a link leads from each row to a target.
    pub(crate) fn is_linked(
        &self,
        through: &ThroughDefinition,
        links: Option<&Arc<Predicate>>,
        target: &AliasedTable,
    ) -> Expr {
        let link = self.writer.aliases.link_of(through, links);
        let is_meant = is_from(&self.root, through, &link);
        is_led_to(self.writer, target, through, &link, is_meant)
    }
}

/// Whether a link is from a source. The link's column goes first, as where keys are given: SQLite
/// compares by the collation of the first.
fn is_from(source: &AliasedTable, through: &ThroughDefinition, link: &AliasedTable) -> Expr {
    let RelationDefinition { key_from, key_to, .. } = through.from();
    let pairs = link.named(key_from).zip(source.named(key_to));
    all(pairs.map(|(from, to)| from.eq(to)))
}

/// Whether a link that is meant leads to a target.
///
/// Of texts under two collations PostgreSQL takes those of the links for different by their own, and
/// then finds a target by each that equals it. So there the targets are told by their ids.
pub(crate) fn is_led_to(
    writer: &Writer,
    target: &AliasedTable,
    through: &ThroughDefinition,
    link: &AliasedTable,
    is_meant: Expr,
) -> Expr {
    let RelationDefinition { key_from, key_to, .. } = through.to();
    let mut keys = SelectStatement::new();
    writer.from(&mut keys, link);
    keys.and_where(is_meant);
    let is_text = |end: &PropertyDefinition| end.column_type == ColumnType::Text;
    if writer.engine == Engine::Postgres && through.key_to().any(is_text) {
        let led_to = target.beside(writer.aliases.named("led_to"));
        let is_led_to = keys_equal(link, through.to(), &led_to);
        writer.join(&mut keys, JoinType::InnerJoin, &led_to, is_led_to);
        keys.exprs(led_to.id());
        return is_among(target.id(), keys);
    }
    keys.exprs(link.named(key_from));
    is_among(target.named(key_to), keys)
}
