//! Looks whose the indexes are that have the names of a schema's, which `IF NOT EXISTS` does not.

use crate::driver::executor::Executor;
use crate::error::{Error, Result};
use crate::raw_sql::sql;
use crate::schema::Schema;

/// Each index that is there already is on its own table, a unique one also on its own columns.
pub(crate) async fn indexes_are_its_own(db: &impl Executor, schema: &Schema) -> Result<()> {
    for (entity, index, unique) in schema.indexes() {
        let over = "SELECT tbl_name, coalesce(info.name, '') FROM sqlite_schema AS known, \
                    pragma_index_info(known.name) AS info \
                    WHERE type = 'index' AND known.name = $1 COLLATE NOCASE";
        let over: Vec<(String, String)> = sql(over, (&*index,)).all(db).await?;
        let Some((table, _)) = over.first() else {
            continue;
        };
        let is_over = |column: &&str| over.iter().any(|(_, one)| one.eq_ignore_ascii_case(column));
        let is_its_own = table.eq_ignore_ascii_case(entity.table)
            && unique.is_none_or(|own| own.len() == over.len() && own.iter().all(is_over));
        if !is_its_own {
            return Err(Error::invalid_request(format!(
                "another index has the name `{index}` already, on the table `{table}`, and one of \
                 `{}` is to have it; drop the other, or name one otherwise",
                entity.name,
            ))
            .entity_is(entity));
        }
    }
    Ok(())
}
