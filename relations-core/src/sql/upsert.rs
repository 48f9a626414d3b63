//! A row that is made unless it is there, and changed or found where it is.

use sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, Func, InsertStatement, OnConflict,
    SelectStatement, UnionType, WithClause,
};

use crate::definition::visible::Visible;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::change::Assignment;
use crate::sql::conflict::{ConflictClause, NewRowTest};
use crate::sql::from_clause::AliasedTable;
use crate::sql::spelling::AGAIN;
use crate::sql::value::Selected;
use crate::sql::{Lowered, Writer, limit_of};

/// A new row, and what is to become of one that is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UpsertRow<'a> {
    /// The properties of the new row, with the key.
    pub(crate) given: &'a [Assignment],
    pub(crate) conflict: ConflictClause<'a>,
}

/// One of the statements that SQLite runs one after another, until one brings the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum UpsertStep {
    Insert,
    Update,
    Find,
}

impl ConflictClause<'_> {
    /// The statements that SQLite runs.
    pub(crate) fn steps(&self) -> impl Iterator<Item = UpsertStep> {
        let update = self.updates().then_some(UpsertStep::Update);
        let find = self.may_leave().then_some(UpsertStep::Find);
        [Some(UpsertStep::Insert), update, find].into_iter().flatten()
    }
}

impl UpsertRow<'_> {
    /// The statement of PostgreSQL, which brings the row and whether it is new.
    pub(crate) fn lower(self) -> Result<Lowered> {
        let writer = Writer::new(self.conflict.dialect, self.conflict.entity);
        if self.conflict.may_leave() {
            return self.insert_or_find(&writer);
        }
        let told = self.conflict.told();
        let clause = self.conflict.clause(&writer, told)?;
        let statement = self.insert(&writer, clause, told.is_new(), told)?;
        writer.write(&statement)
    }

    /// A statement of SQLite, each of which has the values of the new row first.
    pub(crate) fn lower_step(self, step: UpsertStep) -> Result<Lowered> {
        let writer = Writer::new(self.conflict.dialect, self.conflict.entity);
        let (clause, is_new) = match step {
            UpsertStep::Insert => (self.conflict.nothing(), "TRUE"),
            UpsertStep::Update => (self.conflict.clause(&writer, NewRowTest::Not)?, "FALSE"),
            UpsertStep::Find => return self.find(&writer),
        };
        let statement = self.insert(&writer, clause, is_new, NewRowTest::Not)?;
        writer.write(&statement)
    }

    /// The row that is there, on SQLite.
    fn find(self, writer: &Writer) -> Result<Lowered> {
        let place = AliasedTable::table_of(self.conflict.entity).seen(Visible::NOT_DELETED);
        let given = writer.aliases.named("given");
        let mut values = SelectStatement::new();
        let mut found = self.conflict.found(writer, &place);
        for (number, one) in (1..).zip(self.given) {
            let name = Alias::new(format!("value_{number}"));
            let value = self.value(writer, one)?;
            values.expr_as(value, name.clone());
            if self.conflict.is_key(one.property) {
                found.and_where(place.column(one.property).eq(Expr::col((given.clone(), name))));
            }
        }
        found.from_subquery(values, given);
        writer.write(&found)
    }

    /// A value of the new row. SQLite takes two spellings of a key for two keys, so a key is given as the
    /// row has it that is there.
    fn value(self, writer: &Writer, one: &Assignment) -> Result<Expr> {
        let Assignment { property, parameter } = one;
        let value = writer.parameter(self.conflict.entity, property, parameter)?;
        let is_spelled = property.column_type.has_spellings();
        let entity = self.conflict.entity;
        match self.conflict.key {
            [key] if key.is(property) && is_spelled && writer.engine == Engine::Sqlite => {}
            _ => return Ok(value),
        }
        let place =
            AliasedTable::aliased(entity, writer.aliases.named("there")).seen(Visible::NOT_DELETED);
        let mut there = SelectStatement::new();
        there.expr(place.column(property)).limit(limit_of(1));
        writer.from(&mut there, &place);
        there.and_where(writer.equals(place.column(property), entity, property, parameter)?);
        Ok(Func::coalesce([Expr::from(there), Expr::cust(AGAIN)]).into())
    }

    /// A row that is made, or else what the clause says.
    fn insert(
        self,
        writer: &Writer,
        clause: OnConflict,
        is_new: &'static str,
        told: NewRowTest,
    ) -> Result<InsertStatement> {
        let values = self.given.iter().enumerate().map(|(at, one)| {
            let value = self.value(writer, one)?;
            Ok(if at == 0 { told.first(value) } else { value })
        });
        let mut statement = InsertStatement::new();
        writer.insert_into(&mut statement, self.conflict.entity);
        statement
            .columns(self.given.iter().map(|one| Alias::new(one.property.column)))
            .values(values.collect::<Result<Vec<_>>>()?)
            .map_err(|error| Error::invalid_request(error.to_string()))?;
        let row =
            self.conflict.columns().map(|column| writer.read(column)).chain([Expr::cust(is_new)]);
        statement.on_conflict(clause).returning(sea_query::Returning::new().exprs(row));
        Ok(statement)
    }

    /// A row that is made or changed, or else found, which takes one statement on PostgreSQL.
    fn insert_or_find(self, writer: &Writer) -> Result<Lowered> {
        let Self { given, conflict } = self;
        let updates = conflict.updates();
        let inserted = writer.aliases.named("inserted");
        let told = if updates { conflict.told() } else { NewRowTest::Not };
        let clause = conflict.clause(writer, told)?;
        let mut insert = self.insert(writer, clause, "TRUE", told)?;
        let is_new = updates.then(|| writer.aliases.number("is_new"));
        let told = is_new.iter().map(|name| Expr::cust(told.is_new_as(name)));
        let row = conflict.columns().map(|column| column.value).chain(told);
        let row = sea_query::Returning::new().exprs(row);
        insert.returning(row);
        let mut with = WithClause::new();
        with.cte(
            CommonTableExpression::new().query(insert).table_name(inserted.clone()).to_owned(),
        );
        let mut made = SelectStatement::new();
        made.exprs(conflict.columns().map(|column| writer.read(column)));
        let is_new = is_new.map_or_else(|| Expr::cust("TRUE"), |name| Expr::col(Alias::new(name)));
        made.expr(is_new).from(inserted.clone());
        let place = AliasedTable::table_of(conflict.entity).seen(Visible::NOT_DELETED);
        let mut found = conflict.found(writer, &place);
        for one in given.iter().filter(|one| conflict.is_key(one.property)) {
            let column = place.column(one.property);
            let equal = writer.equals(column, conflict.entity, one.property, &one.parameter)?;
            found.and_where(equal);
        }
        let mut any = SelectStatement::new();
        any.expr(Expr::cust("1")).from(inserted);
        found.and_where(Expr::exists(any).not());
        made.union(UnionType::All, found);
        writer.write(&made.with(with))
    }
}

impl ConflictClause<'_> {
    /// The rows among which one that is there is looked for.
    pub(super) fn found(&self, writer: &Writer, place: &AliasedTable) -> SelectStatement {
        let mut found = SelectStatement::new();
        let row = place.columns().map(|column| writer.read(column));
        found.exprs(row).expr(Expr::cust("FALSE"));
        writer.from(&mut found, place);
        if let Some(held) = self.held() {
            found.and_where(held);
        }
        found
    }

    /// The columns of the row that is made.
    pub(super) fn columns(&self) -> impl Iterator<Item = Selected> {
        self.entity.properties.iter().map(|property| Selected::column(property))
    }
}
