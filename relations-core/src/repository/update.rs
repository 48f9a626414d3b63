//! Changes of one row, by its id.

use crate::definition::property::PropertyDefinition;
use crate::driver::execute::fetch_each;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::Result;
use crate::repository::observed::{
    ChangeKind, ChangeStatement, RowChange, change_rows, check_keys, observing,
};
use crate::repository::observer::ObservedEntities;
use crate::repository::stored::{StoredRow, taken_apart};
use crate::sql::cache::Kept;
use crate::sql::change;
use crate::sql::change::{Changes, Returning};
use crate::sql::operation::Operation;
use crate::value::row::Row;

/// Writes every property of an entity but its id to the row with that id.
pub(crate) async fn update<E: Entity>(entity: &mut E, db: &impl Executor) -> Result<()> {
    let (row, given) = taken_apart(entity)?;
    if given.is_empty() && !is_stamped(E::DEFINITION.stamps()) {
        // An entity that is nothing but its id cannot change; it can still be gone.
        return if row.exists(db).await? { Ok(()) } else { Err(row.gone()) };
    }
    check_keys(db, E::DEFINITION, given.properties())?;
    let sql = E::sql_cache().sql(db.dialect(), Kept::Update, || {
        let assignments = given.assignments();
        let changes = Changes { assignments, is_whole: true, ..Changes::default() };
        let lowered = change::update(db.dialect(), &row.select(), &changes, Returning::Made);
        lowered.map(|lowered| lowered.sql)
    })?;
    let given = given.compared(row.found_by())?;
    write(entity, given.statement(Operation::Update, sql), &row, db).await
}

/// Whether a change writes something by itself.
pub(crate) fn is_stamped(stamps: impl Iterator<Item = &'static PropertyDefinition>) -> bool {
    use crate::definition::property::Stamp;

    let mut stamps = stamps.map(|property| property.stamp);
    stamps.any(|stamp| matches!(stamp, Some(Stamp::Version | Stamp::UpdatedAt)))
}

/// Runs the statement that changes a row, and takes back what the database makes of it.
pub(crate) async fn write<E: Entity>(
    entity: &mut E,
    statement: Statement,
    row: &StoredRow,
    db: &impl Executor,
) -> Result<()> {
    let db = &one_connection(db);
    let statement = match E::DEFINITION.made().next() {
        Some(_) => statement.returns(Returned::refreshing(entity)),
        None => statement,
    };
    let select = observing(db, E::DEFINITION).map(|_| row.select());
    // An observer may fail behind the change.
    let mut copy = select.as_ref().map(|_| entity.duplicate());
    // The entity stays as it was unless all of a row fits.
    let mut refresh = |row: &Row<'_>| {
        statement.fits(row)?;
        copy.as_mut().unwrap_or(entity).take_made(row)
    };
    let done = match &select {
        None => fetch_each(db, &statement, &mut refresh).await,
        Some(select) => {
            let (kind, statement) = (ChangeKind::Update, ChangeStatement::ByIds(&statement));
            let change = RowChange { select, kind, statement, none: &ObservedEntities::<E>::none };
            Box::pin(change_rows(db, change, &mut refresh)).await
        }
    };
    if let (Ok(_), Some(copy)) = (&done, copy) {
        *entity = copy;
    }
    match done {
        Ok(0) => Err(Box::pin(row.absence(db)).await),
        Ok(_) => Ok(()),
        Err(error) => Err(row.by_id().refusal(db, row.about(error)).await),
    }
}
