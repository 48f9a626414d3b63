//! Many rows, each of which is made unless it is there.

use sea_query::{
    Alias, Asterisk, CommonTableExpression, DynIden, Expr, ExprTrait, Func, InsertStatement,
    IntoIden, JoinType, OnConflict, ReturningClause, SelectStatement, UnionType, WithClause,
};

use crate::definition::visible::Visible;
use crate::dialect::Engine;
use crate::dialect::postgres_type;
use crate::error::{Error, Result};
use crate::sql::conflict::{ConflictClause, NewRowTest};
use crate::sql::from_clause::{AliasedTable, all};
use crate::sql::insert::{GIVEN, NewColumn, ValueBinding, placeholder, unnest, value_name};
use crate::sql::spelling::AGAIN;
use crate::sql::upsert::UpsertStep;
use crate::sql::{Lowered, Writer, limit_of};
use crate::value::parameter::Parameter;

/// New rows of some columns, and what is to become of those that are there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UpsertMany<'a> {
    pub(crate) columns: &'a [NewColumn],
    /// The number of rows, if each value of theirs is a parameter. Else those of a column are an array.
    pub(crate) by_row: Option<usize>,
    pub(crate) conflict: ConflictClause<'a>,
}

/// The number of a row in the call.
const NUMBER: &str = "number";

/// Whether the key holds for a row of the call.
const HELD: &str = "is_held";

impl UpsertMany<'_> {
    /// The statement of PostgreSQL that inserts or changes the rows, and brings each back with whether it
    /// is new if that is told. If rows may stay as they are, its last column is the number of the row, and
    /// the last parameter of those that are given an array of these.
    pub(crate) fn lower(self, told: Option<NewRowTest>) -> Result<Lowered> {
        let writer = Writer::new(self.conflict.dialect, self.conflict.entity);
        let given = Alias::new(GIVEN).into_iden();
        let Some(told) = told else {
            let clause = self.conflict.clause(&writer, NewRowTest::Not)?;
            return writer.write(&self.insert_all(&writer, &given, NewRowTest::Not, clause)?);
        };
        if self.conflict.may_leave() {
            return self.insert_or_find(&writer, told);
        }
        let clause = self.conflict.clause(&writer, told)?;
        let mut statement = self.insert_all(&writer, &given, told, clause)?;
        statement.returning(self.row(&writer, told.is_new()));
        writer.write(&statement)
    }

    /// A statement that SQLite runs for a row, with all values of the row first.
    pub(crate) fn lower_step(self, step: UpsertStep) -> Result<Lowered> {
        let writer = Writer::new(self.conflict.dialect, self.conflict.entity);
        let (clause, is_new) = match step {
            UpsertStep::Insert => (self.conflict.nothing(), "TRUE"),
            UpsertStep::Update => (self.conflict.clause(&writer, NewRowTest::Not)?, "FALSE"),
            UpsertStep::Find => return self.find(&writer),
        };
        let given = Alias::new(GIVEN).into_iden();
        let mut rows = self.rows(&writer, &given, NewRowTest::Not);
        // Without a condition SQLite reads `ON` as that of a join.
        rows.and_where(Expr::cust("TRUE"));
        let mut statement = self.insert(&writer, rows, clause)?;
        statement.returning(self.row(&writer, is_new));
        writer.write(&statement)
    }

    /// The row that comes back, and whether it is new.
    fn row(self, writer: &Writer, is_new: &'static str) -> ReturningClause {
        let row = self.conflict.columns().map(|column| writer.read(column));
        sea_query::Returning::new().exprs(row.chain([Expr::cust(is_new)]))
    }

    /// All rows, which are parameters or come from arrays.
    fn insert_all(
        self,
        writer: &Writer,
        given: &DynIden,
        told: NewRowTest,
        clause: OnConflict,
    ) -> Result<InsertStatement> {
        let Some(rows) = self.by_row else {
            return self.insert(writer, self.rows(writer, given, told), clause);
        };
        let mut statement = self.into_columns(writer);
        writer.values(&mut statement, self.columns, rows)?;
        statement.on_conflict(clause);
        Ok(statement)
    }

    fn insert(
        self,
        writer: &Writer,
        rows: SelectStatement,
        clause: OnConflict,
    ) -> Result<InsertStatement> {
        let mut statement = self.into_columns(writer);
        statement.select_from(rows).map_err(|error| Error::invalid_request(error.to_string()))?;
        statement.on_conflict(clause);
        Ok(statement)
    }

    fn into_columns(self, writer: &Writer) -> InsertStatement {
        let mut statement = InsertStatement::new();
        writer.insert_into(&mut statement, self.conflict.entity);
        statement.columns(self.columns.iter().map(|one| Alias::new(one.property.column)));
        statement
    }

    /// The new rows, with what tells that they are made.
    fn rows(self, writer: &Writer, given: &DynIden, told: NewRowTest) -> SelectStatement {
        let mut rows = self.made(writer, given, told);
        rows.from_subquery(self.values(writer), given.clone());
        rows
    }

    fn made(self, writer: &Writer, given: &DynIden, told: NewRowTest) -> SelectStatement {
        let mut made = writer.made_of(self.columns, given);
        if let Some(first) = made.first_mut() {
            *first = told.first(first.clone());
        }
        let mut rows = SelectStatement::new();
        rows.exprs(made);
        rows
    }

    /// The values that are given. SQLite takes two spellings of a key for two keys, so there a key is
    /// given as the row has it that is there.
    fn values(self, writer: &Writer) -> SelectStatement {
        let key = match self.conflict.key {
            [key] if writer.engine == Engine::Sqlite && key.column_type.has_spellings() => key,
            _ => return writer.given(self.columns, ValueBinding::Parameters, |_| None),
        };
        writer.given(self.columns, ValueBinding::Parameters, |property| {
            let place = AliasedTable::aliased(self.conflict.entity, writer.aliases.named("there"))
                .seen(Visible::NOT_DELETED);
            let (column, null) = (|| place.column(key), Parameter::null(key.column_type));
            let equal = writer.equals(column(), self.conflict.entity, key, &null);
            let equal = equal.ok().filter(|_| key.is(property))?;
            let mut there = SelectStatement::new();
            there.expr(column()).limit(limit_of(1));
            writer.from(&mut there, &place);
            there.and_where(equal);
            Some(Func::coalesce([Expr::from(there), Expr::cust(AGAIN)]).into())
        })
    }

    /// The row that is there, on SQLite.
    fn find(self, writer: &Writer) -> Result<Lowered> {
        let place = AliasedTable::table_of(self.conflict.entity).seen(Visible::NOT_DELETED);
        let given = writer.aliases.named("given");
        let mut found = self.conflict.found(writer, &place);
        found.and_where(self.is_given(&place, &given));
        found.from_subquery(self.values(writer), given);
        writer.write(&found)
    }

    /// Whether a row has the key of one that is given.
    fn is_given(self, place: &AliasedTable, given: &DynIden) -> Expr {
        let keys = (1..).zip(self.columns).filter(|(_, new)| self.conflict.is_key(new.property));
        all(keys.map(|(number, new)| {
            place.column(new.property).eq(Expr::col((given.clone(), value_name(number))))
        }))
    }

    /// Whether a row that is given is one of those that the key holds for, which the condition of the key
    /// asks of its columns.
    fn is_held(self, writer: &Writer, values: &DynIden, filter: &'static str) -> Expr {
        let mut row = SelectStatement::new();
        for (new, made) in self.columns.iter().zip(writer.made_of(self.columns, values)) {
            row.expr_as(made, Alias::new(new.property.column));
        }
        if let Some(deleted_at) = self.conflict.entity.deleted_at() {
            let sql_type = Alias::new(postgres_type(deleted_at.column_type));
            row.expr_as(Expr::cust("NULL").cast_as(sql_type), Alias::new(deleted_at.column));
        }
        let mut held = SelectStatement::new();
        held.expr(Expr::cust(filter)).from_subquery(row, Alias::new(self.conflict.entity.table));
        held.into()
    }

    /// Rows that are made or changed, or else found, each with its number. A row without one has no key
    /// by which a row could have been there.
    fn insert_or_find(self, writer: &Writer, told: NewRowTest) -> Result<Lowered> {
        let conflict = self.conflict;
        let (given, written) = (writer.aliases.named("given"), writer.aliases.named("written"));
        let mut values = self.values(writer);
        values.expr_as(unnest(placeholder()), Alias::new(NUMBER));
        if let Some(filter) = conflict.key_filter {
            let all = writer.aliases.named("values");
            let mut held = SelectStatement::new();
            held.column(Asterisk);
            held.expr_as(self.is_held(writer, &all, filter), Alias::new(HELD));
            held.from_subquery(values, all);
            values = held;
        }
        let mut rows = self.made(writer, &given, told);
        rows.from(given.clone());
        let mut insert = self.insert(writer, rows, conflict.clause(writer, told)?)?;
        let is_new = writer.aliases.number("is_new");
        let row = conflict.columns().map(|column| column.value);
        let row = row.chain([Expr::cust(told.is_new_as(&is_new))]);
        insert.returning(sea_query::Returning::new().exprs(row));

        let mut with = WithClause::new();
        let mut part = CommonTableExpression::new();
        with.cte(part.query(values).table_name(given.clone()).to_owned());
        let mut part = CommonTableExpression::new();
        with.cte(part.query(insert).table_name(written.clone()).to_owned());

        let of_given = |column: &'static str| Expr::col((given.clone(), Alias::new(column)));
        // A condition of the key names columns of the table, which both rows have to meet.
        let place = AliasedTable::table_of(conflict.entity).seen(Visible::NOT_DELETED);
        let held = conflict.key_filter.map(|_| of_given(HELD));
        let is_same = || all([self.is_given(&place, &given)].into_iter().chain(held.clone()));
        let is_held = conflict.held();
        let mut made = SelectStatement::new();
        made.exprs(place.columns().map(|column| writer.read(column)));
        made.expr(Expr::col((place.name(), Alias::new(is_new))));
        made.expr(of_given(NUMBER)).from_as(written.clone(), place.name());
        made.join(JoinType::LeftJoin, given.clone(), all([is_same()].into_iter().chain(is_held)));

        let mut found = conflict.found(writer, &place);
        found.expr(of_given(NUMBER));
        found.join(JoinType::InnerJoin, given.clone(), is_same());
        if conflict.updates() {
            // Rows that were changed are there as they were.
            let row = AliasedTable::aliased(conflict.entity, written.clone());
            let mut changed = SelectStatement::new();
            changed.expr(Expr::cust("1")).from(written);
            changed.and_where(conflict.same_key(&row, &place));
            found.and_where(Expr::exists(changed).not());
        }
        made.union(UnionType::All, found);
        writer.write(&made.with(with))
    }
}
