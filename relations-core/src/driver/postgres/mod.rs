//! PostgreSQL, on `tokio_postgres`.

/// A client that keeps no statements is sent unnamed ones that tell the types of their values, in
/// one round trip each.
macro_rules! unnamed {
    ($client:ty, transaction: $is_transaction:literal) => {
        impl Executor for $client {
            fn engine(&self) -> Engine {
                Engine::Postgres
            }

            async fn run(&self, statement: &Statement) -> Result<Rows> {
                if is_simple(statement) {
                    self.batch_execute(statement.sql()).await.map_err(error)?;
                    return Ok(Rows::none());
                }
                let parameters: Vec<_> =
                    statement.values().map(|value| (WireValue(value), type_of(value))).collect();
                let asked = self.query_typed_raw(statement.sql(), parameters).map_err(error);
                let rows = bounded(asked).await?;
                Ok(Rows::postgres(rows))
            }

            fn acquire(&self) -> impl Acquired {
                let transaction = $is_transaction;
                AcquiredClient::new(self, Capabilities { transaction, ..Capabilities::default() })
            }
        }
    };
}

pub(crate) mod abandoned;
pub(crate) mod acquired;
pub(crate) mod caller_driven;
pub(crate) mod catalog;
pub(crate) mod checked;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod connection_pool;
pub(crate) mod deadline;
#[cfg(feature = "deadpool-postgres")]
pub(crate) mod deadpool;
pub(crate) mod failure;
pub(crate) mod host;
pub(crate) mod message;
pub(crate) mod negotiation;
#[cfg(feature = "json")]
pub(crate) mod notifications;
pub(crate) mod pipeline;
pub(crate) mod pooled_connection;
pub(crate) mod position;
pub(crate) mod replicas;
pub(crate) mod retry;
pub(crate) mod routed;
pub(crate) mod servers;
pub(crate) mod shard_names;
pub(crate) mod snapshot;
pub(crate) mod sqlstate;
pub(crate) mod startup;
pub(crate) mod statement_cache;
pub(crate) mod sync;
pub(crate) mod target_session;
pub(crate) mod tenant_setting;
pub(crate) mod type_lookup;
pub(crate) mod value;

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{TryFutureExt, TryStreamExt};
use tokio::time::timeout;
use tokio_postgres::RowStream;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, AcquiredClient, Capabilities};
use crate::driver::executor::Executor;
use crate::driver::postgres::caller_driven::Driver;
use crate::driver::postgres::connection::ServerConnection;
use crate::driver::postgres::deadline::Deadline;
use crate::driver::postgres::pooled_connection::PooledConnection;
use crate::driver::postgres::sqlstate::{connecting, error, no_answer};
use crate::driver::postgres::type_lookup::bounded;
use crate::driver::postgres::value::{WireValue, type_of};
use crate::driver::rows::{Answer, Rows};
use crate::driver::statement::Statement;
use crate::driver::transaction::state::Watch;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;

/// The rows of an answer.
pub(crate) struct PostgresAnswer {
    rows: Incoming,
    /// The connection that waits until its answer is read.
    lent: Option<Held>,
    /// Until when it is to be read.
    deadline: Option<Box<Deadline>>,
    /// The transaction that is to know how it ends.
    watch: Option<Watch>,
}

#[allow(clippy::large_enum_variant, reason = "there is one a statement, and it is never moved")]
enum Incoming {
    /// Rows that are read while the server still sends.
    Sent(RowStream),
    /// Rows that are all here, and how many were read or changed.
    Here(Vec<tokio_postgres::Row>, u64),
}

/// A connection that is kept until its answer is read.
#[allow(dead_code, reason = "that of the user's own pool is only kept")]
enum Held {
    PooledConnection(PooledConnection),
    /// That of a transaction, which holds it.
    Wire(Arc<Driver>),
    #[cfg(feature = "deadpool-postgres")]
    Given(Box<deadpool_postgres::Client>),
}

/// The extent to which an answer was read that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadEnd {
    /// Up to its end.
    Reached,
    /// The server ended it.
    Told,
    /// Nobody knows how it goes on.
    Unknown,
}

impl Incoming {
    /// Hands each row to a function, and tells how many were read or changed.
    async fn for_each(
        self,
        mut each: impl FnMut(tokio_postgres::Row) -> Result<()>,
    ) -> Result<u64, (Error, ReadEnd)> {
        let sent = match self {
            Self::Sent(sent) => sent,
            Self::Here(rows, number) => {
                rows.into_iter().try_for_each(each).map_err(|error| (error, ReadEnd::Reached))?;
                return Ok(number);
            }
        };
        let mut rows = pin!(sent);
        let failed = |failure: tokio_postgres::Error| {
            let end =
                if failure.as_db_error().is_some() { ReadEnd::Told } else { ReadEnd::Unknown };
            (error(failure), end)
        };
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            each(row).map_err(|error| (error, ReadEnd::Unknown))?;
        }
        Ok(rows.rows_affected().unwrap_or_default())
    }
}

impl Held {
    /// The driver; `None` for a deadpool client, whose own task polls the connection.
    fn driver(&self) -> Option<&Arc<Driver>> {
        match self {
            Self::PooledConnection(lent) => lent.driver(),
            Self::Wire(driver) => Some(driver),
            #[cfg(feature = "deadpool-postgres")]
            Self::Given(_) => None,
        }
    }
}

impl PostgresAnswer {
    /// Tells a transaction how it ends.
    pub(crate) fn watched_by(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    pub(crate) async fn for_each(
        self,
        each: impl FnMut(tokio_postgres::Row) -> Result<()>,
    ) -> Result<u64> {
        let Self { rows, lent, deadline, watch } = self;
        let mut reading = pin!(rows.for_each(each));
        let driver = lent.as_ref().and_then(Held::driver);
        let reading = async {
            match driver {
                Some(driver) => driver.wait(reading.as_mut()).await,
                None => reading.await,
            }
        };
        let read = match deadline {
            Some(deadline) => deadline.hold(reading, |error| (error, ReadEnd::Unknown)).await,
            None => reading.await,
        };
        if let Some(Held::PooledConnection(mut lent)) = lent {
            match &read {
                Ok(_) | Err((_, ReadEnd::Reached)) => lent.at_rest(),
                Err((error, ReadEnd::Told)) => lent.refused(error),
                Err((_, ReadEnd::Unknown)) => {}
            }
        }
        let read = match &watch {
            Some(watch) => read.map_err(|(error, end)| (watch.judged(error), end)),
            None => read,
        };
        match (&read, watch) {
            (Ok(_) | Err((_, ReadEnd::Reached)), Some(watch)) => watch.done(),
            (Err((error, _)), Some(watch)) => watch.failed(error),
            (_, None) => {}
        }
        read.map_err(|(error, _)| error)
    }

    /// The rows by themselves.
    pub(crate) async fn rows(self) -> Result<Vec<tokio_postgres::Row>> {
        self.taken().await.map(|(rows, _)| rows)
    }

    /// The rows, and how many were read or changed.
    async fn taken(self) -> Result<(Vec<tokio_postgres::Row>, u64)> {
        let mut rows = Vec::new();
        let number = self.for_each(|row| {
            rows.push(row);
            Ok(())
        });
        let number = number.await?;
        Ok((rows, number))
    }

    /// These rows, when they are all here.
    async fn gathered(self) -> Result<Self> {
        let (rows, number) = self.taken().await?;
        Ok(Self { rows: Incoming::Here(rows, number), lent: None, deadline: None, watch: None })
    }
}

impl Rows {
    fn postgres(rows: RowStream) -> Self {
        Self::here(Incoming::Sent(rows))
    }

    /// The answer to a statement that gives no rows.
    fn none() -> Self {
        Self::here(Incoming::Here(Vec::new(), 0))
    }

    fn here(rows: Incoming) -> Self {
        Self(Answer::Postgres(PostgresAnswer { rows, lent: None, deadline: None, watch: None }))
    }

    /// These rows, which a connection waits for.
    fn held(mut self, held: Held) -> Self {
        if let Answer::Postgres(answer) = &mut self.0 {
            answer.lent = Some(held);
        }
        self
    }

    /// These rows, of a connection that goes back to its pool when they are read.
    fn of(self, mut lent: PooledConnection) -> Self {
        if let Answer::Postgres(PostgresAnswer { rows: Incoming::Here(..), .. }) = &self.0 {
            lent.at_rest();
        }
        self.held(Held::PooledConnection(lent))
    }

    /// These rows, which are to be read until then.
    fn until(mut self, deadline: Box<Deadline>) -> Self {
        if let Answer::Postgres(answer) = &mut self.0 {
            answer.deadline = Some(deadline);
        }
        self
    }

    /// The rows of a write when they are all here, if they fit. Those of SQLite it has checked itself.
    pub(crate) async fn checked(self, statement: &Statement) -> Result<Self> {
        let rows = self.gathered().await?;
        if let (
            Answer::Postgres(PostgresAnswer { rows: Incoming::Here(here, number), .. }),
            Some(returned),
        ) = (&rows.0, &statement.returned)
        {
            checked::fit(statement, returned, here, *number)?;
        }
        Ok(rows)
    }

    /// These rows, when they are all here.
    pub(crate) async fn gathered(self) -> Result<Self> {
        match self.0 {
            Answer::Postgres(answer) => Ok(Self(Answer::Postgres(answer.gathered().await?))),
            here @ Answer::Shared(_) => Ok(Self(here)),
            #[cfg(feature = "sqlite")]
            here @ Answer::Sqlite(_) => Ok(Self(here)),
        }
    }
}

/// Whether a statement is sent as it is: what defines tables or says where a transaction begins and
/// ends has no values and no rows, and is not worth to be prepared.
fn is_simple(statement: &Statement) -> bool {
    use Operation::{Begin, Commit, Define, Release, Rollback, Savepoint};
    matches!(statement.operation(), Begin | Commit | Define | Release | Rollback | Savepoint)
}

unnamed!(tokio_postgres::Client, transaction: false);

unnamed!(tokio_postgres::Transaction<'_>, transaction: true);

/// The round trip, when there is nothing to do: the least of three times, since
/// none can be too short. All three have to come within that limit.
pub(crate) async fn round_trip(connection: &ServerConnection, limit: Duration) -> Result<Duration> {
    let measured = async {
        let mut least = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            connection.answers().await.map_err(connecting)?;
            least = least.min(begun.elapsed());
        }
        Ok(least)
    };
    timeout(limit, measured).await.unwrap_or_else(|_| Err(no_answer()))
}
