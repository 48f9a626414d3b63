//! The engines: the only place that talks to a database.

mod coalesce;
mod connect_options;
mod detail;
#[cfg(feature = "postgres")]
mod encryption;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod query_stats;
mod returned;
mod snapshot;
mod spawn;
mod sql_session;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
#[cfg(feature = "tls")]
mod tls;
mod trace;
mod transaction;
#[cfg(feature = "postgres")]
mod url;
mod violation;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

pub use coalesce::Batched;
pub use connect_options::{ConnectOptions, connect};
pub use pool::Database;
pub use query_stats::{QueryCount, QueryStats};
pub(crate) use returned::Returned;
pub use snapshot::{Reads, Rounds};
pub use sql_session::SqlSession;
pub(crate) use statement::{Assigned, Values, check_values, values_of_key};
pub use statement::{Operation, Statement};
pub use transaction::{IsolationLevel, Transaction, TransactionOptions, Transactional, Work};

use crate::error::{Error, Result};
use crate::row::Row;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
use crate::row::RowOf;
use crate::value::Parameter;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// SQLite, in the process itself.
    Sqlite,
}

impl Engine {
    /// The engine's name as OpenTelemetry has it.
    fn system_name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Sqlite => "sqlite",
        }
    }
}

/// What runs statements: a [`Database`], a [`Transaction`], or a client of the user's own.
///
/// It is implemented for `tokio_postgres`' client and transaction and, with the feature
/// `deadpool-postgres`, for `deadpool_postgres`' pool, client and transaction. Another pool joins by
/// handing the statement to the client it lends:
///
/// ```
/// # #[cfg(feature = "postgres")]
/// # mod example {
/// use relations::{Engine, Executor, Result, Rows, Statement};
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
    /// [`Strategy`](crate::Strategy).
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

/// What the database answers to a statement, as it comes.
pub struct Rows(pub(crate) Answer);

#[allow(clippy::large_enum_variant, reason = "there is one a statement, and it is never moved")]
pub(crate) enum Answer {
    /// Rows that came for several callers, of whom this is one.
    Shared(coalesce::Share),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Answer),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Answer),
    #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
    None(std::convert::Infallible),
}

impl fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows {
    /// The same rows, of a transaction that is to know how they end.
    #[cfg_attr(not(feature = "postgres"), allow(unused_mut))]
    #[cfg_attr(
        not(any(feature = "postgres", feature = "sqlite")),
        allow(clippy::needless_pass_by_value)
    )]
    fn watched(mut self, watch: transaction::Watch) -> Self {
        match &mut self.0 {
            #[cfg(feature = "postgres")]
            Answer::Postgres(answer) => answer.watched_by(watch),
            // They are all here.
            #[cfg(feature = "sqlite")]
            Answer::Sqlite(_) => watch.done(),
            Answer::Shared(_) => watch.done(),
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Answer::None(never) => match *never {},
        }
        self
    }

    /// Hands each row to a function as it comes, and tells how many rows were read or changed.
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    async fn for_each(self, each: EachRow<'_>) -> Result<u64> {
        match self.0 {
            Answer::Shared(share) => share.for_each(each),
            #[cfg(feature = "postgres")]
            Answer::Postgres(answer) => {
                answer.for_each(|row| each(&Row(RowOf::Postgres(&row)))).await
            }
            #[cfg(feature = "sqlite")]
            Answer::Sqlite(answer) => {
                answer.for_each(|cells, names| each(&Row(RowOf::Sqlite { cells, names })))
            }
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Answer::None(never) => match never {},
        }
    }
}

/// Runs a statement and hands each row to a function.
pub(crate) async fn fetch_each(
    db: &impl Executor,
    statement: &Statement,
    each: EachRow<'_>,
) -> Result<u64> {
    statement.check(db.engine())?;
    // What is gathered is traced where it is sent.
    let trace = (!db.gathers(statement)).then(|| trace::Trace::begin(db.engine(), statement));
    let rows = db.fetch(statement, each).await;
    let rows = match trace {
        Some(trace) => trace.end(rows),
        None => rows.map_err(|error| statement.explain(error)),
    };
    match rows {
        Err(error) => Err(Box::pin(told(db, statement, error)).await),
        rows => rows,
    }
}

/// An error with what the database knows besides, and with values where they are asked for.
#[cfg_attr(not(feature = "postgres"), allow(unused_variables, clippy::unused_async))]
async fn told(db: &impl Executor, statement: &Statement, error: Error) -> Error {
    #[cfg(feature = "postgres")]
    let error = match db.engine() {
        Engine::Postgres => postgres::settled(db, statement, error).await,
        Engine::Sqlite => error,
    };
    error.with_details(db.shows_details())
}

/// Runs statements, together where the engine can be sent several, and hands each row to a function
/// with the number of its statement.
async fn run_all(
    db: &impl Executor,
    statements: &[Statement],
    mut each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
) -> Result<()> {
    #[cfg(feature = "postgres")]
    if db.engine() == Engine::Postgres && statements.len() > 1 {
        return postgres::run_all(db, statements, &mut each).await;
    }
    for (number, statement) in statements.iter().enumerate() {
        fetch_each(db, statement, &mut |row| each(number, row)).await?;
    }
    Ok(())
}

/// Runs a statement and reads its rows.
pub(crate) async fn fetch<T: Send>(
    db: &impl Executor,
    statement: &Statement,
    read: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    let mut values = Vec::new();
    fetch_each(db, statement, &mut |row| {
        values.push(read(row)?);
        Ok(())
    })
    .await?;
    Ok(values)
}

/// Runs a statement and tells how many rows it changed.
pub(crate) async fn execute(db: &impl Executor, statement: &Statement) -> Result<u64> {
    fetch_each(db, statement, &mut |_| Ok(())).await
}

/// Several values as a JSON array; several arrays as one of their tuples. An engine without arrays
/// is sent lists of keys in this way, as one parameter.
pub(crate) fn json_array(arrays: &[Parameter]) -> Result<String> {
    #[cfg(feature = "sqlite")]
    return sqlite::json_array(arrays);
    #[cfg(not(feature = "sqlite"))]
    {
        let _ = arrays;
        Err(Error::invalid_request("SQLite is not built in; turn on the feature `sqlite`"))
    }
}
