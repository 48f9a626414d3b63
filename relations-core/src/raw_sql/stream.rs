//! The rows of SQL of the user's own, one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::driver::executor::Executor;
use crate::error::Result;
use crate::raw_sql::{FromRow, Sql};

/// Rows that have come and were not asked for yet.
type Queue<T> = Arc<Mutex<VecDeque<T>>>;

/// The rows of a statement in SQL of your own, one after the other; see [`Sql::stream`].
///
/// It is a [`Stream`] of `Result<T>`, and ends with the first error.
#[must_use = "a stream does nothing until it is asked for a row"]
pub struct SqlStream<'db, T> {
    queue: Queue<T>,
    /// The statement that brings the rows, until it is done.
    running: Option<Pin<Box<dyn Future<Output = Result<u64>> + Send + 'db>>>,
}

impl<T> fmt::Debug for SqlStream<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("SqlStream");
        this.field("is_running", &self.running.is_some()).finish_non_exhaustive()
    }
}

/// No row is ever pinned, only what brings it.
impl<T> Unpin for SqlStream<'_, T> {}

impl Sql {
    /// The rows one after the other.
    ///
    /// ```no_run
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let mut quantities = relations::sql("SELECT quantity FROM orders", ()).stream::<i32>(db);
    /// while let Some(quantity) = quantities.try_next().await? {
    ///     println!("{quantity}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// On PostgreSQL only the rows that have just arrived are in memory. The statement holds its connection
    /// until the stream ends or is dropped; a connection with unread rows is then closed. A stream that
    /// outlives the function owns its database, as in `.stream::<i32>(db.clone())`.
    ///
    /// Its errors are those of [`all`](Self::all), after the rows that came before.
    #[doc(alias = "cursor")]
    pub fn stream<'db, T: FromRow + 'db>(self, db: impl Executor + 'db) -> SqlStream<'db, T> {
        let queue = Queue::default();
        let rows = Arc::clone(&queue);
        let running = Box::pin(async move {
            self.each(&db, |row| {
                rows.lock().unwrap_or_else(PoisonError::into_inner).push_back(row);
                Ok(())
            })
            .await
        });
        SqlStream { queue, running: Some(running) }
    }
}

impl<T> SqlStream<'_, T> {
    /// The next row; `None` at the end.
    ///
    /// # Errors
    ///
    /// The errors of [`all`](Sql::all). The stream then ends.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    fn ready(&self) -> Option<T> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl<T> Stream for SqlStream<'_, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let this = self.get_mut();
        if let Some(row) = this.ready() {
            return Poll::Ready(Some(Ok(row)));
        }
        let Some(mut running) = this.running.take() else { return Poll::Ready(None) };
        match running.as_mut().poll(context) {
            Poll::Pending => this.running = Some(running),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => {
                let Some(row) = this.ready() else { return Poll::Ready(Some(Err(error))) };
                this.running = Some(Box::pin(async move { Err(error) }));
                return Poll::Ready(Some(Ok(row)));
            }
        }
        match (this.ready(), &this.running) {
            (Some(row), _) => Poll::Ready(Some(Ok(row))),
            (None, Some(_)) => Poll::Pending,
            (None, None) => Poll::Ready(None),
        }
    }
}
