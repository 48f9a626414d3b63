//! New rows: one, or many at once.

use sea_query::{
    Alias, DynIden, Expr, ExprTrait, Func, InsertStatement, IntoIden, SelectStatement,
    Value as SqlValue,
};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::dialect;
use crate::dialect::{Dialect, Engine};
use crate::error::{Error, Result};
use crate::sql::change::{Assignment, Returning};
use crate::sql::table::default_on;
use crate::sql::{Lowered, StatementSql, Writer};
use crate::value::sql_type::{bare, has_own_input};

/// One new row of the given properties, which comes back whole.
pub(crate) fn insert(
    dialect: Dialect,
    entity: &'static EntityDefinition,
    assignments: &[Assignment],
) -> Result<Lowered> {
    let writer = Writer::new(dialect, entity);
    let mut statement = InsertStatement::new();
    writer.insert_into(&mut statement, entity);
    if assignments.is_empty() {
        statement.or_default_values();
    } else {
        statement.columns(assignments.iter().map(|one| Alias::new(one.property.column)));
        let values: Result<Vec<_>> = assignments
            .iter()
            .map(|one| writer.parameter(entity, one.property, &one.parameter))
            .collect();
        statement.values(values?).map_err(|error| Error::invalid_request(error.to_string()))?;
    }
    if let Some(clause) = writer.returned(entity, Returning::Rows) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

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

/// New rows of the given columns.
///
/// The values of a column are one array on PostgreSQL, and those of a row are parameters on
/// SQLite, in the order of the columns. Behind them comes for each column which rows give it, if
/// that has to be told.
pub(crate) fn insert_many(
    dialect: Dialect,
    entity: &'static EntityDefinition,
    columns: &[NewColumn],
    rows: usize,
    returning: Returning,
) -> Result<StatementSql> {
    let writer = Writer::new(dialect, entity);
    writer.insert_many(entity, columns, rows, ValueBinding::Parameters, returning)
}

/// So many new rows of the given columns on PostgreSQL. Each value is a parameter, row by row, by which a cluster
/// finds the server of the row; the rows of an array it would collect on one server first.
pub(crate) fn insert_rows(
    dialect: Dialect,
    entity: &'static EntityDefinition,
    columns: &[NewColumn],
    rows: usize,
    returning: Returning,
) -> Result<StatementSql> {
    let writer = Writer::new(dialect, entity);
    let mut statement = InsertStatement::new();
    writer.insert_into(&mut statement, entity);
    statement.columns(columns.iter().map(|column| Alias::new(column.property.column)));
    writer.values(&mut statement, columns, rows)?;
    if let Some(clause) = writer.returned(entity, returning) {
        statement.returning(clause);
    }
    Ok(writer.write(&statement)?.sql)
}

/// New rows on SQLite by one statement, which asks [`GIVEN_VALUE`] for the values. Its only parameter
/// is a JSON array with an element a row.
///
/// SQLite looks at foreign keys when a statement ends, so that rows of this one may refer to later
/// ones, as they may on PostgreSQL.
pub(crate) fn insert_at_once(
    dialect: Dialect,
    entity: &'static EntityDefinition,
    columns: &[NewColumn],
    returning: Returning,
) -> Result<StatementSql> {
    Writer::new(dialect, entity).insert_many(entity, columns, 1, ValueBinding::AtOnce, returning)
}

/// The function by which SQLite is given the values of a statement that inserts many rows at once. It
/// takes the numbers of a row and of a parameter.
pub(crate) const GIVEN_VALUE: &str = "relations_given_value";

/// The way in which the values reach a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueBinding {
    Parameters,
    AtOnce,
}

/// The name of the given values.
pub(super) const GIVEN: &str = "given";

impl Writer {
    fn insert_many(
        &self,
        entity: &'static EntityDefinition,
        columns: &[NewColumn],
        rows: usize,
        sent: ValueBinding,
        returning: Returning,
    ) -> Result<StatementSql> {
        columns.iter().try_for_each(|column| self.check_stored(entity, column.property))?;
        let mut statement = InsertStatement::new();
        self.insert_into(&mut statement, entity);
        if columns.is_empty() {
            let rows = if self.engine == Engine::Sqlite { 1 } else { rows };
            statement.or_default_values_many(u32::try_from(rows).unwrap_or(u32::MAX));
        } else {
            statement.columns(columns.iter().map(|column| Alias::new(column.property.column)));
            let rows = if columns.iter().any(|column| column.is_partial) {
                let mut rows = SelectStatement::new();
                rows.exprs(self.made_of(columns, &Alias::new(GIVEN).into_iden()));
                rows.from_subquery(self.given(columns, sent, |_| None), Alias::new(GIVEN));
                rows
            } else {
                let mut rows = SelectStatement::new();
                let values = (0..).zip(columns);
                rows.exprs(values.map(|(number, column)| self.each(column.property, number, sent)));
                rows_at_once(&mut rows, sent);
                rows
            };
            statement
                .select_from(rows)
                .map_err(|error| Error::invalid_request(error.to_string()))?;
        }
        if let Some(clause) = self.returned(entity, returning) {
            statement.returning(clause);
        }
        Ok(self.write(&statement)?.sql)
    }

    /// Adds so many rows to a statement, each value of which is a parameter.
    pub(super) fn values(
        &self,
        statement: &mut InsertStatement,
        columns: &[NewColumn],
        rows: usize,
    ) -> Result<()> {
        let value = |NewColumn { property, is_partial }: &NewColumn| {
            let value = if is_literal(self.engine, property) {
                placeholder().cast_as(Alias::new(postgres_type(property)))
            } else {
                self.cast(placeholder(), property, "")
            };
            match property.default.filter(|_| *is_partial) {
                Some(default) => {
                    let default = default_on(self.engine, property.column_type, default);
                    Func::coalesce([value, Expr::cust(default)]).into()
                }
                None => value,
            }
        };
        for _ in 0..rows {
            statement
                .values(columns.iter().map(value))
                .map_err(|error| Error::invalid_request(error.to_string()))?;
        }
        Ok(())
    }

    /// The value of a property in each new row, which is the parameter of a number.
    pub(super) fn each(
        &self,
        property: &PropertyDefinition,
        number: usize,
        sent: ValueBinding,
    ) -> Expr {
        match self.engine {
            Engine::Postgres if is_literal(self.engine, property) => {
                unnest(placeholder()).cast_as(Alias::new(postgres_type(property)))
            }
            Engine::Postgres => {
                let array = if has_own_input(property) {
                    placeholder().cast_as(Alias::new("text"))
                } else {
                    placeholder()
                };
                unnest(self.cast(array, property, "[]"))
            }
            Engine::Sqlite => given_value(number, sent),
        }
    }

    /// The mark of a new row, beside its values.
    fn each_told(&self, number: usize, sent: ValueBinding) -> Expr {
        match self.engine {
            Engine::Postgres => unnest(placeholder()),
            Engine::Sqlite => given_value(number, sent),
        }
    }

    /// The values that are given, by the numbers of their columns, each row with the marks of values that
    /// it leaves to their defaults. A value may be another one instead.
    pub(super) fn given(
        &self,
        columns: &[NewColumn],
        sent: ValueBinding,
        instead: impl Fn(&PropertyDefinition) -> Option<Expr>,
    ) -> SelectStatement {
        let mut given = SelectStatement::new();
        for (number, new) in (1..).zip(columns) {
            let value = instead(new.property);
            let value = value.unwrap_or_else(|| self.each(new.property, number - 1, sent));
            given.expr_as(value, value_name(number));
        }
        let told = (1..).zip(columns).filter(|(_, new)| new.tells_given());
        for (at, (number, _)) in (columns.len()..).zip(told) {
            given.expr_as(self.each_told(at, sent), Alias::new(format!("is_given_{number}")));
        }
        rows_at_once(&mut given, sent);
        given
    }

    /// The values of new rows, which are made of what is given.
    pub(super) fn made_of(&self, columns: &[NewColumn], given: &DynIden) -> Vec<Expr> {
        let column = |name: Alias| Expr::col((given.clone(), name));
        let made = (1..).zip(columns).map(|(number, new)| {
            let NewColumn { property, is_partial } = *new;
            let made = column(value_name(number));
            let Some(default) = property.default.filter(|_| is_partial) else { return made };
            let default = Expr::cust(default_on(self.engine, property.column_type, default));
            if new.tells_given() {
                let is_given = column(Alias::new(format!("is_given_{number}")));
                Expr::case(is_given, made).finally(default).into()
            } else {
                Func::coalesce([made, default]).into()
            }
        });
        made.collect()
    }
}

/// The name of a value that is given.
pub(super) fn value_name(number: usize) -> Alias {
    Alias::new(format!("value_{number}"))
}

fn is_literal(engine: Engine, property: &PropertyDefinition) -> bool {
    engine == Engine::Postgres && matches!(property.column_type, ColumnType::Array(_))
}

/// The type of a property's column, to which a text is cast.
fn postgres_type(property: &PropertyDefinition) -> String {
    match property.sql_type {
        Some(sql_type) => bare(sql_type),
        None => dialect::postgres_type(property.column_type),
    }
}

pub(super) fn unnest(array: Expr) -> Expr {
    Func::cust("unnest").arg(array).into()
}

/// A value of a new row on SQLite.
fn given_value(number: usize, sent: ValueBinding) -> Expr {
    match sent {
        ValueBinding::Parameters => placeholder(),
        ValueBinding::AtOnce => {
            let row = Expr::col((Alias::new("each"), Alias::new("key")));
            Func::cust(GIVEN_VALUE).args([row, Expr::cust(number.to_string())]).into()
        }
    }
}

/// Makes a row of each that is given, where they come at once.
fn rows_at_once(rows: &mut SelectStatement, sent: ValueBinding) {
    if sent == ValueBinding::AtOnce {
        rows.from_function(Func::cust("json_each").arg(placeholder()), Alias::new("each"));
    }
}

/// A place for a value, which is kept beside the SQL.
pub(super) fn placeholder() -> Expr {
    Expr::val(SqlValue::Bool(None))
}
