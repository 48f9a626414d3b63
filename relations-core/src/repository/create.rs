//! New rows.

use std::future::Future;

use crate::column::Column;
use crate::engine::{Engine, Executor, Operation, Statement, fetch};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::private::Kept;
use crate::query::Assignment;
use crate::query::lower;

/// The properties of an entity that the database does not make; `#[derive(Entity)]` makes
/// `NewOrder` beside `Order`.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let order: Order = NewOrder { quantity: 3 }.insert(db).await?;
/// # Ok(())
/// # }
/// ```
pub trait NewEntity: Sized + Send + Sync {
    /// The entity that a new row becomes.
    type Entity: Entity;

    /// What each property is set to; `None` leaves it to its default.
    #[doc(hidden)]
    fn assignments(&self) -> Vec<Option<Assignment>>;

    /// Inserts the row and gives it back, with what the database made.
    ///
    /// # Errors
    ///
    /// A constraint refuses the row: see [`Error::is_unique_violation`],
    /// [`Error::is_foreign_key_violation`], [`Error::is_not_null_violation`] and
    /// [`Error::is_check_violation`].
    fn insert(self, db: &impl Executor) -> impl Future<Output = Result<Self::Entity>> + Send {
        async move {
            let assignments = self.assignments();
            let statement = statement::<Self::Entity>(db.engine(), assignments)?;
            let mut rows = fetch(db, &statement, |row| Self::Entity::read(row, 0)).await?;
            rows.pop().ok_or_else(|| {
                // Only a rule or a trigger of the database's own can do this.
                Error::new(Kind::NotFound).entity_is(Self::Entity::DEFINITION)
            })
        }
    }
}

impl<E, T> Column<E, T> {
    /// Sets the column to a property in a new row.
    #[doc(hidden)]
    #[must_use]
    pub fn assign(self, property: &T) -> Option<Assignment> {
        Some(Assignment { property: self.definition(), parameter: self.parameter(property) })
    }

    /// Sets the column to a property in a new row, or leaves it to its default.
    #[doc(hidden)]
    #[must_use]
    pub fn assign_some(self, property: Option<&T>) -> Option<Assignment> {
        property.and_then(|property| self.assign(property))
    }
}

/// The statement that inserts a row. Its SQL is kept for each set of properties that are given.
fn statement<E: Entity>(engine: Engine, given: Vec<Option<Assignment>>) -> Result<Statement> {
    let countable = given.len() <= 64;
    let set = given.iter().fold(0_u64, |set, one| set << 1 | u64::from(one.is_some()));
    let assignments: Vec<_> = given.into_iter().flatten().collect();
    let write = || lower::insert(engine, E::DEFINITION, &assignments).map(|lowered| lowered.sql);
    let sql = if countable {
        E::sql_cache().sql(engine, Kept::Insert(set), write)?
    } else {
        write()?.into()
    };
    Statement::assigning(Operation::Insert, E::DEFINITION, sql, assignments)
}
