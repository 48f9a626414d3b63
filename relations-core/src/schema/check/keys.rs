//! Ids and unique keys: whether rows are told apart as their types say.

use std::fmt::Write as _;

use super::cure::{add, alter, drop_index, list, quoted, rebuild};
use super::{Counted, Draft, Drift, Pair, SchemaComparison};
use crate::definition::constraint_names::{NamedConstraint, What, named};
use crate::definition::deferrable::Deferrable;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::shape::IndexShape;

pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    for one in named(pair.entity) {
        match one.what {
            What::Id { .. } => id(all, pair, &one)?,
            What::UniqueKey { .. } => unique(all, pair, &one)?,
            What::ForeignKey(_) | What::Index(_) | What::Check(_) | What::Bounds(_) => {}
        }
    }
    Ok(())
}

/// The columns of what has a name.
pub(super) fn columns(entity: &EntityDefinition, one: &NamedConstraint) -> Vec<String> {
    let properties = one.properties.iter().filter_map(|name| entity.property(name));
    properties.map(|property| property.column.to_owned()).collect()
}

/// Whether both have the same columns, in any order.
pub(super) fn same_set(engine: Engine, one: &[String], other: &[String]) -> bool {
    let is = |a: &str, b: &str| match engine {
        Engine::Postgres => {
            a == crate::definition::constraint_names::cut(b)
                || b == crate::definition::constraint_names::cut(a)
        }
        Engine::Sqlite => a.eq_ignore_ascii_case(b),
    };
    one.len() == other.len() && one.iter().all(|a| other.iter().any(|b| is(a, b)))
}

/// Whether no two rows have the same values in these columns: by a unique index of all rows.
fn is_unique(engine: Engine, pair: Pair<'_>, columns: &[String], filter: Option<&str>) -> bool {
    let primary = pair.found.primary_key.as_ref();
    let is_primary =
        filter.is_none() && primary.is_some_and(|key| same_set(engine, &key.columns, columns));
    is_primary
        || pair.found.indexes.iter().any(|index| {
            let is_wider = index.filter.is_none() && filter.is_some();
            is_over(engine, index, columns)
                && index.valid
                && (is_wider || is_same_filter(index.filter.as_deref(), filter))
        })
}

fn is_over(engine: Engine, index: &IndexShape, columns: &[String]) -> bool {
    index.unique && !index.has_expressions && same_set(engine, &index.columns, columns)
}

fn is_same_filter(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => super::columns::is_same_text(one, other),
        (None, None) => true,
        _ => false,
    }
}

/// The statements that make room for a key: they drop what has its name or its columns.
fn make_room(
    engine: Engine,
    pair: Pair<'_>,
    one: &NamedConstraint,
    columns: &[String],
) -> Vec<String> {
    let is_in_the_way = |index: &&IndexShape| {
        index.name.as_deref() == Some(&*one.name) || is_over(engine, index, columns)
    };
    let indexes = pair.found.indexes.iter().filter(is_in_the_way);
    indexes.filter_map(|index| super::indexes::dropped(pair.entity, index)).collect()
}

fn id(all: &mut SchemaComparison<'_>, pair: Pair<'_>, one: &NamedConstraint) -> Result<()> {
    let (entity, columns) = (pair.entity, columns(pair.entity, one));
    if is_unique(all.engine, pair, &columns, None) {
        id_renamed(all, pair);
        return Ok(());
    }
    let there = match &pair.found.primary_key {
        Some(key) => format!("the primary key of `{}` is ({})", entity.table, list(&key.columns)),
        None => format!("`{}` has no primary key", entity.table),
    };
    let told: Vec<_> =
        one.properties.iter().map(|name| format!("`{}.{name}`", entity.name)).collect();
    let message = format!("{} is the id, and {there}", told.join(", "));
    let cure = match all.engine {
        Engine::Postgres => {
            let known = pair.found.primary_key.as_ref().and_then(|key| key.name.as_ref());
            let dropped =
                known.map(|name| alter(entity, &format!("DROP CONSTRAINT {}", quoted(name))));
            let room = make_room(all.engine, pair, one, &columns);
            let added = add(all.engine, entity, one);
            dropped.into_iter().chain(room).chain(added).collect()
        }
        Engine::Sqlite => rebuild(entity, pair.found)?,
    };
    let counted = Counted::duplicates(entity, &columns, None);
    all.add(Draft::new(Drift::Broken, entity, message).cure(cure).counting(counted));
    Ok(())
}

/// A name that is written is that of the primary key. SQLite keeps none.
fn id_renamed(all: &mut SchemaComparison<'_>, pair: Pair<'_>) {
    let found = pair.found.primary_key.as_ref().and_then(|key| key.name.as_deref());
    let (Some(written), Some(name)) = (pair.entity.id_name, found) else { return };
    if name != crate::definition::constraint_names::cut(written) {
        let entity = pair.entity;
        let message =
            format!("the primary key of `{}` is named `{written}`, and is `{name}`", entity.name);
        let change = format!("RENAME CONSTRAINT {} TO {}", quoted(name), quoted(written));
        let draft = Draft::new(Drift::Differs, entity, message);
        all.add(draft.cure([alter(entity, &change)]));
    }
}

fn unique(all: &mut SchemaComparison<'_>, pair: Pair<'_>, one: &NamedConstraint) -> Result<()> {
    let What::UniqueKey { name: written, filter, deferrable } = one.what else { return Ok(()) };
    let (entity, engine, columns) = (pair.entity, all.engine, columns(pair.entity, one));
    // The condition may be spelled as the database has it by now.
    let declared = pair.declared.indexes.iter();
    let mut declared = declared.filter(|index| index.name.as_deref() == Some(&*one.name));
    let spelled = declared.next().and_then(|index| index.filter.as_deref()).or(filter);
    if is_unique(engine, pair, &columns, spelled) {
        if deferral(all, pair, one, (deferrable, &columns)) {
            return Ok(());
        }
        return renamed(all, pair, written, &columns);
    }
    let told: Vec<_> =
        one.properties.iter().map(|name| format!("`{}.{name}`", entity.name)).collect();
    let among = filter.map(|filter| format!(" where `{filter}`")).unwrap_or_default();
    let mut message = format!(
        "{} is unique{among}, and the database does not hold it: no unique index on `{}` ({})",
        told.join(", "),
        entity.table,
        list(&columns),
    );
    let sole = sole_target(all, entity, &one.properties).filter(|_| filter.is_none());
    if let Some((source, relation)) = sole {
        let _ = write!(message, "; so `{}.{}` may have two targets", source.name, relation.name);
    }
    let cure = match engine {
        Engine::Postgres => {
            let room = make_room(engine, pair, one, &columns);
            room.into_iter().chain(add(engine, entity, one)).collect()
        }
        Engine::Sqlite if filter.is_some() => {
            let room = make_room(engine, pair, one, &columns);
            room.into_iter().chain(add(engine, entity, one)).collect()
        }
        Engine::Sqlite => rebuild(entity, pair.found)?,
    };
    let counted = Counted::duplicates(entity, &columns, filter);
    let draft = Draft::new(Drift::Broken, entity, message).cure(cure).counting(counted);
    let property = match *one.properties {
        [only] => entity.property(only),
        _ => None,
    };
    all.add(match property {
        Some(property) => draft.property(property),
        None => draft,
    });
    Ok(())
}

/// The has-one whose targets this key keeps apart.
fn sole_target(
    all: &SchemaComparison<'_>,
    entity: &EntityDefinition,
    properties: &[&'static str],
) -> Option<(&'static EntityDefinition, &'static RelationDefinition)> {
    all.schema.entities().find_map(|source| {
        let relation = source.relations.iter().copied().find(|relation| {
            relation.kind == RelationKind::HasOne
                && relation.target.definition().is(entity)
                && relation.key_to == properties
        })?;
        Some((source, relation))
    })
}

/// Tells a unique key that is checked at another time than is declared. A key that is not deferrable may
/// be found by an upsert and referenced by foreign keys; PostgreSQL changes none of one that is there.
fn deferral(
    all: &mut SchemaComparison<'_>,
    pair: Pair<'_>,
    one: &NamedConstraint,
    (ours, columns): (Deferrable, &[String]),
) -> bool {
    let over = pair.found.indexes.iter();
    let over = over.filter(|index| is_over(all.engine, index, columns) && index.filter.is_none());
    let mut theirs = over.map(|index| Deferrable::of(index.deferrable, index.deferred));
    let Some(first) = theirs.next().filter(|first| *first != ours && theirs.all(|one| one != ours))
    else {
        return false;
    };
    let entity = pair.entity;
    let primary = pair.found.primary_key.as_ref();
    if ours.is_no() && primary.is_some_and(|key| same_set(all.engine, &key.columns, columns)) {
        return false;
    }
    let told: Vec<_> =
        one.properties.iter().map(|name| format!("`{}.{name}`", entity.name)).collect();
    let message = format!(
        "the unique key of {} is declared {}, and that of the database is {}",
        told.join(", "),
        ours.told(),
        first.told(),
    );
    let room = make_room(all.engine, pair, one, columns);
    let cure = room.into_iter().chain(add(all.engine, entity, one));
    all.add(Draft::new(Drift::Differs, entity, message).cure(cure));
    true
}

/// A name that is written is that of the constraint.
fn renamed(
    all: &mut SchemaComparison<'_>,
    pair: Pair<'_>,
    written: Option<&'static str>,
    columns: &[String],
) -> Result<()> {
    let Some(written) = written else { return Ok(()) };
    let over = pair.found.indexes.iter().filter(|index| is_over(all.engine, index, columns));
    let over: Vec<_> = over.collect();
    let ours = crate::definition::constraint_names::cut(written);
    let Some(IndexShape { name: Some(name), constraint, .. }) = over.first() else {
        return Ok(());
    };
    if over.iter().any(|index| index.name.as_deref() == Some(ours)) {
        return Ok(());
    }
    let entity = pair.entity;
    let message =
        format!("a unique key of `{}` is named `{written}`, and is `{name}`", entity.name);
    let cure = match (all.engine, *constraint) {
        (Engine::Sqlite, _) => rebuild(entity, pair.found)?,
        (Engine::Postgres, true) => vec![alter(
            entity,
            &format!("RENAME CONSTRAINT {} TO {}", quoted(name), quoted(written)),
        )],
        (Engine::Postgres, false) => vec![
            drop_index(entity, name).replacen("DROP INDEX", "ALTER INDEX", 1)
                + &format!(" RENAME TO {}", quoted(written)),
        ],
    };
    all.add(Draft::new(Drift::Differs, entity, message).cure(cure));
    Ok(())
}
