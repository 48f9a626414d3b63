//! Writes whose rows have to fit, or nothing is written.
//!
//! A statement by itself is committed before its rows are read here. So it runs between `BEGIN`, which
//! travels with it, and a `COMMIT` that is sent when its rows were read: one round trip more. That is
//! done until the first rows and the catalog have told that no row can be unfit; from then on the
//! statement is sent by itself.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::TryStreamExt;
use futures_util::future::join;
use tokio_postgres::types::Type;
use tokio_postgres::{Column, Row as Sent};

use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::driver::postgres::Incoming;
use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::failure::Failure;
use crate::driver::postgres::pooled_connection::{PooledConnection, sent_at};
use crate::driver::postgres::sqlstate::error;
use crate::driver::postgres::value::type_of;
use crate::driver::returned::Returned;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};
use crate::hash::Seed;
use crate::value::parameter::Parameter;
use crate::value::row::{Row, RowOf};

/// The number of statements that are remembered. Beyond that all are forgotten.
const KEPT: usize = 500;

/// Asks whether a table has nothing that changes rows on their way, and which columns are never null.
const TABLE: &str = "SELECT relkind = 'r' AND NOT relhasrules AND NOT EXISTS (SELECT 1 FROM \
                     pg_catalog.pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal), \
                     ARRAY(SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND \
                     attnotnull) FROM pg_catalog.pg_class WHERE oid = $1";

/// The writes of which it is known whether their rows can be unfit, by their SQL.
#[derive(Default)]
pub(crate) struct Certain(RwLock<HashMap<Arc<str>, bool, Seed>>);

impl Certain {
    /// Whether each row of a statement is known to fit; none where nobody knows yet.
    fn of(&self, statement: &Statement) -> Option<bool> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(statement.text()).copied()
    }

    fn keep(&self, statement: &Statement, is_certain: bool) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(Arc::clone(statement.text()), is_certain);
    }

    /// Forgets all, as a table was changed.
    pub(crate) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl PooledConnection {
    /// The rows that a statement has to bring back, where that is not certain.
    pub(crate) fn doubt<'a>(&self, statement: &'a Statement) -> Option<&'a Returned> {
        let returned = statement.returned.as_ref()?;
        let is_certain = !returned.may_lack && self.usage().certain.of(statement) == Some(true);
        (!is_certain).then_some(returned)
    }

    /// Runs a write in a transaction of its own, which is committed when its rows were read.
    pub(crate) async fn write_checked(
        &self,
        client: &PoolClient,
        statement: &Statement,
        returned: &Returned,
    ) -> Result<Rows, Failure> {
        let asks = client.asks();
        let begun = pin!(asks.batch_execute("BEGIN"));
        let sent = pin!(self.rows_of(client, statement));
        let (begun, rows) = join(begun, sent).await;
        let checked = match (begun, rows) {
            (Err(failure), _) => Err(Failure::of(failure)),
            (Ok(()), Err(failure)) => Err(failure),
            (Ok(()), Ok((rows, number))) => match fit(statement, returned, &rows, number) {
                Ok(()) => Ok((rows, number)),
                Err(error) => Err(Failure::unknown(error)),
            },
        };
        let (rows, number) = match checked {
            Ok(rows) => rows,
            Err(failure) => {
                // That fails only where the connection is gone, which rolls back as well.
                let _ = asks.batch_execute("ROLLBACK").await;
                return Err(failure);
            }
        };
        let commit = pin!(asks.batch_execute("COMMIT"));
        let committed = sent_at(None, || self.ask_position(client), commit).await;
        committed.map_err(committing)?;
        if self.usage().certain.of(statement).is_none()
            && let Some(first) = rows.first()
        {
            let is_certain = is_certain(client, statement, returned, first.columns()).await;
            self.usage().certain.keep(statement, is_certain);
        }
        Ok(Rows::here(Incoming::Here(rows, number)))
    }

    /// All rows of a statement.
    async fn rows_of(
        &self,
        client: &PoolClient,
        statement: &Statement,
    ) -> Result<(Vec<Sent>, u64), Failure> {
        let Some(stream) = self.stream_by(client, None, statement).await? else {
            return Ok((Vec::new(), 0));
        };
        let (mut stream, mut rows) = (pin!(stream), Vec::new());
        while let Some(row) = stream.try_next().await.map_err(Failure::of)? {
            rows.push(row);
        }
        let number = stream.rows_affected().unwrap_or_default();
        Ok((rows, number))
    }
}

/// Whether the rows of a write fit.
pub(crate) fn fit(
    statement: &Statement,
    returned: &Returned,
    rows: &[Sent],
    changed: u64,
) -> Result<()> {
    rows.iter().try_for_each(|row| returned.row(&Row(RowOf::Postgres(row))))?;
    returned.number(rows.len(), changed, statement.entity())
}

/// Why a commit failed. Where the server has not said so, nobody knows.
fn committing(failure: tokio_postgres::Error) -> Failure {
    let is_told = failure.as_db_error().is_some();
    match error(failure) {
        error if is_told && !error.is_lost() => Failure::unknown(error),
        error => Failure::unknown(Error::new(Kind::CommitUnknown).because(error)),
    }
}

/// Whether no row of a statement can be unfit, as far as its columns and their table tell. Asked once a
/// statement; a failure means no.
async fn is_certain(
    client: &PoolClient,
    statement: &Statement,
    returned: &Returned,
    columns: &[Column],
) -> bool {
    let Some(entity) = statement.entity() else { return false };
    let Some(table) = columns.iter().find_map(Column::table_oid) else { return false };
    let asked = client.asks().query_typed(TABLE, &[(&table, Type::OID)]).await;
    let Some(told) = asked.ok().and_then(|rows| rows.into_iter().next()) else { return false };
    let (Ok(Some(true)), Ok(never_null)) =
        (told.try_get::<_, Option<bool>>(0), told.try_get::<_, Vec<i16>>(1))
    else {
        return false;
    };
    let is_certain = |(property, column): (&PropertyDefinition, &Column)| {
        let is_given = || statement.assigned.iter().any(|one| one.is(property));
        let is_never_null = || column.column_id().is_some_and(|id| never_null.contains(&id));
        is_natural(property.column_type, column.type_())
            && (returned.as_given && is_given()
                || (property.nullable || is_never_null())
                    && (is_total(property.column_type) || property.stamp.is_some()))
    };
    let properties = returned.properties(entity);
    columns.len() >= properties.len() && properties.into_iter().zip(columns).all(is_certain)
}

/// Whether a column is of the type that a property is sent as.
fn is_natural(column_type: ColumnType, sent: &Type) -> bool {
    match column_type {
        ColumnType::Text => [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME].contains(sent),
        ColumnType::Json => [Type::JSON, Type::JSONB].contains(sent),
        _ => Parameter::null(column_type).into_sql().is_ok_and(|null| type_of(&null) == *sent),
    }
}

/// Whether any value of a column's type is one of the property's. A text may be of an enum.
fn is_total(column_type: ColumnType) -> bool {
    use ColumnType::{BigInt, Boolean, Bytes, Double, Integer, Real, SmallInt, Uuid};
    matches!(column_type, BigInt | Boolean | Bytes | Double | Integer | Real | SmallInt | Uuid)
}
