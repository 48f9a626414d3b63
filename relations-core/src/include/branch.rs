//! Branches: the targets of one relation, for all sources that a statement brought.

use std::sync::Arc;

use super::Strategy;
use super::by_key::ByKey;
use super::loaded::{Branches, Loaded};
use super::plan::{Plan, Planned};
use crate::column::type_name;
use crate::engine::{Engine, Operation, Statement};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::meta::{EntityDefinition, RelationDefinition};
use crate::private::SqlCache;
use crate::query::lower::{Keys, Rows};
use crate::relation::Relation;
use crate::row::{Mismatch, Row};
use crate::value::{Key, Value};

/// The targets of one relation, for all sources that a statement brought.
#[doc(hidden)]
pub trait Branch<E>: Send {
    /// Takes note of a source.
    fn gather(&mut self, source: &E, from: Origin<'_>) -> Result<()>;

    /// Adds the statements that can be sent now.
    fn send(&mut self, wave: &mut Wave, sources: Sources<'_>) -> Result<()>;

    /// What takes the rows of the first statement that was sent and is not answered.
    fn receiver(&mut self) -> Option<&mut dyn Receiver>;
}

/// What a source was read from.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// It was in hand before.
    Hand,
    /// A row.
    Row(&'a Row<'a>),
    /// The row of the source before it, which is shared.
    RowAgain(&'a Row<'a>),
}

impl<'a> Origin<'a> {
    fn row(self) -> Option<&'a Row<'a>> {
        match self {
            Self::Hand => None,
            Self::Row(row) | Self::RowAgain(row) => Some(row),
        }
    }
}

/// What takes the rows of one statement.
#[doc(hidden)]
pub trait Receiver: Send {
    fn row(&mut self, row: &Row<'_>) -> Result<()>;

    /// All rows were there.
    fn end(&mut self);
}

/// The statements that are sent together.
#[doc(hidden)]
#[derive(Debug)]
pub struct Wave {
    pub(crate) engine: Engine,
    pub(crate) statements: Vec<Statement>,
}

impl Wave {
    pub(super) fn push(
        &mut self,
        rows: Rows<'_>,
        cache: &SqlCache,
        entity: &'static EntityDefinition,
        relation: Option<&'static RelationDefinition>,
    ) -> Result<()> {
        let (sql, parameters) = rows.sql(self.engine, cache)?;
        let statement = Statement::new(Operation::Select, sql, parameters);
        self.statements.push(statement.about(entity, relation));
        Ok(())
    }
}

/// Where the sources of a branch are.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Sources<'a> {
    /// They are all there.
    Here,
    /// They come by a statement that is sent in the same wave, which can be repeated.
    Sent(Repeated<'a>),
}

/// A statement that can be repeated, and where in its rows the sources stand.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Repeated<'a> {
    pub(super) rows: &'a Rows<'a>,
    pub(super) plan: &'a Plan,
}

/// How far the statement of a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Sent,
    Answered,
}

impl<E> Branch<E> for () {
    fn gather(&mut self, _: &E, _: Origin<'_>) -> Result<()> {
        Ok(())
    }

    fn send(&mut self, _: &mut Wave, _: Sources<'_>) -> Result<()> {
        Ok(())
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        None
    }
}

/// What targets of one source are put into.
#[doc(hidden)]
pub trait Put<T>: Default + Send {
    fn put(&mut self, target: T);
}

impl<T: Send> Put<T> for Option<T> {
    fn put(&mut self, target: T) {
        *self = Some(target);
    }
}

impl<T: Send> Put<T> for Vec<T> {
    fn put(&mut self, target: T) {
        self.push(target);
    }
}

/// Entities whose rows came, and what is still to come for them.
pub(super) struct Batch<T: Loaded> {
    entities: Vec<T::Entity>,
    branches: Box<dyn Branches<T>>,
}

impl<T: Loaded> Batch<T> {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { entities: Vec::new(), branches: T::branches(plan) }
    }

    /// What came, in place of which nothing is left.
    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(&Plan::BARE))
    }

    pub(super) fn read(&mut self, row: &Row<'_>, from: Origin<'_>, plan: &Plan) -> Result<()> {
        let entity = <T::Entity as Entity>::read(row, plan.from)?;
        self.push(entity, from)
    }

    pub(super) fn push(&mut self, entity: T::Entity, from: Origin<'_>) -> Result<()> {
        let mut gathered = Ok(());
        self.branches.each(&mut |branch| {
            if gathered.is_ok() {
                gathered = branch.gather(&entity, from);
            }
        });
        self.entities.push(entity);
        gathered
    }

    pub(super) fn send(&mut self, wave: &mut Wave, sources: Sources<'_>) -> Result<()> {
        let mut sent = Ok(());
        self.branches.each(&mut |branch| {
            if sent.is_ok() {
                sent = branch.send(wave, sources);
            }
        });
        sent
    }

    pub(super) fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        let mut receiver = None;
        self.branches.each(&mut |branch| {
            if receiver.is_none() {
                receiver = branch.receiver();
            }
        });
        receiver
    }

    /// The entities with all that came for them, without those that are to be left out.
    pub(super) fn whole(self) -> Result<Vec<T>> {
        let mut whole = Vec::with_capacity(self.entities.len());
        for one in self.attach() {
            whole.extend(one?);
        }
        Ok(whole)
    }

    /// The entities with all that came for them; `None` for each that is to be left out.
    fn attach(self) -> impl Iterator<Item = Result<Option<T>>> {
        let Self { entities, mut branches } = self;
        entities.into_iter().map(move |entity| branches.attach(entity))
    }
}

/// The sources of a relation, and how far the statement is that asks by their keys.
struct Asking<R: Relation> {
    state: State,
    sources: ByKey<R::Key>,
}

impl<R: Relation> Asking<R> {
    fn new() -> Self {
        Self { state: State::Waiting, sources: ByKey::new() }
    }

    /// Sends the statement if it can be sent now, and what can be sent below it.
    fn send(
        &mut self,
        wave: &mut Wave,
        planned: &Planned,
        sources: Sources<'_>,
        below: impl FnOnce(&mut Wave, Repeated<'_>) -> Result<()>,
    ) -> Result<()> {
        let arrays;
        let keys = match sources {
            Sources::Here if self.sources.is_empty() => {
                self.state = State::Answered;
                return Ok(());
            }
            Sources::Here => {
                arrays = self.sources.arrays();
                Keys::Given(&arrays)
            }
            Sources::Sent(Repeated { rows, plan }) if planned.strategy == Strategy::Pipelined => {
                Keys::Repeated { rows, source: R::Source::DEFINITION, from: plan.from }
            }
            Sources::Sent(_) => return Ok(()),
        };
        let rows = if planned.counted {
            Rows::Counts { planned, keys }
        } else {
            Rows::Targets { planned, keys }
        };
        wave.push(rows, R::Source::sql_cache(), R::Target::DEFINITION, Some(R::DEFINITION))?;
        self.state = State::Sent;
        below(wave, Repeated { rows: &rows, plan: &planned.target })
    }
}

/// Targets on their way to their sources.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Following<R: Relation, T: Loaded, P> {
    /// `None` where nothing was asked for, in code that nobody runs.
    planned: Option<Arc<Planned>>,
    asking: Asking<R>,
    found: Found<T, P>,
    taken: Option<std::vec::IntoIter<P>>,
}

/// The targets that came.
struct Found<T: Loaded, P> {
    /// Those of each source, as far as they are whole.
    whole: Vec<P>,
    /// Those that more is to come for, and the source of each.
    batch: Batch<T>,
    of: Vec<usize>,
}

impl<T: Loaded, P: Put<T>> Found<T, P> {
    /// Takes a target of a source from a row.
    fn read(&mut self, at: usize, from: Origin<'_>, planned: &Planned) -> Result<()> {
        let Some(row) = from.row() else { return Ok(()) };
        if !planned.target.whole {
            self.of.push(at);
            return self.batch.read(row, from, &planned.target);
        }
        if let (Some(target), Some(whole)) =
            (T::read(row, &planned.target)?, self.whole.get_mut(at))
        {
            whole.put(target);
        }
        Ok(())
    }

    /// Makes room for the targets of so many sources.
    fn make_room(&mut self, sources: usize) {
        if self.whole.len() < sources {
            self.whole.resize_with(sources, P::default);
        }
    }

    /// The targets of each source.
    fn take(&mut self) -> Result<Vec<P>> {
        let mut whole = std::mem::take(&mut self.whole);
        let targets = self.batch.take().attach();
        for (target, at) in targets.zip(std::mem::take(&mut self.of)) {
            if let (Some(target), Some(whole)) = (target?, whole.get_mut(at)) {
                whole.put(target);
            }
        }
        Ok(whole)
    }
}

impl<R: Relation, T: Loaded<Entity = R::Target>, P: Put<T>> Following<R, T, P> {
    pub(crate) fn new(planned: Option<&Arc<Planned>>) -> Self {
        let batch = match planned {
            Some(planned) => Batch::new(&planned.target),
            None => Batch::new(&Plan::BARE),
        };
        Self {
            planned: planned.cloned(),
            asking: Asking::new(),
            found: Found { whole: Vec::new(), batch, of: Vec::new() },
            taken: None,
        }
    }

    pub(super) fn planned(&self) -> Option<&Arc<Planned>> {
        self.planned.as_ref()
    }

    /// What was found for the next source.
    pub(crate) fn take(&mut self) -> Result<P> {
        let taken = match &mut self.taken {
            Some(taken) => taken,
            taken => taken.insert(self.found.take()?.into_iter()),
        };
        Ok(taken.next().unwrap_or_default())
    }
}

impl<R, T, P> Branch<R::Source> for Following<R, T, P>
where
    R: Relation,
    T: Loaded<Entity = R::Target>,
    P: Put<T>,
{
    fn gather(&mut self, source: &R::Source, from: Origin<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        let Some(row) = from.row().filter(|_| planned.is_joined()) else {
            self.asking.sources.gather::<R>(source, from);
            return Ok(());
        };
        let at = self.found.whole.len();
        self.found.whole.push(P::default());
        if planned.is_absent(row)? { Ok(()) } else { self.found.read(at, from, planned) }
    }

    fn send(&mut self, wave: &mut Wave, sources: Sources<'_>) -> Result<()> {
        let Some(planned) = self.planned.clone() else { return Ok(()) };
        if planned.is_joined() {
            let sources = match sources {
                Sources::Sent(sent) => Sources::Sent(Repeated { plan: &planned.target, ..sent }),
                Sources::Here => Sources::Here,
            };
            return self.found.batch.send(wave, sources);
        }
        match self.asking.state {
            State::Waiting => {
                let batch = &mut self.found.batch;
                self.asking.send(wave, &planned, sources, |wave, rows| {
                    batch.send(wave, Sources::Sent(rows))
                })
            }
            State::Sent => Ok(()),
            State::Answered => self.found.batch.send(wave, Sources::Here),
        }
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.asking.state == State::Sent { Some(self) } else { self.found.batch.receiver() }
    }
}

impl<R, T, P> Receiver for Following<R, T, P>
where
    R: Relation,
    T: Loaded<Entity = R::Target>,
    P: Put<T>,
{
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        let key = planned.key::<R::Key>(row)?;
        self.found.make_room(self.asking.sources.len());
        let mut source = self.asking.sources.first(&key);
        let mut from = Origin::Row(row);
        while let Some(at) = source {
            // Sources that share a target each read it for themselves: it need not be `Clone`.
            self.found.read(at, from, planned)?;
            source = self.asking.sources.next(at);
            from = Origin::RowAgain(row);
        }
        Ok(())
    }

    fn end(&mut self) {
        self.asking.state = State::Answered;
    }
}

/// The number of targets on its way to each source.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Counting<R: Relation> {
    planned: Option<Arc<Planned>>,
    asking: Asking<R>,
    found: Vec<i64>,
    taken: usize,
}

impl<R: Relation> Counting<R> {
    pub(crate) fn new(planned: Option<&Arc<Planned>>) -> Self {
        Self { planned: planned.cloned(), asking: Asking::new(), found: Vec::new(), taken: 0 }
    }

    /// The number for the next source.
    pub(crate) fn take(&mut self) -> i64 {
        self.taken += 1;
        self.found.get(self.taken - 1).copied().unwrap_or_default()
    }
}

impl<R: Relation> Branch<R::Source> for Counting<R> {
    fn gather(&mut self, source: &R::Source, from: Origin<'_>) -> Result<()> {
        let planned = self.planned.as_ref();
        let joined = planned.zip(from.row()).filter(|(planned, _)| planned.is_joined());
        let count = joined.map(|(planned, row)| planned.count(row)).transpose()?;
        if count.is_none() {
            self.asking.sources.gather::<R>(source, from);
        }
        self.found.push(count.unwrap_or_default());
        Ok(())
    }

    fn send(&mut self, wave: &mut Wave, sources: Sources<'_>) -> Result<()> {
        let Some(planned) = self.planned.clone() else { return Ok(()) };
        if planned.is_joined() || self.asking.state != State::Waiting {
            return Ok(());
        }
        self.asking.send(wave, &planned, sources, |_, _| Ok(()))
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.asking.state == State::Sent { Some(self) } else { None }
    }
}

impl<R: Relation> Receiver for Counting<R> {
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        let (key, count) = (planned.key::<R::Key>(row)?, planned.count(row)?);
        let mut source = self.asking.sources.first(&key);
        while let Some(at) = source {
            if let Some(found) = self.found.get_mut(at) {
                *found = count;
            }
            source = self.asking.sources.next(at);
        }
        Ok(())
    }

    fn end(&mut self) {
        self.asking.state = State::Answered;
    }
}

impl Planned {
    /// Whether the row of a source holds no target.
    pub(super) fn is_absent(&self, row: &Row<'_>) -> Result<bool> {
        for at in &self.key {
            if row.cell(*at).map_err(|why| self.mismatch("a key", 0, why))?.is_null() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The number of targets in a row.
    pub(super) fn count(&self, row: &Row<'_>) -> Result<i64> {
        let count = row.cell(self.target.from).and_then(<i64 as Value>::read);
        count.map_err(|why| {
            let entity = self.relation.target.definition();
            Error::row("count", self.relation.name, "i64", why).entity_is(entity)
        })
    }

    /// The key of the target in a row.
    fn key<K: Key>(&self, row: &Row<'_>) -> Result<K> {
        let mut part = 0;
        let key = K::read(|| {
            let at = self.key.get(part).copied();
            part += 1;
            row.cell(at.unwrap_or(usize::MAX))
        });
        key.map_err(|why| self.mismatch(&type_name::<K>(), part - 1, why))
    }

    #[cold]
    fn mismatch(&self, expected: &str, part: usize, why: Mismatch) -> Error {
        let entity = match &self.relation.through {
            Some(through) => through.link.definition(),
            None => self.relation.target.definition(),
        };
        let properties = self.key_properties();
        let names = properties.get(part).map_or(("key", "key"), |one| (one.name, one.column));
        Error::row(names.0, names.1, expected, why).entity_is(entity)
    }
}
