//! The Rust type of a column.

use relations::Engine;
use relations::shape::{ColumnShape, Shape};

use super::{Dates, names};

/// A Rust type, and what else an attribute says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RustType {
    /// Its name, without the `Option` of a column that may be null.
    pub(super) name: String,
    /// The module that it is imported from, where it is not in the prelude of Rust.
    pub(super) import: Option<&'static str>,
    /// The type in SQL, where the Rust type does not say it.
    pub(super) sql: Option<String>,
    /// Whether a row of a view is read as it.
    pub(super) plain: bool,
}

impl RustType {
    fn of(name: &str) -> Self {
        Self { name: name.to_owned(), import: None, sql: None, plain: true }
    }

    fn from(module: &'static str, name: &str) -> Self {
        Self { import: Some(module), ..Self::of(name) }
    }

    /// Whether it can be a key.
    pub(super) fn is_key(&self) -> bool {
        !["f32", "f64", "serde_json::Value"].contains(&self.name.as_str())
            && !self.name.starts_with("Vec<f")
    }
}

/// The type of a column. What has none of its own is a text.
pub(super) fn of(shape: &Shape, column: &ColumnShape, dates: Dates) -> RustType {
    match shape.engine {
        Engine::Sqlite => on_sqlite(column, dates),
        Engine::Postgres => {
            let mut found = on_postgres(shape, &column.base_type, dates);
            if column.sql_type != column.base_type || found.sql.is_some() {
                found.sql = Some(column.sql_type.clone());
            }
            found
        }
    }
}

fn on_postgres(shape: &Shape, base: &str, dates: Dates) -> RustType {
    if let Some(element) = base.strip_suffix("[]") {
        let element = on_postgres(shape, element, dates);
        let name = format!("Vec<{}>", element.name);
        return RustType { name, ..element };
    }
    let own = |name| RustType { sql: Some(base.to_owned()), ..RustType::of(name) };
    match base {
        "boolean" => RustType::of("bool"),
        "smallint" => RustType::of("i16"),
        "integer" => RustType::of("i32"),
        "bigint" => RustType::of("i64"),
        "real" => RustType::of("f32"),
        "double precision" => RustType::of("f64"),
        "text" => RustType::of("String"),
        "character varying" | "character" | "name" | "citext" => own("String"),
        "bytea" => RustType::of("Vec<u8>"),
        "uuid" => RustType::from("uuid", "Uuid"),
        "numeric" => RustType::from("rust_decimal", "Decimal"),
        "jsonb" => RustType::of("serde_json::Value"),
        "json" => own("serde_json::Value"),
        "date" => dates.date(),
        "time without time zone" => dates.time(),
        "timestamp without time zone" => dates.timestamp(),
        "timestamp with time zone" => dates.moment(),
        "interval" => RustType::from("relations::value", "Interval"),
        "int4range" => range(RustType::of("i32")),
        "int8range" => range(RustType::of("i64")),
        "numrange" => range(RustType::from("rust_decimal", "Decimal")),
        "daterange" => range(dates.date()),
        "tsrange" => range(dates.timestamp()),
        "tstzrange" => range(dates.moment()),
        _ if shape.enumeration(base).is_some() => {
            RustType { sql: Some(base.to_owned()), ..RustType::of(&enumeration(base)) }
        }
        _ => RustType { plain: false, ..own("String") },
    }
}

/// The type of ranges between bounds of a type.
fn range(bound: RustType) -> RustType {
    RustType { name: format!("Range<{}>", bound.name), ..bound }
}

/// The name of an enum: `MpaaRating` for `mpaa_rating`.
pub(super) fn enumeration(name: &str) -> String {
    names::of_struct(name.rsplit('.').next().unwrap_or(name).trim_matches('"'))
}

fn on_sqlite(column: &ColumnShape, dates: Dates) -> RustType {
    let declared = column.base_type.as_str();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if declared == "BOOLEAN" || declared == "BOOL" {
        RustType::of("bool")
    } else if has(&["INT"]) {
        RustType::of("i64")
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        RustType::of("String")
    } else if declared.is_empty() || has(&["BLOB"]) {
        RustType::of("Vec<u8>")
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        RustType::of("f64")
    } else if declared == "DATE" {
        dates.date()
    } else if has(&["DATETIME", "TIMESTAMP"]) {
        dates.timestamp()
    } else if declared == "TIME" {
        dates.time()
    } else {
        RustType::of("f64")
    }
}

impl Dates {
    fn date(self) -> RustType {
        match self {
            Self::Chrono => RustType::from("chrono", "NaiveDate"),
            Self::Time => RustType::from("time", "Date"),
        }
    }

    fn time(self) -> RustType {
        match self {
            Self::Chrono => RustType::from("chrono", "NaiveTime"),
            Self::Time => RustType::from("time", "Time"),
        }
    }

    fn timestamp(self) -> RustType {
        match self {
            Self::Chrono => RustType::from("chrono", "NaiveDateTime"),
            Self::Time => RustType::from("time", "PrimitiveDateTime"),
        }
    }

    fn moment(self) -> RustType {
        match self {
            Self::Chrono => RustType::from("chrono", "DateTime<Utc>"),
            Self::Time => RustType::from("time", "OffsetDateTime"),
        }
    }
}
