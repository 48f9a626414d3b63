//! The two databases whose SQL is written.

use crate::definition::property::ColumnType;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// SQLite, in the process itself.
    Sqlite,
}

impl Engine {
    /// The engine's name as OpenTelemetry has it.
    pub(crate) fn system_name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Sqlite => "sqlite",
        }
    }
}

/// The name of a type in PostgreSQL.
pub(crate) fn postgres_type(column_type: ColumnType) -> String {
    let name = match column_type {
        ColumnType::Boolean => "boolean",
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInt => "bigint",
        ColumnType::Real => "real",
        ColumnType::Double => "double precision",
        ColumnType::Text => "text",
        ColumnType::Bytes => "bytea",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Timestamp => "timestamp",
        ColumnType::TimestampTz => "timestamptz",
        ColumnType::Uuid => "uuid",
        ColumnType::Decimal => "numeric",
        ColumnType::Json => "jsonb",
        ColumnType::Array(element) => return postgres_type(*element) + "[]",
    };
    name.to_owned()
}
