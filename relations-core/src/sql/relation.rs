//! The targets of a source that is known by its id, and of many sources.

use sea_query::{Expr, JoinType, SelectStatement};

use crate::ast::predicate::Predicate;
use crate::ast::scope::{SourceById, Via};
use crate::ast::select::Select;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::from_clause::{AliasedTable, FromClause, is_among, keys_equal, named};
use crate::sql::link::is_led_to;
use crate::sql::place::is_of_kind;
use crate::sql::value::Selected;
use crate::sql::{Lowered, Writer};

/// The target of the source with an id, whether or not each is there: the target's columns, then
/// the source's foreign key, then whether the query's filter matches, if it has one.
pub(crate) fn target_of_id(
    dialect: Dialect,
    select: &Select,
    relation: &RelationDefinition,
    source: &SourceById,
) -> Result<Lowered> {
    let SourceById { entity: source, id, .. } = source;
    let writer = Writer::new(dialect, select.entity);
    let mut places = FromClause::new(&writer, AliasedTable::rows_of(select));
    let source_place = place_of_source(source, select.entity);
    let mut statement = SelectStatement::new();
    let key = named(source, relation.key_from).map(|property| {
        let selected = source_place.selected(property);
        match is_of_kind(&source_place, relation.kind_of_source()) {
            Some(of_kind) => Selected::new(key_if(of_kind, selected.value), Some(property)),
            None => selected,
        }
    });
    statement.exprs(places.root.columns().chain(key).map(|column| writer.read(column)));
    if !matches!(select.predicate, Predicate::Always) {
        statement.expr(places.predicate(&select.predicate)?);
    }
    writer.from(&mut statement, &source_place);
    let joined = keys_equal(&source_place, relation, &places.root);
    writer.join(&mut statement, JoinType::LeftJoin, &places.root, joined);
    places.join_to(&mut statement);
    for (property, parameter) in source.id().zip(id) {
        let column = source_place.column(property);
        statement.and_where(writer.equals(column, source, property, parameter)?);
    }
    writer.write(&statement)
}

impl FromClause<'_> {
    /// Whether a row is a target of the source with an id.
    pub(crate) fn targets_of_id(
        &mut self,
        relation: &RelationDefinition,
        SourceById { entity: source, id, .. }: &SourceById,
    ) -> Result<Expr> {
        let place = place_of_source(source, self.root.entity);
        let mut keys = SelectStatement::new();
        self.writer.from(&mut keys, &place);
        if let Some(of_kind) = is_of_kind(&place, relation.kind_of_source()) {
            keys.and_where(of_kind);
        }
        for (property, parameter) in source.id().zip(id) {
            let column = place.column(property);
            keys.and_where(self.writer.equals(column, source, property, parameter)?);
        }
        if relation.key_array.is_some() {
            return self.targets_of_keys(relation, &place, keys, true);
        }
        keys.exprs(place.named(relation.key_from));
        Ok(is_among(self.root.named(relation.key_to), keys))
    }

    /// Whether a row is a target of one of the rows of another query.
    pub(crate) fn targets_via(&mut self, Via { sources, relation }: &Via) -> Result<Expr> {
        let place = AliasedTable::aliased(sources.entity, self.writer.aliases.named("source"));
        let mut places = FromClause::new(self.writer, place.seen(sources.visible));
        let conditions = places.conditions(sources)?;
        let mut keys = SelectStatement::new();
        self.writer.from(&mut keys, &places.root);
        places.join_to(&mut keys);
        let of_kind = is_of_kind(&places.root, relation.kind_of_source());
        for condition in conditions.into_iter().chain(of_kind) {
            keys.and_where(condition);
        }
        if relation.key_array.is_some() {
            return self.targets_of_keys(relation, &places.root, keys, false);
        }
        keys.exprs(places.root.named(relation.key_from));
        let Some(through) = &relation.through else {
            return Ok(is_among(self.root.named(relation.key_to), keys));
        };
        let link = self.writer.aliases.link_of(through, None);
        let key = through.key_from(relation.key_from).map(|property| link.column(property));
        Ok(is_led_to(self.writer, &self.root, through, &link, is_among(key, keys)))
    }
}

/// A key where a condition holds, and else null.
pub(crate) fn key_if(condition: Expr, key: Expr) -> Expr {
    Expr::case(condition, key).into()
}

/// The place of a source whose targets are asked for by its id, under no name that the target's
/// table has.
pub(crate) fn place_of_source(
    source: &'static EntityDefinition,
    target: &EntityDefinition,
) -> AliasedTable {
    AliasedTable::aliased(source, if target.table == "source" { "its_source" } else { "source" })
}
