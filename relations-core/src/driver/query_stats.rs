//! An executor that counts statements, and tells which were better asked together.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::coalesce::Batched;
use crate::driver::executor::Executor;
use crate::driver::in_schema::SchemaName;
use crate::driver::observers::Observers;
use crate::driver::pool::Database;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::tenant::TenantRows;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::Transactional;
use crate::error::{Error, Kind, Result, counted};
use crate::sql::operation::Operation;

/// An executor for tests and development that counts the statements of each relation and each
/// entity, and finds N+1 queries. [`Database::query_stats`] creates one.
///
/// It records which of them looked up a single key, and from which line of code: an accessor, a
/// `find_by_id` or an `of` in a loop. Statements of includes, of [`load`](crate::RelationHandle::load) and
/// of [`batched`](Self::batched) accessors that shared one are for many keys.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Debug, Entity)]
/// # struct Customer { #[id(generated)] id: i64 }
/// # #[derive(Debug, Entity)]
/// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> relations::Result<()> {
/// # let db = relations::connect("sqlite::memory:").await?;
/// # db.create(schema![Customer, Order]).await?;
/// # let customer_id = NewCustomer {}.insert(&db).await?.id;
/// # for _ in 0..3 { NewOrder { customer_id }.insert(&db).await?; }
/// let db = db.query_stats();
/// for order in Order::find().all(&db).await? {
///     order.customer(&db).await?;
/// }
/// assert_eq!(db.statements(), 4);
/// let repeated = db.n_plus_one(1);
/// assert_eq!(repeated[0].relation().unwrap().name, "customer");
/// assert_eq!(repeated[0].single_key(), 3);
/// println!("{}", repeated[0]); // `Order.customer`: 3 statements, 3 for one key each at src/main.rs:10
/// # Ok(())
/// # }
/// ```
///
/// Each `query_stats` has its own counts, for a test or a request; clones share them. Statements of
/// a transaction that begins here are not counted; to count them, wrap the transaction by
/// [`new`](Self::new).
#[doc(alias = "n+1")]
pub struct QueryStats<E = Database> {
    db: E,
    limit: Option<usize>,
    seen: Arc<Mutex<Vec<QueryCount>>>,
}

impl<E: Clone> Clone for QueryStats<E> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone(), limit: self.limit, seen: Arc::clone(&self.seen) }
    }
}

impl<E> fmt::Debug for QueryStats<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QueryStats").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl Database {
    /// An executor that counts statements, and finds accessors that repeat a single-key lookup
    /// (N+1). See [`QueryStats`].
    #[must_use]
    #[doc(alias = "n+1")]
    pub fn query_stats(&self) -> QueryStats {
        QueryStats::new(self.clone())
    }
}

impl<E> QueryStats<E> {
    /// Counts the statements of another executor, which may be a reference to a transaction or to a
    /// client.
    #[must_use]
    pub fn new(executor: E) -> Self {
        Self { db: executor, limit: None, seen: Arc::default() }
    }

    /// Limits the single-key lookups of each accessor. The next one fails
    /// ([`Error::is_n_plus_one`]) and says what to write instead; nothing is sent.
    #[must_use]
    pub fn limit(mut self, times: usize) -> Self {
        self.limit = Some(times);
        self
    }

    fn seen(&self) -> MutexGuard<'_, Vec<QueryCount>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of statements.
    #[must_use]
    pub fn statements(&self) -> usize {
        self.seen().iter().map(QueryCount::statements).sum()
    }

    /// The counts of each relation, and of each entity that was queried without one, in the order
    /// of their first statements.
    #[must_use]
    pub fn counts(&self) -> Vec<QueryCount> {
        self.seen().clone()
    }

    /// The counts with more than this many single-key lookups.
    #[must_use]
    pub fn n_plus_one(&self, times: usize) -> Vec<QueryCount> {
        self.seen().iter().filter(|counted| counted.single_key() > times).cloned().collect()
    }

    /// Counts a statement that is sent by itself.
    fn count_unless_gathered(&self, inner: &impl Acquired, statement: &Statement) -> Result<()> {
        if inner.gathers(statement) { Ok(()) } else { self.count(statement, true) }
    }

    /// Counts a statement, unless it is one too many.
    fn count(&self, statement: &Statement, alone: bool) -> Result<()> {
        let mut seen = self.seen();
        let at = seen.iter().position(|one| one.is_about(statement)).unwrap_or(seen.len());
        if at == seen.len() {
            seen.push(QueryCount::new(statement));
        }
        let Some(counted) = seen.get_mut(at) else { return Ok(()) };
        let alone = alone && statement.by_key && statement.operation() == Operation::Select;
        match self.limit {
            Some(limit) if alone && counted.single_key() >= limit => {
                let times = counted.single_key() + 1;
                let kind = Kind::Repeated { times, caller: statement.caller() };
                Err(statement.explain(Error::new(kind)))
            }
            _ => {
                counted.add(statement, alone);
                Ok(())
            }
        }
    }
}

impl<E: Clone> QueryStats<E> {
    /// A DataLoader whose statements are counted here; see [`Batched`].
    #[must_use]
    pub fn batched(&self) -> Batched<Self> {
        Batched::new(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Executor> Executor for QueryStats<E> {
    fn engine(&self) -> Engine {
        self.db.engine()
    }

    fn tenancy(&self) -> TenantRows<'_> {
        self.db.tenancy()
    }

    fn schema(&self) -> Option<&SchemaName> {
        self.db.schema()
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.db.observers()
    }

    async fn open_observed(&self) -> Result<Transaction> {
        self.db.open_observed().await
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.count_unless_gathered(&self.db.acquire(), statement)?;
        self.db.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        AcquiredQueryStats { stats: self, inner: self.db.acquire(), counted: 0, restarts: false }
    }
}

/// A call whose statements are counted.
struct AcquiredQueryStats<'db, E, A> {
    stats: &'db QueryStats<E>,
    inner: A,
    /// The number of rounds of the tree that were counted.
    counted: usize,
    /// Whether the next round is the first one once more.
    restarts: bool,
}

impl<E: Executor, A: Acquired> Acquired for AcquiredQueryStats<'_, E, A> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        self.inner.gathers(statement)
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        self.inner.joins_others(statement)
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        self.stats.count_unless_gathered(&self.inner, statement)?;
        self.inner.fetch(statement, each).await
    }

    /// A round that is sent again after a restart counts once.
    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let restarts = std::mem::take(&mut self.restarts);
        if round.number == 0 && !restarts {
            self.counted = 0;
        }
        if round.number >= self.counted {
            self.counted = round.number + 1;
            let alone = round.statements.len() == 1;
            round.statements.iter().try_for_each(|statement| self.stats.count(statement, alone))?;
        }
        let progress = self.inner.round(round, each).await?;
        self.restarts = progress == RoundEnd::Restart;
        Ok(progress)
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        let progress = self.inner.end().await?;
        self.restarts = progress == RoundEnd::Restart;
        Ok(progress)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Transactional> Transactional for QueryStats<E> {
    fn nests(&self) -> bool {
        self.db.nests()
    }

    async fn open(&self, options: &TransactionOptions, attempt: u32) -> Result<Transaction> {
        self.db.open(options, attempt).await
    }
}

/// The counts of a relation, or of an entity that was queried without one.
///
/// Its `Display` is a line with its name, the counts and the lines of code.
#[derive(Debug, Clone)]
pub struct QueryCount {
    entity: Option<&'static EntityDefinition>,
    relation: Option<&'static RelationDefinition>,
    statements: usize,
    alone: usize,
    callers: Vec<(&'static Location<'static>, usize)>,
}

impl QueryCount {
    fn new(statement: &Statement) -> Self {
        let (entity, relation) = (statement.entity(), statement.relation());
        Self { entity, relation, statements: 0, alone: 0, callers: Vec::new() }
    }

    fn is_about(&self, statement: &Statement) -> bool {
        let relation = |one: &'static RelationDefinition| (one.source, one.name);
        let is_relation = self.relation.map(relation) == statement.relation().map(relation);
        is_relation
            && match (self.entity, statement.entity()) {
                (Some(one), Some(other)) => one.is(other),
                (one, other) => one.is_none() && other.is_none(),
            }
    }

    fn add(&mut self, statement: &Statement, alone: bool) {
        self.statements += 1;
        if !alone {
            return;
        }
        self.alone += 1;
        let Some(caller) = statement.caller() else { return };
        match self.callers.iter_mut().find(|(one, _)| *one == caller) {
            Some((_, times)) => *times += 1,
            None => self.callers.push((caller, 1)),
        }
    }

    /// The name of the entity that the statements read or write; `None` for raw SQL, and for the
    /// begin and end of a transaction.
    #[must_use]
    pub fn entity(&self) -> Option<&'static str> {
        self.entity.map(|entity| entity.name)
    }

    /// The relation that the statements follow.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationDefinition> {
        self.relation
    }

    /// The number of statements.
    #[must_use]
    pub fn statements(&self) -> usize {
        self.statements
    }

    /// The number of single-key lookups.
    #[must_use]
    pub fn single_key(&self) -> usize {
        self.alone
    }

    /// The lines of code of the single-key lookups, each with its number.
    pub fn callers(&self) -> impl Iterator<Item = (&'static Location<'static>, usize)> {
        self.callers.iter().copied()
    }
}

impl fmt::Display for QueryCount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.relation, self.entity) {
            (Some(relation), _) => write!(formatter, "`{}.{}`", relation.source, relation.name)?,
            (None, Some(entity)) => write!(formatter, "`{}`", entity.name)?,
            (None, None) => write!(formatter, "other SQL")?,
        }
        write!(formatter, ": {}", counted(self.statements, "statement"))?;
        if self.alone > 0 {
            write!(formatter, ", {} for one key each", self.alone)?;
        }
        for (at, (caller, times)) in self.callers.iter().enumerate() {
            let before = if at == 0 { " at" } else { "," };
            write!(formatter, "{before} {}:{}", caller.file(), caller.line())?;
            if self.callers.len() > 1 {
                write!(formatter, " ({times})")?;
            }
        }
        Ok(())
    }
}
