//! Changes of many rows, each to values of its own.

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::dialect::{Dialect, Engine, StatementSql};
use crate::driver::acquired::capabilities;
use crate::driver::execute::{execute, fetch, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::repository::create_many::{NewRows, SentColumns};
use crate::repository::observed::{
    ChangeKind, ChangeStatement, RowChange, by_ids, change_rows, check_keys, observing,
};
use crate::repository::observer::ObservedEntities;
use crate::repository::stored::StoredRow;
use crate::repository::update::is_stamped;
use crate::repository::upsert_many::twice;
use crate::sql::cache::Kept;
use crate::sql::change;
use crate::sql::change::{Assignment, Changes, Returning};
use crate::sql::operation::Operation;
use crate::sql::update_many::UpdateMany;
use crate::value::Value;
use crate::value::parameter::{Parameter, Values};
use crate::value::row::Row;

/// Writes every property of each entity but its id to the row with that id: all of them, or none.
pub(crate) async fn update_many<E: Entity>(
    mut entities: Vec<&mut E>,
    db: &impl Executor,
) -> Result<()> {
    let Some(first) = entities.first() else { return Ok(()) };
    let returned = match E::DEFINITION.made().next() {
        Some(_) => Returned::refreshing(&**first),
        None => Returned::nothing(),
    };
    let changed: Vec<Vec<Parameter>> = entities.iter().map(|entity| entity.parameters()).collect();
    let id = |values: &Vec<Parameter>| StoredRow::of(E::DEFINITION, values).key();
    let ids: Vec<_> = changed.iter().map(id).collect();
    if let Some(key) = twice_of(&ids) {
        return Err(Error::given_twice(E::DEFINITION, Some(&key)));
    }
    let db = &one_connection(db);
    if !writes::<E>() {
        // Entities that are nothing but their ids cannot change; they can still be gone.
        return missing::<E>(&changed, db).await?.map_or(Ok(()), Err);
    }
    check_keys(
        db,
        E::DEFINITION,
        E::DEFINITION.properties.iter().copied().filter(|one| is_written(one)),
    )?;
    let observed = observing(db, E::DEFINITION).map(|_| by_ids(E::DEFINITION, &changed));
    let statement = statement::<E>(&changed, db.dialect())?;
    // A statement that lacks a row has to be undone. In a transaction of PostgreSQL a savepoint does that,
    // and it goes on; elsewhere the driver does.
    // Observed, it has a savepoint anyway.
    let in_transaction = db.engine() == Engine::Postgres && capabilities(db).transaction;
    let within = in_transaction && observed.is_none();
    let statement = if within {
        control(Operation::Savepoint, "SAVEPOINT update_many", db).await?;
        statement.returns(returned)
    } else {
        statement.returns(returned.may_lack(changed.len()))
    };
    let (is_numbered, mut rows) = (db.engine() == Engine::Postgres, 0);
    // An observer may fail behind the change.
    let mut copies: Vec<E> = match &observed {
        None => Vec::new(),
        Some(_) => entities.iter().map(|entity| entity.duplicate()).collect(),
    };
    let mut refresh = |row: &Row<'_>| {
        let at = if is_numbered { number::<E>(row)? } else { rows };
        rows += 1;
        statement.fits(row)?;
        let copy = copies.get_mut(at);
        let entity = copy.or_else(|| entities.get_mut(at).map(|entity| &mut **entity));
        entity.map_or(Ok(()), |entity| entity.take_made(row))
    };
    let done = match &observed {
        None => fetch_each(db, &statement, &mut refresh).await,
        Some(select) => {
            let (kind, statement) = (ChangeKind::Update, ChangeStatement::ByIds(&statement));
            let change = RowChange { select, kind, statement, none: &ObservedEntities::<E>::none };
            Box::pin(change_rows(db, change, &mut refresh)).await
        }
    };
    match done {
        Ok(count) if usize::try_from(count) == Ok(changed.len()) => {
            for (entity, copy) in entities.into_iter().zip(copies) {
                *entity = copy;
            }
            if within {
                control(Operation::Release, "RELEASE SAVEPOINT update_many", db).await?;
            }
            return Ok(());
        }
        Err(error) if !error.is_row_suppressed() => return Err(error),
        Ok(_) if within => {
            control(Operation::Rollback, "ROLLBACK TO SAVEPOINT update_many", db).await?;
            control(Operation::Release, "RELEASE SAVEPOINT update_many", db).await?;
        }
        Ok(_) | Err(_) => {}
    }
    // Nothing is written, so a row that is missing now is one that was.
    let missing = Box::pin(missing::<E>(&changed, db)).await?;
    Err(missing.unwrap_or_else(|| Error::new(Kind::Serialization).entity_is(E::DEFINITION)))
}

/// Whether a change of an entity writes something.
fn writes<E: Entity>() -> bool {
    let mut properties = E::DEFINITION.properties.iter().copied();
    properties.any(is_written) || is_stamped(E::DEFINITION.stamps())
}

fn is_written(property: &'static PropertyDefinition) -> bool {
    !property.id && !property.is_made()
}

async fn control(operation: Operation, sql: &str, db: &impl Executor) -> Result<()> {
    execute(db, &Statement::new(operation, StatementSql::exempt(sql), Values::new()))
        .await
        .map(drop)
}

/// The rows by their columns: those that are written, then the id, then the version.
fn columns<E: Entity>(entities: &[Vec<Parameter>], is_written: bool) -> NewRows<E> {
    let mut rows = NewRows::new();
    let properties = E::DEFINITION.properties.iter().copied();
    for values in entities {
        let each = || properties.clone().zip(values);
        let written = each().filter(|(one, _)| is_written && !one.id && !one.is_made());
        let id = each().filter(|(one, _)| one.id);
        let version = each().filter(|(one, _)| one.stamp == Some(Stamp::Version));
        for (property, parameter) in written.chain(id).chain(version) {
            rows.push(Some(Assignment { property, parameter: parameter.clone() }));
        }
        rows.end_row();
    }
    rows
}

fn statement<E: Entity>(entities: &[Vec<Parameter>], dialect: Dialect) -> Result<Statement> {
    let engine = dialect.engine;
    let (entity, rows) = (E::DEFINITION, columns::<E>(entities, true));
    let sent = rows.sent(engine);
    let sql = match engine {
        Engine::Postgres => E::sql_cache().sql(dialect, Kept::UpdateMany, || {
            Ok(UpdateMany { entity, columns: &sent.columns }.lower(dialect)?.sql)
        })?,
        Engine::Sqlite => E::sql_cache().sql(dialect, Kept::UpdateMany, || {
            let values = entities.first().map_or(&[][..], Vec::as_slice);
            let all = entity.properties.iter().copied().zip(values);
            let written = all.filter(|(property, _)| !property.id && !property.is_made());
            let assignments = written
                .map(|(property, parameter)| Assignment { property, parameter: parameter.clone() })
                .collect();
            let changes = Changes { assignments, is_whole: true, ..Changes::default() };
            let row = StoredRow::of(entity, values).select();
            change::update(dialect, &row, &changes, Returning::Made).map(|lowered| lowered.sql)
        })?,
    };
    let further = match engine {
        Engine::Postgres if entity.made().next().is_some() => {
            SentColumns::numbers(0..entities.len())?
        }
        _ => Values::new(),
    };
    let (mut statement, _) = sent.statement(entity, sql, entities.len(), further)?;
    statement.operation = Operation::Update;
    Ok(statement)
}

/// The number of a row, behind the values that the database made.
fn number<E: Entity>(row: &Row<'_>) -> Result<usize> {
    let number = row.cell(E::DEFINITION.made().count()).and_then(<i64 as Value>::read);
    let number =
        number.map_err(|why| Error::row("number", E::DEFINITION.table, "an integer", why))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// Why the first row that is not there is not: it is gone, or of another version.
async fn missing<E: Entity>(
    entities: &[Vec<Parameter>],
    db: &impl Executor,
) -> Result<Option<Error>> {
    let entity: &'static EntityDefinition = E::DEFINITION;
    if db.engine() == Engine::Sqlite {
        for values in entities {
            let row = StoredRow::of(entity, values);
            if !row.exists_as_read(db).await? {
                return Ok(Some(row.absence(db).await));
            }
        }
        return Ok(None);
    }
    let sent = columns::<E>(entities, false).sent(db.engine());
    let sql = UpdateMany { entity, columns: &sent.columns }.lower_missing(db.dialect())?.sql;
    let further = SentColumns::numbers(0..entities.len())?;
    let (mut statement, _) = sent.statement(entity, sql, entities.len(), further)?;
    statement.operation = Operation::Select;
    let read = |row: &Row<'_>| crate::query::execute::value::<i64>(row, entity.table);
    let first = fetch(db, &statement, read).await?.into_iter().min();
    let values = first.and_then(|at| entities.get(usize::try_from(at).ok()?));
    match values {
        Some(values) => Ok(Some(StoredRow::of(entity, values).absence(db).await)),
        None => Ok(None),
    }
}

/// An id that two entities have.
fn twice_of(ids: &[Vec<Parameter>]) -> Option<Vec<Parameter>> {
    let parts = ids.first().map_or(0, Vec::len);
    let column = |part: usize| ids.iter().filter_map(|id| id.get(part)).cloned().collect();
    let columns: Vec<Vec<Parameter>> = (0..parts).map(column).collect();
    let columns: Vec<_> = columns.iter().map(Vec::as_slice).collect();
    twice(&columns, ids.len())
}
