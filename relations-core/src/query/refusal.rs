//! What is told of a delete that was refused.

use super::{Select, lower};
use crate::engine::{Executor, Operation, Statement, fetch};
use crate::error::{Error, Result};
use crate::schema::{Held, cascade_to};

impl Select {
    /// The refusal of a delete of these rows, with how many others still point to them where that
    /// can be asked.
    pub(crate) async fn refusal(&self, db: &impl Executor, error: Error) -> Error {
        let way = error.still_pointed_to_by().and_then(|held| cascade_to(self.entity, held));
        let Some(way) = way.filter(|_| !db.is_failed()) else {
            return error;
        };
        // The refusal is what is told, whether or not this can be.
        match self.orphans(db, &way).await {
            Ok(Some(orphans)) => error.orphans_are(orphans),
            Ok(None) | Err(_) => error,
        }
    }

    /// How many rows still point to these by the last of some foreign keys; `None` where they have
    /// gone meanwhile.
    async fn orphans(&self, db: &impl Executor, way: &[Held]) -> Result<Option<u64>> {
        let Some(lowered) = lower::orphans(db.engine(), self, way)? else { return Ok(None) };
        let statement =
            Statement::new(Operation::Select, lowered.sql.into(), lowered.parameters.into())
                .about(self.entity, None);
        let table = self.entity.table;
        let counts = fetch(db, &statement, |row| super::verb::value::<i64>(row, table)).await?;
        let count = counts.into_iter().next().and_then(|count| u64::try_from(count).ok());
        Ok(count.filter(|count| *count > 0))
    }
}
