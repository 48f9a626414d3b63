//! Runs the statements that load entities and what is included with them.

use std::sync::Arc;

use crate::ast::inclusion::Inclusion;
use crate::ast::select::Select;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::dialect::Dialect;
use crate::driver::acquired::{Acquired, RoundEnd, RoundTrip};
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::Result;
use crate::loader::branch::{Branch, Receiver, Repeated, RoundState, Sources};
use crate::loader::loaded::{Collect, Loaded, ParentRows};
use crate::loader::promise;
use crate::loader::target_loader::TargetLoader;
use crate::plan::reads::Reads;
use crate::plan::tree::{OwnOrKept, Planned, RowPlan};
use crate::relation::{Relation, Targets};
use crate::sql::Verb;
use crate::sql::cache::SqlCache;
use crate::sql::include::EntityStatement;
use crate::sql::operation::Operation;
use crate::value::row::Row;

/// Entities that are loaded by statements in rounds.
trait Loading: Send {
    /// Adds the statements that can be sent now.
    fn send(&mut self, round: &mut Round) -> Result<()>;

    /// The receiver of the first statement that is not answered.
    fn receiver(&mut self) -> Option<&mut dyn Receiver>;

    /// Whether no further statement can follow.
    fn is_sent(&mut self) -> bool;

    /// Forgets all rows.
    fn restart(&mut self) -> Result<()>;
}

/// The statements that are sent together.
#[doc(hidden)]
#[derive(Debug)]
pub struct Round {
    pub(crate) dialect: Dialect,
    pub(crate) statements: Vec<Statement>,
}

impl Round {
    pub(crate) fn push(
        &mut self,
        rows: EntityStatement<'_>,
        cache: &SqlCache,
        entity: &'static EntityDefinition,
        relation: Option<&'static RelationDefinition>,
    ) -> Result<()> {
        let (sql, parameters) = rows.sql(self.dialect, cache)?;
        let statement = Statement::new(Operation::Select, sql, parameters);
        self.statements.push(statement.about(entity, relation));
        Ok(())
    }
}

/// Sends round after round on one connection until nothing is left to ask for.
async fn run(db: &impl Executor, loading: &mut dyn Loading, reads: Reads) -> Result<()> {
    let mut acquired = db.acquire();
    let mut round = Round { dialect: db.dialect(), statements: Vec::new() };
    let mut number = 0;
    loop {
        loading.send(&mut round)?;
        let statements = round.statements.as_slice();
        statements.iter().try_for_each(|statement| statement.check(round.dialect.engine))?;
        let progress = if statements.is_empty() {
            acquired.end().await?
        } else {
            let is_last = loading.is_sent();
            let mut answers = Answers { loading: &mut *loading, answered: 0 };
            let sent = RoundTrip { statements, reads, number, is_last };
            let progress = acquired.round(sent, &mut |at, row| answers.row(at, row)).await?;
            if progress == RoundEnd::Done {
                answers.answered(statements.len());
            }
            progress
        };
        match progress {
            RoundEnd::Restart => {
                loading.restart()?;
                number = 0;
            }
            RoundEnd::Done if statements.is_empty() => return Ok(()),
            RoundEnd::Done => number += 1,
        }
        round.statements.clear();
    }
}

/// The answers to a round.
struct Answers<'a> {
    loading: &'a mut dyn Loading,
    /// The number of answered statements of the round.
    answered: usize,
}

impl Answers<'_> {
    /// So many statements of the round are answered.
    fn answered(&mut self, statements: usize) {
        for _ in self.answered..statements {
            if let Some(receiver) = self.loading.receiver() {
                receiver.end();
            }
        }
        self.answered = statements;
    }

    fn row(&mut self, number: usize, row: &Row<'_>) -> Result<()> {
        self.answered(number);
        self.loading.receiver().map_or(Ok(()), |receiver| receiver.row(row))
    }
}

/// The rows of a query on their way, with what is included.
struct RootRows<'q, T: Loaded> {
    select: &'q Select,
    plan: &'q OwnOrKept,
    verb: Verb,
    show: &'q mut dyn Show,
    state: RoundState,
    batch: ParentRows<T>,
}

/// An observer of rows before they are read.
pub(crate) trait Show: Send {
    /// Takes note of a row, and says whether it is to be read.
    fn show(&mut self, row: &Row<'_>, plan: &RowPlan) -> Result<bool>;

    /// Forgets all rows, which come once more.
    fn restart(&mut self);
}

/// Reads all rows, without observing them.
pub(crate) struct ShowAll;

impl Show for ShowAll {
    fn show(&mut self, _: &Row<'_>, _: &RowPlan) -> Result<bool> {
        Ok(true)
    }

    fn restart(&mut self) {}
}

impl<T: Loaded> Loading for RootRows<'_, T> {
    fn send(&mut self, round: &mut Round) -> Result<()> {
        if self.state == RoundState::Answered {
            return self.batch.send(round, Sources::Here);
        }
        let rows = EntityStatement::Of { select: self.select, plan: self.plan, verb: self.verb };
        round.push(rows, T::Entity::sql_cache(), self.select.entity, self.select.relation)?;
        self.state = RoundState::Sent;
        self.batch.send(round, Sources::Sent(Repeated { rows: &rows }))
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        if self.state == RoundState::Sent { Some(self) } else { self.batch.receiver() }
    }

    fn is_sent(&mut self) -> bool {
        self.state != RoundState::Waiting && self.batch.is_sent()
    }

    fn restart(&mut self) -> Result<()> {
        (self.state, self.batch) = (RoundState::Waiting, ParentRows::new(self.plan));
        self.show.restart();
        Ok(())
    }
}

impl<T: Loaded> Receiver for RootRows<'_, T> {
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if self.show.show(row, self.plan)? {
            self.batch.read_repeated(row, self.plan)
        } else {
            Ok(())
        }
    }

    fn end(&mut self) {
        self.state = RoundState::Answered;
    }
}

/// The rows of a query with what is included, where further statements bring some of it.
pub(crate) async fn trees<T: Loaded>(
    db: &impl Executor,
    select: &Select,
    plan: &OwnOrKept,
    verb: Verb,
    show: &mut dyn Show,
) -> Result<Vec<T>> {
    let mut root = RootRows {
        select,
        plan,
        verb,
        show,
        state: RoundState::Waiting,
        batch: ParentRows::new(plan),
    };
    run(db, &mut root, plan.reads(select)).await?;
    root.batch.whole()
}

/// A relation that is followed from sources in hand.
struct InHandTargets<'s, R: Relation, P> {
    planned: &'s Arc<Planned>,
    sources: &'s [&'s R::Source],
    loader: TargetLoader<R, R::Target, P>,
}

impl<'s, R: Relation, P: Collect<R::Target>> InHandTargets<'s, R, P> {
    fn new(planned: &'s Arc<Planned>, sources: &'s [&'s R::Source]) -> Result<Self> {
        let mut loader = TargetLoader::<R, R::Target, P>::new(Some(planned));
        for source in sources {
            loader.gather(Some(source), None)?;
        }
        Ok(Self { planned, sources, loader })
    }
}

impl<R: Relation, P: Collect<R::Target>> Loading for InHandTargets<'_, R, P> {
    fn send(&mut self, round: &mut Round) -> Result<()> {
        self.loader.send(round, Sources::Here)
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        self.loader.receiver()
    }

    fn is_sent(&mut self) -> bool {
        self.loader.is_sent()
    }

    fn restart(&mut self) -> Result<()> {
        *self = Self::new(self.planned, self.sources)?;
        Ok(())
    }
}

/// The targets of sources in hand.
pub(crate) async fn targets<R: Relation>(
    db: &impl Executor,
    sources: Vec<&R::Source>,
) -> Result<Vec<Targets<R>>> {
    if R::DEFINITION.targets_many() {
        return many_targets::<R>(db, sources, Inclusion::of::<R>()).await;
    }
    let planned = Planned::of_sources_in_hand::<R>(Inclusion::of::<R>());
    let ones = found::<R, Option<R::Target>>(db, &planned, &sources).await?;
    let ones = sources.into_iter().zip(ones);
    ones.map(|(source, one)| promise::one::<R>(one, planned.promised, source)).collect()
}

/// The targets of sources in hand, of which each may have many, as an inclusion says.
pub(crate) async fn many_targets<R: Relation>(
    db: &impl Executor,
    sources: Vec<&R::Source>,
    inclusion: Inclusion,
) -> Result<Vec<Targets<R>>> {
    let planned = Planned::of_sources_in_hand::<R>(inclusion);
    let all = found::<R, Vec<R::Target>>(db, &planned, &sources).await?;
    let all = sources.into_iter().zip(all);
    all.map(|(source, all)| promise::all::<R>(all, source)).collect()
}

/// The targets of each source.
async fn found<R: Relation, P: Collect<R::Target>>(
    db: &impl Executor,
    planned: &Arc<Planned>,
    sources: &[&R::Source],
) -> Result<Vec<P>> {
    let mut targets = InHandTargets::<R, P>::new(planned, sources)?;
    let is_unknown = planned.select.is_unknown();
    run(db, &mut targets, if is_unknown { Reads::Unknown } else { Reads::Only }).await?;
    sources.iter().map(|_| targets.loader.take()).collect()
}

/// Entities in hand with what is included, in their order.
pub(crate) async fn preloaded<T: Loaded>(
    db: &impl Executor,
    plan: &RowPlan,
    entities: Vec<T::Own>,
) -> Result<Vec<T>> {
    let mut hand = Hand::<T>::new(plan, entities)?;
    let reads = if plan.is_unknown() { Reads::Unknown } else { Reads::Only };
    run(db, &mut hand, reads).await?;
    hand.batch.whole()
}

/// Entities in hand, with the relations that are loaded for them.
struct Hand<'p, T: Loaded> {
    plan: &'p RowPlan,
    batch: ParentRows<T>,
}

impl<'p, T: Loaded> Hand<'p, T> {
    fn new(plan: &'p RowPlan, entities: Vec<T::Own>) -> Result<Self> {
        let mut batch = ParentRows::new(plan);
        for entity in entities {
            batch.push(entity, None)?;
        }
        Ok(Self { plan, batch })
    }
}

impl<T: Loaded> Loading for Hand<'_, T> {
    fn send(&mut self, round: &mut Round) -> Result<()> {
        self.batch.send(round, Sources::Here)
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        self.batch.receiver()
    }

    fn is_sent(&mut self) -> bool {
        self.batch.is_sent()
    }

    fn restart(&mut self) -> Result<()> {
        let batch = std::mem::replace(&mut self.batch, ParentRows::new(self.plan));
        *self = Self::new(self.plan, batch.into_entities())?;
        Ok(())
    }
}
