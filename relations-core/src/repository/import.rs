//! Rows that are inserted as they are, generated ids included.

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::quoting::quoted_table;
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::driver::in_schema::SchemaName;
use crate::driver::transaction::retry::Transactional;
use crate::entity::Entity;
use crate::error::Result;
use crate::raw_sql::sql;
use crate::repository::create_many::NewRows;
use crate::sql::change::Assignment;

/// Inserts rows as they are; see [`Entity::import`].
pub(crate) async fn import<E: Entity>(rows: Vec<E>, db: &impl Transactional) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let rows = &rows;
    db.transaction(async |tx| {
        let (new, highest) = given(rows, numbered(E::DEFINITION, tx.engine()));
        if let Some((property, highest)) = highest {
            advance(E::DEFINITION, property, highest, tx).await?;
        }
        new.execute(tx).await
    })
    .await
}

/// All columns of the rows but those that the database calculates, and the highest value of an integer
/// property.
fn given<E: Entity>(
    rows: &[E],
    numbered: Option<&'static PropertyDefinition>,
) -> (NewRows<E>, Option<(&'static PropertyDefinition, i64)>) {
    let (mut new, mut highest) = (NewRows::as_they_are(), None);
    for row in rows {
        let mut properties = E::DEFINITION.properties.iter();
        row.each_parameter(&mut |parameter| {
            if let Some(property) = properties.next()
                && property.generated_as.is_none()
            {
                if numbered.is_some_and(|one| one.is(property)) {
                    highest = highest.max(parameter.integer());
                }
                new.push(Some(Assignment { property, parameter }));
            }
        });
        new.end_row();
    }
    (new, numbered.zip(highest))
}

/// The id that a sequence numbers. SQLite goes on after the highest id by itself.
fn numbered(entity: &EntityDefinition, engine: Engine) -> Option<&'static PropertyDefinition> {
    let generated = entity.properties.iter().copied().find(|property| property.generated);
    generated.filter(|_| engine == Engine::Postgres)
}

/// Moves the sequence of a property on, so that it generates no number up to this one. What others insert
/// meanwhile waits, as the sequence could be moved back behind a number that one of them has just taken.
async fn advance(
    entity: &EntityDefinition,
    property: &PropertyDefinition,
    highest: i64,
    db: &impl Executor,
) -> Result<()> {
    let schema = entity.schema.or(db.schema().map(SchemaName::name));
    let table = quoted_table(schema, entity.table);
    let is_behind = "COALESCE(pg_sequence_last_value(pg_get_serial_sequence($1, $2)), 0) < $3";
    let values = (table.as_str(), property.column, highest);
    let asked: Option<bool> =
        sql(format!("SELECT {is_behind}"), values).unscoped().unobserved().one(db).await?;
    if asked != Some(true) {
        return Ok(());
    }
    let lock = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
    sql(lock, ()).unscoped().unobserved().execute(db).await?;
    let advance = format!("SELECT setval(pg_get_serial_sequence($1, $2), $3) WHERE {is_behind}");
    sql(advance, values).unscoped().unobserved().execute(db).await?;
    Ok(())
}
