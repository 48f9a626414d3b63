//! An executor through which look-ups that are made at the same time become one statement.
//!
//! A caller joins the open [`Batch`](batch::Batch) of what it looks up, or opens one. Who opens it
//! lets all go first that may bring keys, and closes it after a round which brought none: on several
//! threads it is there that all of them had their turn. A task sends the statement and wakes all who
//! wait. It is spawned, and not driven by a caller: a caller that is neither polled nor dropped
//! would otherwise keep all others waiting.

mod acquired;
pub(crate) mod answer;
pub(crate) mod batch;
pub(crate) mod cache;
mod crowded;
pub(crate) mod keys;
pub(crate) mod options;

pub(crate) use crate::driver::coalesce::crowded::Crowded;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tracing::Instrument;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, capabilities};
use crate::driver::coalesce::acquired::AcquiredBatched;
use crate::driver::coalesce::answer::{Answered, Share, SharedRows};
use crate::driver::coalesce::batch::{Batch, Open, Unanswered, Waiter};
use crate::driver::coalesce::cache::{Cache, Forgetting};
use crate::driver::coalesce::keys::{SharedKey, SharedKeys};
use crate::driver::executor::Executor;
use crate::driver::in_schema::SchemaName;
use crate::driver::observers::Observers;
use crate::driver::pool::Database;
use crate::driver::rows::{Answer, Rows};
use crate::driver::statement::Statement;
use crate::driver::tenant::TenantRows;
use crate::driver::trace::Trace;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::{
    RetryableAsyncClosure, TransactionFuture, Transactional, run,
};
use crate::error::{Error, Result};
use crate::plan::strategy::MANY_SOURCES;
use crate::sql::batch_key::BatchKey;
use crate::sql::operation::Operation;
use crate::value::row::Row;

/// A DataLoader: an executor through which concurrent accessors and `find_by_id` share one
/// statement for each relation. [`Database::batched`] creates one.
///
/// Use it where each part of the code looks up its own rows, such as in the resolvers of a GraphQL
/// schema or in spawned tasks. If one place knows all sources, use
/// [`load`](crate::RelationHandle::load) or an include instead.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Debug, Entity)]
/// # struct Customer { #[id(generated)] id: i64, name: String }
/// # #[derive(Debug, Entity)]
/// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> relations::Result<()> {
/// # let db = relations::connect("sqlite::memory:").await?;
/// # db.create(schema![Customer, Order]).await?;
/// # let ada = NewCustomer { name: "Ada".into() }.insert(&db).await?;
/// # let bob = NewCustomer { name: "Bob".into() }.insert(&db).await?;
/// # let first = NewOrder { customer_id: ada.id }.insert(&db).await?;
/// # let second = NewOrder { customer_id: bob.id }.insert(&db).await?;
/// let db = db.batched();
/// // One statement.
/// let (one, other) = tokio::try_join!(first.customer(&db), second.customer(&db))?;
/// assert_eq!((one.name, other.name), ("Ada".into(), "Bob".into()));
/// # Ok(())
/// # }
/// ```
///
/// Lookups by a key are batched: accessors, `find_by_id`, and the `of` of a relation without a
/// filter, order, page, lock or include of its own. All other statements are sent unchanged. A
/// batch collects keys until a full round of ready tasks added none, or until there are
/// [`max_keys`](Self::max_keys); equal keys are sent once. A full batch is sent at once and the
/// next one starts, first come, first served.
///
/// Each caller gets the result that it would get alone, including errors. Two keys are equal if the
/// database says so, as for a `citext` in another case: then each caller gets the row. A dropped
/// caller does not affect the others; if all are dropped, so is the statement.
///
/// Statements of a transaction are never batched, even if it begins here. Nothing is cached, except
/// by [`cached`](Self::cached).
///
/// Clones batch together, and can be moved into tasks. It needs a tokio runtime with timers; without
/// a runtime each statement is sent separately. Callers in different runtimes do not share batches,
/// and those of a runtime that ends get an error.
#[doc(alias = "dataloader")]
#[doc(alias = "data loader")]
#[doc(alias = "n+1")]
pub struct Batched<E = Database>(Arc<Shared<E>>);

/// The state that the clones of an executor share.
struct Shared<E> {
    db: Arc<E>,
    /// The largest number of keys of a statement.
    most: usize,
    window: Option<Duration>,
    open: Open,
    cache: Option<Cache>,
}

impl<E> Clone for Batched<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> fmt::Debug for Batched<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Batched")
            .field("max_keys", &self.0.most)
            .field("window", &self.0.window)
            .field("cached", &self.0.cache.is_some())
            .finish_non_exhaustive()
    }
}

impl Database {
    /// A DataLoader: an executor through which concurrent accessors and `find_by_id` share one
    /// statement for each relation. See [`Batched`].
    #[must_use]
    #[doc(alias = "dataloader")]
    #[doc(alias = "n+1")]
    pub fn batched(&self) -> Batched {
        Batched::new(self.clone())
    }
}

impl<E> Batched<E> {
    /// Batches the lookups of another executor: a pool, a client, or a
    /// [`QueryStats`](crate::driver::QueryStats) of one. Through a transaction nothing is batched.
    #[must_use]
    pub fn new(executor: E) -> Self {
        Self(Arc::new(Shared {
            db: Arc::new(executor),
            most: MANY_SOURCES,
            window: None,
            open: Open::default(),
            cache: None,
        }))
    }

    /// Adds a request cache: a key that was looked up is not queried again, whether or not it was
    /// found. Errors are not cached.
    ///
    /// Each call creates a separate cache, so a program can keep one `Batched` and create a cache
    /// for each request.
    ///
    /// Every statement through it that is not a query of entities, raw SQL included, clears the cache
    /// when it is sent and when it is done. While a transaction is open that began through it,
    /// nothing is cached, and the cache is cleared when it ends. Concurrent writes of others, or
    /// through another executor, are not seen.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Debug, PartialEq, Entity)]
    /// # struct Customer { #[id(generated)] id: i64, name: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// # let db = relations::connect("sqlite::memory:").await?;
    /// # db.create(schema![Customer]).await?;
    /// # let ada = NewCustomer { name: "Ada".into() }.insert(&db).await?;
    /// let stats = db.query_stats();
    /// let request = stats.batched().cached();
    /// let once = Customer::find_by_id(ada.id).one(&request).await?;
    /// let twice = Customer::find_by_id(ada.id).one(&request).await?;
    /// assert_eq!(once, twice);
    /// assert_eq!(stats.statements(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn cached(&self) -> Self {
        Self(Arc::new(Shared { cache: Some(Cache::default()), ..self.apart() }))
    }

    /// The executor that runs the statements.
    #[must_use]
    pub fn executor(&self) -> &E {
        &self.0.db
    }
}

/// The start of the look-up of a key.
enum Begun<'a> {
    Known(Share),
    Waiting(Waiter<'a>),
}

impl<E: Executor + 'static> Batched<E> {
    /// The key that a gathered statement looks up.
    pub(super) fn look_up<'statement>(
        &self,
        statement: &'statement Statement,
    ) -> Option<&'statement BatchKey> {
        // A statement that was written for a tenant, or for a schema, is gathered within an executor of it only.
        let (sql, own) = (&statement.sql, self.0.db.dialect());
        let is_own = sql.tenancy == own.tenancy && sql.in_schema == own.in_schema;
        let look_up = statement.look_up.as_ref().filter(|_| is_own);
        look_up.filter(|_| !capabilities(&*self.0.db).transaction)
    }

    /// The rows of the key of a statement, as they are remembered, or looked up together with
    /// others; `None` where the statement is not gathered.
    pub(super) async fn share(&self, statement: &Statement) -> Option<Result<Share>> {
        let mut waiter: Option<Waiter<'_>> = None;
        poll_fn(|context| {
            if let Some(waiter) = &waiter {
                return waiter.poll(context).map(Some);
            }
            match self.ask(statement, context) {
                Some(Begun::Known(share)) => Poll::Ready(Some(Ok(share))),
                Some(Begun::Waiting(taken)) => {
                    waiter = Some(taken);
                    Poll::Pending
                }
                None => Poll::Ready(None),
            }
        })
        .await
    }

    fn ask(&self, statement: &Statement, context: &mut Context<'_>) -> Option<Begun<'_>> {
        let look_up = self.look_up(statement)?;
        let key = SharedKey::new(statement.parameters.clone());
        let known = self.0.cache.as_ref().and_then(|cache| cache.get(look_up, &key));
        match known {
            Some(share) => Some(Begun::Known(share)),
            None => self.0.join(statement, look_up, key, context).map(Begun::Waiting),
        }
    }

    /// The guard that forgets before and after a statement that is not gathered and may write.
    fn forgetting(&self, statement: &Statement) -> Option<Forgetting<'_>> {
        let writes = statement.operation() != Operation::Select;
        self.0.cache.as_ref().filter(|_| writes).map(Cache::forgetting)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Executor + 'static> Executor for Batched<E> {
    fn engine(&self) -> Engine {
        self.0.db.engine()
    }

    fn tenancy(&self) -> TenantRows<'_> {
        self.0.db.tenancy()
    }

    fn schema(&self) -> Option<&SchemaName> {
        self.0.db.schema()
    }

    fn observers(&self) -> Option<&Arc<Observers>> {
        self.0.db.observers()
    }

    async fn open_observed(&self) -> Result<Transaction> {
        self.0.db.open_observed().await
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        if let Some(share) = self.share(statement).await {
            return Ok(Rows(Answer::Shared(share?)));
        }
        let _forgetting = self.forgetting(statement);
        self.0.db.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        AcquiredBatched::new(self, self.0.db.acquire())
    }
}

impl<E: Executor + 'static> Shared<E> {
    /// Takes a waiter in the open batch of a look-up, or opens one; `None` where there is no runtime.
    fn join<'a>(
        self: &'a Arc<Self>,
        statement: &Statement,
        look_up: &BatchKey,
        mut key: SharedKey,
        context: &mut Context<'_>,
    ) -> Option<Waiter<'a>> {
        let waker = context.waker();
        let runtime = Handle::try_current().ok()?;
        let mut open = self.open.lock();
        let is_joined =
            |batch: &Arc<Batch>| batch.runtime == runtime.id() && batch.look_up.is(look_up);
        if let Some(at) = open.iter().position(is_joined)
            && let Some(batch) = open.get(at).cloned()
        {
            let joined = batch.join(key, waker, self.most);
            if joined.as_ref().map_or(true, |joined| joined.is_last) {
                open.swap_remove(at);
            }
            match joined {
                Ok(joined) => return Some(Waiter::new(&self.open, batch, joined)),
                Err(again) => key = again,
            }
        }
        let batch = Arc::new(Batch::new(*look_up, runtime.id()));
        let joined = batch.join(key, waker, self.most).ok()?;
        let task = Arc::clone(self).answer(Unanswered(Arc::clone(&batch)), statement.clone());
        batch.is_answered_by(&runtime.spawn(task.in_current_span()));
        if !joined.is_last {
            open.push(Arc::clone(&batch));
            if self.window.is_none() {
                batch.closes_after_a_round(context);
            }
        }
        Some(Waiter::new(&self.open, batch, joined))
    }

    /// Gathers keys, looks them up and tells all who wait.
    async fn answer(self: Arc<Self>, unanswered: Unanswered, first: Statement) {
        let batch = &unanswered.0;
        batch.gather(self.window).await;
        self.open.remove(batch);
        let (keys, callers) = batch.close();
        let state = self.cache.as_ref().map(Cache::state);
        let answered = self.look_up(&batch.look_up, first, &keys, callers).await.map(Arc::new);
        if let (Ok(answered), Some(cache), Some(state)) = (&answered, &self.cache, state) {
            cache.keep(state, batch.look_up, keys, answered);
        }
        unanswered.answer(answered);
    }

    /// The rows of some keys, in one statement.
    async fn look_up(
        &self,
        look_up: &BatchKey,
        first: Statement,
        keys: &SharedKeys,
        callers: usize,
    ) -> Result<Answered> {
        let Some((parts, place)) = keys.only() else {
            let numbered = look_up.is_numbered();
            let (arrays, places) = keys.arrays(&look_up.key(), numbered);
            let statement = look_up.statement(self.db.dialect(), &arrays)?;
            let all = self.fetch(&statement).await?;
            if numbered {
                let place = |row: &Row<'_>| Ok(places.get(look_up.number_in(row)?).copied());
                return Answered::new(all, keys.places(), place);
            }
            let positions = look_up.positions();
            let place = |row: &Row<'_>| Ok(keys.place(look_up.key_of(row, &positions)?));
            return Answered::new(all, keys.places(), place);
        };
        // Whose key it is may no longer wait.
        let (alone, caller) = (callers == 1, first.caller.filter(|_| callers == 1));
        let statement = Statement { parameters: parts.into(), ..first }.asked_by(caller, alone);
        Answered::new(self.fetch(&statement).await?, keys.places(), |_| Ok(Some(place)))
    }

    /// All rows of a statement.
    async fn fetch(&self, statement: &Statement) -> Result<SharedRows> {
        statement.check(self.db.engine())?;
        let gathers = self.db.acquire().gathers(statement);
        let trace = (!gathers).then(|| Trace::begin(self.db.engine(), statement));
        let all = async { self.db.run(statement).await?.all().await }.await;
        let details = capabilities(&*self.db).details;
        let all = all.map_err(|error| statement.explain(error).with_details(details));
        if let Some(trace) = trace {
            trace.ended(all.as_ref().map(SharedRows::len));
        }
        all
    }
}

#[diagnostic::do_not_recommend]
impl<E: Transactional + 'static> Transactional for Batched<E> {
    fn nests(&self) -> bool {
        self.0.db.nests()
    }

    async fn open(&self, options: &TransactionOptions, attempt: u32) -> Result<Transaction> {
        let transaction = self.0.db.open(options, attempt).await?;
        if let Some(cache) = &self.0.cache {
            cache.wait_for(transaction.ending());
        }
        Ok(transaction)
    }
}

impl<E: Transactional + 'static> Batched<E> {
    /// Begins a transaction, like [`Database::begin`]. Its statements are neither batched nor
    /// answered from a cache.
    ///
    /// # Errors
    ///
    /// As of [`Database::begin`].
    pub async fn begin(&self) -> Result<Transaction> {
        self.open(&TransactionOptions::new(), 1).await
    }

    /// Runs work in a transaction, like [`Database::transaction`]. Its statements are neither
    /// batched nor answered from a cache.
    ///
    /// # Errors
    ///
    /// As of [`Database::transaction`].
    pub fn transaction<'a, T, F>(&'a self, work: F) -> TransactionFuture<'a, T>
    where
        T: Send + 'a,
        F: for<'tx> RetryableAsyncClosure<'tx, T, Error, Doing: Send> + Send + Sync + 'a,
    {
        run(self, TransactionOptions::new(), work)
    }
}
