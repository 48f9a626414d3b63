//! Rows whose included relations are chosen by name at run time.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use crate::entity::Entity;
use crate::error::Result;
use crate::loader::attach::{Members, serialize_with};
use crate::loader::branch::Branch;
use crate::loader::count_loader::CountLoader;
use crate::loader::erased::{ByContent, Erased};
use crate::loader::loaded::{Branches, Each, Loaded};
use crate::loader::slot::Slot;
use crate::loader::target_loader::TargetLoader;
use crate::plan::tree::{Planned, RowPlan};
use crate::relation::{Relation, RelationHandle};
use crate::value::row::Row;

/// An entity with the relations that were included by name; see
/// [`Query::include_named`](crate::Query::include_named).
///
/// It derefs to the entity. Its JSON is that of the typed row: included relations are members beside the
/// entity's own, in the order of its relations; others are absent.
pub struct WithIncluded<E> {
    entity: E,
    included: Vec<(&'static str, Box<dyn AnyTargets>)>,
}

/// The targets of a relation that was included by name.
#[derive(Debug)]
pub enum Included<T> {
    /// Of a relation to one: the target, or `None`.
    One(Option<WithIncluded<T>>),
    /// Of a relation to many: all targets that were asked for.
    Many(Vec<WithIncluded<T>>),
    /// Of a count: the number of targets.
    Count(i64),
}

impl<E> WithIncluded<E> {
    /// The entity without what was included.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.entity
    }
}

impl<E: Entity> WithIncluded<E> {
    /// The targets of a relation; `None` where it was not included.
    pub fn included<R: Relation<Source = E>>(
        &self,
        relation: RelationHandle<R>,
    ) -> Option<&Included<R::Target>> {
        let name = relation.definition().name;
        let (_, targets) = self.included.iter().find(|(_, targets)| targets.relation() == name)?;
        targets.as_any().downcast_ref::<TypedTargets<R>>().map(|targets| &targets.included)
    }
}

impl<E> Deref for WithIncluded<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.entity
    }
}

impl<E: Entity> Clone for WithIncluded<E> {
    fn clone(&self) -> Self {
        Loaded::duplicate(self)
    }
}

impl<T: Entity> Clone for Included<T> {
    fn clone(&self) -> Self {
        match self {
            Self::One(target) => Self::One(target.clone()),
            Self::Many(targets) => Self::Many(targets.clone()),
            Self::Count(count) => Self::Count(*count),
        }
    }
}

/// Shows the entity, and which relations were included.
impl<E: fmt::Debug> fmt::Debug for WithIncluded<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let included: Vec<_> = self.included.iter().map(|(_, one)| one.relation()).collect();
        let mut this = formatter.debug_struct("WithIncluded");
        this.field("entity", &self.entity).field("included", &included).finish()
    }
}

impl<E: Serialize> Serialize for WithIncluded<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A typed row without includes is the entity itself.
        if self.included.is_empty() {
            return self.entity.serialize(serializer);
        }
        serialize_with(&self.entity, self, serializer)
    }
}

impl<E> Members for WithIncluded<E> {
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.included.iter().try_for_each(|(member, targets)| {
            let opaque =
                || M::Error::custom("this relation was included without a way to serialize it");
            map.serialize_entry(member, &ByContent(targets.as_erased().ok_or_else(opaque)?))
        })
    }
}

impl<T: Entity + Serialize> Serialize for Included<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(target) => target.serialize(serializer),
            Self::Many(targets) => targets.serialize(serializer),
            Self::Count(count) => count.serialize(serializer),
        }
    }
}

/// Targets of a relation that is known at run time only.
trait AnyTargets: Send + Sync {
    fn relation(&self) -> &'static str;
    fn as_any(&self) -> &dyn Any;
    fn as_erased(&self) -> Option<&dyn Erased>;
    fn duplicate(&self) -> Box<dyn AnyTargets>;
}

struct TypedTargets<R: Relation> {
    included: Included<R::Target>,
    erase: Option<Erase<R>>,
}

/// Hands out targets as what can tell its content.
type Erase<R> = for<'a> fn(&'a Included<<R as Relation>::Target>) -> &'a dyn Erased;

/// Whether targets can be serialized: `Serialized`, or `Opaque` where the caller reads them by their type.
trait TargetsKind<R: Relation>: 'static {
    const ERASE: Option<Erase<R>>;
}

struct Serialized;

struct Opaque;

impl<R: Relation<Target: Serialize>> TargetsKind<R> for Serialized {
    const ERASE: Option<Erase<R>> = Some(|included| included);
}

impl<R: Relation> TargetsKind<R> for Opaque {
    const ERASE: Option<Erase<R>> = None;
}

impl<R: Relation> AnyTargets for TypedTargets<R> {
    fn relation(&self) -> &'static str {
        R::DEFINITION.name
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_erased(&self) -> Option<&dyn Erased> {
        self.erase.map(|erase| erase(&self.included))
    }

    fn duplicate(&self) -> Box<dyn AnyTargets> {
        Box::new(Self { included: self.included.clone(), erase: self.erase })
    }
}

fn targets<R: Relation, K: TargetsKind<R>>(included: Included<R::Target>) -> Box<dyn AnyTargets> {
    Box::new(TypedTargets::<R> { included, erase: K::ERASE })
}

/// The reader of a relation, for a row whose type does not name it. A plan carries it as `Any`; the
/// row's entity gives it back its type.
pub(crate) struct NamedRelation<E> {
    member: fn() -> &'static str,
    read: fn(&Row<'_>, &Planned, Slotted<'_>, Option<&E>) -> Taken,
    branch: fn(&Planned, Slotted<'_>) -> Box<dyn NamedBranch<E>>,
}

/// The targets of one source; `None` where the source is to be left out.
type Taken = Result<Option<Box<dyn AnyTargets>>>;

/// A plan, and the place of a relation in it.
type Slotted<'plan> = (&'plan RowPlan, usize);

impl<E> NamedRelation<E> {
    /// The reader of a relation.
    pub(crate) fn of<R>() -> &'static Self
    where
        R: Relation<Source = E, Target: Serialize>,
        E: Entity<With: Members>,
    {
        &Self { member: member::<R>, read: read::<R, Serialized>, branch: branch::<R, Serialized> }
    }

    /// The reader of a relation whose targets need not be `Serialize`: they are read by their type.
    pub(crate) fn opaque<R: Relation<Source = E>>() -> &'static Self {
        &Self {
            member: || R::DEFINITION.name,
            read: read::<R, Opaque>,
            branch: branch::<R, Opaque>,
        }
    }
}

/// The name of a relation in JSON, which may differ from its own.
fn member<R: Relation<Source: Entity<With: Members>>>() -> &'static str {
    let source = R::Source::DEFINITION;
    let at = source.relations.iter().position(|one| one.name == R::DEFINITION.name);
    let names = <R::Source as Entity>::With::NAMES;
    at.and_then(|at| names.get(at)).copied().unwrap_or(R::DEFINITION.name)
}

fn read<R: Relation, K: TargetsKind<R>>(
    row: &Row<'_>,
    planned: &Planned,
    (plan, at): Slotted<'_>,
    source: Option<&R::Source>,
) -> Taken {
    let included = if planned.counted {
        <i64 as Slot<R>>::read(row, plan, at, source)?.map(Included::Count)
    } else if R::DEFINITION.targets_many() {
        <Vec<WithIncluded<_>> as Slot<R>>::read(row, plan, at, source)?.map(Included::Many)
    } else if planned.required {
        let target = <WithIncluded<_> as Slot<R>>::read(row, plan, at, source)?;
        target.map(|target| Included::One(Some(target)))
    } else {
        <Option<WithIncluded<_>> as Slot<R>>::read(row, plan, at, source)?.map(Included::One)
    };
    Ok(included.map(targets::<R, K>))
}

fn branch<R: Relation, K: TargetsKind<R>>(
    planned: &Planned,
    (plan, at): Slotted<'_>,
) -> Box<dyn NamedBranch<R::Source>> {
    let branch: TargetBranch<R> = if planned.counted {
        TargetBranch::Count(<i64 as Slot<R>>::branch(plan, at))
    } else if R::DEFINITION.targets_many() {
        TargetBranch::Many(<Vec<WithIncluded<_>> as Slot<R>>::branch(plan, at))
    } else if planned.required {
        TargetBranch::Required(<WithIncluded<_> as Slot<R>>::branch(plan, at))
    } else {
        TargetBranch::One(<Option<WithIncluded<_>> as Slot<R>>::branch(plan, at))
    };
    Box::new(BranchOf { branch, kind: PhantomData::<fn() -> K> })
}

/// The targets of a relation, for all sources that a statement brought.
trait NamedBranch<E>: Send {
    fn branch(&mut self) -> &mut dyn Branch<E>;

    /// The targets of the next source; `None` where the source is to be left out.
    fn take(&mut self, source: Option<&E>) -> Taken;
}

type LoaderOfOne<R, T> = TargetLoader<R, T, Option<T>>;
type LoaderOfMany<R, T> = TargetLoader<R, T, Vec<T>>;

enum TargetBranch<R: Relation> {
    Count(CountLoader<R>),
    Many(LoaderOfMany<R, WithIncluded<R::Target>>),
    Required(LoaderOfOne<R, WithIncluded<R::Target>>),
    One(LoaderOfOne<R, WithIncluded<R::Target>>),
}

/// A branch, and whether its targets can be serialized.
struct BranchOf<R: Relation, K> {
    branch: TargetBranch<R>,
    kind: PhantomData<fn() -> K>,
}

impl<R: Relation, K: TargetsKind<R>> NamedBranch<R::Source> for BranchOf<R, K> {
    fn branch(&mut self) -> &mut dyn Branch<R::Source> {
        match &mut self.branch {
            TargetBranch::Count(branch) => branch,
            TargetBranch::Many(branch) => branch,
            TargetBranch::Required(branch) | TargetBranch::One(branch) => branch,
        }
    }

    fn take(&mut self, source: Option<&R::Source>) -> Taken {
        let included = match &mut self.branch {
            TargetBranch::Count(branch) => {
                <i64 as Slot<R>>::take(branch, source)?.map(Included::Count)
            }
            TargetBranch::Many(branch) => {
                <Vec<WithIncluded<_>> as Slot<R>>::take(branch, source)?.map(Included::Many)
            }
            TargetBranch::Required(branch) => {
                let target = <WithIncluded<_> as Slot<R>>::take(branch, source)?;
                target.map(|target| Included::One(Some(target)))
            }
            TargetBranch::One(branch) => {
                <Option<WithIncluded<_>> as Slot<R>>::take(branch, source)?.map(Included::One)
            }
        };
        Ok(included.map(targets::<R, K>))
    }
}

/// The relations that a plan includes, with how each is read.
fn included<E: Entity>(
    plan: &RowPlan,
) -> impl Iterator<Item = (usize, &Arc<Planned>, &'static NamedRelation<E>)> {
    plan.slots.iter().enumerate().filter_map(|(at, planned)| {
        let planned = planned.as_ref()?;
        Some((at, planned, planned.named?.downcast_ref()?))
    })
}

impl<E: Entity> WithIncluded<E> {
    fn read_included(row: &Row<'_>, plan: &RowPlan) -> Result<Option<Self>> {
        let entity = <E as Entity>::read(row, plan.from)?;
        let mut read = Vec::with_capacity(plan.slots.iter().flatten().count());
        for (at, planned, named) in included::<E>(plan) {
            match (named.read)(row, planned, (plan, at), Some(&entity))? {
                Some(targets) => read.push(((named.member)(), targets)),
                None => return Ok(None),
            }
        }
        Ok(Some(Self { entity, included: read }))
    }
}

impl<E: Entity> Loaded for WithIncluded<E> {
    type Entity = E;
    type With = Self;
    type Own = E;

    fn entity(&self) -> Option<&E> {
        Some(&self.entity)
    }

    fn with(self) -> Self {
        self
    }

    #[inline]
    fn read(row: &Row<'_>, plan: &RowPlan) -> Result<Option<Self>> {
        if plan.slots.iter().all(Option::is_none) {
            let entity = <E as Entity>::read(row, plan.from)?;
            return Ok(Some(Self { entity, included: Vec::new() }));
        }
        Self::read_included(row, plan)
    }

    fn duplicate(&self) -> Self {
        let included = self.included.iter().map(|(member, targets)| (*member, targets.duplicate()));
        Self { entity: <E as Entity>::duplicate(&self.entity), included: included.collect() }
    }

    fn branches(plan: &RowPlan) -> Box<dyn Branches<Self>> {
        let branches = included::<E>(plan)
            .map(|(at, planned, named)| ((named.member)(), (named.branch)(planned, (plan, at))));
        Box::new(NamedBranches { branches: branches.collect() })
    }
}

struct NamedBranches<E> {
    branches: Vec<(&'static str, Box<dyn NamedBranch<E>>)>,
}

impl<E: Entity> Branches<WithIncluded<E>> for NamedBranches<E> {
    fn each<'b>(&'b mut self, each: Each<'_, 'b, E>) {
        for (_, branch) in &mut self.branches {
            each(branch.branch());
        }
    }

    fn attach(&mut self, entity: E) -> Result<Option<WithIncluded<E>>> {
        let mut taken = Vec::with_capacity(self.branches.len());
        let mut is_left = true;
        // Each branch is asked once a source, also where another leaves the source out.
        for (member, branch) in &mut self.branches {
            match branch.take(Some(&entity))? {
                Some(targets) => taken.push((*member, targets)),
                None => is_left = false,
            }
        }
        Ok(is_left.then_some(WithIncluded { entity, included: taken }))
    }
}
