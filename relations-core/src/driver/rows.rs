//! The rows of an answer.

use std::fmt;

use crate::driver::acquired::EachRow;
use crate::driver::coalesce::answer;
#[cfg(feature = "postgres")]
use crate::driver::postgres;
#[cfg(feature = "sqlite")]
use crate::driver::sqlite;
use crate::driver::transaction::state;
use crate::error::Result;
use crate::value::row::Row;
use crate::value::row::RowOf;

/// The answer of the database to a statement, as it comes.
pub struct Rows(pub(crate) Answer);

#[allow(clippy::large_enum_variant, reason = "there is one a statement, and it is never moved")]
pub(crate) enum Answer {
    /// Rows that came for several callers, of whom this is one.
    Shared(answer::Share),
    #[cfg(feature = "postgres")]
    Postgres(postgres::PostgresAnswer),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::SqliteAnswer),
}

impl fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows {
    /// These rows, of a transaction that is to know how they end.
    #[cfg_attr(not(feature = "postgres"), allow(unused_mut))]
    pub(crate) fn watched(mut self, watch: state::Watch) -> Self {
        match &mut self.0 {
            #[cfg(feature = "postgres")]
            Answer::Postgres(answer) => answer.watched_by(watch),
            // They are all here.
            #[cfg(feature = "sqlite")]
            Answer::Sqlite(_) => watch.done(),
            Answer::Shared(_) => watch.done(),
        }
        self
    }

    /// Hands each row to a function as it comes, and tells how many rows were read or changed.
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    pub(crate) async fn for_each(self, each: EachRow<'_>) -> Result<u64> {
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
        }
    }
}
