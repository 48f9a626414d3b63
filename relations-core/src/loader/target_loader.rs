//! Branches: the targets of one relation, for all sources that a statement brought.

use std::sync::Arc;

use crate::ast::inclusion::Inclusion;
use crate::ast::inclusion::Strategy;
use crate::column::type_name;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::dialect::Engine;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::loader::key_index::ByKey;
use crate::loader::loaded::{Branches, Loaded};
use crate::plan::layout::Layout;
use crate::plan::strategy::Bound;
use crate::plan::tree::Reach;
use crate::plan::tree::{Plan, Planned};
use crate::relation::Relation;
use crate::sql::batch_key::number_in;
use crate::sql::cache::SqlCache;
use crate::sql::include::{Keys, Rows};
use crate::sql::operation::Operation;
use crate::value::Value;
use crate::value::key::Key;
use crate::value::row::{Mismatch, Row};

/// The targets of one relation, for all sources that a statement brought.
#[doc(hidden)]
pub trait Branch<E>: Send {
    /// Takes note of a source, and of what its row holds where it was not in hand.
    fn gather(&mut self, source: &E, row: Option<&Row<'_>>) -> Result<()>;

    /// Adds the statements that can be sent now.
    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()>;

    /// What takes the rows of the first statement that was sent and is not answered.
    fn receiver(&mut self) -> Option<&mut dyn Receiver>;

    /// Whether all statements were sent that there will ever be.
    fn is_sent(&mut self) -> bool;
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
pub struct Round {
    pub(crate) engine: Engine,
    pub(crate) statements: Vec<Statement>,
}

impl Round {
    pub(crate) fn push(
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
    /// They come by a statement that is sent in the same round, which can be repeated.
    Sent(Repeated<'a>),
}

/// A statement that can be repeated, and where in its rows the sources stand.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Repeated<'a> {
    pub(crate) rows: &'a Rows<'a>,
    pub(crate) plan: &'a Plan,
}

/// How far the statement of a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Sent,
    Answered,
}

impl<E> Branch<E> for () {
    fn gather(&mut self, _: &E, _: Option<&Row<'_>>) -> Result<()> {
        Ok(())
    }

    fn send(&mut self, _: &mut Round, _: Sources<'_>) -> Result<()> {
        Ok(())
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        None
    }

    fn is_sent(&mut self) -> bool {
        true
    }
}

/// What the targets of one source are put into.
#[doc(hidden)]
pub trait Collect<T>: Default + Send {
    /// Puts a target in, and tells whether there was room for it.
    fn put(&mut self, target: T) -> bool;

    /// The same once more, for another source.
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

/// Entities whose rows came, and what is still to come for them.
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

    /// The entities without what came for them.
    pub(crate) fn into_entities(self) -> Vec<T::Entity> {
        self.entities
    }

    /// The entities with all that came for them, without those that are to be left out.
    pub(crate) fn whole(self) -> Result<Vec<T>> {
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
    told: Told,
}

/// What a row tells of the sources that it is for.
#[derive(Debug, Clone, Copy)]
struct Told {
    by: By,
    /// Whether their keys are joined to the rows.
    joined: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Their key.
    Key,
    /// The number of their key.
    Number,
    /// Nothing: there is one key alone.
    OneKey,
}

impl By {
    fn of(planned: &Planned, keys: Keys<'_>) -> Self {
        match keys {
            Keys::Given(_) if !planned.numbered => Self::Key,
            Keys::Given(_) if keys.is_one(planned) => Self::OneKey,
            Keys::Given(_) => Self::Number,
            Keys::Repeated { .. } => Self::Key,
        }
    }
}

impl<R: Relation> Asking<R> {
    fn new() -> Self {
        let told = Told { by: By::Key, joined: false };
        Self { state: State::Waiting, sources: ByKey::new(), told }
    }

    fn gather(&mut self, source: &R::Source) {
        self.sources.add(R::key(source));
    }

    /// The place of the sources that a row is for.
    fn place(&self, planned: &Planned, row: &Row<'_>) -> Result<Option<usize>> {
        match self.told.by {
            By::Key => Ok(self.sources.place(&planned.key(row)?)),
            By::Number => planned.number(row).map(Some),
            By::OneKey => Ok(Some(0)),
        }
    }

    /// Sends the statement if it can be sent now, and what can be sent below it.
    fn send(
        &mut self,
        round: &mut Round,
        planned: &Planned,
        sources: Sources<'_>,
        below: impl FnOnce(&mut Round, Repeated<'_>) -> Result<()>,
    ) -> Result<()> {
        let arrays;
        let keys = match sources {
            Sources::Here if self.sources.assign_slots() == 0 => {
                self.state = State::Answered;
                return Ok(());
            }
            Sources::Here => {
                arrays = self.sources.arrays(planned.numbered);
                Keys::Given(&arrays)
            }
            Sources::Sent(Repeated { rows, plan }) if planned.strategy == Strategy::Pipelined => {
                Keys::Repeated { rows, source: R::Source::DEFINITION, from: plan.from }
            }
            Sources::Sent(_) => return Ok(()),
        };
        self.told = Told { by: By::of(planned, keys), joined: keys.are_joined(planned) };
        let rows = if planned.counted {
            Rows::Counts { planned, keys }
        } else {
            Rows::Targets { planned, keys }
        };
        round.push(rows, R::Source::sql_cache(), R::Target::DEFINITION, Some(R::DEFINITION))?;
        self.state = State::Sent;
        below(round, Repeated { rows: &rows, plan: &planned.target })
    }
}

/// Targets on their way to their sources.
///
/// Targets that sources share come once, and what is below them is asked for once; each source but
/// the last one is given a copy.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct TargetLoader<R: Relation, T: Loaded, P> {
    /// `None` where nothing was asked for, in code that nobody runs.
    planned: Option<Arc<Planned>>,
    asking: Asking<R>,
    found: Found<T, P>,
    /// How many sources have theirs.
    taken: usize,
}

/// The targets that came.
struct Found<T: Loaded, P> {
    /// Those at each place, as far as they are whole.
    whole: Vec<P>,
    /// Those that more is to come for, where one statement does not bring them whole, and the place
    /// of each.
    parts: Option<ParentRows<T>>,
    of: Vec<usize>,
}

impl<T: Loaded, P: Collect<T>> Found<T, P> {
    /// Takes a target from a row.
    fn read(&mut self, place: usize, row: &Row<'_>, planned: &Planned) -> Result<()> {
        if let Some(parts) = &mut self.parts {
            self.of.push(place);
            return parts.read(row, &planned.target);
        }
        match T::read(row, &planned.target)? {
            Some(target) => self.put(place, target, planned),
            None => Ok(()),
        }
    }

    fn put(&mut self, place: usize, target: T, planned: &Planned) -> Result<()> {
        if self.whole.get_mut(place).is_none_or(|whole| whole.put(target)) {
            Ok(())
        } else {
            Err(planned.select.error(Kind::NotUnique))
        }
    }

    /// Makes room for this many places.
    fn make_room(&mut self, places: usize) {
        if self.whole.len() < places {
            self.whole.resize_with(places, P::default);
        }
    }

    /// Puts the targets together for which everything came.
    fn finish(&mut self, planned: &Planned) -> Result<()> {
        let Some(parts) = self.parts.take() else { return Ok(()) };
        for (target, place) in parts.attach().zip(std::mem::take(&mut self.of)) {
            if let Some(target) = target? {
                self.put(place, target, planned)?;
            }
        }
        Ok(())
    }
}

impl<R: Relation, T: Loaded<Entity = R::Target>, P: Collect<T>> TargetLoader<R, T, P> {
    pub(crate) fn new(planned: Option<&Arc<Planned>>) -> Self {
        let parts = planned.filter(|planned| !planned.target.whole);
        let parts = parts.map(|planned| ParentRows::new(&planned.target));
        Self {
            planned: planned.cloned(),
            asking: Asking::new(),
            found: Found { whole: Vec::new(), parts, of: Vec::new() },
            taken: 0,
        }
    }

    pub(crate) fn planned(&self) -> Option<&Arc<Planned>> {
        self.planned.as_ref()
    }

    /// What was found for the next source.
    pub(crate) fn take(&mut self) -> Result<P> {
        if let Some(planned) = &self.planned {
            self.found.finish(planned)?;
        }
        let source = self.taken;
        self.taken += 1;
        let joined = self.planned.as_ref().is_some_and(|planned| planned.is_joined());
        let place = if joined { Some((source, true)) } else { self.asking.sources.claim(source) };
        let found = place.and_then(|(place, last)| Some((self.found.whole.get_mut(place)?, last)));
        Ok(match found {
            Some((found, true)) => std::mem::take(found),
            Some((found, false)) => found.duplicate(),
            None => P::default(),
        })
    }
}

impl<R, T, P> Branch<R::Source> for TargetLoader<R, T, P>
where
    R: Relation,
    T: Loaded<Entity = R::Target>,
    P: Collect<T>,
{
    fn gather(&mut self, source: &R::Source, row: Option<&Row<'_>>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        let Some(row) = row.filter(|_| planned.is_joined()) else {
            self.asking.gather(source);
            return Ok(());
        };
        let place = self.found.whole.len();
        self.found.whole.push(P::default());
        if planned.is_absent(row)? { Ok(()) } else { self.found.read(place, row, planned) }
    }

    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
        let Some(planned) = self.planned.clone() else { return Ok(()) };
        let parts = &mut self.found.parts;
        let mut below = |round: &mut Round, sources: Sources<'_>| match parts {
            Some(parts) => parts.send(round, sources),
            None => Ok(()),
        };
        if planned.is_joined() {
            return match sources {
                Sources::Sent(sent) => {
                    below(round, Sources::Sent(Repeated { plan: &planned.target, ..sent }))
                }
                Sources::Here => below(round, Sources::Here),
            };
        }
        if self.asking.state == State::Waiting {
            self.asking
                .send(round, &planned, sources, |round, rows| below(round, Sources::Sent(rows)))?;
        }
        match self.asking.state {
            State::Waiting | State::Sent => Ok(()),
            // Where no source has a key that is known at once, as it is for what is below.
            State::Answered => below(round, Sources::Here),
        }
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.asking.state == State::Sent {
            Some(self)
        } else {
            self.found.parts.as_mut().and_then(ParentRows::receiver)
        }
    }

    fn is_sent(&mut self) -> bool {
        let Some(planned) = &self.planned else { return true };
        let asked = planned.is_joined() || self.asking.state != State::Waiting;
        asked && self.found.parts.as_mut().is_none_or(ParentRows::is_sent)
    }
}

impl<R, T, P> Receiver for TargetLoader<R, T, P>
where
    R: Relation,
    T: Loaded<Entity = R::Target>,
    P: Collect<T>,
{
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        self.found.make_room(self.asking.sources.assign_slots());
        let Some(place) = self.asking.place(planned, row)? else { return Ok(()) };
        self.found.read(place, row, planned)
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
    /// The number at each place.
    found: Vec<i64>,
    /// How many sources have theirs.
    taken: usize,
}

impl<R: Relation> Counting<R> {
    pub(crate) fn new(planned: Option<&Arc<Planned>>) -> Self {
        Self { planned: planned.cloned(), asking: Asking::new(), found: Vec::new(), taken: 0 }
    }

    /// The number for the next source.
    pub(crate) fn take(&mut self) -> i64 {
        let source = self.taken;
        self.taken += 1;
        let joined = self.planned.as_ref().is_some_and(|planned| planned.is_joined());
        let place = if joined { Some(source) } else { self.asking.sources.of(source) };
        place.and_then(|place| self.found.get(place).copied()).unwrap_or_default()
    }
}

impl<R: Relation> Branch<R::Source> for Counting<R> {
    fn gather(&mut self, source: &R::Source, row: Option<&Row<'_>>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        match row.filter(|_| planned.is_joined()) {
            Some(row) => self.found.push(planned.count(row, planned.target.from)?),
            None => self.asking.gather(source),
        }
        Ok(())
    }

    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
        let Some(planned) = self.planned.clone() else { return Ok(()) };
        if planned.is_joined() || self.asking.state != State::Waiting {
            return Ok(());
        }
        self.asking.send(round, &planned, sources, |_, _| Ok(()))
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.asking.state == State::Sent { Some(self) } else { None }
    }

    fn is_sent(&mut self) -> bool {
        let joined = self.planned.as_ref().is_none_or(|planned| planned.is_joined());
        joined || self.asking.state != State::Waiting
    }
}

impl<R: Relation> Receiver for Counting<R> {
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(planned) = &self.planned else { return Ok(()) };
        self.found.resize(self.asking.sources.assign_slots(), 0);
        let Some(place) = self.asking.place(planned, row)? else { return Ok(()) };
        let Told { by, joined } = self.asking.told;
        // A number stands alone before the count, and a key of several parts does not.
        let at = if joined && by != By::Key { 1 } else { planned.target.from };
        if let Some(found) = self.found.get_mut(place) {
            // Keys that the database takes for equal are counted one by one.
            *found += planned.count(row, at)?;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.asking.state = State::Answered;
    }
}

impl Planned {
    /// Whether the row of a source holds no target.
    pub(crate) fn is_absent(&self, row: &Row<'_>) -> Result<bool> {
        for at in &self.key {
            if row.cell(*at).map_err(|why| self.mismatch("a key", 0, why))?.is_null() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The number of targets in a row.
    pub(crate) fn count(&self, row: &Row<'_>, at: usize) -> Result<i64> {
        let count = row.cell(at).and_then(<i64 as Value>::read);
        count.map_err(|why| {
            let entity = self.relation.target.definition();
            Error::row("count", self.relation.name, "i64", why).entity_is(entity)
        })
    }

    /// The number of the key in a row, counted from zero.
    fn number(&self, row: &Row<'_>) -> Result<usize> {
        let at = self.key.first().copied().unwrap_or(usize::MAX);
        number_in(row, at).map_err(|why| self.mismatch("the number of a key", 0, why))
    }

    /// The key of the target in a row.
    fn key<K: Key>(&self, row: &Row<'_>) -> Result<K> {
        let mut part = 0;
        let key = K::read_key(|| {
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

impl Planned {
    /// A relation that is followed from sources in hand.
    pub(crate) fn of_sources_in_hand<R: Relation>() -> Arc<Self> {
        let reach = Reach { high_latency: false, snapshot: false, spellings: false };
        let bound = Bound {
            rows: None,
            in_hand: true,
            reach,
            kept: false,
            repeatable: false,
            are_targets: false,
        };
        let inclusion = Inclusion::of::<R>();
        Arc::new(Self::new(inclusion, R::Source::DEFINITION, bound, &mut Layout::default()))
    }
}
