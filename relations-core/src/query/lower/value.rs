//! Values on their way to the database, and how they come back.

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

    /// A value as it is read: as a text, where it is one in Rust and of a type that is none.
    ///
    /// The driver knows only PostgreSQL's own types. It asks for any other by statements of its own;
    /// behind an unnamed one it would do so while the rows come, which hold up the answer for ever.
    pub(super) fn read(&self, selected: Selected) -> Expr {
        match self.text_of(&selected) {
            Some(text) => selected.value.cast_as(text),
            None => selected.value,
        }
    }

    /// The type of text that a value is read as; none where it is read as what it is.
    pub(super) fn text_of(&self, selected: &Selected) -> Option<&'static str> {
        let property = selected.property.filter(|_| self.engine == Engine::Postgres)?;
        property.sql_type.filter(|sql_type| !is_text(sql_type))?;
        match property.column_type {
            ColumnType::Text => Some("text"),
            ColumnType::Array(ColumnType::Text) => Some("text[]"),
            _ => None,
        }
    }
}

/// A value that a statement selects.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(super) value: Expr,
    /// The property that it is a value of, which says how it is read, if it is one's.
    pub(super) property: Option<&'static PropertyDefinition>,
    /// What it is called, where that matters.
    pub(super) name: Option<String>,
}

impl Selected {
    pub(crate) fn new(value: Expr, property: Option<&'static PropertyDefinition>) -> Self {
        Self { value, property, name: None }
    }

    /// The column of a property where no other table has one of that name.
    pub(super) fn column(property: &'static PropertyDefinition) -> Self {
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
    if is_one_of(of, &FIXED) { format!("bpchar{brackets}") } else { name }
}

/// The texts of a fixed length; of a varying one, where that is said behind them.
const FIXED: [&str; 5] = ["char", "character", "nchar", "national char", "national character"];

/// Whether a type is one of PostgreSQL's texts, or an array of them.
fn is_text(sql_type: &str) -> bool {
    let name = bare(sql_type);
    let of = name.split('[').next().unwrap_or_default().trim().to_ascii_lowercase();
    let varying = of.strip_suffix(" varying").is_some_and(|of| is_one_of(of, &FIXED));
    varying || is_one_of(&of, &["text", "varchar", "bpchar", "name"])
}

fn is_one_of(sql_type: &str, names: &[&str]) -> bool {
    names.iter().any(|name| sql_type.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::is_text;

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
