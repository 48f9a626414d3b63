//! Rows that a soft delete of others concerns, by the `on_delete` of their foreign keys.
//!
//! The database sees no delete, so what its constraints would do is done by the statement.

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::{Held, foreign_keys};
use crate::definition::relation::{Action, RelationDefinition};

/// The effects of a soft delete.
#[derive(Debug)]
pub(crate) struct SoftDeleteEffects {
    /// The rows that are deleted: the root first, and each kind after those it cascades from.
    pub(crate) gone: Vec<GoneRows>,
    /// The foreign keys of rows that refuse the delete.
    pub(crate) refusing: Vec<Held>,
    /// The foreign keys that are set to null, or to their defaults.
    pub(crate) set: Vec<Held>,
}

/// Rows of one entity that are deleted.
#[derive(Debug)]
pub(crate) struct GoneRows {
    pub(crate) entity: &'static EntityDefinition,
    /// The rows that they cascade from, by their position, and the relation by which they belong to these.
    pub(crate) with: Vec<(usize, &'static RelationDefinition)>,
    /// The relations by which they cascade from rows of their own kind.
    pub(crate) to_itself: Vec<&'static RelationDefinition>,
}

impl SoftDeleteEffects {
    /// The effects of a soft delete of an entity's rows; `None` if entities cascade to each other in a cycle.
    pub(crate) fn of(entity: &'static EntityDefinition) -> Option<Self> {
        let first = GoneRows { entity, with: Vec::new(), to_itself: Vec::new() };
        let mut all = Self { gone: vec![first], refusing: Vec::new(), set: Vec::new() };
        if entity.relations.is_empty() {
            return Some(all);
        }
        let keys = foreign_keys(entity);
        // Rows that are only read stay as they are.
        let concerned =
            |(source, relation): &&Held| !relation.unscoped && source.read_only.is_none();
        let keys: Vec<Held> = keys.iter().filter(concerned).copied().collect();
        all.add_root_self_cascade(&keys);
        let mut next = 0;
        while let Some(reached) = all.gone.get(next).map(|gone| gone.entity) {
            for key @ (source, relation) in keys.iter().copied() {
                if !relation.target.definition().is(reached) {
                    continue;
                }
                let action = relation.foreign_key.map_or(Action::NoAction, |key| key.on_delete);
                match action {
                    Action::Cascade if source.is(reached) => all.add_self_cascade(next, relation),
                    Action::Cascade => all.add_cascade(source, next, relation),
                    Action::NoAction | Action::Restrict => push(&mut all.refusing, key),
                    Action::SetNull | Action::SetDefault => push(&mut all.set, key),
                }
            }
            next += 1;
        }
        all.sorted()
    }

    /// Whether it concerns the root alone.
    pub(crate) fn is_plain(&self) -> bool {
        self.gone.len() == 1 && self.refusing.is_empty() && self.set.is_empty()
    }

    /// The foreign keys that it follows.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Held> {
        let cascade = self
            .gone
            .iter()
            .flat_map(|gone| gone.with.iter().map(|(_, relation)| (gone.entity, *relation)));
        cascade.chain(self.refusing.iter().copied()).chain(self.set.iter().copied())
    }

    /// Adds the rows that cascade from the root and are of the same entity, apart from the root itself.
    fn add_root_self_cascade(&mut self, keys: &[Held]) {
        let Some(entity) = self.gone.first().map(|gone| gone.entity) else { return };
        let cascades = |(source, relation): &&Held| {
            let action = relation.foreign_key.map(|key| key.on_delete);
            source.is(entity)
                && relation.target.definition().is(entity)
                && action == Some(Action::Cascade)
        };
        let itself: Vec<_> = keys.iter().filter(cascades).map(|(_, relation)| *relation).collect();
        if !itself.is_empty() {
            let with = itself.iter().map(|relation| (0, *relation)).collect();
            self.gone.push(GoneRows { entity, with, to_itself: itself });
        }
    }

    fn add_self_cascade(&mut self, at: usize, relation: &'static RelationDefinition) {
        let is_root = self
            .gone
            .first()
            .zip(self.gone.get(at))
            .is_some_and(|(first, gone)| first.entity.is(gone.entity));
        if let Some(gone) = self.gone.get_mut(at).filter(|_| !is_root) {
            gone.to_itself.push(relation);
        }
    }

    fn add_cascade(
        &mut self,
        source: &'static EntityDefinition,
        at: usize,
        relation: &'static RelationDefinition,
    ) {
        // Of the entity of the root, the rows that cascade come second.
        if let Some(gone) = self.gone.iter_mut().rev().find(|gone| gone.entity.is(source)) {
            gone.with.push((at, relation));
        } else {
            let with = vec![(at, relation)];
            self.gone.push(GoneRows { entity: source, with, to_itself: Vec::new() });
        }
    }

    /// Sorts the rows so that each kind comes after those it cascades from.
    fn sorted(self) -> Option<Self> {
        let Self { gone, refusing, set } = self;
        let mut order: Vec<usize> = Vec::with_capacity(gone.len());
        while order.len() < gone.len() {
            let is_next = |(at, gone): &(usize, &GoneRows)| {
                !order.contains(at) && gone.with.iter().all(|(with, _)| order.contains(with))
            };
            let (next, _) = gone.iter().enumerate().find(is_next)?;
            order.push(next);
        }
        let mut places: Vec<_> = gone.into_iter().map(Some).collect();
        let position = |at: usize| order.iter().position(|one| *one == at);
        let mut sorted = Vec::with_capacity(order.len());
        for at in &order {
            let mut gone = places.get_mut(*at)?.take()?;
            for (with, _) in &mut gone.with {
                *with = position(*with)?;
            }
            sorted.push(gone);
        }
        Some(Self { gone: sorted, refusing, set })
    }
}

fn push(keys: &mut Vec<Held>, key: Held) {
    let is_it = |(source, relation): &Held| source.is(key.0) && relation.name == key.1.name;
    if !keys.iter().any(is_it) {
        keys.push(key);
    }
}
