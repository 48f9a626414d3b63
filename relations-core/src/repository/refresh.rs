//! Refreshing materialized views.

use crate::definition::entity::EntityDefinition;
use crate::definition::quoting::quoted_table;
use crate::dialect::{Engine, SCHEMA, StatementSql};
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;
use crate::value::parameter::Values;

/// A materialized view of PostgreSQL, which has [`refresh`](Entity::refresh) and
/// [`refresh_concurrently`](Entity::refresh_concurrently); `#[entity(materialized_view)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a materialized view",
    label = "there is nothing to refresh",
    note = "a materialized view is declared by `#[entity(materialized_view)]`; a view shows the rows of its tables as \
            they are"
)]
#[doc(alias = "materialized view")]
#[doc(alias = "REFRESH MATERIALIZED VIEW")]
pub trait MaterializedView: Entity {}

/// Refreshes a materialized view from its query.
pub(crate) async fn refresh(
    entity: &'static EntityDefinition,
    concurrently: &str,
    db: &impl Executor,
) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return Err(Error::invalid_request(format!(
            "`{}` cannot be refreshed: SQLite has no materialized views; declare it as `#[entity(view)]` there",
            entity.name,
        ))
        .entity_is(entity));
    }
    let in_schema = entity.schema.is_none() && db.dialect().in_schema;
    let schema = if in_schema { Some(SCHEMA) } else { entity.schema };
    let name = quoted_table(schema, entity.table);
    let sql = StatementSql::exempt(format!("REFRESH MATERIALIZED VIEW {concurrently}{name}"));
    let statement =
        Statement::new(Operation::Define, StatementSql { in_schema, ..sql }, Values::new());
    execute(db, &statement).await.map(drop)
}
