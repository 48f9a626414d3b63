//! Changes of one row, by its id.

use std::sync::Arc;

use super::stored::StoredRow;
use crate::engine::{Executor, Operation, Statement, fetch_each};
use crate::entity::Entity;
use crate::error::Result;
use crate::meta::PropertyDefinition;
use crate::private::Kept;
use crate::query::lower::{Changes, Returning};
use crate::query::{Assignment, lower};

/// Writes every property of an entity but its id to the row with that id.
pub(crate) async fn update<E: Entity>(entity: &mut E, db: &impl Executor) -> Result<()> {
    let parameters = entity.parameters();
    let row = StoredRow::of(E::DEFINITION, &parameters);
    let assignments: Vec<_> = E::DEFINITION
        .properties
        .iter()
        .zip(parameters)
        .filter(|(property, _)| !property.id && property.stamp.is_none())
        .map(|(property, parameter)| Assignment { property, parameter })
        .collect();
    if assignments.is_empty() && !is_stamped(E::DEFINITION.stamps()) {
        // An entity that is nothing but its id cannot change; it can still be gone.
        return if row.exists(db).await? { Ok(()) } else { Err(row.gone()) };
    }
    let changes = Changes { assignments, ..Changes::default() };
    let sql = E::sql_cache().sql(db.engine(), Kept::Update, || {
        let lowered = lower::update(db.engine(), &row.select(), &changes, Returning::Stamps);
        lowered.map(|lowered| lowered.sql)
    })?;
    let assignments = changes.assignments.into_iter().chain(row.found_by());
    let row = |entity: &E| StoredRow::of(E::DEFINITION, &entity.parameters());
    write(entity, sql, assignments, row, db).await
}

/// Whether a change writes something by itself.
fn is_stamped(stamps: impl Iterator<Item = &'static PropertyDefinition>) -> bool {
    use crate::meta::Stamp;

    let mut stamps = stamps.map(|property| property.stamp);
    stamps.any(|stamp| matches!(stamp, Some(Stamp::Version | Stamp::UpdatedAt)))
}

/// Runs the statement that changes a row, and takes back what the database makes of it. Which row
/// it was is asked when it was not to be changed.
pub(super) async fn write<E: Entity>(
    entity: &mut E,
    sql: Arc<str>,
    assignments: impl Iterator<Item = Assignment> + Send,
    row: impl Fn(&E) -> StoredRow + Send,
    db: &impl Executor,
) -> Result<()> {
    let statement = Statement::assigning(Operation::Update, E::DEFINITION, sql, assignments)?;
    match fetch_each(db, &statement, &mut |made| entity.refresh(made)).await {
        Ok(0) => Err(Box::pin(row(entity).absence(db)).await),
        Ok(_) => Ok(()),
        Err(error) => Err(row(entity).about(error)),
    }
}
