//! Foreign keys, and the relations that they hold for.

use crate::definition::constraint_names::cut;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::{Action, RelationDefinition};

/// A foreign key: the entity that holds it and the relation it is of.
pub(crate) type Held = (&'static EntityDefinition, &'static RelationDefinition);

/// An entity and every entity that its relations lead to or through.
pub(crate) fn near(entity: &'static EntityDefinition) -> Vec<&'static EntityDefinition> {
    let mut known: Vec<&'static EntityDefinition> = vec![entity];
    let mut next = 0;
    while let Some(entity) = known.get(next).copied() {
        next += 1;
        for relation in entity.relations {
            let link = relation.through.as_ref().map(|through| &through.link);
            for other in [&relation.target].into_iter().chain(link) {
                let other = other.definition();
                if !known.iter().any(|known| known.is(other)) {
                    known.push(other);
                }
            }
        }
    }
    known
}

/// The foreign keys of an entity and of every entity that its relations lead to or through.
pub(crate) fn foreign_keys(entity: &'static EntityDefinition) -> Vec<Held> {
    let held = |relation: &&'static RelationDefinition| relation.foreign_key.is_some();
    near(entity)
        .into_iter()
        .flat_map(|source| {
            source.relations.iter().copied().filter(held).map(move |relation| (source, relation))
        })
        .collect()
}

/// The foreign keys by which a delete of an entity comes to the targets of another: those that
/// cascade, and that one.
pub(crate) fn cascade_to(entity: &'static EntityDefinition, last: Held) -> Option<Vec<Held>> {
    let keys = foreign_keys(entity);
    let mut ways: Vec<Vec<Held>> = vec![Vec::new()];
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        next += 1;
        let reached = way.last().map_or(entity, |(source, _)| *source);
        if last.1.target.definition().is(reached) {
            return Some(way.into_iter().chain([last]).collect());
        }
        for key in &keys {
            let (source, relation) = key;
            let cascades = relation.foreign_key.is_some_and(|key| key.on_delete == Action::Cascade);
            let is_new =
                !source.is(entity) && !ways.iter().flatten().any(|(one, _)| one.is(source));
            if cascades && is_new && relation.target.definition().is(reached) {
                ways.push(way.iter().copied().chain([*key]).collect());
            }
        }
    }
    None
}

/// Whether a table is that of an entity. PostgreSQL tells names as it keeps them, SQLite as they were
/// written, and takes them alike in other letters.
pub(crate) fn is_table(entity: &EntityDefinition, table: &str) -> bool {
    is_name(entity.table, table)
}

/// Whether a name that the database tells is one that was written.
pub(crate) fn is_name(written: &str, told: &str) -> bool {
    cut(written) == cut(told)
}
