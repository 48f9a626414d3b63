//! The two databases whose SQL is written.

use std::sync::Arc;

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

/// The form in which statements are written: for an engine, and for the rows that an executor may see.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dialect {
    pub(crate) engine: Engine,
    pub(crate) tenancy: Tenancy,
    /// Whether tables are in a schema that is chosen at run time.
    pub(crate) in_schema: bool,
}

/// The rows that an executor may see, by their tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Tenancy {
    /// Rows of all tenants.
    #[default]
    Open,
    /// Rows of entities without a tenant only: one has to be named first.
    Required,
    /// Rows of one tenant, whose value is of this type.
    Of(ColumnType),
    /// None: two tenants were named, one within the other.
    Nested,
    /// Rows of all tenants, as SQL of the user's own says in so many words.
    Exempt,
}

impl From<Engine> for Dialect {
    /// Statements for the rows of all tenants.
    fn from(engine: Engine) -> Self {
        Self { engine, tenancy: Tenancy::Open, in_schema: false }
    }
}

impl Dialect {
    /// The word of a fingerprint that tells it.
    pub(crate) fn word(self) -> usize {
        let tenancy = match self.tenancy {
            Tenancy::Open => 0,
            Tenancy::Required => 1,
            Tenancy::Nested => 2,
            Tenancy::Exempt => 3,
            Tenancy::Of(column_type) => 4 + column_type.number(),
        };
        4 * tenancy + 2 * usize::from(self.in_schema) + self.engine as usize
    }
}

/// The SQL of a statement, and whose rows it is about.
#[derive(Debug, Clone)]
pub(crate) struct StatementSql {
    pub(crate) text: Arc<str>,
    pub(crate) tenancy: Tenancy,
    /// The number of values before that of the tenant, where the statement compares with it.
    pub(crate) tenant_at: Option<usize>,
    /// Whether its tables are in a schema that is chosen at run time, which stands as [`SCHEMA`] in it.
    pub(crate) in_schema: bool,
}

/// The name of a schema that is chosen at run time, in SQL that is written once for all of them.
pub(crate) const SCHEMA: &str = "\u{4}";

impl StatementSql {
    /// SQL that reads or writes rows of all tenants, or none.
    pub(crate) fn exempt(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), tenancy: Tenancy::Exempt, tenant_at: None, in_schema: false }
    }

    /// SQL of the user's own.
    pub(crate) fn open(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), tenancy: Tenancy::Open, tenant_at: None, in_schema: false }
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
        ColumnType::Range(element) => range_type(*element),
        ColumnType::Interval => "interval",
    };
    name.to_owned()
}

/// The name of the type of ranges in PostgreSQL.
fn range_type(element: ColumnType) -> &'static str {
    match element {
        ColumnType::Integer => "int4range",
        ColumnType::BigInt => "int8range",
        ColumnType::Decimal => "numrange",
        ColumnType::Date => "daterange",
        ColumnType::Timestamp => "tsrange",
        ColumnType::TimestampTz => "tstzrange",
        // No property is a range of another type.
        _ => "anyrange",
    }
}
