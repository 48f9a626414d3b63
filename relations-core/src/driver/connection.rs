//! A connection of a pool, by itself and within a transaction.

use crate::dialect::Engine;
use crate::driver::acquired::{AcquiredClient, Capabilities, EachRowOfAll};
use crate::driver::execute::fetch_in_turn;
use crate::driver::executor::Executor;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::transaction::savepoint_gate::StatementPermit;
use crate::error::Result;

/// One connection of a pool.
pub(crate) enum Connection {
    #[cfg(feature = "postgres")]
    Postgres(crate::driver::postgres::pooled_connection::PooledConnection),
    #[cfg(feature = "sqlite")]
    Sqlite(crate::driver::sqlite::pooled_connection::SqliteConnection),
}

impl Connection {
    /// Whether it is known to be of no more use.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(lent) => lent.is_closed(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
        }
    }

    /// The position up to which it has written; `None` where that is not told.
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    pub(crate) async fn position(&self) -> Option<u64> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(lent) => lent.position().await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => None,
        }
    }

    /// Leaves the pool and is closed, whatever was done with it.
    pub(crate) fn give_up(mut self) {
        match &mut self {
            #[cfg(feature = "postgres")]
            Self::Postgres(lent) => lent.give_up(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lent) => lent.give_up(),
        }
    }

    /// Rolls back the transaction that nobody has ended, and goes back to the pool, or is closed if it
    /// cannot. No caller waits for it, so a running statement is stopped.
    pub(crate) fn abandon(self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(lent) => lent.abandon(),
            // It rolls back by itself.
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lent) => drop(lent),
        }
    }
}

impl Executor for Connection {
    fn engine(&self) -> Engine {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Engine::Sqlite,
        }
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(lent) => lent.run_at(None, statement).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(lent) => {
                crate::driver::sqlite::run(
                    lent,
                    statement,
                    crate::driver::sqlite::Within::Nothing,
                    None,
                )
                .await
            }
        }
    }
}

/// A connection within a transaction.
pub(crate) struct Inside<'connection> {
    pub(crate) connection: &'connection Connection,
    /// Whether nothing may be written, which PostgreSQL knows by itself.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
    pub(crate) read_only: bool,
}

impl Inside<'_> {
    /// Runs a statement, and gives up its place when nothing that comes later can overtake it.
    pub(crate) async fn run_at(
        &self,
        place: Option<StatementPermit>,
        statement: &Statement,
    ) -> Result<Rows> {
        match self.connection {
            #[cfg(feature = "postgres")]
            Connection::Postgres(client) => client.run_at(place, statement).await,
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => {
                let within =
                    crate::driver::sqlite::Within::Transaction { read_only: self.read_only };
                crate::driver::sqlite::run(connection, statement, within, place).await
            }
        }
    }

    /// Runs statements together, and gives up their place when nothing can overtake one of them.
    pub(crate) async fn run_all_at(
        &self,
        place: StatementPermit,
        statements: &[Statement],
        each: EachRowOfAll<'_>,
    ) -> Result<()> {
        match self.connection {
            #[cfg(feature = "postgres")]
            Connection::Postgres(client) => client.run_all_at(place, statements, each).await,
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => {
                let _until_all_are_answered = place;
                let mut acquired = AcquiredClient::new(self, Capabilities::default());
                fetch_in_turn(&mut acquired, Engine::Sqlite, statements, each).await
            }
        }
    }
}

impl Executor for Inside<'_> {
    fn engine(&self) -> Engine {
        self.connection.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.run_at(None, statement).await
    }
}
