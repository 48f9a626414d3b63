//! The delete of one row, by its id.

use crate::driver::assigned::Assigned;
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::entity::Entity;
use crate::error::Result;
use crate::repository::observed::{
    ChangeKind, ChangeStatement, NoRows, RowChange, change_rows, observers,
};
use crate::repository::observer::ObservedEntities;
use crate::repository::soft_delete;
use crate::repository::stored::StoredRow;
use crate::sql::cache::Kept;
use crate::sql::change;
use crate::sql::change::Returning;
use crate::sql::operation::Operation;
use crate::value::key::Key;

/// Deletes the row with the id of an entity.
pub(crate) async fn delete<E: Entity>(entity: &E, db: &impl Executor) -> Result<()> {
    let row = match E::DEFINITION.version() {
        Some(_) => StoredRow::of(E::DEFINITION, &entity.parameters()),
        None => StoredRow::by_key(E::DEFINITION, entity.row_id().to_parameters()),
    };
    if E::DEFINITION.deleted_at().is_some() {
        return soft_delete::delete::<E>(&row, db).await;
    }
    let sql = E::sql_cache().sql(db.dialect(), Kept::Delete, || {
        change::delete(db.dialect(), &row.select(), Returning::Nothing).map(|lowered| lowered.sql)
    })?;
    let statement = Assigned::new(E::DEFINITION).compared(row.found_by())?;
    let statement = statement.statement(Operation::Delete, sql);
    let db = &one_connection(db);
    let done = if observers(db, E::DEFINITION).is_some() {
        let (select, none): (_, NoRows<'_>) = (&row.select(), &ObservedEntities::<E>::none);
        let (kind, statement) = (ChangeKind::Delete, ChangeStatement::ByIds(&statement));
        let change = RowChange { select, kind, statement, none };
        Box::pin(change_rows(db, change, &mut |_| Ok(()))).await
    } else {
        execute(db, &statement).await
    };
    match done {
        Ok(0) => Err(Box::pin(row.absence(db)).await),
        Ok(_) => Ok(()),
        Err(error) => Err(row.by_id().refusal(db, row.about(error)).await),
    }
}
