//! Looks up a constraint in PostgreSQL's catalog, of which an error tells the name alone.

use crate::dialect::StatementSql;
use crate::driver::acquired::Acquired;
use crate::driver::statement::Statement;
use crate::driver::violation::is_unsettled;
use crate::error::Error;
use crate::error::constraint::{Constraint, Violation};
use crate::sql::operation::Operation;
use crate::value::Value;
use crate::value::parameter::{Parameter, values_of_key};
use crate::value::row::{Mismatch, Row};

/// A foreign key: its columns, and the table and columns that it references. Its table may be a
/// partition, of which its root is told.
const FOREIGN_KEY: &str = "\
    SELECT root.nspname::text, root.relname::text, \
    ARRAY(SELECT attname::text FROM unnest(known.conkey) WITH ORDINALITY AS part (number, place) \
    JOIN pg_catalog.pg_attribute ON attrelid = known.conrelid AND attnum = number ORDER BY place), \
    (SELECT relname::text FROM pg_catalog.pg_class WHERE oid = known.confrelid), \
    ARRAY(SELECT attname::text FROM unnest(known.confkey) WITH ORDINALITY AS part (number, place) \
    JOIN pg_catalog.pg_attribute ON attrelid = known.confrelid AND attnum = number ORDER BY place) \
    FROM pg_catalog.pg_constraint AS known \
    JOIN pg_catalog.pg_class AS held ON held.oid = known.conrelid \
    JOIN pg_catalog.pg_namespace AS space ON space.oid = held.relnamespace ";

/// A unique key, which is an index: its columns, unless it is over an expression.
const UNIQUE_KEY: &str = "\
    SELECT root.nspname::text, root.relname::text, \
    ARRAY(SELECT attname::text FROM unnest(key.indkey) WITH ORDINALITY AS part (number, place) \
    JOIN pg_catalog.pg_attribute ON attrelid = key.indrelid AND attnum = number \
    WHERE place <= key.indnkeyatts AND key.indexprs IS NULL ORDER BY place), NULL::text, '{}'::text[] \
    FROM pg_catalog.pg_index AS key \
    JOIN pg_catalog.pg_class AS known ON known.oid = key.indexrelid \
    JOIN pg_catalog.pg_class AS held ON held.oid = key.indrelid \
    JOIN pg_catalog.pg_namespace AS space ON space.oid = held.relnamespace ";

/// Any other constraint: the table alone.
const TABLE: &str = "\
    SELECT root.nspname::text, root.relname::text, '{}'::text[], NULL::text, '{}'::text[] \
    FROM pg_catalog.pg_class AS held \
    JOIN pg_catalog.pg_namespace AS space ON space.oid = held.relnamespace ";

const ROOT: &str = "\
    JOIN LATERAL (SELECT nspname, relname FROM pg_catalog.pg_class \
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace \
    WHERE pg_class.oid = coalesce(pg_catalog.pg_partition_root(held.oid), held.oid)) AS root ON true ";

/// A violation with what the catalog knows of its constraint; as it was where that cannot be asked, as
/// in a transaction that has failed.
pub(crate) async fn settled(
    acquired: &mut impl Acquired,
    statement: &Statement,
    error: Error,
) -> Error {
    if !is_unsettled(&error) || acquired.capabilities().failed {
        return error;
    }
    let (Some(constraint), Some(entity)) = (error.refusing().cloned(), statement.entity()) else {
        return error;
    };
    match looked_up(acquired, &constraint).await {
        Some(known) => {
            let known = Constraint { is_looked_up: true, ..known };
            crate::driver::violation::explained(statement, entity, error, known)
        }
        None => error,
    }
}

async fn looked_up(acquired: &mut impl Acquired, constraint: &Constraint) -> Option<Constraint> {
    let (schema, table) = (constraint.schema.as_ref()?, constraint.table.as_ref()?);
    let mut values = vec![Parameter::text(schema), Parameter::text(table)];
    let (what, name) = match constraint.violation {
        Violation::ForeignKey | Violation::Referenced => (FOREIGN_KEY, "AND known.conname = $3"),
        Violation::Unique => (UNIQUE_KEY, "AND known.relname = $3"),
        Violation::NotNull | Violation::Check => (TABLE, ""),
    };
    if !name.is_empty() {
        values.push(Parameter::text(constraint.name.as_ref()?));
    }
    let sql = format!("{what}{ROOT}WHERE space.nspname = $1 AND held.relname = $2 {name}");
    let values = values_of_key(values).ok()?;
    let statement = Statement::new(Operation::Select, StatementSql::exempt(sql), values);
    let mut known = None;
    let read = |row: &Row<'_>| -> Result<Constraint, Mismatch> {
        let target: Option<String> = match row.cell(3)? {
            cell if cell.is_null() => None,
            cell => Some(String::read(cell)?),
        };
        Ok(Constraint {
            schema: Some(String::read(row.cell(0)?)?),
            table: Some(String::read(row.cell(1)?)?),
            columns: Vec::<String>::read(row.cell(2)?)?,
            target: target.zip(Vec::<String>::read(row.cell(4)?).ok()),
            ..constraint.clone()
        })
    };
    // The violation is what is told, whether or not this can be.
    let mut each = |row: &Row<'_>| {
        known = read(row).ok();
        Ok(())
    };
    acquired.fetch(&statement, &mut each).await.ok()?;
    known
}
