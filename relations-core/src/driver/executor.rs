//! Executors: the open trait of what runs statements.

use std::future::Future;
use std::sync::Arc;

use crate::dialect::Engine;
use crate::driver::execute::run_all;
use crate::driver::rows::Rows;
use crate::driver::snapshot::Rounds;
use crate::driver::statement::Statement;
use crate::error::Result;
use crate::plan::tree::Reach;
use crate::value::row::Row;

/// What runs statements: a [`Database`], a [`Transaction`], or a client of the user's own.
///
/// It is implemented for `tokio_postgres`' client and transaction and, with the feature
/// `deadpool-postgres`, for `deadpool_postgres`' pool, client and transaction. Another pool joins by
/// handing the statement to the client it lends:
///
/// ```
/// # #[cfg(feature = "postgres")]
/// # mod example {
/// use relations::{Engine, Executor, Result};
/// use relations::driver::{Rows, Statement};
///
/// struct MyPool;
/// # impl MyPool {
/// #     async fn lend(&self) -> Result<tokio_postgres::Client> { unimplemented!() }
/// # }
///
/// impl Executor for MyPool {
///     fn engine(&self) -> Engine {
///         Engine::Postgres
///     }
///
///     async fn run(&self, statement: &Statement) -> Result<Rows> {
///         self.lend().await?.run(statement).await
///     }
/// }
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements",
    label = "expected a `Database`, a `Transaction`, or a client that implements `Executor`"
)]
#[cfg_attr(
    not(feature = "deadpool-postgres"),
    diagnostic::on_unimplemented(
        note = "a pool, client or transaction of `deadpool_postgres` can, with the feature \
                `deadpool-postgres`"
    )
)]
pub trait Executor: Send + Sync {
    /// The kind of database that is behind it.
    fn engine(&self) -> Engine;

    /// Runs a statement.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or it refuses the statement.
    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send;

    /// Runs statements that are sent together where the database can be sent several, and hands
    /// each row with the number of its statement to a function: all rows of the first, then all of
    /// the second, and so on.
    ///
    /// A pool lends one connection to all of them; what is given here runs each by itself.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, it refuses a statement, or the function fails.
    fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> impl Future<Output = Result<()>> + Send
    where
        Self: Sized,
    {
        run_all(self, statements, each)
    }

    /// Runs a statement, hands each row to a function as it comes, and tells how many rows were read
    /// or changed.
    #[doc(hidden)]
    fn fetch(
        &self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        Self: Sized,
    {
        async { self.run(statement).await?.for_each(each).await }
    }

    /// Runs rounds of statements. A pool runs them in one snapshot; what is given here runs each round
    /// as [`run_all`](Self::run_all) does.
    #[doc(hidden)]
    fn run_rounds(&self, rounds: &mut dyn Rounds) -> impl Future<Output = Result<()>> + Send
    where
        Self: Sized,
    {
        async {
            let mut statements = Vec::new();
            loop {
                rounds.next(&mut statements)?;
                if statements.is_empty() {
                    return Ok(());
                }
                self.run_all(&statements, |number, row| rounds.row(number, row)).await?;
            }
        }
    }

    /// Whether all statements of one [`run_rounds`](Self::run_rounds) see one snapshot of the database.
    /// Where it is not known, none of them repeats the query of another.
    #[doc(hidden)]
    fn has_snapshot(&self) -> bool {
        false
    }

    /// Whether the database is so far that a round trip costs more than to repeat a query. What
    /// would be batched is pipelined then, if all statements of a tree see one snapshot; see
    /// [`Strategy`](crate::include::Strategy).
    fn is_high_latency(&self) -> bool {
        false
    }

    /// Whether it answers nothing more before a transaction ends, of which a statement failed.
    fn is_failed(&self) -> bool {
        false
    }

    /// Whether what it runs is part of one transaction. No statement of a transaction is
    /// [batched](crate::Batched).
    fn is_transaction(&self) -> bool {
        false
    }

    /// Whether its connection is closed after use, so that SQL may change the session; see
    /// [`Database::sql_session`].
    #[doc(hidden)]
    fn is_given_up(&self) -> bool {
        false
    }

    /// Whether its errors tell the values that the database tells; see
    /// [`ConnectOptions::error_details`].
    #[doc(hidden)]
    fn shows_details(&self) -> bool {
        false
    }

    /// Whether it does not send this statement by itself, but asks for many such at once, or knows
    /// the answer.
    #[doc(hidden)]
    fn gathers(&self, statement: &Statement) -> bool {
        let _ = statement;
        false
    }
}

/// What points to an executor is one.
macro_rules! pointer {
    ($pointer:ty) => {
        impl<E: Executor> Executor for $pointer {
            fn engine(&self) -> Engine {
                (**self).engine()
            }

            fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send {
                (**self).run(statement)
            }

            fn run_all(
                &self,
                statements: &[Statement],
                each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
            ) -> impl Future<Output = Result<()>> + Send {
                (**self).run_all(statements, each)
            }

            fn fetch(
                &self,
                statement: &Statement,
                each: EachRow<'_>,
            ) -> impl Future<Output = Result<u64>> + Send {
                (**self).fetch(statement, each)
            }

            fn run_rounds(
                &self,
                rounds: &mut dyn Rounds,
            ) -> impl Future<Output = Result<()>> + Send {
                (**self).run_rounds(rounds)
            }

            fn has_snapshot(&self) -> bool {
                (**self).has_snapshot()
            }

            fn is_high_latency(&self) -> bool {
                (**self).is_high_latency()
            }

            fn is_failed(&self) -> bool {
                (**self).is_failed()
            }

            fn is_transaction(&self) -> bool {
                (**self).is_transaction()
            }

            fn is_given_up(&self) -> bool {
                (**self).is_given_up()
            }

            fn shows_details(&self) -> bool {
                (**self).shows_details()
            }

            fn gathers(&self, statement: &Statement) -> bool {
                (**self).gathers(statement)
            }
        }
    };
}

pointer!(&E);

pointer!(Arc<E>);

/// What is done with each row of an answer. It is called by a pointer, so that what reads answers is
/// compiled once, and not for each kind of statement in each program.
pub(crate) type EachRow<'a> = &'a mut (dyn FnMut(&Row<'_>) -> Result<()> + Send);

/// The same with each row of several statements, and the number of the statement.
#[cfg(feature = "postgres")]
pub(crate) type EachRowOfAll<'a> = &'a mut (dyn FnMut(usize, &Row<'_>) -> Result<()> + Send);

impl Reach {
    pub(crate) fn of(db: &impl Executor) -> Self {
        Self {
            high_latency: db.is_high_latency(),
            snapshot: db.has_snapshot(),
            spellings: db.engine() == Engine::Sqlite,
        }
    }
}
