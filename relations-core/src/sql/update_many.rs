//! Rows that are changed by one statement, each to values of its own.

use sea_query::{Alias, Expr, ExprTrait, SelectStatement, TableRef, UpdateStatement};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::definition::visible::Visible;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::from_clause::{AliasedTable, FromClause, all};
use crate::sql::insert::{NewColumn, ValueBinding, placeholder, unnest, value_name};
use crate::sql::keys::{any, shows};
use crate::sql::spelling::SHOWN;
use crate::sql::value::Selected;
use crate::sql::{Lowered, Writer};

/// Rows of PostgreSQL that are found by their ids, and by their versions if they have some.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UpdateMany<'a> {
    pub(crate) entity: &'static EntityDefinition,
    /// The columns that are given: those that are written, the id, and the version.
    pub(crate) columns: &'a [NewColumn],
}

/// The number of a row in the call.
const NUMBER: &str = "number";

impl UpdateMany<'_> {
    /// The change of the rows. If the database makes values of theirs, they come back, each row with its
    /// number, of which the last parameter is an array.
    pub(crate) fn lower(self, dialect: Dialect) -> Result<Lowered> {
        let Self { entity, columns } = self;
        let writer = Writer::new(dialect, entity);
        let given = writer.aliases.named("given");
        let places =
            FromClause::new(&writer, AliasedTable::table_of(entity).seen(Visible::NOT_DELETED));
        let value = |number| Expr::col((given.clone(), value_name(number)));
        let mut statement = UpdateStatement::new();
        writer.update(&mut statement, &places.root);
        for (number, NewColumn { property, .. }) in (1..).zip(columns) {
            if !is_found_by(property) {
                statement.value(Alias::new(property.column), value(number));
            }
        }
        for property in entity.stamps() {
            if let Some(value) = places.stamped(property) {
                statement.value(Alias::new(property.column), value);
            }
        }
        let mut values = self.values(&writer);
        let is_made = entity.made().next().is_some();
        if is_made {
            values.expr_as(unnest(placeholder()), Alias::new(NUMBER));
        }
        statement.from(TableRef::SubQuery(Box::new(values), given.clone()));
        statement.and_where(self.is_given(&places.root, value));
        if let Some(by) = entity.distributed_by().filter(|by| writer.shows(entity, by)) {
            let array = writer.cast_compared(Expr::cust(SHOWN), by, "[]");
            statement.and_where(places.root.column(by).eq(any(array)));
        }
        if is_made {
            let made = entity.made().map(|property| {
                writer.read(Selected::new(places.root.column(property), Some(property)))
            });
            let number = Expr::col((given.clone(), Alias::new(NUMBER)));
            statement.returning(sea_query::Returning::new().exprs(made.chain([number])));
        }
        writer.write(&statement)
    }

    /// The numbers of the rows that are not there.
    pub(crate) fn lower_missing(self, dialect: Dialect) -> Result<Lowered> {
        let Self { entity, columns } = self;
        let writer = Writer::new(dialect, entity);
        let given = writer.aliases.named("given");
        let place = AliasedTable::table_of(entity).seen(Visible::NOT_DELETED);
        let mut there = SelectStatement::new();
        there.expr(Expr::cust("1"));
        writer.from(&mut there, &place);
        let value = |number| Expr::col((given.clone(), value_name(number)));
        there.and_where(self.is_given(&place, value));
        let mut values = writer.given(columns, ValueBinding::Parameters, |_| None);
        values.expr_as(unnest(placeholder()), Alias::new(NUMBER));
        let number = || Expr::col((given.clone(), Alias::new(NUMBER)));
        let mut missing = SelectStatement::new();
        missing.expr(number()).from_subquery(values, given.clone());
        missing.and_where(Expr::exists(there).not());
        writer.write(&missing)
    }

    /// The values that are given, of which a cluster is shown those that tell the servers of the rows.
    fn values(self, writer: &Writer) -> SelectStatement {
        writer.given(self.columns, ValueBinding::Parameters, |property| {
            let is_shown = writer.shows(self.entity, property);
            is_shown.then(|| shows(writer.each(property, 0, ValueBinding::Parameters)))
        })
    }

    /// Whether a row is one of those that are given.
    fn is_given(self, place: &AliasedTable, value: impl Fn(usize) -> Expr) -> Expr {
        let found_by = (1..).zip(self.columns).filter(|(_, one)| is_found_by(one.property));
        all(found_by.map(|(number, one)| place.column(one.property).eq(value(number))))
    }
}

/// Whether rows are found by a property.
fn is_found_by(property: &PropertyDefinition) -> bool {
    property.id || property.stamp == Some(Stamp::Version)
}
