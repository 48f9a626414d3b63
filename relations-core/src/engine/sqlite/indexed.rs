//! Looks whether a schema's indexes are where they belong, as `IF NOT EXISTS` does not.

use super::super::Executor;
use crate::error::{Error, Result};
use crate::schema::Schema;
use crate::sql::sql;

/// Each index of a schema is on its own table, a unique one also on its own columns.
pub(in crate::engine) async fn indexes_are_its_own(
    db: &impl Executor,
    schema: &Schema,
) -> Result<()> {
    for (entity, index, unique) in schema.indexes() {
        let found = "SELECT tbl_name, coalesce(info.name, '') FROM sqlite_schema AS known, \
                     pragma_index_info(known.name) AS info \
                     WHERE type = 'index' AND known.name = $1 COLLATE NOCASE";
        let found: Vec<(String, String)> = sql(found, (&*index,)).all(db).await?;
        let is_on = |column: &&str| found.iter().any(|(_, name)| name.eq_ignore_ascii_case(column));
        let is_its_own = found.iter().all(|(table, _)| table.eq_ignore_ascii_case(entity.table))
            && unique
                .is_none_or(|columns| found.len() == columns.len() && columns.iter().all(is_on));
        if !is_its_own {
            return Err(Error::refused(format!(
                "another index has the name `{index}` already, which one of `{}` is to have; drop \
                 that one, or name it otherwise",
                entity.name,
            ))
            .entity_is(entity));
        }
    }
    Ok(())
}
