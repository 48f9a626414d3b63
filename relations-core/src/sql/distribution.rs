//! The statements that distribute tables over the servers of a cluster of Citus.

use crate::definition::distribution::Distribution;
use crate::definition::entity::EntityDefinition;
use crate::definition::quoting::quoted;
use crate::definition::quoting::text_literal as text;
use crate::definition::relation::RelationDefinition;

/// Whether a server distributes tables.
pub(crate) const IS_CLUSTER: &str = "SELECT EXISTS (SELECT FROM pg_proc WHERE proname = \
                                     'create_distributed_table' AND pg_function_is_visible(oid))";

/// Has Citus change all shards of a table by one connection, until the end of the transaction. Otherwise it
/// refuses to change reference tables and then distributed ones in one transaction.
pub(crate) const SEQUENTIAL: &str = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'";

/// The statements that distribute the tables of entities, which have no foreign keys yet; of all of them, or of
/// those that are not distributed.
pub(crate) fn distribute<'a>(
    entities: &'a [&'static EntityDefinition],
    missing: bool,
) -> impl Iterator<Item = String> + use<'a> {
    entities.iter().enumerate().filter_map(move |(at, entity)| {
        let earlier = entities.get(..at).unwrap_or_default();
        let call = call_of(entity, colocated_with(entity, entities, earlier))?;
        let unless = if missing { is_not_distributed(entity) } else { String::new() };
        Some(format!("SELECT {call}{unless}"))
    })
}

/// The call that distributes the table of an entity, beside that of another one; `None` if one server is to have
/// its rows.
fn call_of(entity: &EntityDefinition, beside: Option<&'static EntityDefinition>) -> Option<String> {
    let table = name_of(entity);
    match entity.distribution {
        Distribution::OneServer => None,
        Distribution::Reference => Some(call(&table, None, None)),
        Distribution::By(_) => {
            let column = entity.distributed_by()?.column;
            Some(call(&table, Some(column), beside.map(name_of).as_deref()))
        }
    }
}

/// The call that distributes a table by a column, beside another table, or else has each server hold all of its
/// rows. The tables are named as in SQL.
pub(crate) fn call(table: &str, column: Option<&str>, beside: Option<&str>) -> String {
    let Some(column) = column else { return format!("create_reference_table({})", text(table)) };
    let beside = beside.map(|beside| format!(", colocate_with => {}", text(beside)));
    format!(
        "create_distributed_table({}, {}{})",
        text(table),
        text(column),
        beside.unwrap_or_default()
    )
}

/// The entity beside whose rows those of another one are: a target outside of the schema, which is distributed
/// already, or the first one that is distributed by values of one type. Citus chooses where there is none.
fn colocated_with(
    entity: &EntityDefinition,
    all: &[&'static EntityDefinition],
    earlier: &[&'static EntityDefinition],
) -> Option<&'static EntityDefinition> {
    let by = entity.distributed_by()?;
    let is_alike = |other: &&'static EntityDefinition| {
        other.distributed_by().is_some_and(|other| {
            (other.column_type, other.sql_type) == (by.column_type, by.sql_type)
        })
    };
    let target = |relation: &RelationDefinition| relation.target.definition();
    let is_listed = |one: &EntityDefinition| all.iter().any(|listed| listed.is(one));
    let mut targets = entity.belongs_to().map(target).filter(|one| !is_listed(one));
    targets.find(is_alike).or_else(|| earlier.iter().copied().find(is_alike))
}

/// The condition that a table is not distributed. A table of one server may be among the known ones as well,
/// which foreign keys of reference tables add to them.
fn is_not_distributed(entity: &EntityDefinition) -> String {
    format!(
        " WHERE NOT EXISTS (SELECT FROM pg_dist_partition p WHERE logicalrelid = {}::regclass AND NOT \
         (coalesce(to_jsonb(p)->>'partmethod', 'h') = 'n' AND \
         coalesce(to_jsonb(p)->>'repmodel', 't') <> 't'))",
        text(&name_of(entity)),
    )
}

/// The table of an entity as a text names it.
fn name_of(entity: &EntityDefinition) -> String {
    match entity.schema {
        Some(schema) => format!("{}.{}", plain(schema), plain(entity.table)),
        None => plain(entity.table),
    }
}

/// A name, in quotes where it needs some.
fn plain(name: &str) -> String {
    let is_word = |one: char| matches!(one, 'a'..='z' | '0'..='9' | '_');
    let is_plain = name.chars().all(is_word) && !name.starts_with(|one: char| one.is_ascii_digit());
    if is_plain { name.to_owned() } else { quoted(name) }
}
