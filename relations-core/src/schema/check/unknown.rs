//! Parts of the database that the code does not declare.

use super::columns::{is_same_text, needs_value};
use super::cure::{alter, alter_column, drop_index, quoted, rebuild, told_table};
use super::keys::same_set;
use super::{Draft, Drift, Finding, Pair, SchemaComparison};
use crate::definition::constraint_names::{NamedConstraint, cut, named};
use crate::definition::deferrable::Deferrable;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::shape::{ForeignKeyShape, IndexShape, elements};

pub(super) fn in_table(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    columns(all, pair)?;
    if pair.found.is_table() {
        indexes(all, pair);
        constraints(all, pair);
    }
    Ok(())
}

fn columns(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    let entity = pair.entity;
    for column in &pair.found.columns {
        let is_it = |name: &str| match all.engine {
            Engine::Postgres => column.name == cut(name),
            Engine::Sqlite => column.name.eq_ignore_ascii_case(name),
        };
        let property = entity.properties.iter().copied().find(|one| is_it(one.column));
        let there = format!("`{}.{}`", entity.table, column.name);
        match property {
            None if pair.found.is_table() && entity.read_only.is_none() && needs_value(column) => {
                let message = format!(
                    "{there} takes no null and has no default, and `{}` does not know it, so inserts \
                     fail",
                    entity.name,
                );
                let cure = match all.engine {
                    Engine::Postgres => vec![alter_column(entity, &column.name, "DROP NOT NULL")],
                    Engine::Sqlite => rebuild(entity, pair.found)?,
                };
                all.add(Draft::new(Drift::Broken, entity, message).cure(cure));
            }
            None => {
                let message = format!("{there} is not a property of `{}`", entity.name);
                all.add(Draft::new(Drift::Unknown, entity, message));
            }
            Some(property) => {
                let declared = pair.declared.column(property.column);
                let has_none = declared.is_some_and(|declared| {
                    entity.read_only.is_none()
                        && declared.default.is_none()
                        && declared.numbering.is_none()
                });
                if let (true, Some(default)) = (has_none, &column.default) {
                    let message = format!(
                        "{there} has the default `{default}`, and `{}.{}` none",
                        entity.name, property.name,
                    );
                    let cure = alter_column(entity, &column.name, "DROP DEFAULT");
                    let cure = (all.engine == Engine::Postgres).then_some(cure);
                    let draft = Draft::new(Drift::Unknown, entity, message).property(property);
                    all.add(draft.cure(cure));
                }
            }
        }
    }
    Ok(())
}

fn indexes(all: &mut SchemaComparison<'_>, pair: Pair<'_>) {
    let entity = pair.entity;
    let is_check = |one: &NamedConstraint| one.what.condition().is_some();
    let declared = named(entity).into_iter().filter(|one| !is_check(one));
    let declared: Vec<_> = declared.map(|one| super::keys::columns(entity, &one)).collect();
    let is_declared = |index: &IndexShape| {
        let same = |columns: &Vec<String>| same_set(all.engine, columns, &index.columns);
        let has_elements = |ours: &IndexShape| {
            !ours.elements.is_empty() && elements::are_same(&ours.elements, &index.elements)
        };
        let is_plain = !(index.has_expressions || index.nulls_equal);
        is_plain && declared.iter().any(same) || pair.declared.indexes.iter().any(has_elements)
    };
    let unknown = pair.found.indexes.iter().filter(|index| !is_declared(index));
    let drafts: Vec<_> = unknown
        .map(|index| {
            let name = index.name.clone().unwrap_or_default();
            let kind = if index.unique { "unique index" } else { "index" };
            let message = format!(
                "{} has the {kind} `{name}` ({}), and `{}` does not declare it",
                told_table(entity),
                index.columns.join(", "),
                entity.name,
            );
            let cure = match (all.engine, index.constraint) {
                (Engine::Postgres, true) => {
                    Some(alter(entity, &format!("DROP CONSTRAINT {}", quoted(&name))))
                }
                _ if index.name.is_some() => Some(drop_index(entity, &name)),
                _ => None,
            };
            Draft::new(Drift::Unknown, entity, message).cure(cure)
        })
        .collect();
    all.findings.extend(drafts);
}

fn constraints(all: &mut SchemaComparison<'_>, pair: Pair<'_>) {
    let entity = pair.entity;
    let dropped = |name: &Option<String>| {
        let name = name.as_ref().filter(|_| all.engine == Engine::Postgres)?;
        Some(alter(entity, &format!("DROP CONSTRAINT {}", quoted(name))))
    };
    let mut drafts = Vec::new();
    for key in &pair.found.foreign_keys {
        let name = key.name.clone().unwrap_or_default();
        let (columns, target) = (key.columns.join(", "), &key.target_table);
        let held = held(all.engine, entity, key);
        let (message, cure) = if held.is_none() {
            let message = format!(
                "{} has the foreign key `{name}` ({columns}) to `{target}`, and no relation of `{}` \
                 declares it",
                told_table(entity),
                entity.name,
            );
            (message, dropped(&key.name))
        } else if key.deferrable && !held.is_some_and(RelationDefinition::is_deferrable) {
            let change = format!("ALTER CONSTRAINT {} {}", quoted(&name), Deferrable::No.told());
            let message =
                format!("the foreign key `{name}` of {} is deferrable", told_table(entity));
            (message, Some(alter(entity, &change)))
        } else {
            continue;
        };
        drafts.push(Draft::new(Drift::Unknown, entity, message).cure(cure));
    }
    for check in &pair.found.checks {
        let is_declared = pair.declared.checks.iter().any(|ours| {
            let has_name = ours.name.is_some() && ours.name == check.name;
            has_name || is_same_text(&ours.definition, &check.definition)
        });
        if is_declared || all.engine == Engine::Sqlite && counts_up(entity, &check.definition) {
            continue;
        }
        let message = format!("{} has the constraint {}", told_table(entity), check.definition);
        drafts.push(Draft::new(Drift::Unknown, entity, message).cure(dropped(&check.name)));
    }
    all.findings.extend(drafts);
}

/// The relation that has these columns for its foreign key.
fn held(
    engine: Engine,
    entity: &EntityDefinition,
    key: &ForeignKeyShape,
) -> Option<&'static RelationDefinition> {
    let mut belonging = entity.relations.iter().copied().filter(|relation| {
        relation.kind == RelationKind::BelongsTo && relation.foreign_key.is_some()
    });
    belonging.find(|relation| {
        let properties = relation.key_from.iter().filter_map(|name| entity.property(name));
        let columns: Vec<_> = properties.map(|property| property.column.to_owned()).collect();
        same_set(engine, &columns, &key.columns)
    })
}

/// Whether a check of SQLite's is the one that bounds a key which it counts up.
fn counts_up(entity: &EntityDefinition, definition: &str) -> bool {
    let mut ids = entity.id().filter(|id| id.generated);
    ids.any(|id| definition.starts_with(&format!("CHECK ({} <= ", quoted(id.column))))
}

/// Tables that no entity is of.
pub(super) fn tables(all: &mut SchemaComparison<'_>) {
    let (found, schema) = (all.found, all.schema);
    let known: Vec<_> =
        schema.entities().filter_map(|one| found.table(one.schema, one.table)).collect();
    let unknown = found.tables.iter().filter(|table| {
        table.is_table() && !known.iter().any(|known| std::ptr::eq(*known, *table))
    });
    for table in unknown {
        let message = format!("the table `{}` is that of no entity", table.name);
        let finding = Finding::new(Drift::Unknown, None, &table.name, message);
        all.add(Draft { finding, count: None });
    }
}
