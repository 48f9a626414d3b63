//! Many rows that are made at once.

use sea_query::{
    Alias, Expr, ExprTrait, Func, InsertStatement, SelectStatement, Value as SqlValue,
};

use super::Writer;
use super::change::Returning;
use super::place::table;
use super::value::bare;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::meta::{ColumnType, EntityDefinition, PropertyDefinition};
use crate::schema::{self, default_on};

/// A column of new rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewColumn {
    pub(crate) property: &'static PropertyDefinition,
    /// Whether some rows leave it to its default.
    pub(crate) is_partial: bool,
}

impl NewColumn {
    /// Whether the rows that leave it to its default have to be told beside the values: elsewhere
    /// a null tells them.
    pub(crate) fn tells_given(self) -> bool {
        self.is_partial && self.property.nullable
    }

    /// Whether its values are sent as their texts: arrays are, of which there can be no array.
    pub(crate) fn is_literal(self, engine: Engine) -> bool {
        is_literal(engine, self.property)
    }
}

/// New rows of the given columns, which come back whole.
///
/// The values of a column are one array on PostgreSQL, and those of a row are parameters on
/// SQLite, in the order of the columns. Behind them comes for each column which rows give it, if
/// that has to be told.
pub(crate) fn insert_many(
    engine: Engine,
    entity: &'static EntityDefinition,
    columns: &[NewColumn],
    rows: usize,
) -> Result<String> {
    let writer = Writer::new(engine, entity);
    let mut statement = InsertStatement::new();
    statement.into_table(table(entity));
    if columns.is_empty() {
        let rows = if engine == Engine::Sqlite { 1 } else { rows };
        statement.or_default_values_many(u32::try_from(rows).unwrap_or(u32::MAX));
    } else {
        statement.columns(columns.iter().map(|column| Alias::new(column.property.column)));
        let rows = if columns.iter().any(|column| column.is_partial) {
            writer.made_of(columns)
        } else {
            let mut rows = SelectStatement::new();
            rows.exprs(columns.iter().map(|column| writer.each(column.property)));
            rows
        };
        statement.select_from(rows).map_err(|error| Error::refused(error.to_string()))?;
    }
    if let Some(clause) = writer.returned(entity, Returning::Rows) {
        statement.returning(clause);
    }
    Ok(writer.write(&statement).sql)
}

/// What is given, of which new rows are made.
const GIVEN: &str = "given";

impl Writer {
    /// The value of a property in each new row.
    fn each(&self, property: &PropertyDefinition) -> Expr {
        match self.engine {
            Engine::Postgres if is_literal(self.engine, property) => {
                unnest(placeholder()).cast_as(Alias::new(postgres_type(property)))
            }
            Engine::Postgres => unnest(self.cast(placeholder(), property, "[]")),
            Engine::Sqlite => placeholder(),
        }
    }

    /// What is told of each new row beside its values.
    fn each_told(&self) -> Expr {
        match self.engine {
            Engine::Postgres => unnest(placeholder()),
            Engine::Sqlite => placeholder(),
        }
    }

    /// New rows whose values are made of what is given.
    fn made_of(&self, columns: &[NewColumn]) -> SelectStatement {
        let name = |word: &str, number: usize| Alias::new(format!("{word}_{number}"));
        let column = |name: &Alias| Expr::col((Alias::new(GIVEN), name.clone()));
        let (mut given, mut rows) = (SelectStatement::new(), SelectStatement::new());
        let mut told = Vec::new();
        for (number, new) in (1..).zip(columns) {
            let NewColumn { property, is_partial } = *new;
            let value = name("value", number);
            let mut made = column(&value);
            given.expr_as(self.each(property), value);
            if let Some(default) = property.default.filter(|_| is_partial) {
                let default = Expr::cust(default_on(self.engine, property.column_type, default));
                made = if new.tells_given() {
                    let is_given = name("is_given", number);
                    let made = Expr::case(column(&is_given), made).finally(default);
                    told.push(is_given);
                    made.into()
                } else {
                    Func::coalesce([made, default]).into()
                };
            }
            rows.expr(made);
        }
        for name in told {
            given.expr_as(self.each_told(), name);
        }
        rows.from_subquery(given, Alias::new(GIVEN));
        rows
    }
}

fn is_literal(engine: Engine, property: &PropertyDefinition) -> bool {
    engine == Engine::Postgres && matches!(property.column_type, ColumnType::Array(_))
}

/// The type of a property's column, to which a text is cast.
fn postgres_type(property: &PropertyDefinition) -> String {
    match property.sql_type {
        Some(sql_type) => bare(sql_type),
        None => schema::postgres_type(property.column_type),
    }
}

fn unnest(array: Expr) -> Expr {
    Func::cust("unnest").arg(array).into()
}

/// A place for a value, which is kept beside the SQL.
fn placeholder() -> Expr {
    Expr::val(SqlValue::Bool(None))
}
