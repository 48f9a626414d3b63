//! A call on a database, whatever its engine.

use crate::driver::acquired::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
#[cfg(feature = "postgres")]
use crate::driver::coalesce::Crowded;
#[cfg(feature = "postgres")]
use crate::driver::postgres::acquired::AcquiredPostgres;
#[cfg(feature = "postgres")]
use crate::driver::postgres::routed::AcquiredRouted;
#[cfg(feature = "sqlite")]
use crate::driver::sqlite::acquired::AcquiredSqlite;
use crate::driver::statement::Statement;
use crate::error::Result;

/// A call on a database.
#[allow(clippy::large_enum_variant, reason = "there is one a call, and it is never moved")]
pub(super) enum AcquiredDatabase<'db> {
    #[cfg(feature = "postgres")]
    Postgres(AcquiredPostgres<&'db crate::driver::postgres::retry::PostgresPool>, Crowded<'db>),
    #[cfg(feature = "postgres")]
    Routed(Box<AcquiredRouted<'db>>),
    #[cfg(feature = "sqlite")]
    Sqlite(AcquiredSqlite<'db>),
}

impl Acquired for AcquiredDatabase<'_> {
    fn capabilities(&self) -> Capabilities {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(acquired, _) => acquired.capabilities(),
            #[cfg(feature = "postgres")]
            Self::Routed(acquired) => acquired.capabilities(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(acquired) => acquired.capabilities(),
        }
    }

    fn joins_others(&mut self, statement: &Statement) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(acquired, crowded) => {
                statement.look_up.is_some() && acquired.would_wait() && crowded.gathers(statement)
            }
            #[cfg(feature = "postgres")]
            Self::Routed(acquired) => acquired.joins_others(statement),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(acquired) => acquired.joins_others(statement),
        }
    }

    async fn fetch(&mut self, statement: &Statement, each: EachRow<'_>) -> Result<u64> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(acquired, crowded) => {
                if let Some(batched) = crowded.gathering()
                    && let Some(share) = Box::pin(batched.share(statement)).await
                {
                    return share?.for_each(each);
                }
                acquired.fetch(statement, each).await
            }
            #[cfg(feature = "postgres")]
            Self::Routed(acquired) => acquired.fetch(statement, each).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(acquired) => acquired.fetch(statement, each).await,
        }
    }

    async fn round(&mut self, round: RoundTrip<'_>, each: EachRowOfAll<'_>) -> Result<RoundEnd> {
        let progress = match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(acquired, _) => acquired.round(round, each).await,
            #[cfg(feature = "postgres")]
            Self::Routed(acquired) => acquired.round(round, each).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(acquired) => acquired.round(round, each).await,
        };
        progress.map_err(|error| error.with_details(self.capabilities().details))
    }

    async fn end(&mut self) -> Result<RoundEnd> {
        let progress = match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(acquired, _) => acquired.end().await,
            #[cfg(feature = "postgres")]
            Self::Routed(acquired) => acquired.end().await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(acquired) => acquired.end().await,
        };
        progress.map_err(|error| error.with_details(self.capabilities().details))
    }
}
