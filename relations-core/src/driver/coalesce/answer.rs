//! Rows that several callers share.

use std::sync::Arc;

use crate::driver::rows::{Answer, Rows};
#[cfg(feature = "sqlite")]
use crate::driver::sqlite;
use crate::error::Result;
use crate::value::row::Row;
use crate::value::row::RowOf;

/// All rows of an answer, shared by its readers.
pub(crate) struct SharedRows {
    rows: Together,
    /// Which of them are meant.
    meant: Vec<usize>,
}

#[derive(Clone)]
enum Together {
    #[cfg(feature = "postgres")]
    Postgres(Arc<[tokio_postgres::Row]>),
    #[cfg(feature = "sqlite")]
    Sqlite(Arc<sqlite::SqliteAnswer>),
}

impl Together {
    /// Hands the row of a number to a function.
    fn row<T>(&self, number: usize, read: impl FnOnce(&Row<'_>) -> Result<T>) -> Option<Result<T>> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(rows) => rows.get(number).map(|row| read(&Row(RowOf::Postgres(row)))),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(answer) => {
                answer.row(number).map(|(cells, names)| read(&Row(RowOf::Sqlite { cells, names })))
            }
        }
    }
}

impl Rows {
    /// The rows, when they are all here.
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    pub(crate) async fn all(self) -> Result<SharedRows> {
        let (rows, number) = match self.0 {
            Answer::Shared(share) => {
                let (rows, meant) = (share.answered.rows.clone(), share.meant().to_vec());
                return Ok(SharedRows { rows, meant });
            }
            #[cfg(feature = "postgres")]
            Answer::Postgres(answer) => {
                let rows = answer.rows().await?;
                let number = rows.len();
                (Together::Postgres(rows.into()), number)
            }
            #[cfg(feature = "sqlite")]
            Answer::Sqlite(answer) => {
                let number = answer.len();
                (Together::Sqlite(Arc::new(answer)), number)
            }
        };
        Ok(SharedRows { rows, meant: (0..number).collect() })
    }
}

impl SharedRows {
    /// The number of rows that are meant.
    pub(crate) fn len(&self) -> u64 {
        self.meant.len() as u64
    }
}

/// The rows of several keys, and which of them each key has.
pub(crate) struct Answered {
    rows: Together,
    /// The numbers of the rows, those of each place together and in their order.
    meant: Vec<usize>,
    /// The end of the rows of each place.
    ends: Vec<usize>,
}

impl Answered {
    /// Finds out which rows each of some places has.
    pub(crate) fn new(
        all: SharedRows,
        places: usize,
        mut place: impl FnMut(&Row<'_>) -> Result<Option<usize>>,
    ) -> Result<Self> {
        let SharedRows { rows, meant } = all;
        let mut found = Vec::with_capacity(meant.len());
        // First how many there are at each place, then where each begins, at last where each ends.
        let mut ends = vec![0; places];
        for number in meant {
            let place = rows.row(number, &mut place).transpose()?.flatten();
            if let Some((place, count)) = place.and_then(|at| Some((at, ends.get_mut(at)?))) {
                *count += 1;
                found.push((place, number));
            }
        }
        let mut begin = 0;
        for end in &mut ends {
            begin += std::mem::replace(end, begin);
        }
        let mut meant = vec![0; found.len()];
        for (place, number) in found {
            if let Some(end) = ends.get_mut(place) {
                if let Some(one) = meant.get_mut(*end) {
                    *one = number;
                }
                *end += 1;
            }
        }
        Ok(Self { rows, meant, ends })
    }
}

/// The rows of one key among those of several.
#[derive(Clone)]
pub(crate) struct Share {
    answered: Arc<Answered>,
    place: usize,
}

impl Share {
    pub(crate) fn new(answered: Arc<Answered>, place: usize) -> Self {
        Self { answered, place }
    }

    /// The numbers of the rows.
    fn meant(&self) -> &[usize] {
        let Answered { meant, ends, .. } = &*self.answered;
        let end = |at: usize| ends.get(at).copied();
        let begin = self.place.checked_sub(1).and_then(end).unwrap_or_default();
        end(self.place).and_then(|end| meant.get(begin..end)).unwrap_or_default()
    }

    /// Hands each row to a function, and tells how many there are.
    pub(crate) fn for_each(&self, mut each: impl FnMut(&Row<'_>) -> Result<()>) -> Result<u64> {
        let meant = self.meant();
        for number in meant {
            self.answered.rows.row(*number, &mut each).transpose()?;
        }
        Ok(meant.len() as u64)
    }
}
