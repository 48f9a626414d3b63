//! Values on their way to the database.

use sea_query::{Alias, Expr, ExprTrait, Func, SelectStatement};

use super::Writer;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::meta::{ColumnType, EntityDefinition, PropertyDefinition};
use crate::value::Parameter;

impl Writer {
    /// A value for a property, cast where its column has a type of its own.
    pub(super) fn parameter(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
    ) -> Result<Expr> {
        let value = parameter.clone().into_sql().map_err(|why| {
            Error::refused(format!("`{}.{}` {why}", entity.name, property.name)).entity_is(entity)
        })?;
        Ok(self.cast(Expr::val(value), property, ""))
    }

    pub(super) fn cast(&self, value: Expr, property: &PropertyDefinition, suffix: &str) -> Expr {
        match property.sql_type {
            Some(sql_type) if self.engine == Engine::Postgres => {
                value.cast_as(Alias::new(bare(sql_type) + suffix))
            }
            _ => value,
        }
    }
}

/// The current time of the database, as a column of a type holds it; without a time zone in UTC,
/// whatever that of the session is. SQLite's own words for it are not how values are stored.
pub(crate) fn now(engine: Engine, column_type: ColumnType) -> &'static str {
    match (engine, column_type) {
        (Engine::Postgres, ColumnType::Timestamp) => "now() AT TIME ZONE 'UTC'",
        (Engine::Postgres, _) => "now()",
        (Engine::Sqlite, ColumnType::Timestamp) => "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
        (Engine::Sqlite, ColumnType::Time) => "strftime('%H:%M:%f000', 'now')",
        (Engine::Sqlite, ColumnType::TimestampTz) => {
            "strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now')"
        }
        (Engine::Sqlite, _) => "current_timestamp",
    }
}

/// The elements of a JSON array, as rows of which nothing is selected yet.
pub(super) fn each_of(json: Expr) -> SelectStatement {
    let mut each = SelectStatement::new();
    each.from_function(Func::cust("json_each").arg(json), Alias::new("each"));
    each
}

/// A type without its length or precision: a cast to `varchar(5)` would cut a text off, where an
/// assignment refuses it. One to `char` would as well, which is a `char(1)`.
pub(super) fn bare(sql_type: &str) -> String {
    let name = match (sql_type.find('('), sql_type.find(')')) {
        (Some(open), Some(close)) if open < close => {
            let (before, after) = (sql_type.get(..open), sql_type.get(close + 1..));
            format!("{}{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => sql_type.to_owned(),
    };
    let (of, brackets) = name.split_at(name.find('[').unwrap_or(name.len()));
    let fixed = ["char", "character", "nchar", "national char", "national character"];
    if fixed.iter().any(|fixed| of.trim().eq_ignore_ascii_case(fixed)) {
        format!("bpchar{brackets}")
    } else {
        name
    }
}
