//! Connections that a pool lends, and what becomes of them when somebody no longer waits.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{TryFutureExt, TryStreamExt};
use tokio::time::Instant;
use tokio_postgres::{RowStream, SimpleQueryStream};

use crate::dialect::Engine;
use crate::driver::acquired::{EachRow, EachRowOfAll};
use crate::driver::executor::Executor;
use crate::driver::postgres::abandoned::Resting;
use crate::driver::postgres::caller_driven::Driver;
use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::connection_pool::Usage;
use crate::driver::postgres::deadline::Deadline;
use crate::driver::postgres::failure::{Again, Failure, is_of_no_use};
use crate::driver::postgres::pipeline;
use crate::driver::postgres::pipeline::{Gathered, end, prepared};
use crate::driver::postgres::sqlstate::error;
use crate::driver::postgres::type_lookup::bounded;
use crate::driver::postgres::value::{WireValue, type_of};
use crate::driver::postgres::{Held, is_simple};
use crate::driver::returned::Returned;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::trace;
use crate::driver::transaction::savepoint_gate::StatementPermit;
use crate::error::{Error, Kind, Result};
use crate::value::row::{Row, RowOf};

/// A connection that a pool has lent, and that goes back to it when nothing of it is under way.
pub(crate) struct PooledConnection {
    /// There until it goes back.
    client: Option<PoolClient>,
    usage: Arc<Usage>,
    /// Whether a statement was sent whose answer nobody has read. What is done in a transaction is
    /// not told here: it goes back when the transaction has ended.
    pub(crate) pending: bool,
    /// Whether a request to cancel is on its way, which may come late and must hit nobody else; told
    /// where statements may take only so long.
    doomed: Option<Arc<AtomicBool>>,
    /// Whether a transaction was begun that is to be ended before it goes back. That of a
    /// [`Transaction`](super::super::Transaction) is ended by itself.
    pub(crate) open: AtomicBool,
    /// The answer to the question how far the last write came, which was sent behind it.
    pub(crate) asked: Mutex<Option<Pin<Box<SimpleQueryStream>>>>,
}

impl PooledConnection {
    pub(crate) fn new(client: PoolClient, usage: Arc<Usage>) -> Self {
        let doomed = usage.statement_timeout.map(|_| Arc::default());
        Self {
            client: Some(client),
            usage,
            pending: false,
            doomed,
            open: AtomicBool::new(false),
            asked: Mutex::default(),
        }
    }

    fn is_doomed(&self) -> bool {
        self.doomed.as_ref().is_some_and(|doomed| doomed.load(Ordering::Relaxed))
    }

    /// Whether it is known to be closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.as_ref().is_none_or(PoolClient::is_closed)
    }

    /// Leaves the pool, which makes a new connection when it needs one; what is under way is
    /// cancelled.
    pub(crate) fn close(&mut self) {
        if let Some(client) = self.client.take() {
            Resting::of(client, &self.usage).stop();
        }
    }

    /// Leaves the pool and is closed, also where nobody can cancel what is under way.
    pub(crate) fn give_up(&mut self) {
        if self.usage.runtime.is_some() {
            self.close();
        } else if let Some(client) = self.client.take() {
            client.close();
        }
    }

    /// Whether statements are sent with the types of their values, instead of being prepared.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.usage.unnamed
    }

    /// Takes the connection out, which does not go back to its pool with this.
    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn take_client(&mut self) -> Option<PoolClient> {
        self.client.take()
    }

    /// Whether nothing is under way, so that another statement can be sent.
    pub(crate) fn is_at_rest(&mut self) -> bool {
        !self.pending && !*self.open.get_mut() && !self.is_doomed() && self.client.is_some()
    }

    /// Every answer was read, so that it can go back.
    pub(crate) fn at_rest(&mut self) {
        self.pending = false;
    }

    /// The last answer was an error. Where the server has answered there is nothing more to come; it
    /// may have said that it ends the connection, which the driver gets to know only later.
    pub(crate) fn refused(&mut self, error: &Error) {
        if is_of_no_use(error) {
            self.close();
        } else {
            self.pending = !error.is_of_server();
        }
    }

    /// Rolls back a transaction that nobody has ended, and goes back to the pool.
    pub(crate) fn abandon(mut self) {
        if !self.is_doomed()
            && let Some(client) = self.client.take()
        {
            Resting::of(client, &self.usage).rest("ROLLBACK");
        }
    }

    /// The driver; `None` for a deadpool client, whose own task polls the connection.
    pub(crate) fn driver(&self) -> Option<&Arc<Driver>> {
        self.client.as_ref()?.driver()
    }

    /// The settings of its pool.
    pub(crate) fn usage(&self) -> &Usage {
        &self.usage
    }

    pub(crate) fn client(&self) -> Result<&PoolClient> {
        let client = self.client.as_ref();
        client.ok_or_else(|| Error::new(Kind::Connection("the connection is closed".to_owned())))
    }

    /// Until when a statement that is sent now may take, where that is said.
    pub(crate) fn deadline(&self, statements: usize) -> Option<Deadline> {
        let statements = u32::try_from(statements).unwrap_or(u32::MAX);
        let time = self.usage.statement_timeout?.checked_mul(statements)?;
        Some(Deadline {
            at: Instant::now().checked_add(time)?,
            token: self.client.as_ref()?.asks().cancel_token(),
            usage: Arc::clone(&self.usage),
            doomed: Arc::clone(self.doomed.as_ref()?),
        })
    }

    /// Sends a statement and waits until its rows begin to come. It gives up its place in a transaction
    /// when it is sent.
    pub(crate) async fn send(
        &self,
        place: Option<StatementPermit>,
        statement: &Statement,
    ) -> Result<Rows, Failure> {
        let client = self.client().map_err(Failure::unsent)?;
        let deadline = self.deadline(1);
        let sending = pin!(self.send_by(client, place, statement));
        let rows = wait(client, deadline.as_ref(), sending).await?;
        Ok(match deadline {
            Some(deadline) => rows.until(Box::new(deadline)),
            None => rows,
        })
    }

    /// [`send`](Self::send) of a statement that is committed by itself: of one that writes, only where
    /// its rows fit.
    pub(crate) async fn send_alone(&self, statement: &Statement) -> Result<Rows, Failure> {
        match self.doubt(statement) {
            Some(returned) => Box::pin(self.checked(statement, returned)).await,
            None => self.send(None, statement).await,
        }
    }

    /// Runs a write in a transaction of its own.
    async fn checked(&self, statement: &Statement, returned: &Returned) -> Result<Rows, Failure> {
        let client = self.client().map_err(Failure::unsent)?;
        self.open.store(true, Ordering::Relaxed);
        let writing = pin!(self.write_checked(client, statement, returned));
        let written = wait(client, self.deadline(3).as_ref(), writing).await;
        if written.is_ok() {
            self.open.store(false, Ordering::Relaxed);
        }
        written
    }

    /// Sends a statement that is committed by itself, and hands each row to a function as it comes.
    pub(crate) async fn fetch_each(
        &self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> Result<u64, Failure> {
        if let Some(returned) = self.doubt(statement) {
            let rows = Box::pin(self.checked(statement, returned)).await?;
            return rows.for_each(each).await.map_err(Failure::unknown);
        }
        let client = self.client().map_err(Failure::unsent)?;
        let reading = pin!(self.fetch_by(client, statement, each));
        wait(client, self.deadline(1).as_ref(), reading).await
    }

    /// [`fetch_each`](Self::fetch_each) for somebody who works the wire and knows how long to wait.
    async fn fetch_by(
        &self,
        client: &PoolClient,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> Result<u64, Failure> {
        match self.stream_by(client, None, statement).await? {
            Some(rows) => read(rows, each).await,
            None => Ok(0),
        }
    }

    /// [`send`](Self::send) for somebody who works the wire and knows how long to wait.
    async fn send_by(
        &self,
        client: &PoolClient,
        place: Option<StatementPermit>,
        statement: &Statement,
    ) -> Result<Rows, Failure> {
        let rows = self.stream_by(client, place, statement).await?;
        Ok(rows.map_or_else(Rows::none, Rows::postgres))
    }

    /// Sends a statement; none where it gives no rows.
    pub(crate) async fn stream_by(
        &self,
        client: &PoolClient,
        place: Option<StatementPermit>,
        statement: &Statement,
    ) -> Result<Option<RowStream>, Failure> {
        let asks = client.asks();
        let alone = place.is_none();
        let sent = || {
            if alone {
                self.follow(client, statement);
            }
        };
        let closed = asks.is_closed();
        let failure = |failure| {
            let failure = Failure::of(failure);
            Failure { unsent: closed || failure.unsent, ..failure }
        };
        if is_simple(statement) {
            // Its error does not tell whether it was in a transaction.
            let done = sent_at(place, sent, pin!(asks.batch_execute(statement.sql()))).await;
            done.map_err(|failed| Failure { unsent: closed, ..failure(failed) })?;
            return Ok(None);
        }
        if self.usage.unnamed {
            let parameters: Vec<_> =
                statement.values().map(|value| (WireValue(value), type_of(value))).collect();
            let asked = asks.query_typed_raw(statement.sql(), parameters).map_err(failure);
            // It is boxed, as few pools are unnamed, and it is deeper than all others.
            let mut asked = Box::pin(bounded(asked));
            return sent_at(place, sent, asked.as_mut()).await.map(Some);
        }
        let prepared = client.prepared(statement).await.map_err(Failure::unsent)?;
        let values = statement.values().map(WireValue);
        let asked = pin!(asks.query_raw(&prepared, values));
        match sent_at(place, sent, asked).await.map_err(failure) {
            Ok(rows) => Ok(Some(rows)),
            Err(failure) => {
                self.forget_changed(&failure.error);
                Err(failure)
            }
        }
    }

    /// Forgets what was prepared, here and on other connections, when a plan no longer fits.
    pub(crate) fn forget_changed(&self, error: &Error) {
        if !error.is_plan_changed() {
            return;
        }
        if let Some(client) = &self.client {
            client.forget();
            self.usage.certain.forget();
        }
    }

    /// Sends statements together, and hands the rows of each to a function in turn.
    pub(crate) async fn run_together(
        &self,
        place: Option<StatementPermit>,
        statements: &[Statement],
        again: Again,
        each: EachRowOfAll<'_>,
    ) -> Result<(), Failure> {
        let client = self.client().map_err(Failure::unsent)?;
        let running = pin!(self.run_by(client, place, statements, again, each));
        wait(client, self.deadline(statements.len()).as_ref(), running).await
    }

    /// Sends statements together, as [`send_by`](Self::send_by) does one.
    async fn run_by(
        &self,
        client: &PoolClient,
        place: Option<StatementPermit>,
        statements: &[Statement],
        again: Again,
        each: EachRowOfAll<'_>,
    ) -> Result<(), Failure> {
        if self.usage.unnamed {
            // Of many not each is sent when all are first polled, so the place is kept to the end.
            let done = pipeline::run_all(&OnConnection(self, client), statements, each).await;
            drop(place);
            return done.map_err(Failure::unknown);
        }
        let prepared = prepared(client, statements).await?;
        let sent = pipeline::send(client.asks(), statements, &prepared, trace::now()).await;
        drop(place);
        let gathered = match sent.read(again, each).await {
            Ok(gathered) => gathered,
            Err(failure) => {
                self.forget_changed(&failure.error);
                return Err(failure);
            }
        };
        for Gathered { number, statement, trace, mut rows } in gathered {
            if let Err(error) = &rows
                && error.is_plan_changed()
            {
                self.forget_changed(error);
                rows = self.send_by(client, None, statement).await.map_err(Error::from);
            }
            let read = end(trace, rows, &mut |row| each(number, row)).await;
            read.map_err(Failure::unknown)?;
        }
        Ok(())
    }
}

impl PoolClient {
    /// Waits for answers.
    pub(crate) async fn wait<F: Future>(&self, answers: Pin<&mut F>) -> F::Output {
        match self.driver() {
            Some(driver) => driver.wait(answers).await,
            None => answers.await,
        }
    }
}

/// Waits for what a connection is asked, as long as it may take.
pub(crate) async fn wait<T>(
    client: &PoolClient,
    deadline: Option<&Deadline>,
    answer: Pin<&mut impl Future<Output = Result<T, Failure>>>,
) -> Result<T, Failure> {
    match deadline {
        // It is boxed, as few are timed.
        Some(deadline) => Box::pin(deadline.hold(client.wait(answer), Failure::unknown)).await,
        None => client.wait(answer).await,
    }
}

/// Hands each row of an answer to a function as it comes, and tells how many were read or changed.
/// Once an answer has begun, it is unknown how far the server came.
pub(crate) async fn read(rows: RowStream, each: EachRow<'_>) -> Result<u64, Failure> {
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(|failed| Failure::unknown(error(failed)))? {
        each(&Row(RowOf::Postgres(&row))).map_err(Failure::unknown)?;
    }
    Ok(rows.rows_affected().unwrap_or_default())
}

/// Waits for what is asked, which is sent when it is first polled and then needs no place. What is to be
/// sent behind it is sent then.
pub(crate) fn sent_at<F: Future>(
    mut place: Option<StatementPermit>,
    then: impl FnOnce(),
    mut asked: Pin<&mut F>,
) -> impl Future<Output = F::Output> {
    let mut then = Some(then);
    poll_fn(move |context| {
        let answer = asked.as_mut().poll(context);
        drop(place.take());
        if let Some(then) = then.take() {
            then();
        }
        answer
    })
}

/// Statements within a transaction.
impl PooledConnection {
    pub(crate) async fn run_at(
        &self,
        place: Option<StatementPermit>,
        statement: &Statement,
    ) -> Result<Rows> {
        let rows = self.send(place, statement).await?;
        Ok(match self.driver() {
            Some(driver) => rows.held(Held::Wire(Arc::clone(driver))),
            None => rows,
        })
    }

    pub(crate) async fn run_all_at(
        &self,
        place: StatementPermit,
        statements: &[Statement],
        each: EachRowOfAll<'_>,
    ) -> Result<()> {
        let run = self.run_together(Some(place), statements, Again::Never, each);
        run.await.map_err(Error::from)
    }
}

/// A connection whose wire somebody works who knows how long to wait.
pub(crate) struct OnConnection<'lent>(
    pub(crate) &'lent PooledConnection,
    pub(crate) &'lent PoolClient,
);

impl Executor for OnConnection<'_> {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.send_by(self.1, None, statement).await.map_err(Error::from)
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        let open = *self.open.get_mut();
        if self.is_doomed() {
            // The task that asked to cancel has told the server.
            client.close();
        } else if self.pending || open {
            Resting::of(client, &self.usage).rest(if open { "ROLLBACK" } else { "" });
        }
    }
}
