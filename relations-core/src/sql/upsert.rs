//! A row that is made unless it is there, and changed or found where it is.

use sea_query::{
    Alias, CaseStatement, CommonTableExpression, Expr, ExprTrait, Func, InsertStatement,
    OnConflict, SelectStatement, UnionType, WithClause,
};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::change::Assignment;
use crate::sql::from_clause::{AliasedTable, FromClause, table};
use crate::sql::spelling::AGAIN;
use crate::sql::value::Selected;
use crate::sql::{Lowered, Writer, limit_of};

/// A new row, and what is to become of one that is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upsert<'a> {
    pub(crate) entity: &'static EntityDefinition,
    /// The properties of the new row, with the key.
    pub(crate) given: &'a [Assignment],
    /// The properties by which a row is the same.
    pub(crate) key: &'a [&'static PropertyDefinition],
    /// The condition in SQL of the rows that the key holds for; none where it holds for all.
    pub(crate) filter: Option<&'static str>,
    /// The properties that an existing row takes over from the new one.
    pub(crate) update: &'a [&'static PropertyDefinition],
}

/// Tells that a row is about to be made, in a setting that is forgotten with the transaction.
const INSERTED: &str = "set_config('relations.upsert', 'inserted', TRUE) IS NOT NULL";

/// Tells that one that is there is changed instead.
const UPDATED: &str = "set_config('relations.upsert', 'updated', TRUE) IS NOT NULL";

/// Whether the row is new. A partitioned table and a view have no `xmax` that would tell it.
const IS_NEW: &str = "(current_setting('relations.upsert') = 'inserted')";

/// A value, and what is told when it is computed.
fn marking(told: &'static str, value: Expr) -> Expr {
    CaseStatement::new().case(Expr::cust(told), value).into()
}

impl Upsert<'_> {
    /// The statement that comes first, which brings the row and whether it is new. On PostgreSQL
    /// there is no other.
    pub(crate) fn lower(self, engine: Engine) -> Result<Lowered> {
        let writer = Writer::new(engine, self.entity);
        match engine {
            Engine::Sqlite => self.insert(&writer, &[], Expr::cust("TRUE")),
            Engine::Postgres if self.update.is_empty() => return self.insert_or_find(&writer),
            Engine::Postgres => self.insert(&writer, self.update, Expr::cust(IS_NEW)),
        }
        .map(|statement| writer.write(&statement))
    }

    /// The statement that runs on SQLite where the first brings no row, with the same values.
    pub(crate) fn lower_existing(self) -> Result<Lowered> {
        let writer = Writer::new(Engine::Sqlite, self.entity);
        if !self.update.is_empty() {
            let statement = self.insert(&writer, self.update, Expr::cust("FALSE"))?;
            return Ok(writer.write(&statement));
        }
        let (given, place) = (writer.aliases.named("given"), AliasedTable::table_of(self.entity));
        let mut values = SelectStatement::new();
        let mut found = self.found(&writer, &place);
        for (number, one) in (1..).zip(self.given) {
            let name = Alias::new(format!("value_{number}"));
            let value = self.value(&writer, one)?;
            values.expr_as(value, name.clone());
            if self.key.iter().any(|key| key.is(one.property)) {
                found.and_where(place.column(one.property).eq(Expr::col((given.clone(), name))));
            }
        }
        found.from_subquery(values, given);
        Ok(writer.write(&found))
    }

    /// A value of the new row. SQLite takes two spellings of a key for two keys, so a key is given as the
    /// row has it that is there.
    fn value(self, writer: &Writer, one: &Assignment) -> Result<Expr> {
        let Assignment { property, parameter } = one;
        let value = writer.parameter(self.entity, property, parameter)?;
        let is_spelled = property.column_type.has_spellings() && !parameter.is_null();
        match self.key {
            [key] if key.is(property) && is_spelled && writer.engine == Engine::Sqlite => {}
            _ => return Ok(value),
        }
        let place = AliasedTable::aliased(self.entity, writer.aliases.named("there"));
        let mut there = SelectStatement::new();
        there.expr(place.column(property)).from(place.table()).limit(limit_of(1));
        there.and_where(writer.equals(place.column(property), self.entity, property, parameter)?);
        Ok(Func::coalesce([Expr::from(there), Expr::cust(AGAIN)]).into())
    }

    /// A row that is made, or else changed; it is left alone where nothing is to change.
    fn insert(
        self,
        writer: &Writer,
        update: &[&'static PropertyDefinition],
        is_new: Expr,
    ) -> Result<InsertStatement> {
        let columns = |properties: &[&'static PropertyDefinition]| {
            properties.iter().map(|one| Alias::new(one.column)).collect::<Vec<_>>()
        };
        // SQLite asks for each of both in a statement of its own.
        let is_marked = writer.engine == Engine::Postgres && !update.is_empty();
        let mut conflict = OnConflict::columns(columns(self.key));
        if let Some(filter) = self.filter {
            conflict.target_and_where(Expr::cust(filter));
        }
        if update.is_empty() {
            conflict.do_nothing();
        } else {
            let (marked, plain) = update.split_at(usize::from(is_marked));
            conflict.update_columns(columns(plain));
            for one in columns(marked) {
                let value = Expr::col((Alias::new("excluded"), one.clone()));
                conflict.value(one, marking(UPDATED, value));
            }
            let places = FromClause::new(writer, AliasedTable::table_of(self.entity));
            let is_left = |stamp: &&PropertyDefinition| !update.iter().any(|one| one.is(stamp));
            for property in self.entity.stamps().filter(is_left) {
                if let Some(value) = places.stamped(property) {
                    conflict.value(Alias::new(property.column), value);
                }
            }
        }
        let values = self.given.iter().enumerate().map(|(at, one)| {
            let value = self.value(writer, one)?;
            Ok(if is_marked && at == 0 { marking(INSERTED, value) } else { value })
        });
        let mut statement = InsertStatement::new();
        statement
            .into_table(table(self.entity))
            .columns(self.given.iter().map(|one| Alias::new(one.property.column)))
            .values(values.collect::<Result<Vec<_>>>()?)
            .map_err(|error| Error::invalid_request(error.to_string()))?;
        let row = self.columns().map(|column| writer.read(column)).chain([is_new]);
        statement.on_conflict(conflict).returning(sea_query::Returning::new().exprs(row));
        Ok(statement)
    }

    /// A row that is made, or else found, which takes one statement on PostgreSQL.
    fn insert_or_find(self, writer: &Writer) -> Result<Lowered> {
        let inserted = writer.aliases.named("inserted");
        let mut insert = self.insert(writer, &[], Expr::cust("TRUE"))?;
        let row = self.columns().map(|column| column.value);
        insert.returning(sea_query::Returning::new().exprs(row));
        let mut with = WithClause::new();
        with.cte(
            CommonTableExpression::new().query(insert).table_name(inserted.clone()).to_owned(),
        );
        let mut made = SelectStatement::new();
        made.exprs(self.columns().map(|column| writer.read(column)));
        made.expr(Expr::cust("TRUE")).from(inserted.clone());
        let place = AliasedTable::table_of(self.entity);
        let mut found = self.found(writer, &place);
        for one in self.given.iter().filter(|one| self.key.iter().any(|key| key.is(one.property))) {
            let column = place.column(one.property);
            found.and_where(writer.equals(column, self.entity, one.property, &one.parameter)?);
        }
        let mut any = SelectStatement::new();
        any.expr(Expr::cust("1")).from(inserted);
        found.and_where(Expr::exists(any).not());
        made.union(UnionType::All, found);
        Ok(writer.write(&made.with(with)))
    }

    /// The rows among which one that is there is looked for.
    fn found(self, writer: &Writer, place: &AliasedTable) -> SelectStatement {
        let mut found = SelectStatement::new();
        let row = place.columns().map(|column| writer.read(column));
        found.exprs(row).expr(Expr::cust("FALSE")).from(place.table());
        if let Some(filter) = self.filter {
            found.and_where(Expr::cust(filter));
        }
        found
    }

    /// The columns of the row that is made.
    fn columns(self) -> impl Iterator<Item = Selected> {
        self.entity.properties.iter().map(|property| Selected::column(property))
    }
}
