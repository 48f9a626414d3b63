//! Values on their way to the database, and how they come back.

use sea_query::{Alias, Expr, ExprTrait, Func, SelectStatement};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::Writer;
use crate::value::parameter::Parameter;

impl Writer {
    /// A value for a property, cast where its column has a type of its own.
    pub(crate) fn parameter(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
    ) -> Result<Expr> {
        let value = parameter.clone().into_sql().map_err(|why| {
            Error::invalid_request(format!("`{}.{}` {why}", entity.name, property.name))
                .entity_is(entity)
        })?;
        Ok(self.cast(Expr::val(value), property, ""))
    }

    pub(crate) fn cast(&self, value: Expr, property: &PropertyDefinition, suffix: &str) -> Expr {
        match property.sql_type {
            Some(sql_type) if self.engine == Engine::Postgres => {
                value.cast_as(Alias::new(bare(sql_type) + suffix))
            }
            _ => value,
        }
    }

    /// A value as it is read: as a text, where it is one in Rust and of a type that is none.
    ///
    /// The driver knows only PostgreSQL's own types. It asks for any other by statements of its own;
    /// behind an unnamed one it would do so while the rows come, which hold up the answer for ever.
    pub(crate) fn read(&self, selected: Selected) -> Expr {
        match self.read_as(&selected) {
            Some(name) => selected.value.cast_as(Alias::new(name)),
            None => selected.value,
        }
    }

    /// The type of text that a value is read as; none where it is read as what it is.
    pub(crate) fn text_of(&self, selected: &Selected) -> Option<&'static str> {
        let property = selected.property.filter(|_| self.engine == Engine::Postgres)?;
        property.sql_type.filter(|sql_type| !is_text(sql_type))?;
        match property.column_type {
            ColumnType::Text => Some("text"),
            ColumnType::Array(ColumnType::Text) => Some("text[]"),
            _ => None,
        }
    }

    /// The type that a value is read as, where the driver does not know its own: of texts, and of an
    /// array whose elements are a domain.
    fn read_as(&self, selected: &Selected) -> Option<String> {
        if let Some(text) = self.text_of(selected) {
            return Some(text.to_owned());
        }
        let property = selected.property.filter(|_| self.engine == Engine::Postgres)?;
        let is_array = matches!(property.column_type, ColumnType::Array(_));
        let is_own = |sql_type: &&str| is_array && !is_known(sql_type);
        property.sql_type.filter(is_own)?;
        Some(crate::dialect::postgres_type(property.column_type))
    }
}

/// A value that a statement selects.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(crate) value: Expr,
    /// The property that it is a value of, which says how it is read, if it is one's.
    pub(crate) property: Option<&'static PropertyDefinition>,
    /// What it is called, where that matters.
    pub(crate) name: Option<String>,
}

impl Selected {
    pub(crate) fn new(value: Expr, property: Option<&'static PropertyDefinition>) -> Self {
        Self { value, property, name: None }
    }

    /// The column of a property where no other table has one of that name.
    pub(crate) fn column(property: &'static PropertyDefinition) -> Self {
        Self::new(Expr::col(property.column), Some(property))
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
pub(crate) fn each_of(json: Expr) -> SelectStatement {
    let mut each = SelectStatement::new();
    each.from_function(Func::cust("json_each").arg(json), Alias::new("each"));
    each
}

/// A type as a value is cast to it: without its length or precision, to which a cast would cut a text
/// or round a number, where an assignment refuses it or rounds as the column says. Of some types the
/// bare name means a length of one, or some fields of an interval.
pub(crate) fn bare(sql_type: &str) -> String {
    let (name, array) = split(sql_type);
    let name = match base(&name) {
        Base::FixedText => "bpchar".to_owned(),
        Base::FixedBits => "\"bit\"".to_owned(),
        Base::Interval => "interval".to_owned(),
        Base::Other => name,
    };
    name + &array
}

/// A type of PostgreSQL's by its own name in lower case, without modifiers and brackets; the name as
/// it was given where it is none of those that have several.
pub(crate) fn base_name(sql_type: &str) -> String {
    let (name, _) = split(sql_type);
    let name = name.to_ascii_lowercase();
    name.strip_prefix("pg_catalog.").map(ToOwned::to_owned).unwrap_or(name)
}

/// A type without what stands in parentheses, and its brackets. What is quoted is a name.
fn split(sql_type: &str) -> (String, String) {
    let (mut name, mut array) = (String::new(), String::new());
    let (mut quoted, mut depth) = (false, 0_usize);
    for character in sql_type.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth.saturating_sub(1);
                continue;
            }
            _ => {}
        }
        match character {
            _ if depth > 0 => {}
            '[' | ']' if !quoted => array.push(character),
            '0'..='9' if !quoted && array.ends_with('[') => {}
            space if space.is_whitespace() && !quoted => {
                if !name.is_empty() && !name.ends_with(' ') && array.is_empty() {
                    name.push(' ');
                }
            }
            other => name.push(other),
        }
    }
    (name.trim_end().to_owned(), array)
}

enum Base {
    FixedText,
    FixedBits,
    Interval,
    Other,
}

fn base(name: &str) -> Base {
    let first = name.split(' ').next().unwrap_or_default();
    if is_one_of(name, &FIXED) {
        Base::FixedText
    } else if name.eq_ignore_ascii_case("bit") {
        Base::FixedBits
    } else if first.eq_ignore_ascii_case("interval") {
        Base::Interval
    } else {
        Base::Other
    }
}

/// Whether a type is one of those that the driver reads into a property without a text.
fn is_known(sql_type: &str) -> bool {
    const KNOWN: [&str; 29] = [
        "bool",
        "boolean",
        "int2",
        "smallint",
        "int4",
        "int",
        "integer",
        "int8",
        "bigint",
        "real",
        "float4",
        "float8",
        "float",
        "double precision",
        "bytea",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "uuid",
        "numeric",
        "decimal",
        "dec",
        "json",
        "jsonb",
        "oid",
        "time without time zone",
        "timestamp without time zone",
        "timestamp with time zone",
    ];
    is_one_of(&base_name(sql_type), &KNOWN)
}

/// The texts of a fixed length; of a varying one, where that is said behind them.
const FIXED: [&str; 5] = ["char", "character", "nchar", "national char", "national character"];

/// Whether a type is one of PostgreSQL's texts, or an array of them.
fn is_text(sql_type: &str) -> bool {
    let name = base_name(sql_type);
    let fixed = is_one_of(&name, &FIXED);
    let varying = name.strip_suffix(" varying").is_some_and(|of| is_one_of(of, &FIXED));
    fixed || varying || is_one_of(&name, &["text", "varchar", "bpchar", "name"])
}

fn is_one_of(sql_type: &str, names: &[&str]) -> bool {
    names.iter().any(|name| sql_type.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{bare, is_text};

    #[test]
    fn a_cast_neither_cuts_nor_rounds() {
        let casts = [
            ("bit(8)", "\"bit\""),
            ("BIT (8) []", "\"bit\"[]"),
            ("bit varying(8)", "bit varying"),
            ("char", "bpchar"),
            ("char(5)[3]", "bpchar[]"),
            ("\"char\"", "\"char\""),
            ("national  character varying(5)", "national character varying"),
            ("numeric(10, 2)", "numeric"),
            ("varchar(3)[][]", "varchar[][]"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("interval day to second(3)", "interval"),
            ("interval(3)[]", "interval[]"),
            ("\"my (odd) type\"(3)", "\"my (odd) type\""),
            ("\"My Schema\".\"T[1]\"[]", "\"My Schema\".\"T[1]\"[]"),
            ("public.geometry(Point, 4326)", "public.geometry"),
            ("mood", "mood"),
        ];
        for (declared, cast) in casts {
            assert_eq!(bare(declared), cast, "{declared}");
        }
    }

    #[test]
    fn texts_are_told_from_other_types() {
        let texts =
            ["text", "VARCHAR(5)", "varchar (5)[]", "char(3)", "character varying(5)", "name"];
        let texts = texts.into_iter().chain(["National Char Varying", "bpchar", "text[]", "nchar"]);
        assert_eq!(texts.filter(|one| !is_text(one)).count(), 0);
        let others = ["mood", "mood[]", "citext", "inet", "bit varying(3)", "xml", "\"text type\""];
        assert_eq!(others.into_iter().filter(|one| is_text(one)).count(), 0);
    }
}
