//! The rows that still reference others, for the error of a refused delete or key change.

use crate::ast::select::Select;
use crate::definition::foreign_keys::{cascade_to, is_table};
use crate::definition::visible::Visible;
use crate::driver::acquired::capabilities;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::error::constraint::{Constraint, Violation};
use crate::error::{Error, Result};
use crate::sql::operation::Operation;
use crate::sql::referencing_rows;

impl Select {
    /// The refusal of a delete or a change of these rows, with how many others still reference them
    /// where that can be asked.
    pub(crate) async fn refusal(&self, db: &impl Executor, error: Error) -> Error {
        let referenced = error.refusing().filter(|one| one.violation == Violation::Referenced);
        let (Some(constraint), false) = (referenced, capabilities(db).failed) else {
            return error;
        };
        // The refusal is what is told, whether or not this can be.
        match Box::pin(self.referencing(db, &error, constraint)).await {
            Ok(Some(rows)) => error.referencing_rows_are(rows),
            Ok(None) | Err(_) => error,
        }
    }

    /// The number of rows that reference these; `None` if they were deleted meanwhile, or if no way to
    /// them is known.
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
                referencing_rows::referencing_rows(db.dialect(), self, &way, Visible::ALL)?
            }
            None => match &constraint.target {
                Some((target, columns)) if is_table(self.entity, target) => {
                    referencing_rows::referencing(db.dialect(), self, constraint, columns)?
                }
                _ => None,
            },
        };
        let Some(lowered) = lowered else { return Ok(None) };
        let statement = Statement::new(Operation::Select, lowered.sql, lowered.parameters.into())
            .about(self.entity, None);
        let table = self.entity.table;
        let counts =
            fetch(db, &statement, |row| crate::query::execute::value::<i64>(row, table)).await?;
        let count = counts.into_iter().next().and_then(|count| u64::try_from(count).ok());
        Ok(count.filter(|count| *count > 0))
    }
}
