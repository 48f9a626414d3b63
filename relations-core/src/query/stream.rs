//! Streams: a query's rows one after the other, of which only some are in memory.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::ast::order::OrderBy;
use crate::ast::page::Anchor;
use crate::ast::select::Select;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::loader::loaded::Loaded;
use crate::loader::rounds::Show;
use crate::plan::tree::RowPlan;
use crate::query::Query;
use crate::query::identified::Identified;
use crate::query::projection::next;
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// The default number of rows in memory.
const CHUNK: u64 = 1000;

/// The rows of a query one after another, with their includes; see [`Query::stream`].
///
/// It is a [`Stream`] of `Result<T>`, and ends with the first error.
#[must_use = "a stream does nothing until it is asked for a row"]
#[doc(alias = "cursor")]
pub struct Streaming<'db, T> {
    ready: std::vec::IntoIter<T>,
    rest: Rest<'db, T>,
    chunk: u64,
}

impl<T> fmt::Debug for Streaming<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("Streaming");
        this.field("ready", &self.ready.len()).field("chunk", &self.chunk).finish_non_exhaustive()
    }
}

/// No row is ever pinned, only what brings it.
impl<T> Unpin for Streaming<'_, T> {}

/// The rows that are not in memory.
enum Rest<'db, T> {
    Waiting(Box<dyn Chunks<'db, T> + 'db>),
    Asked(Asked<'db, T>),
    Nothing,
}

/// A chunk on its way.
type Asked<'db, T> = Pin<Box<dyn Future<Output = Result<Chunk<'db, T>>> + Send + 'db>>;

/// Some rows, and what there may be behind them.
struct Chunk<'db, T> {
    rows: Vec<T>,
    rest: Option<Box<dyn Chunks<'db, T> + 'db>>,
}

/// Rows that can be loaded, whatever their entity and executor.
trait Chunks<'db, T>: Send {
    /// The next so many of them.
    fn ask(self: Box<Self>, rows: u64) -> Asked<'db, T>;
}

/// The rows of a query, of which each call takes a chunk; `reflect::chunks` makes it, with the feature `serde`.
#[must_use = "no row is read until `next` is awaited"]
pub struct RowChunks<E, T, D> {
    /// The query of the rows that are left.
    query: Query<E, T>,
    /// The number of rows that are still wanted, if not all are.
    wanted: Option<u64>,
    db: D,
}

impl<E, T, D> fmt::Debug for RowChunks<E, T, D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RowChunks").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// Streams the rows one after another, with their includes. At most one chunk is in memory, by
    /// default 1,000 rows; see [`chunk`](Streaming::chunk).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let mut orders = Order::find().include(Order::CUSTOMER).stream(db);
    /// while let Some(order) = orders.try_next().await? {
    ///     println!("{} for {}", order.id, order.customer.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Each chunk takes one statement, and those of what is included. It is fetched when the previous one is
    /// used up, and starts after its last row, by the values that the database has of it. So no connection is
    /// held between chunks, a stream can be dropped at any time, and its rows may be changed or deleted as
    /// they come.
    ///
    /// Rows are sorted by [`order_by`](Self::order_by), and equal rows by their id. Each chunk
    /// starts at its position in that order, which an index finds; without an index each chunk
    /// sorts all rows.
    ///
    /// Each chunk, with its includes, is read from one snapshot at the time of its first statement. For
    /// one snapshot of the whole stream, run it in a repeatable-read transaction.
    ///
    /// A stream that outlives the function owns its database, as in `.stream(db.clone())`.
    pub fn stream<'db>(self, db: impl Executor + 'db) -> Streaming<'db, T>
    where
        E: Identified,
    {
        self.streamed(db)
    }

    /// A stream of an entity that is known to have an id.
    pub(crate) fn streamed<'db>(self, db: impl Executor + 'db) -> Streaming<'db, T> {
        let rest = Rest::Waiting(Box::new(self.chunks(db)));
        Streaming { ready: Vec::new().into_iter(), rest, chunk: CHUNK }
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// The rows in chunks, of an entity that is known to have an id.
    pub(crate) fn chunks<D: Executor>(mut self, db: D) -> RowChunks<E, T, D> {
        self.select.order_totally();
        self.select.tells_order = true;
        let wanted = self.select.limit;
        RowChunks { query: self, wanted, db }
    }
}

impl<T> Streaming<'_, T> {
    /// Sets the number of rows of a chunk.
    pub fn chunk(mut self, rows: u64) -> Self {
        self.chunk = rows;
        self
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    ///
    /// The query is `distinct`, or the size of a chunk is 0 ([`Error::is_invalid_request`]); or an error
    /// of [`all`](Query::all). The stream then ends.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<T> Streaming<'_, T> {
    /// The rows of the chunk that are not taken yet, or else those of the next one; none at the end.
    pub(crate) fn poll_ready(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<&mut std::vec::IntoIter<T>>> {
        while self.ready.len() == 0 {
            let mut asked = match std::mem::replace(&mut self.rest, Rest::Nothing) {
                Rest::Waiting(chunks) => chunks.ask(self.chunk),
                Rest::Asked(asked) => asked,
                Rest::Nothing => break,
            };
            match asked.as_mut().poll(context)? {
                Poll::Pending => {
                    self.rest = Rest::Asked(asked);
                    return Poll::Pending;
                }
                Poll::Ready(Chunk { rows, rest }) => {
                    self.ready = rows.into_iter();
                    self.rest = rest.map_or(Rest::Nothing, Rest::Waiting);
                }
            }
        }
        Poll::Ready(Ok(&mut self.ready))
    }
}

impl<T> Stream for Streaming<'_, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.get_mut().poll_ready(context).map_ok(Iterator::next).map(Result::transpose)
    }
}

impl<E: Entity, T: Loaded<Entity = E>, D: Executor> RowChunks<E, T, D> {
    /// Hands the next rows, so many at most, to a function, each as it comes where nothing has to be known of
    /// all of them. `false` if no further ones follow; then there are none, however often it is asked.
    ///
    /// # Errors
    ///
    /// The errors of [`Streaming::try_next`]. Rows may have been handed on before.
    pub async fn next(&mut self, rows: u64, each: &mut (dyn FnMut(T) + Send)) -> Result<bool> {
        self.query.select.check_stream(rows)?;
        let rows = self.wanted.into_iter().chain([rows]).min().unwrap_or(rows);
        if rows == 0 {
            return Ok(false);
        }
        let mut query = self.query.clone();
        query.select.limit = Some(rows);
        let select = &self.query.select;
        let mut end = LastOf::<E> { select, rows, seen: 0, last: None, of: PhantomData };
        query.each_shown(&self.db, &mut end, each).await?;
        let last = end.last;
        self.wanted = self.wanted.map(|wanted| wanted - rows);
        let Some(values) = last else {
            self.wanted = Some(0);
            return Ok(false);
        };
        self.query.select.anchor = Some(Anchor::Values(values));
        self.query.select.offset = None;
        Ok(true)
    }
}

impl<'db, E, T, D> Chunks<'db, T> for RowChunks<E, T, D>
where
    E: Entity,
    T: Loaded<Entity = E>,
    D: Executor + 'db,
{
    fn ask(mut self: Box<Self>, rows: u64) -> Asked<'db, T> {
        Box::pin(async move {
            let mut chunk = Vec::new();
            let goes_on = self.next(rows, &mut |row| chunk.push(row)).await?;
            let rest = goes_on.then_some(self as Box<dyn Chunks<'db, T> + 'db>);
            Ok(Chunk { rows: chunk, rest })
        })
    }
}

/// The values of the last row of a chunk, where it is full.
struct LastOf<'q, E> {
    select: &'q Select,
    rows: u64,
    seen: u64,
    last: Option<Vec<Parameter>>,
    of: PhantomData<fn() -> E>,
}

impl<E: Entity> Show for LastOf<'_, E> {
    fn show(&mut self, row: &Row<'_>, plan: &RowPlan) -> Result<bool> {
        self.seen += 1;
        if self.seen == self.rows {
            self.last = Some(self.select.values::<E>(row, plan.from)?);
        }
        Ok(true)
    }

    fn restart(&mut self) {
        (self.seen, self.last) = (0, None);
    }
}

impl Select {
    fn check_stream(&self, chunk: u64) -> Result<()> {
        let refused = |why: &str| Err(Error::invalid_request(why).entity_is(self.entity));
        if self.distinct {
            return refused("the rows of a stream differ by their ids; leave out `distinct`");
        }
        if chunk == 0 {
            return refused("a chunk of no rows leads nowhere; ask for one row at least");
        }
        Ok(())
    }

    /// The orders by what is told before the columns of each row.
    pub(crate) fn told(&self) -> impl Iterator<Item = &OrderBy> {
        self.orders.iter().filter(|by| self.tells_order && by.property().is_none())
    }

    /// The values by which a row is ordered, whose entity begins at a position.
    ///
    /// SQLite holds one value in several ways, which it orders apart, so they are what it stores. On
    /// PostgreSQL an entity that was read has lost nothing of its columns.
    fn values<E: Entity>(&self, row: &Row<'_>, from: usize) -> Result<Vec<Parameter>> {
        let own = E::read(row, from)?.parameters();
        let mut at = 0;
        let value = |by: &OrderBy| match by.property() {
            Some(property) => {
                let mut all = (from..).zip(E::DEFINITION.properties.iter().zip(&own));
                let Some((at, (_, value))) = all.find(|(_, (one, _))| one.name == property.name)
                else {
                    return Ok(None);
                };
                let stored = row.cell(at)?.to_stored_parameter();
                Ok(Some(stored.unwrap_or_else(|| value.clone())))
            }
            None => row.cell(next(&mut at)).and_then(|cell| by.value(cell)).map(Some),
        };
        let values: Result<Option<Vec<_>>, _> = self.orders.iter().map(value).collect();
        let mismatch = |why| Error::row("order", "order", "what rows are ordered by", why);
        Ok(values.map_err(mismatch)?.unwrap_or_default())
    }
}
