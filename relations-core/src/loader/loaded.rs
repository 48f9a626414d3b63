//! Loaded entities, with and without relations, and the rows of one statement on their way to be such.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::entity::Entity;
use crate::error::Result;
use crate::hash::Seed;
use crate::loader::branch::{Branch, Receiver, Sources};
use crate::loader::rounds::Round;
use crate::loader::row_keys::id_in;
use crate::plan::tree::RowPlan;
use crate::value::row::Row;
use crate::value::sort_key::sort_by_key;

/// A loaded row of a query: an entity, or an entity with its included relations, such as
/// `OrderWith<Customer>`.
pub trait Loaded: Sized + Send + 'static {
    /// The entity.
    type Entity: Entity;

    /// The entity with a place for each relation.
    #[doc(hidden)]
    type With;

    /// The part of a row that is read before its relations: the entity, or the fields of a partial.
    #[doc(hidden)]
    type Own: OwnPart<Entity = Self::Entity>;

    /// The entity itself; `None` where only some of it was read.
    #[doc(hidden)]
    fn entity(&self) -> Option<&Self::Entity>;

    /// The entity with a place for each relation.
    #[doc(hidden)]
    fn with(self) -> Self::With;

    /// The value of a row; `None` if a required target is missing.
    #[doc(hidden)]
    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Option<Self>>;

    /// A copy for another source that shares it.
    #[doc(hidden)]
    #[must_use]
    fn duplicate(&self) -> Self;

    /// The branches that load relations by further statements. Their type is not named, because it
    /// contains targets that may be less visible.
    #[doc(hidden)]
    fn branches(plan: &RowPlan) -> Box<dyn Branches<Self>>;
}

/// The branches of all relations.
#[doc(hidden)]
pub trait Branches<T: Loaded>: Send {
    /// Shows each branch to a function.
    fn each<'b>(&'b mut self, each: Each<'_, 'b, T::Entity>);

    /// A row with what the branches hold for it, each of which is asked once a source, in order.
    fn attach(&mut self, own: T::Own) -> Result<Option<T>>;
}

/// The part of a row that is read before its relations.
#[doc(hidden)]
pub trait OwnPart: Sized + Send {
    type Entity: Entity;

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Self>;

    /// The entity, which has the keys of its relations; `None` where the row alone has them.
    fn source(&self) -> Option<&Self::Entity>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> OwnPart for E {
    type Entity = E;

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Self> {
        <E as Entity>::read(row, plan.from)
    }

    fn source(&self) -> Option<&E> {
        Some(self)
    }
}

/// A function that is called with each branch.
#[doc(hidden)]
pub(crate) type Each<'each, 'b, E> = &'each mut dyn FnMut(&'b mut dyn Branch<E>);

/// Branches as the derive writes them down.
struct DerivedBranches<T: Loaded, B> {
    branches: B,
    each: for<'each, 'b> fn(&'b mut B, Each<'each, 'b, T::Entity>),
    attach: fn(T::Own, &mut B) -> Result<Option<T>>,
}

impl<T: Loaded, B: Send> Branches<T> for DerivedBranches<T, B> {
    fn each<'b>(&'b mut self, each: Each<'_, 'b, T::Entity>) {
        (self.each)(&mut self.branches, each);
    }

    fn attach(&mut self, own: T::Own) -> Result<Option<T>> {
        (self.attach)(own, &mut self.branches)
    }
}

/// The branches of all relations, from one a relation.
#[doc(hidden)]
pub fn branches<T: Loaded, B: Send + 'static>(
    branches: B,
    each: for<'each, 'b> fn(&'b mut B, Each<'each, 'b, T::Entity>),
    attach: fn(T::Own, &mut B) -> Result<Option<T>>,
) -> Box<dyn Branches<T>> {
    Box::new(DerivedBranches { branches, each, attach })
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Loaded for E {
    type Entity = E;
    type With = E::With;
    type Own = E;

    fn entity(&self) -> Option<&E> {
        Some(self)
    }

    fn with(self) -> E::With {
        self.into()
    }

    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Option<Self>> {
        <E as Entity>::read(row, plan.from).map(Some)
    }

    fn duplicate(&self) -> Self {
        <E as Entity>::duplicate(self)
    }

    fn branches(_: &RowPlan) -> Box<dyn Branches<Self>> {
        branches((), |(), _| {}, |entity, ()| Ok(Some(entity)))
    }
}

/// The collection of the targets of one source.
#[doc(hidden)]
pub trait Collect<T>: Default + Send {
    /// Adds a target. `false` where there is no room for it.
    fn put(&mut self, target: T) -> bool;

    /// A copy for another source.
    #[must_use]
    fn duplicate(&self) -> Self;

    /// Sorts the targets by their id.
    fn sort(&mut self);
}

impl<T: Loaded> Collect<T> for Option<T> {
    fn put(&mut self, target: T) -> bool {
        self.replace(target).is_none()
    }

    fn duplicate(&self) -> Self {
        self.as_ref().map(T::duplicate)
    }

    fn sort(&mut self) {}
}

impl<T: Loaded> Collect<T> for Vec<T> {
    fn put(&mut self, target: T) -> bool {
        self.push(target);
        true
    }

    fn duplicate(&self) -> Self {
        self.iter().map(T::duplicate).collect()
    }

    fn sort(&mut self) {
        sort_by_key(self, |target| target.entity().map(Entity::row_id));
    }
}

/// Rows that are read, and the branches that load more for them.
pub(crate) struct ParentRows<T: Loaded> {
    entities: Vec<T::Own>,
    branches: Box<dyn Branches<T>>,
    /// The numbers of the entities by their ids, where each may come in several rows.
    numbers: HashMap<<T::Entity as Entity>::Id, usize, Seed>,
    /// The number of the entity in the last row.
    last: usize,
}

impl<T: Loaded> ParentRows<T> {
    pub(crate) fn new(plan: &RowPlan) -> Self {
        let (entities, branches) = (Vec::new(), T::branches(plan));
        Self { entities, branches, numbers: HashMap::default(), last: 0 }
    }

    /// Reads a row of a query, of which a source may come in several.
    pub(crate) fn read_repeated(&mut self, row: &Row<'_>, plan: &RowPlan) -> Result<()> {
        if !plan.repeats_source() {
            return self.read(row, plan);
        }
        let id = id_in::<T::Entity>(row, plan.from)?;
        let last = self.entities.get(self.last).and_then(OwnPart::source);
        if last.is_some_and(|last| last.row_id() == id) {
            return self.repeat(self.last, row);
        }
        match self.numbers.entry(id) {
            Entry::Occupied(known) => {
                self.last = *known.get();
                self.repeat(self.last, row)
            }
            Entry::Vacant(new) => {
                self.last = *new.insert(self.entities.len());
                self.read(row, plan)
            }
        }
    }

    /// Hands a further row of an entity to the branches.
    pub(super) fn repeat(&mut self, number: usize, row: &Row<'_>) -> Result<()> {
        let mut repeated = Ok(());
        self.branches.each(&mut |branch| {
            if repeated.is_ok() {
                repeated = branch.repeat(number, row);
            }
        });
        repeated
    }

    pub(crate) fn read(&mut self, row: &Row<'_>, plan: &RowPlan) -> Result<()> {
        self.push(T::Own::read(row, plan)?, Some(row))
    }

    pub(crate) fn push(&mut self, entity: T::Own, row: Option<&Row<'_>>) -> Result<()> {
        let mut gathered = Ok(());
        self.branches.each(&mut |branch| {
            if gathered.is_ok() {
                gathered = branch.gather(entity.source(), row);
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
    pub(crate) fn into_entities(self) -> Vec<T::Own> {
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
        let Self { entities, mut branches, .. } = self;
        entities.into_iter().map(move |entity| branches.attach(entity))
    }
}
