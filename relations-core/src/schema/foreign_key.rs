//! Foreign keys, and the relations that they hold for.

use super::named::{cut, foreign_key_name};
use crate::meta::{Action, EntityDefinition, RelationDefinition};

/// A foreign key: the entity that holds it and the relation it is of.
pub(crate) type Held = (&'static EntityDefinition, &'static RelationDefinition);

/// The foreign keys of an entity and of every entity that its relations lead to or through.
pub(crate) fn foreign_keys(entity: &'static EntityDefinition) -> Vec<Held> {
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
    let held = |relation: &&'static RelationDefinition| relation.foreign_key.is_some();
    known
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

/// The entity and the relation that a constraint was made for, near an entity. Two tables may have
/// constraints of one name, so the table decides where the database tells it.
pub(crate) fn relation_of_constraint(
    entity: &'static EntityDefinition,
    table: Option<&str>,
    constraint: &str,
) -> Option<(&'static EntityDefinition, &'static RelationDefinition)> {
    // PostgreSQL tells names as it keeps them, and SQLite has them as they were written.
    let has_name = |name: String| cut(&name) == cut(constraint);
    foreign_keys(entity).into_iter().find(|(source, relation)| {
        table.is_none_or(|table| cut(source.table) == cut(table))
            && foreign_key_name(source, relation).is_some_and(has_name)
    })
}
