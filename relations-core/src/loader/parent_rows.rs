//! Parents that are read, and the collections of their targets.

use crate::entity::Entity;
use crate::error::Result;
use crate::loader::branch::{Receiver, Round, Sources};
use crate::loader::loaded::{Branches, Loaded};
use crate::plan::tree::Plan;
use crate::value::row::Row;

/// The collection of the targets of one source.
#[doc(hidden)]
pub trait Collect<T>: Default + Send {
    /// Adds a target. `false` where there is no room for it.
    fn put(&mut self, target: T) -> bool;

    /// A copy for another source.
    #[must_use]
    fn duplicate(&self) -> Self;
}

impl<T: Loaded> Collect<T> for Option<T> {
    fn put(&mut self, target: T) -> bool {
        self.replace(target).is_none()
    }

    fn duplicate(&self) -> Self {
        self.as_ref().map(T::duplicate)
    }
}

impl<T: Loaded> Collect<T> for Vec<T> {
    fn put(&mut self, target: T) -> bool {
        self.push(target);
        true
    }

    fn duplicate(&self) -> Self {
        self.iter().map(T::duplicate).collect()
    }
}

/// Entities that are read, and the branches that load more for them.
pub(crate) struct ParentRows<T: Loaded> {
    entities: Vec<T::Entity>,
    branches: Box<dyn Branches<T>>,
}

impl<T: Loaded> ParentRows<T> {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { entities: Vec::new(), branches: T::branches(plan) }
    }

    pub(crate) fn read(&mut self, row: &Row<'_>, plan: &Plan) -> Result<()> {
        let entity = <T::Entity as Entity>::read(row, plan.from)?;
        self.push(entity, Some(row))
    }

    pub(crate) fn push(&mut self, entity: T::Entity, row: Option<&Row<'_>>) -> Result<()> {
        let mut gathered = Ok(());
        self.branches.each(&mut |branch| {
            if gathered.is_ok() {
                gathered = branch.gather(&entity, row);
            }
        });
        self.entities.push(entity);
        gathered
    }

    pub(crate) fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
        let mut sent = Ok(());
        self.branches.each(&mut |branch| {
            if sent.is_ok() {
                sent = branch.send(round, sources);
            }
        });
        sent
    }

    pub(crate) fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        let mut receiver = None;
        self.branches.each(&mut |branch| {
            if receiver.is_none() {
                receiver = branch.receiver();
            }
        });
        receiver
    }

    pub(crate) fn is_sent(&mut self) -> bool {
        let mut sent = true;
        self.branches.each(&mut |branch| sent = sent && branch.is_sent());
        sent
    }

    /// The entities alone.
    pub(crate) fn into_entities(self) -> Vec<T::Entity> {
        self.entities
    }

    /// The entities with their relations, without those that are left out.
    pub(crate) fn whole(self) -> Result<Vec<T>> {
        let mut whole = Vec::with_capacity(self.entities.len());
        for one in self.attach() {
            whole.extend(one?);
        }
        Ok(whole)
    }

    /// The entities with their relations; `None` for each that is left out.
    pub(super) fn attach(self) -> impl Iterator<Item = Result<Option<T>>> {
        let Self { entities, mut branches } = self;
        entities.into_iter().map(move |entity| branches.attach(entity))
    }
}
