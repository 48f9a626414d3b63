//! `NOTIFY` and `LISTEN`, typed by a payload.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::Notification;

use crate::definition::quoting::quoted;
use crate::dialect::{Engine, StatementSql};
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::pool::{Database, Pool};
use crate::driver::postgres::connection::ServerConnection;
use crate::driver::postgres::sqlstate::error;
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};
use crate::sql::operation::Operation;
use crate::value::Value;
use crate::value::parameter::Values;

/// The longest payload that PostgreSQL takes, in bytes.
const LONGEST_PAYLOAD: usize = 7_999;

/// The longest name of a channel, in bytes.
const LONGEST_NAME: usize = 63;

/// Notifies the listeners of a channel of PostgreSQL; see [`Database::listen`]. The payload is sent as JSON.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// use relations::driver::notify;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Placed {
///     order_id: i64,
/// }
///
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// db.transaction(async |tx| {
///     let order = NewOrder { quantity: 3 }.insert(tx).await?;
///     notify(tx, "orders", &Placed { order_id: order.id }).await
/// })
/// .await
/// # }
/// ```
///
/// Of a transaction, notifications are sent when it is committed, and none if it is rolled back. PostgreSQL sends
/// equal ones of a transaction once. A channel is known by its exact name, and listeners of a channel that do
/// not read hold up a queue of the server.
///
/// # Errors
///
/// The payload is longer than 7,999 bytes or cannot be written as JSON, the name is empty, longer than 63 bytes
/// or contains a NUL, or the database is SQLite, which notifies nobody ([`Error::is_invalid_request`]).
#[doc(alias = "pg_notify")]
#[doc(alias = "pubsub")]
pub async fn notify<P: Serialize + Sync>(
    db: &impl Executor,
    channel: &str,
    payload: &P,
) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return Err(Error::invalid_request(SQLITE));
    }
    check_name(channel)?;
    let payload = serde_json::to_string(payload).map_err(|why| {
        Error::invalid_request(format!("the payload for `{channel}` cannot be JSON: {why}"))
    })?;
    let length = payload.len();
    if length > LONGEST_PAYLOAD {
        return Err(Error::invalid_request(format!(
            "the payload for `{channel}` has {length} bytes, and PostgreSQL takes {LONGEST_PAYLOAD}; send an \
             id, by which listeners find the rest",
        )));
    }
    let mut values = Values::new();
    for text in [channel.to_owned(), payload] {
        let value = Value::into_parameter(text).into_sql();
        values.push(value.map_err(Error::invalid_request)?);
    }
    let sql = StatementSql::exempt("SELECT pg_notify($1::text, $2::text)");
    let statement = Statement::new(Operation::Raw, sql, values);
    execute(db, &Statement { unobserved: true, ..statement }).await.map(drop)
}

const SQLITE: &str = "SQLite has no notifications; they are PostgreSQL's";

/// PostgreSQL cuts a longer name when it listens, and refuses it when it notifies.
fn check_name(channel: &str) -> Result<()> {
    if channel.is_empty() || channel.len() > LONGEST_NAME || channel.contains('\0') {
        return Err(Error::invalid_request(format!(
            "a channel has a name of 1 to {LONGEST_NAME} bytes without a NUL, and this one has {} bytes",
            channel.len(),
        )));
    }
    Ok(())
}

impl Database {
    /// Listens on a channel of PostgreSQL, on a connection of its own beside the pool.
    ///
    /// ```no_run
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Placed {
    ///     order_id: i64,
    /// }
    ///
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let mut placed = db.listen::<Placed>("orders").await?;
    /// while let Some(placed) = placed.try_next().await? {
    ///     println!("order {}", placed.order_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Notifications of transactions that commit after this has returned arrive in the order of the commits; see
    /// [`notify`](crate::driver::notify). The socket is read only while a notification is awaited.
    ///
    /// A connection that is lost ends the stream with an error, and is not made again by itself: notifications
    /// in between are lost, and the program has to look at its tables anew. So listen first, read what is there,
    /// and then follow the notifications.
    ///
    /// A pooler that hands a connection to others after each transaction, as `PgBouncer` does by default, notifies
    /// nobody; listen past it.
    ///
    /// # Errors
    ///
    /// The name of the channel cannot be one, the database is SQLite, or it was made of a pool of
    /// `deadpool_postgres` ([`Error::is_invalid_request`]); or no connection can be made
    /// ([`Error::is_connection`]).
    #[doc(alias = "LISTEN")]
    #[doc(alias = "pubsub")]
    pub async fn listen<P: DeserializeOwned>(&self, channel: &str) -> Result<Notifications<P>> {
        check_name(channel)?;
        let (sender, heard) = unbounded_channel();
        let connection = match self.pool() {
            Pool::Postgres(pool) => pool.source.connect_to_listen(sender).await?,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => return Err(Error::invalid_request(SQLITE)),
        };
        connection.execute(&format!("LISTEN {}", quoted(channel))).await.map_err(error)?;
        let listener = Some(Listener { connection, heard });
        let channel = channel.to_owned();
        Ok(Notifications { channel, listener, waiting: None, payload: PhantomData })
    }
}

/// A connection that listens.
struct Listener {
    connection: ServerConnection,
    heard: UnboundedReceiver<Notification>,
}

/// A listener that waits for its next notification; `None` where its connection is closed.
type Waiting = Pin<Box<dyn Future<Output = (Listener, Option<Notification>)> + Send>>;

impl Listener {
    async fn next(mut self) -> (Self, Option<Notification>) {
        let next = self.connection.wait(pin!(self.heard.recv())).await;
        (self, next)
    }
}

/// The notifications of a channel, one after the other; see [`Database::listen`].
///
/// It is a [`Stream`] of `Result<P>`. A payload that is no `P` is an error ([`Error::is_invalid_input`]), after
/// which the stream goes on; a connection that is lost is one ([`Error::is_connection`]), after which it has
/// ended. Dropped, it closes its connection.
#[must_use = "a stream does nothing until it is asked for a notification"]
pub struct Notifications<P> {
    channel: String,
    /// There between two notifications.
    listener: Option<Listener>,
    waiting: Option<Waiting>,
    payload: PhantomData<fn() -> P>,
}

impl<P> fmt::Debug for Notifications<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("Notifications");
        this.field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl<P: DeserializeOwned> Notifications<P> {
    /// The next notification, which is waited for; `None` after the stream has ended. A caller that stops
    /// waiting loses none.
    ///
    /// # Errors
    ///
    /// The payload is no `P` ([`Error::is_invalid_input`]), or the connection is lost
    /// ([`Error::is_connection`]).
    pub async fn try_next(&mut self) -> Result<Option<P>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Reads a payload. Its values are in no error.
    fn read(&self, payload: &str) -> Result<P> {
        serde_json::from_str(payload).map_err(|why| {
            let (channel, column) = (&self.channel, why.column());
            let expected = std::any::type_name::<P>();
            Error::invalid_input(format!(
                "a notification on `{channel}` is not the JSON of a `{expected}`, at byte {column}",
            ))
        })
    }
}

impl<P: DeserializeOwned> Stream for Notifications<P> {
    type Item = Result<P>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<P>>> {
        let this = self.get_mut();
        if let Some(listener) = this.listener.take() {
            this.waiting = Some(Box::pin(listener.next()));
        }
        let Some(waiting) = &mut this.waiting else { return Poll::Ready(None) };
        let (listener, next) = ready!(waiting.as_mut().poll(context));
        this.waiting = None;
        let Some(notification) = next else {
            return Poll::Ready(Some(Err(Error::new(Kind::Connection(format!(
                "the connection that listens on `{}` is lost, and what was notified since; listen anew, and \
                 read what has changed",
                this.channel,
            ))))));
        };
        this.listener = Some(listener);
        Poll::Ready(Some(this.read(notification.payload())))
    }
}
