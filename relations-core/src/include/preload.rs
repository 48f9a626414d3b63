//! Eager loading for entities in hand.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::inclusion::{Inclusion, Inclusions};
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::include::{Filled, Free, Include, IntoInclusion};
use crate::loader::loaded::Loaded;
use crate::loader::rounds;
use crate::plan::layout::Layout;
use crate::plan::strategy::Bound;
use crate::plan::tree::{Reach, RowPlan};
use crate::relation::Relation;
use crate::relation::arity::Requirable;

/// Entities in hand, and what is to be included with them; see [`Entity::preload`].
#[must_use = "nothing is loaded until `all` is awaited"]
#[doc(alias = "eager")]
#[doc(alias = "eager loading")]
#[doc(alias = "n+1")]
pub struct Preload<E, T = E> {
    entities: Vec<E>,
    pub(crate) includes: Inclusions,
    loaded: PhantomData<fn() -> T>,
}

impl<E, T> fmt::Debug for Preload<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("Preload");
        this.field("entities", &self.entities.len()).field("includes", &self.includes).finish()
    }
}

impl<E: Entity> Preload<E> {
    pub(crate) fn new(entities: impl IntoIterator<Item = E>) -> Self {
        let entities = entities.into_iter().collect();
        Self { entities, includes: Inclusions::new(), loaded: PhantomData }
    }
}

impl<E, T> Preload<E, T> {
    /// These entities, loaded as rows of another type.
    pub(crate) fn loaded_as<U>(self) -> Preload<E, U> {
        Preload { entities: self.entities, includes: self.includes, loaded: PhantomData }
    }
}

impl<E: Entity, T: Loaded<Entity = E, Own = E>> Preload<E, T> {
    /// Includes a relation; see [`Query::include`](crate::Query::include).
    pub fn include<I: IntoInclusion<E>>(
        mut self,
        relation: I,
    ) -> Preload<E, Filled<T, I::Relation, I::Targets>>
    where
        T::With: Include<I::Relation, Slot: Free>,
    {
        relation.each_inclusion(|inclusion| self.includes.push(inclusion));
        Preload { entities: self.entities, includes: self.includes, loaded: PhantomData }
    }

    /// Includes a relation to one, and leaves out the entities that it leads to nothing from; see
    /// [`Query::include_required`](crate::Query::include_required).
    pub fn include_required<I: IntoInclusion<E>>(
        mut self,
        relation: I,
    ) -> Preload<E, Filled<T, I::Relation, I::Required>>
    where
        T::With: Include<I::Relation, Slot: Free>,
        I::Relation: Relation<Arity: Requirable>,
    {
        relation.each_inclusion(|one| self.includes.push(Inclusion { required: true, ..one }));
        Preload { entities: self.entities, includes: self.includes, loaded: PhantomData }
    }

    /// The entities with what is included, in the order as they were given. Their own relations take
    /// one statement each, whatever the strategy; where no entity has a key, there is none. All that is
    /// loaded is of one snapshot, as far as the executor has one; the entities are as they are.
    ///
    /// # Errors
    ///
    /// A key points to nothing where a constraint promises a target
    /// ([`Error::is_target_missing`](crate::Error::is_target_missing)).
    pub async fn all(self, db: &impl Executor) -> Result<Vec<T>> {
        let rows = u64::try_from(self.entities.len()).ok();
        let reach = Reach::of(db);
        let bound = Bound {
            rows,
            in_hand: true,
            reach,
            kept: false,
            repeatable: reach.snapshot,
            are_targets: false,
        };
        let plan = RowPlan::new(E::DEFINITION, self.includes, bound, &mut Layout::default());
        rounds::preloaded(db, &plan, self.entities).await
    }
}
