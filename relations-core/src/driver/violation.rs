//! Whose row and which key a constraint refused.
//!
//! The table that the database names decides: a trigger or a cascade may have come to another one than
//! that of the statement. Within it the columns decide, as constraints of tables that were made elsewhere
//! have other names than ours; a name only where no columns are told.

#![cfg_attr(not(all(feature = "postgres", feature = "sqlite")), allow(dead_code))]

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::RelationDefinition;
use crate::definition::{constraint_names, foreign_keys};
use crate::dialect::StatementSql;
use crate::driver::detail;
use crate::driver::statement::Statement;
use crate::error::Error;
use crate::error::constraint::{Constraint, Violation};
use crate::sql::operation::Operation;
use crate::value::parameter::Values;

/// The violation, about the entity, the relation and the key that it is of.
pub(crate) fn explained(
    statement: &Statement,
    entity: &'static EntityDefinition,
    error: Error,
    mut constraint: Constraint,
) -> Error {
    constraint.changes = statement.operation() == Operation::Update;
    let near = foreign_keys::near(entity);
    let owner = near.iter().copied().find(|one| is_of(one, &constraint));
    let owner = if constraint.table.is_none() { Some(entity) } else { owner };
    match constraint.violation {
        Violation::NotNull | Violation::Check => {
            // A check of a domain, or of SQLite, may name no table.
            error.refused_by(constraint).of_row_of(owner)
        }
        Violation::Unique => {
            let key = owner.and_then(|owner| unique_key(owner, &constraint));
            let columns = match (&key, owner) {
                (Some(key), Some(owner)) => columns_of(owner, key),
                _ => constraint.columns.clone(),
            };
            let types = owner.map(|owner| properties_over(owner, &columns)).unwrap_or_default();
            let found = constraint.key.as_ref().map(|key| detail::shown(key, &types));
            let told = found.or_else(|| {
                let detail = constraint.detail.as_ref()?;
                detail::key_over(&detail.0, &columns, None).map(|key| key.shown(&types))
            });
            let is_own = owner.is_some_and(|owner| owner.is(entity));
            let assigned = key
                .filter(|_| is_own && !constraint.is_certain)
                .and_then(|key| statement.assigned_key(&key));
            constraint.columns = columns;
            let error = error.refused_by(constraint).of_row_of(owner);
            match (told, assigned) {
                (Some(told), _) => error.key_reads(Some(told)),
                (None, Some(assigned)) => error.key_reads(None).key_is(&assigned),
                (None, None) => error.key_reads(None),
            }
        }
        Violation::ForeignKey | Violation::Referenced => {
            foreign_key(statement, entity, error, constraint, owner)
        }
    }
}

/// The violation of a key that is checked with the commit, about an entity that the transaction wrote or
/// one near it.
pub(crate) fn explained_at_commit(written: &[&'static EntityDefinition], error: Error) -> Error {
    let Some(constraint) = error.refusing().cloned() else { return error };
    let is_near = |entity: &&'static EntityDefinition| {
        foreign_keys::near(entity).into_iter().any(|one| is_of(one, &constraint))
    };
    match written.iter().copied().find(is_near) {
        Some(entity) => {
            let commit =
                Statement::new(Operation::Commit, StatementSql::exempt("COMMIT"), Values::new());
            explained(&commit, entity, error, constraint)
        }
        None => error,
    }
}

fn foreign_key(
    statement: &Statement,
    entity: &'static EntityDefinition,
    error: Error,
    mut constraint: Constraint,
    owner: Option<&'static EntityDefinition>,
) -> Error {
    let held = relation_of(entity, &constraint);
    if let Some((source, relation)) = held {
        let target = relation.target.definition();
        constraint.columns = columns_of(source, relation.key_from);
        constraint.target = Some((target.table.to_owned(), columns_of(target, relation.key_to)));
    }
    let (violation, key) = direction(statement, entity, &constraint, held);
    let is_own = held.is_some_and(|(source, _)| source.is(entity));
    let key_from = held.map(|(_, relation)| relation.key_from).unwrap_or_default();
    let assigned = match violation {
        Violation::ForeignKey if is_own => statement.assigned_key(key_from),
        _ => None,
    };
    let types = match (held, violation) {
        (Some((source, _)), Violation::ForeignKey) => properties_over(source, &constraint.columns),
        (Some((_, relation)), _) => {
            let target = relation.target.definition();
            let columns = constraint.target.as_ref().map(|(_, columns)| columns.clone());
            properties_over(target, &columns.unwrap_or_default())
        }
        (None, Violation::ForeignKey) => {
            owner.map(|owner| properties_over(owner, &constraint.columns)).unwrap_or_default()
        }
        (None, _) => match &constraint.target {
            Some((table, columns)) if foreign_keys::is_table(entity, table) => {
                properties_over(entity, columns)
            }
            _ => Vec::new(),
        },
    };
    let found = constraint.key.as_ref().map(|key| detail::shown(key, &types));
    let told = found.or_else(|| key.map(|key| key.shown(&types)));
    let is_target = |(table, _): &(String, Vec<String>)| foreign_keys::is_table(entity, table);
    constraint.target_entity =
        constraint.target.as_ref().filter(|one| is_target(one)).map(|_| entity.name);
    constraint.violation = violation;
    let referencing = constraint.referencing;
    let error = error.refused_by(constraint);
    let error = match held {
        Some((source, relation)) => error.of_row_of(Some(source)).of_key_of(Some(relation)),
        None => error.of_row_of(owner).of_key_of(None),
    };
    let error = match (told, assigned) {
        (Some(told), _) => error.key_reads(Some(told)),
        (None, Some(assigned)) => error.key_reads(None).key_is(&assigned),
        (None, None) => error.key_reads(None),
    };
    match referencing {
        Some(rows) if violation == Violation::Referenced => error.referencing_rows_are(rows),
        _ => error,
    }
}

/// Whether a row points to nothing, or one that is pointed to would go, with the key that PostgreSQL
/// tells.
fn direction<'a>(
    statement: &Statement,
    entity: &'static EntityDefinition,
    constraint: &'a Constraint,
    held: Option<Held>,
) -> (Violation, Option<detail::KeyDetail<'a>>) {
    let detail = constraint.detail.as_ref().map(|detail| detail.0.as_str());
    let target = constraint.target.as_ref();
    let pointing = detail.and_then(|detail| {
        detail::key_over(detail, &constraint.columns, target.map(|(table, _)| table.as_str()))
    });
    let pointed_to = detail.zip(target).and_then(|(detail, (_, columns))| {
        detail::key_over(detail, columns, constraint.table.as_deref())
    });
    // SQLite's violation was looked into, and PostgreSQL 18 has a code of its own for one of both.
    if constraint.is_certain {
        let is_referenced = constraint.violation == Violation::Referenced;
        return (constraint.violation, if is_referenced { pointed_to } else { pointing });
    }
    match (pointing, pointed_to) {
        (Some(key), None) => (Violation::ForeignKey, Some(key)),
        (None, Some(key)) => (Violation::Referenced, Some(key)),
        // Columns of one name on both sides; the other table is named behind the key.
        (Some(pointing), Some(pointed_to)) => {
            let names =
                |table: Option<&str>| table.is_some_and(|table| pointing.is_followed_by(table));
            let (source, target) = (constraint.table.as_deref(), target.map(|(table, _)| &**table));
            match (names(source), names(target)) {
                (true, false) => (Violation::Referenced, Some(pointed_to)),
                (false, true) => (Violation::ForeignKey, Some(pointing)),
                _ => (by_operation(statement, entity, constraint, held), Some(pointing)),
            }
        }
        (None, None) => (by_operation(statement, entity, constraint, held), None),
    }
}

/// The effect of a statement on a foreign key, where the database does not tell.
fn by_operation(
    statement: &Statement,
    entity: &'static EntityDefinition,
    constraint: &Constraint,
    held: Option<Held>,
) -> Violation {
    let is_own = held.map_or_else(
        || constraint.table.as_deref().is_none_or(|table| foreign_keys::is_table(entity, table)),
        |(source, _)| source.is(entity),
    );
    let writes_key = held.is_none_or(|(_, relation)| {
        relation.key_from.iter().any(|name| statement.assigned.iter().any(|one| one.name == *name))
    });
    match statement.operation() {
        Operation::Delete => Violation::Referenced,
        Operation::Update if !is_own || !writes_key => Violation::Referenced,
        _ => Violation::ForeignKey,
    }
}

/// Whether a constraint is of an entity's table.
fn is_of(entity: &EntityDefinition, constraint: &Constraint) -> bool {
    let in_schema = match (entity.schema, &constraint.schema) {
        (Some(own), Some(told)) => own == told,
        _ => true,
    };
    in_schema
        && constraint.table.as_ref().is_some_and(|table| foreign_keys::is_table(entity, table))
}

/// The relation whose foreign key it is: that over its columns, or that of its name where no columns
/// are told. Several relations may share columns; then the name decides.
fn relation_of(entity: &'static EntityDefinition, constraint: &Constraint) -> Option<Held> {
    let of_table = |(source, _): &Held| constraint.table.is_none() || is_of(source, constraint);
    let held: Vec<_> = foreign_keys::foreign_keys(entity).into_iter().filter(of_table).collect();
    let has_name = |(source, relation): &&Held| {
        let name = constraint_names::foreign_key_name(source, relation);
        name.zip(constraint.name.as_ref())
            .is_some_and(|(own, told)| foreign_keys::is_name(&own, told))
    };
    let over = held.iter().filter(|(source, relation)| {
        let target = relation.target.definition();
        let (from, to) =
            (columns_of(source, relation.key_from), columns_of(target, relation.key_to));
        if !constraint.columns.is_empty() {
            let is_target = constraint.target.as_ref().is_none_or(|(table, columns)| {
                foreign_keys::is_table(target, table)
                    && same(&from, &to, &constraint.columns, columns)
            });
            return is_target && constraint.columns.len() == from.len();
        }
        let Some(detail) = &constraint.detail else { return false };
        detail::key_over(&detail.0, &from, Some(target.table))
            .is_some_and(|key| key.is_followed_by(target.table))
            || detail::key_over(&detail.0, &to, Some(source.table))
                .is_some_and(|key| key.is_followed_by(source.table))
    });
    let over: Vec<_> = over.collect();
    match over.as_slice() {
        [only] => Some(**only),
        [] if constraint.columns.is_empty() && !tells_key(constraint) => {
            held.iter().find(has_name).copied()
        }
        several => several.iter().copied().find(has_name).copied(),
    }
}

/// Whether PostgreSQL tells columns, which it does not to those who may not read them.
fn tells_key(constraint: &Constraint) -> bool {
    constraint.detail.as_ref().is_some_and(|detail| detail.0.contains(")=("))
}

/// Whether pairs of columns are the same pairs in some order.
fn same(from: &[String], to: &[String], other_from: &[String], other_to: &[String]) -> bool {
    let mut pairs = from.iter().zip(to);
    pairs.all(|pair| other_from.iter().zip(other_to).any(|other| pair == other))
}

/// The properties of the unique key that it holds.
fn unique_key(
    owner: &'static EntityDefinition,
    constraint: &Constraint,
) -> Option<Vec<&'static str>> {
    let keys = constraint_names::unique_keys(owner);
    let has_columns = |key: &Vec<&'static str>| {
        let columns = columns_of(owner, key);
        match &constraint.detail {
            _ if !constraint.columns.is_empty() => columns == constraint.columns,
            Some(detail) if tells_key(constraint) => {
                detail::key_over(&detail.0, &columns, None).is_some()
            }
            _ => false,
        }
    };
    let has_name = |name: &String| {
        constraint.name.as_ref().is_some_and(|told| foreign_keys::is_name(name, told))
    };
    let tells_columns = !constraint.columns.is_empty() || tells_key(constraint);
    let is_it = |(name, key): &&(String, Vec<&'static str>)| {
        if tells_columns { has_columns(key) } else { has_name(name) }
    };
    keys.iter().find(is_it).map(|(_, key)| key.clone())
}

/// The columns of some properties.
pub(crate) fn columns_of(entity: &EntityDefinition, names: &[&str]) -> Vec<String> {
    let properties = names.iter().filter_map(|name| entity.property(name));
    properties.map(|property| property.column.to_owned()).collect()
}

/// The properties that live in columns, where each has one.
fn properties_over(
    entity: &EntityDefinition,
    columns: &[String],
) -> Vec<&'static PropertyDefinition> {
    let in_column = |column: &String| {
        entity.properties.iter().copied().find(|property| property.column == column)
    };
    columns.iter().map(in_column).collect::<Option<_>>().unwrap_or_default()
}

/// Whether a relation still has no name, or a key no value, that the catalog may tell.
#[cfg(feature = "postgres")]
pub(crate) fn is_unsettled(error: &Error) -> bool {
    let relation: Option<&RelationDefinition> = error.relation();
    error.refusing().is_some_and(|constraint| {
        !constraint.is_looked_up
            && constraint.schema.is_some()
            && constraint.table.is_some()
            && match constraint.violation {
                Violation::Unique => error.entity().is_none() || error.key().is_none(),
                Violation::ForeignKey | Violation::Referenced => relation.is_none(),
                Violation::NotNull | Violation::Check => error.entity().is_none(),
            }
    })
}
