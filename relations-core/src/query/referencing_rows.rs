//! What is told of a delete that was refused, or of a change of a key that is referenced.

use super::{Select, lower};
use crate::engine::{Executor, Operation, Statement, fetch};
use crate::error::{Constraint, Error, Result, Violation};
use crate::schema::{cascade_to, is_table};

impl Select {
    /// The refusal of a delete or a change of these rows, with how many others still reference them
    /// where that can be asked.
    pub(crate) async fn refusal(&self, db: &impl Executor, error: Error) -> Error {
        let referenced = error.refusing().filter(|one| one.violation == Violation::Referenced);
        let (Some(constraint), false) = (referenced, db.is_failed()) else {
            return error;
        };
        // The refusal is what is told, whether or not this can be.
        match Box::pin(self.referencing(db, &error, constraint)).await {
            Ok(Some(rows)) => error.referencing_rows_are(rows),
            Ok(None) | Err(_) => error,
        }
    }

    /// How many rows reference these; `None` where they have gone meanwhile, or where no way to them
    /// is known.
    async fn referencing(
        &self,
        db: &impl Executor,
        error: &Error,
        constraint: &Constraint,
    ) -> Result<Option<u64>> {
        let lowered = match error.still_pointed_to_by() {
            Some(held) => {
                let Some(way) = cascade_to(self.entity, held) else { return Ok(None) };
                if constraint.changes && way.len() > 1 {
                    return Ok(None);
                }
                lower::referencing_rows(db.engine(), self, &way)?
            }
            None => match &constraint.target {
                Some((target, columns)) if is_table(self.entity, target) => {
                    lower::referencing(db.engine(), self, constraint, columns)?
                }
                _ => None,
            },
        };
        let Some(lowered) = lowered else { return Ok(None) };
        let statement =
            Statement::new(Operation::Select, lowered.sql.into(), lowered.parameters.into())
                .about(self.entity, None);
        let table = self.entity.table;
        let counts = fetch(db, &statement, |row| super::execute::value::<i64>(row, table)).await?;
        let count = counts.into_iter().next().and_then(|count| u64::try_from(count).ok());
        Ok(count.filter(|count| *count > 0))
    }
}
