//! Observers of the rows that are written, by their entities.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{Action, RelationDefinition};
use crate::driver::pool::Database;
use crate::driver::statement::Statement;
use crate::driver::transaction::Transaction;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// The observers of a [`Database`], each of one entity; [`Database::observed`] takes them.
///
/// ```no_run
/// # use relations::prelude::*;
/// # use relations::repository::{Observer, Observers};
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64 }
/// # #[derive(Entity)]
/// # struct Line { #[id] id: i64 }
/// # struct Audit;
/// # impl Observer<Order> for Audit {}
/// # impl Observer<Line> for Audit {}
/// # fn run(db: relations::Database) {
/// let observers = Observers::new().on::<Order>(Audit).on::<Line>(Audit);
/// let db = db.observed(observers);
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "observers see nothing until `Database::observed` is given them"]
#[doc(alias = "hooks")]
pub struct Observers {
    observed: Vec<Arc<dyn ObserveRows>>,
    /// The foreign keys by which the database itself changes observed rows when others go.
    reaching: Vec<Held>,
    /// The properties of which the database itself changes observed rows.
    followed: Vec<(&'static EntityDefinition, &'static str)>,
    /// The entities whose observers are under way.
    under_way: Vec<&'static EntityDefinition>,
}

/// Shows the names of the entities.
impl fmt::Debug for Observers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.observed.iter().map(|one| one.entity().name);
        formatter.debug_tuple("Observers").field(&names.collect::<Vec<_>>()).finish()
    }
}

/// The work of an observer.
pub(crate) type Observing<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// The observer of an entity, whose type is one of a later tier.
pub(crate) trait ObserveRows: Send + Sync {
    fn entity(&self) -> &'static EntityDefinition;

    /// No rows yet of the entity.
    fn rows(&self) -> Box<dyn ObservedRows>;

    fn inserted<'a>(&'a self, tx: &'a Transaction, rows: &'a dyn ObservedRows) -> Observing<'a>;

    fn updated<'a>(
        &'a self,
        tx: &'a Transaction,
        before: &'a dyn ObservedRows,
        after: &'a dyn ObservedRows,
    ) -> Observing<'a>;

    fn deleted<'a>(&'a self, tx: &'a Transaction, rows: &'a dyn ObservedRows) -> Observing<'a>;
}

/// Rows of an entity, whose type is known to its observer.
pub(crate) trait ObservedRows: Send + Sync {
    /// Adds a row that begins with all properties.
    fn push(&mut self, row: &Row<'_>) -> Result<()>;

    fn len(&self) -> usize;

    /// The values of the properties of each row.
    fn parameters(&self) -> Vec<Vec<Parameter>>;

    /// The rows of these numbers, in this order.
    fn only(self: Box<Self>, numbers: &[usize]) -> Box<dyn ObservedRows>;

    fn as_any(&self) -> &dyn Any;
}

impl Observers {
    /// No observers yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(mut self, observer: Arc<dyn ObserveRows>) -> Self {
        self.observed.push(observer);
        self.reaching = self.keys_that_reach();
        self.followed = self.keys_that_are_followed();
        self
    }

    /// The observers of an entity.
    pub(crate) fn of<'a>(
        &'a self,
        entity: &'static EntityDefinition,
    ) -> impl Iterator<Item = &'a Arc<dyn ObserveRows>> {
        self.observed.iter().filter(move |one| one.entity().is(entity))
    }

    pub(crate) fn observe(&self, entity: &'static EntityDefinition) -> bool {
        self.of(entity).next().is_some()
    }

    /// Whether a write of an entity concerns an observer.
    pub(crate) fn concern(&self, entity: &'static EntityDefinition) -> bool {
        self.observe(entity) || self.reaching(entity).next().is_some()
    }

    /// The foreign keys by which a delete of an entity's rows changes observed ones.
    pub(crate) fn reaching(
        &self,
        entity: &'static EntityDefinition,
    ) -> impl Iterator<Item = Held> + '_ {
        let reaches = move |(_, relation): &&Held| relation.target.definition().is(entity);
        self.reaching.iter().filter(reaches).copied()
    }

    /// These, while those of an entity are under way.
    ///
    /// # Errors
    ///
    /// They are already.
    pub(crate) fn within(&self, entity: &'static EntityDefinition) -> Result<Self> {
        if self.under_way.iter().any(|one| one.is(entity)) {
            let name = entity.name;
            return Err(Error::invalid_request(format!(
                "the observer of `{name}` writes `{name}`, and would observe itself without end; write \
                 rows of another entity in it",
            ))
            .entity_is(entity));
        }
        let mut within = self.clone();
        within.under_way.push(entity);
        Ok(within)
    }

    /// The foreign keys that lead from observed rows to others, and from these on, as long as a delete
    /// comes back by them.
    fn keys_that_reach(&self) -> Vec<Held> {
        let mut keys: Vec<Held> = Vec::new();
        let mut reached: Vec<&'static EntityDefinition> = Vec::new();
        reached.extend(self.observed.iter().map(|one| one.entity()));
        let mut next = 0;
        while let Some(source) = reached.get(next).copied() {
            next += 1;
            for relation in source.relations.iter().copied() {
                let Some(key) = relation.foreign_key else { continue };
                let is_met =
                    keys.iter().any(|(one, other)| one.is(source) && other.name == relation.name);
                // A row that is set to null is changed, and no other one with it.
                let is_led_on = match key.on_delete {
                    Action::Cascade => true,
                    Action::SetNull | Action::SetDefault => self.observe(source),
                    Action::NoAction | Action::Restrict => false,
                };
                if is_led_on && !is_met {
                    keys.push((source, relation));
                    reached.push(relation.target.definition());
                }
            }
        }
        keys
    }

    /// The properties whose changes foreign keys bring to observed rows by `on_update`.
    fn keys_that_are_followed(&self) -> Vec<(&'static EntityDefinition, &'static str)> {
        let mut followed: Vec<(&'static EntityDefinition, &'static str)> = Vec::new();
        let mut sources: Vec<_> = self.observed.iter().map(|one| (one.entity(), None)).collect();
        let mut next = 0;
        while let Some((source, property)) = sources.get(next).copied() {
            next += 1;
            for relation in source.relations.iter().copied().filter(|one| follows(one)) {
                let target = relation.target.definition();
                // Of an observed row each key is meant, of others those that lead on to one.
                let parts = relation.key_from.iter().zip(relation.key_to);
                let parts = parts.filter(|(from, _)| property.is_none_or(|one| one == **from));
                for (_, to) in parts {
                    if !followed.iter().any(|(entity, one)| entity.is(target) && one == to) {
                        followed.push((target, to));
                        sources.push((target, Some(*to)));
                    }
                }
            }
        }
        followed
    }

    /// Makes sure that no change of these properties makes the database change observed rows.
    ///
    /// # Errors
    ///
    /// A foreign key of an observed entity follows one of them.
    pub(crate) fn check_keys(
        &self,
        entity: &'static EntityDefinition,
        mut written: impl Iterator<Item = &'static PropertyDefinition>,
    ) -> Result<()> {
        let is_key = |property: &&PropertyDefinition| {
            self.followed.iter().any(|(one, name)| one.is(entity) && *name == property.name)
        };
        match written.find(is_key) {
            None => Ok(()),
            Some(property) => Err(Error::invalid_request(format!(
                "`{}.{}` is a key that rows of an observed entity follow by `on_update`, and their \
                 observer would not see it; leave it out of the change, or change it through the \
                 database that is not observed",
                entity.name, property.name,
            ))
            .entity_is(entity)),
        }
    }

    /// Refuses a statement whose writes no observer would see.
    pub(crate) fn check(&self, statement: &Statement) -> Result<()> {
        let why = match statement.operation() {
            Operation::Raw if statement.unobserved => return Ok(()),
            Operation::Raw => {
                "SQL of your own may write rows that an observer does not see; add `.unobserved()` if \
                 it writes none, or none that is observed"
            }
            Operation::Define => {
                "tables are not defined or dropped through an observed database; do that through the \
                 one that `observed` was called on"
            }
            Operation::Insert | Operation::Update | Operation::Delete => {
                match statement.entity() {
                    Some(entity) if !self.concern(entity) => return Ok(()),
                    // A soft delete, or a delete, that came here was looked at by none.
                    Some(entity)
                        if !self.observe(entity) && statement.operation() != Operation::Delete =>
                    {
                        return Ok(());
                    }
                    _ => {
                        "the rows are observed, and this write would not be; write through the observed \
                         database itself, and not through an executor of your own around it"
                    }
                }
            }
            _ => return Ok(()),
        };
        Err(statement.explain(Error::invalid_request(why)))
    }
}

/// Whether the foreign key of a relation changes with the key of its target.
fn follows(relation: &'static RelationDefinition) -> bool {
    let action = relation.foreign_key.map_or(Action::NoAction, |key| key.on_update);
    !matches!(action, Action::NoAction | Action::Restrict)
}

impl Database {
    /// This database, whose writes are seen by observers, in the transaction of each write: an audit log, for
    /// example.
    ///
    /// ```
    /// use relations::Transaction;
    /// use relations::prelude::*;
    /// use relations::repository::{Observer, Observers};
    ///
    /// #[derive(Debug, Entity)]
    /// struct Order {
    ///     #[id(generated)]
    ///     id: i64,
    ///     quantity: i32,
    /// }
    ///
    /// #[derive(Debug, Entity)]
    /// struct Change {
    ///     #[id(generated)]
    ///     id: i64,
    ///     order_id: i64,
    ///     from: i32,
    ///     to: i32,
    /// }
    ///
    /// struct Audit;
    ///
    /// impl Observer<Order> for Audit {
    ///     async fn updated(
    ///         &self,
    ///         tx: &Transaction,
    ///         before: &[Order],
    ///         after: &[Order],
    ///     ) -> relations::Result<()> {
    ///         let changes = before.iter().zip(after).map(|(before, after)| NewChange {
    ///             order_id: after.id,
    ///             from: before.quantity,
    ///             to: after.quantity,
    ///         });
    ///         NewChange::insert_many(changes, tx).await.map(drop)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// let db = relations::connect("sqlite::memory:").await?;
    /// db.create(schema![Order, Change]).await?;
    ///
    /// let db = db.observed(Observers::new().on::<Order>(Audit));
    /// let order = NewOrder { quantity: 3 }.insert(&db).await?;
    /// Order::find_by_id(order.id).set(Order::QUANTITY, 5).update(&db).await?;
    ///
    /// let change = Change::find().one(&db).await?;
    /// assert_eq!((change.order_id, change.from, change.to), (order.id, 3, 5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The handle shares the pool. Everything that it makes is observed too: its clones, transactions,
    /// [`tenant`](Self::tenant), [`in_schema`](Self::in_schema), [`batched`](Self::batched) and
    /// [`query_stats`](Self::query_stats). The handle that it was made of is not observed, and costs nothing
    /// more. See [`Observer`](crate::repository::Observer) for which writes are seen.
    ///
    /// Each write of an observed entity runs in a transaction of its own, or behind a savepoint in one that is
    /// open, with its observers. A second call replaces the observers of the first.
    ///
    /// # Errors
    ///
    /// A write fails and is undone if an observer fails. A write that no observer would see is refused before it
    /// is sent ([`Error::is_invalid_request`]): SQL of your own that does not say
    /// [`unobserved`](crate::raw_sql::Sql::unobserved), definitions of tables, a
    /// [`sql_session`](Self::sql_session), and a delete by which the database would delete or change observed
    /// rows itself (`on_delete`). Other statements of a transaction fail while an observed write of it is under way,
    /// as beside any savepoint. An upsert whose row another transaction deletes meanwhile is a serialization
    /// failure ([`Error::is_retryable`](crate::Error::is_retryable)).
    #[must_use]
    #[doc(alias = "hooks")]
    #[doc(alias = "audit log")]
    #[doc(alias = "callbacks")]
    #[doc(alias = "subscriber")]
    pub fn observed(&self, observers: Observers) -> Self {
        self.with_observers(Arc::new(observers))
    }
}
