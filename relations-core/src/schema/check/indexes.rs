//! Indexes: whether foreign keys are followed, and columns searched, without reading whole tables.

use super::cure::{add, alter, drop_index, quoted};
use super::keys::{columns, same_set};
use super::{Draft, Drift, Pair, SchemaComparison};
use crate::definition::constraint_names::{NamedConstraint, What, cut, named};
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationKind;
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::check::columns::is_same_text;
use crate::schema::shape::{IndexShape, elements};

#[allow(clippy::unnecessary_wraps, reason = "it is one of several comparisons")]
pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    let entity = pair.entity;
    for one in named(entity) {
        let What::Index(definition) = one.what else { continue };
        let columns = columns(entity, &one);
        let is_special = definition.is_some_and(|definition| !definition.is_of_properties());
        let is_unique = definition.is_some_and(|definition| definition.unique);
        let is_there =
            if is_special { is_held(pair, &one) } else { serves(all.engine, pair, &columns) };
        if is_there {
            renamed(all, pair, &one);
            continue;
        }
        let is_over = |index: &&IndexShape| index.name.as_deref() == Some(&*one.name);
        let broken = pair.found.indexes.iter().find(is_over);
        let invalid = broken.is_some_and(|index| !index.valid);
        let why = match (invalid, is_special) {
            (true, _) => "its index is invalid",
            (false, true) if definition.is_some_and(|one| one.expression.is_some()) => {
                "there is no such index for these rows"
            }
            (false, true) => "there is no index of that method for these rows",
            (false, false) => "no index begins with it",
        };
        let expression = definition.and_then(|definition| definition.expression);
        let elements = columns.iter().map(|column| quoted(column));
        let elements = elements.chain(expression.map(str::to_owned)).collect::<Vec<_>>();
        let (told_columns, table) = (elements.join(", "), entity.table);
        let relation = entity.relations.iter().copied().find(|relation| {
            relation.kind == RelationKind::BelongsTo && relation.key_from == one.properties
        });
        let message = match relation {
            Some(relation) => format!(
                "`{}.{}` is slow to follow back from `{}`: `{table}` ({told_columns}) is searched by \
                 its foreign key, and {why}",
                entity.name, relation.name, relation.target.name,
            ),
            None if is_unique => format!(
                "`{}` promises that no two rows share `{told_columns}`, and the database does not hold \
                 it: {why}",
                entity.name,
            ),
            None if one.properties.is_empty() => format!(
                "`{}` is declared with an index on `{told_columns}`: `{table}` is searched by it, and \
                 {why}",
                entity.name,
            ),
            None => format!(
                "`{}.{}` is declared with an index: `{table}` ({told_columns}) is searched by it, and \
                 {why}",
                entity.name,
                one.properties.join("`, `"),
            ),
        };
        let dropped = broken.and_then(|index| dropped(entity, index));
        let cure = dropped.into_iter().chain(add(all.engine, entity, &one));
        let kind = if is_unique { Drift::Broken } else { Drift::Slow };
        let draft = Draft::new(kind, entity, message).cure(cure);
        let property = match *one.properties {
            [only] => entity.property(only),
            _ => None,
        };
        let draft = match property {
            Some(property) => draft.property(property),
            None => draft,
        };
        all.add(match relation {
            Some(relation) => draft.relation(relation),
            None => draft,
        });
    }
    Ok(())
}

/// Whether an index, or that of a key, begins with these columns in any order.
fn serves(engine: Engine, pair: Pair<'_>, columns: &[String]) -> bool {
    let begins = |indexed: &[String]| {
        indexed.get(..columns.len()).is_some_and(|first| same_set(engine, first, columns))
    };
    let primary = pair.found.primary_key.as_ref();
    primary.is_some_and(|key| begins(&key.columns))
        || pair.found.indexes.iter().any(|index| {
            index.valid
                && index.filter.is_none()
                && (index.method == "btree" || (index.method == "hash" && columns.len() == 1))
                && begins(&index.columns)
        })
}

/// Whether an index of these columns has the declared method and condition.
fn is_held(pair: Pair<'_>, one: &NamedConstraint) -> bool {
    let declared = pair.declared.indexes.iter();
    let mut declared = declared.filter(|index| index.name.as_deref() == Some(&*one.name));
    let Some(declared) = declared.next() else { return false };
    pair.found.indexes.iter().any(|index| {
        let filters = match (&index.filter, &declared.filter) {
            (Some(found), Some(declared)) => is_same_text(found, declared),
            (None, _) => true,
            (Some(_), None) => false,
        };
        let is_over = if declared.elements.is_empty() {
            index.columns == declared.columns
        } else {
            elements::are_same(&index.elements, &declared.elements)
        };
        index.valid
            && filters
            && index.method == declared.method
            && (index.unique || !declared.unique)
            && is_over
    })
}

/// A name that is written is that of the index.
fn renamed(all: &mut SchemaComparison<'_>, pair: Pair<'_>, one: &NamedConstraint) {
    let (What::Index(Some(definition)), entity) = (one.what, pair.entity) else { return };
    let Some(written) = definition.name else { return };
    let declared = pair.declared.indexes.iter();
    let mut declared = declared.filter(|index| index.name.as_deref() == Some(written));
    let Some(declared) = declared.next() else { return };
    let is_it = |index: &&IndexShape| {
        index.valid
            && !index.constraint
            && index.unique == declared.unique
            && index.method == declared.method
            && index.columns == declared.columns
            && elements::are_same(&index.elements, &declared.elements)
            && match (&index.filter, &declared.filter) {
                (Some(found), Some(declared)) => is_same_text(found, declared),
                (found, declared) => found == declared,
            }
    };
    let same: Vec<_> = pair.found.indexes.iter().filter(is_it).collect();
    let Some(name) = same.first().and_then(|index| index.name.as_deref()) else { return };
    if same.iter().any(|index| index.name.as_deref() == Some(cut(written))) {
        return;
    }
    let message = format!("an index of `{}` is named `{written}`, and is `{name}`", entity.name);
    let dropped = drop_index(entity, name);
    let cure = match all.engine {
        Engine::Sqlite => {
            [dropped].into_iter().chain(add(all.engine, entity, one)).collect::<Vec<_>>()
        }
        Engine::Postgres => {
            let alter = dropped.replacen("DROP INDEX", "ALTER INDEX", 1);
            vec![format!("{alter} RENAME TO {}", quoted(written))]
        }
    };
    all.add(Draft::new(Drift::Differs, entity, message).cure(cure));
}

/// The statement that drops an index, or the constraint that it is of.
pub(super) fn dropped(entity: &EntityDefinition, index: &IndexShape) -> Option<String> {
    let name = index.name.as_deref()?;
    Some(if index.constraint {
        alter(entity, &format!("DROP CONSTRAINT {}", quoted(name)))
    } else {
        drop_index(entity, name)
    })
}
