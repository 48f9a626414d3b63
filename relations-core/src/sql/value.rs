//! Values on their way to the database, and how they come back.

use sea_query::{Alias, Expr, ExprTrait, Func, SelectStatement};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::Writer;
use crate::sql::table::stored_type;
use crate::value::parameter::Parameter;
use crate::value::sql_type::{bare, compared_as, has_own_input, is_known, is_text};

impl Writer {
    /// A value for a property, cast where its column has a type of its own.
    pub(crate) fn parameter(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
    ) -> Result<Expr> {
        self.check_stored(entity, property)?;
        let value = parameter.clone().into_written(property).map_err(|why| {
            Error::invalid_request(format!("`{}.{}` {why}", entity.name, property.name))
                .entity_is(entity)
        })?;
        Ok(self.cast(Expr::val(value), property, ""))
    }

    /// Makes sure that the engine has values of a property's type.
    pub(crate) fn check_stored(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
    ) -> Result<()> {
        match self.engine {
            Engine::Postgres => Ok(()),
            Engine::Sqlite => stored_type(entity, property).map(|_| ()),
        }
    }

    pub(crate) fn cast(&self, value: Expr, property: &PropertyDefinition, suffix: &str) -> Expr {
        match property.sql_type {
            Some(sql_type) if self.engine == Engine::Postgres => {
                // An array of texts is read anew, by the input of its elements.
                let is_array = matches!(property.column_type, ColumnType::Array(_));
                let value = if is_array && has_own_input(property) {
                    value.cast_as(Alias::new("text"))
                } else {
                    value
                };
                value.cast_as(Alias::new(bare(sql_type) + suffix))
            }
            _ => value,
        }
    }

    /// A value as it is compared with a property.
    pub(crate) fn cast_compared(
        &self,
        value: Expr,
        property: &PropertyDefinition,
        suffix: &str,
    ) -> Expr {
        match compared_as(property) {
            Some(_) => self.cast(value, property, suffix),
            None => value,
        }
    }

    /// A value that a statement calculates, as it is written to a property.
    pub(super) fn cast_calculated(&self, value: Expr, property: &PropertyDefinition) -> Expr {
        let is_read = self.engine == Engine::Postgres
            && property.column_type == ColumnType::Text
            && has_own_input(property);
        match property.sql_type.filter(|_| is_read) {
            // Only within an array does a cast read a text by the input of its type.
            Some(sql_type) => {
                let none = Expr::cust("CAST('{}' AS text[])");
                let array = Expr::from(
                    Func::cust("array_append").args([none, value.cast_as(Alias::new("text"))]),
                );
                let array = array.cast_as(Alias::new("text"));
                let array = array.cast_as(Alias::new(bare(sql_type) + "[]"));
                Expr::cust_with_exprs("($1)[1]", [array])
            }
            None => self.cast(value, property, ""),
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
    /// Its name, where that matters.
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
        (Engine::Postgres, ColumnType::Date) => "CAST(now() AT TIME ZONE 'UTC' AS date)",
        (Engine::Postgres, _) => "now()",
        (Engine::Sqlite, ColumnType::Date) => "date('now')",
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
