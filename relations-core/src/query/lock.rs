//! Rows that are locked as they are read.

use crate::ast::lock::{Busy, Strength};
use crate::ast::select::Select;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::repository::writable::Writable;

impl<E: Entity, T> Query<E, T> {
    /// Locks the rows until the transaction ends (`SELECT … FOR UPDATE`), so that no other
    /// transaction changes or locks them; waits for rows that another has locked. Outside of a
    /// transaction the lock ends with the statement.
    ///
    /// Only the rows of the queried entity are locked, not included targets.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Account { #[id] id: i64, balance: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let transaction = db.begin().await?;
    /// let mut account = Account::find_by_id(7).for_update().one(&transaction).await?;
    /// account.balance -= 100;
    /// account.update(&transaction).await?;
    /// transaction.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The query is refused ([`Error::is_invalid_request`]) on SQLite, which has no row locks: one
    /// transaction writes at a time. It is also refused if it returns no rows of the table, as with
    /// `count`, `exists` and `distinct`, and if it would be repeated for a
    /// [`pipelined`](crate::include::Strategy::Pipelined) include.
    #[doc(alias = "pessimistic")]
    #[doc(alias = "select for update")]
    #[doc(alias = "row lock")]
    pub fn for_update(self) -> Self
    where
        E: Writable,
    {
        self.locked()
    }

    /// Locks the rows of an entity that is known to be writable.
    pub(crate) fn locked(mut self) -> Self {
        self.select.lock.strength = Some(Strength::Update);
        self
    }

    /// Locks the rows until the transaction ends (`FOR SHARE`), so that no other transaction
    /// changes them, though others may share the lock; see [`for_update`](Self::for_update).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Account { #[id] id: i64, balance: i64 }
    /// # async fn run(transaction: &relations::Transaction) -> relations::Result<()> {
    /// let account = Account::find_by_id(7).for_share().one(transaction).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_share(mut self) -> Self
    where
        E: Writable,
    {
        self.select.lock.strength = Some(Strength::Share);
        self
    }

    /// Skips rows that another transaction has locked (`SKIP LOCKED`), as in a job queue.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Job { #[id] id: i64, done: bool }
    /// # async fn run(transaction: &relations::Transaction) -> relations::Result<()> {
    /// let waiting = Job::find().filter(Job::DONE.eq(false)).order_by(Job::ID.asc());
    /// let job: Option<Job> = waiting.for_update().skip_locked().first(transaction).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Without `for_update` or `for_share` the query is refused ([`Error::is_invalid_request`]).
    pub fn skip_locked(mut self) -> Self {
        self.select.lock.busy = Busy::Skip;
        self
    }

    /// Fails instead of waiting for rows that another transaction has locked
    /// ([`Error::is_locked`]).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Account { #[id] id: i64, balance: i64 }
    /// # async fn run(transaction: &relations::Transaction) -> relations::Result<()> {
    /// match Account::find_by_id(7).for_update().no_wait().one(transaction).await {
    ///     Err(error) if error.is_locked() => println!("somebody is at it; try again later"),
    ///     account => println!("{}", account?.balance),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Without `for_update` or `for_share` the query is refused ([`Error::is_invalid_request`]).
    pub fn no_wait(mut self) -> Self {
        self.select.lock.busy = Busy::Fail;
        self
    }
}

impl Select {
    /// A statement without rows locks none.
    pub(crate) fn check_unlocked(&self, what: &str) -> Result<()> {
        if self.lock.is_none() {
            return Ok(());
        }
        let why = format!("{what}; leave out `for_update` and its kin");
        Err(Error::invalid_request(why).entity_is(self.entity))
    }
}
