//! A call that inserts many rows, until it is awaited.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::repository::create_many::NewRows;

/// A bulk insert, which runs when it is awaited; see
/// [`NewEntity::insert_many`](crate::NewEntity::insert_many).
#[must_use = "nothing is inserted until this is awaited, or its `execute`"]
pub struct InsertMany<'db, E, D> {
    pub(crate) rows: Result<NewRows<E>>,
    pub(crate) db: &'db D,
}

impl<E, D> fmt::Debug for InsertMany<'_, E, D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InsertMany").finish_non_exhaustive()
    }
}

impl<'db, E: Entity, D: Executor> InsertMany<'db, E, D> {
    pub(crate) fn new(rows: Result<NewRows<E>>, db: &'db D) -> Self {
        Self { rows, db }
    }

    /// Inserts the rows and returns their number, without reading them back.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let new = (1..=1_000).map(|quantity| NewOrder { quantity });
    /// let inserted: u64 = NewOrder::insert_many(new, db).execute().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The number is that of the database: a row that a trigger suppresses is not counted, and is not
    /// an error.
    ///
    /// # Errors
    ///
    /// A constraint rejects a row, as in [`insert`](crate::NewEntity::insert); then none is written.
    pub async fn execute(self) -> Result<u64> {
        self.rows?.execute(self.db).await
    }
}

impl<'db, E: Entity, D: Executor> IntoFuture for InsertMany<'db, E, D> {
    type Output = Result<Vec<E>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'db>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.rows?.insert(self.db).await })
    }
}
