//! Many new rows at once.

use std::iter::repeat_n;
use std::marker::PhantomData;

use crate::definition::distribution::Distribution;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::RelationDefinition;
use crate::dialect::{Dialect, Engine, StatementSql};
use crate::driver::execute::{execute, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::returned::Returned;
use crate::driver::statement::{Otherwise, Statement};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::repository::observed::{insert_observed, observing};
use crate::repository::observer::ObservedEntities;
use crate::repository::row_order::{SentRows, in_order};
use crate::repository::tenant::filled;
use crate::sql::cache::Kept;
use crate::sql::change::{Assignment, Returning};
use crate::sql::insert;
use crate::sql::insert::NewColumn;
use crate::value::Value;
use crate::value::parameter::{Parameter, Values};
use crate::value::row::Row;
use crate::value::sql_type::has_own_input;

/// New rows of an entity, by their columns.
#[derive(Debug)]
pub(crate) struct NewRows<E> {
    /// The number of rows.
    rows: usize,
    /// The property of each assignment of a row, in their order; `None` for one that no row has.
    columns: Vec<Option<ColumnValues>>,
    /// Which of them comes next.
    next: usize,
    /// Whether the last column is the tenant, which no row was given.
    filled: bool,
    /// Whether they have all columns, those among them that the database would make.
    as_they_are: bool,
    entity: PhantomData<fn() -> E>,
}

/// The values of one column.
#[derive(Debug)]
struct ColumnValues {
    property: &'static PropertyDefinition,
    /// One for each row; a null where the row leaves it to its default.
    given: Vec<Parameter>,
    /// The rows that leave it to its default.
    missing: Vec<usize>,
}

impl<E: Entity> NewRows<E> {
    pub(crate) fn new() -> Self {
        let (filled, as_they_are) = (false, false);
        Self { rows: 0, columns: Vec::new(), next: 0, filled, as_they_are, entity: PhantomData }
    }

    /// Rows that are given whole.
    pub(crate) fn as_they_are() -> Self {
        Self { as_they_are: true, ..Self::new() }
    }

    /// Sets the next property of the last row, or leaves it to its default. Rows have the same
    /// properties in the same order.
    pub(crate) fn push(&mut self, assignment: Option<Assignment>) {
        if self.columns.len() == self.next {
            self.columns.push(None);
        }
        let column = self.columns.get_mut(self.next);
        self.next += 1;
        match (column, assignment) {
            (Some(Some(column)), Some(assignment)) => column.given.push(assignment.parameter),
            (Some(Some(column)), None) => column.leave_out(self.rows),
            (Some(column @ None), Some(Assignment { property, parameter })) => {
                let null = Parameter::null(property.column_type);
                let mut given: Vec<_> = repeat_n(null, self.rows).collect();
                given.push(parameter);
                let missing = (0..self.rows).collect();
                *column = Some(ColumnValues { property, given, missing });
            }
            (Some(None) | None, _) => {}
        }
    }

    /// Adds a row.
    pub(crate) fn push_row(&mut self, assignments: Vec<Option<Assignment>>) {
        for one in assignments {
            self.push(one);
        }
        self.end_row();
    }

    /// Starts the next row.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
        self.next = 0;
    }

    /// Gives the tenant of an executor to the rows that lack one.
    pub(crate) fn fill(mut self, db: &impl Executor) -> Result<Self> {
        let Some(tenant) = E::DEFINITION.tenant() else { return Ok(self) };
        let mut columns = self.columns.iter_mut().flatten();
        let column = columns.find(|column| column.property.is(tenant));
        let is_given = column.as_ref().is_some_and(|column| column.missing.is_empty());
        let Some(tenant) = filled(db, E::DEFINITION, |_| is_given)? else { return Ok(self) };
        let Assignment { property, parameter } = tenant;
        if let Some(column) = column {
            for row in std::mem::take(&mut column.missing) {
                if let Some(value) = column.given.get_mut(row) {
                    *value = parameter.clone();
                }
            }
        } else {
            let given = vec![parameter; self.rows];
            self.columns.push(Some(ColumnValues { property, given, missing: Vec::new() }));
            self.filled = true;
        }
        Ok(self)
    }

    /// Inserts the rows and gives them back in their order.
    pub(crate) async fn insert(self, db: &impl Executor) -> Result<Vec<E>> {
        let given = self.rows;
        if given == 0 {
            return Ok(Vec::new());
        }
        let (statement, columns) = self.fill(db)?.statement(db.dialect(), Returning::Rows)?;
        let statement = statement.returns(Returned::rows::<E>().new_rows(given));
        let mut rows = Vec::with_capacity(given);
        let mut as_given = true;
        let mut read = |row: &Row<'_>| {
            let at = rows.len();
            as_given = as_given && columns.iter().all(|one| one.came_back(&statement, row, at));
            rows.push(E::read(row, 0)?);
            Ok(())
        };
        match observing(db, E::DEFINITION) {
            None => fetch_each(db, &statement, &mut read).await?,
            Some(observers) => {
                let none = ObservedEntities::<E>::none();
                Box::pin(insert_observed(db, observers, &statement, none, &mut read)).await?
            }
        };
        if rows.len() != given {
            let kind = Kind::LeftOut { rows: given.saturating_sub(rows.len()), given };
            return Err(Error::new(kind).entity_is(E::DEFINITION));
        }
        Ok(if as_given { rows } else { in_order(rows, &statement, &columns) })
    }

    /// Inserts the rows and tells how many were written. None is sent back.
    pub(crate) async fn execute(self, db: &impl Executor) -> Result<u64> {
        if self.rows == 0 {
            return Ok(0);
        }
        if let Some(observers) = observing(db, E::DEFINITION) {
            let given = self.rows;
            let (statement, _) = self.fill(db)?.statement(db.dialect(), Returning::Rows)?;
            let statement = statement.returns(Returned::rows::<E>().new_rows(given));
            let (rows, mut unread) = (ObservedEntities::<E>::none(), |_: &Row<'_>| Ok(()));
            return Box::pin(insert_observed(db, observers, &statement, rows, &mut unread)).await;
        }
        let (statement, _) = self.fill(db)?.statement(db.dialect(), Returning::Nothing)?;
        execute(db, &statement).await
    }

    /// The statement that inserts the rows, and what it sends that can be compared. Its SQL is kept
    /// for each set of properties that are given, and given by some rows only.
    fn statement(
        self,
        dialect: Dialect,
        returning: Returning,
    ) -> Result<(Statement, Vec<SentRows>)> {
        let (definition, engine) = (E::DEFINITION, dialect.engine);
        let sets = self.sets();
        let (countable, (all, partial)) = (sets.is_some(), sets.unwrap_or_default());
        let (rows, by_row) = (self.rows, self.by_row(engine));
        let sent = self.sent(engine).by_row(by_row);
        let columns = &sent.columns;
        let write = || match by_row {
            Some(rows) => insert::insert_rows(dialect, definition, columns, rows, returning),
            None => insert::insert_many(dialect, definition, columns, rows, returning),
        };
        // A statement on PostgreSQL spells out the number of rows that have defaults only.
        let kept = countable && !columns.is_empty();
        let sql = if kept {
            let kept = Kept::InsertMany { all, partial, by_row, returning };
            E::sql_cache().sql(dialect, kept, write)?
        } else {
            write()?
        };
        let at_once = if engine == Engine::Sqlite && rows > 1 && refers_to_itself(definition) {
            let write = || insert::insert_at_once(dialect, definition, columns, returning);
            Some(if kept {
                E::sql_cache().sql(
                    dialect,
                    Kept::InsertAtOnce { all, partial, returning },
                    write,
                )?
            } else {
                write()?
            })
        } else {
            None
        };
        let (statement, compared) = sent.statement(definition, sql, rows, Values::new())?;
        Ok((statement.or_else(at_once.map(Otherwise::Orphan)), compared))
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The columns that rows give, and the values that are sent for them.
    pub(crate) fn sent(self, engine: Engine) -> SentColumns {
        let mut sent = SentColumns::default();
        let (mut position, mut beside) = (0, Vec::new());
        for values in self.columns.into_iter().flatten() {
            let column = values.new_column();
            let ColumnValues { property, given, missing } = values;
            if column.tells_given() {
                beside.push((property, which_give(self.rows, &missing)));
            }
            let array = if column.is_literal(engine) {
                let literals = given.into_iter().map(Parameter::literal).collect();
                Parameter::array(ColumnType::Text, literals)
            } else {
                sent.compared.push(SentRows::new(E::DEFINITION, property, position, missing));
                Parameter::array(property.column_type, given)
            };
            sent.columns.push(column);
            sent.parameters.push((property, array));
            position += 1;
        }
        sent.parameters.append(&mut beside);
        sent
    }

    /// The number of rows, if they are sent row by row: few rows of a cluster, all values of which tell by
    /// themselves whether they are given.
    pub(crate) fn by_row(&self, engine: Engine) -> Option<usize> {
        let columns = || self.columns.iter().flatten();
        let is_meant = engine == Engine::Postgres
            && E::DEFINITION.distribution != Distribution::OneServer
            && (1..=FEW_ROWS).contains(&self.rows)
            && (1..=MOST_COLUMNS).contains(&columns().count())
            && !columns().any(|column| column.new_column().tells_given());
        is_meant.then_some(self.rows)
    }

    /// The values of some properties in each row; none where not all rows give all of them.
    pub(crate) fn keys(
        &self,
        properties: &[&'static PropertyDefinition],
    ) -> Option<Vec<&[Parameter]>> {
        let column = |property: &&PropertyDefinition| {
            let mut columns = self.columns.iter().flatten();
            let column = columns.find(|column| column.property.is(property))?;
            column.missing.is_empty().then_some(column.given.as_slice())
        };
        properties.iter().map(column).collect()
    }

    /// The properties that some rows give.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'static PropertyDefinition> {
        self.columns.iter().flatten().map(|column| column.property)
    }

    /// The rows of those numbers.
    pub(crate) fn only(&self, numbers: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| {
            let column = column.as_ref()?;
            let given = numbers.iter().filter_map(|row| column.given.get(*row)).cloned().collect();
            let is_missing = |row: &usize| column.missing.binary_search(row).is_ok();
            let missing = numbers.iter().enumerate().filter(|(_, row)| is_missing(row));
            let missing = missing.map(|(at, _)| at).collect();
            Some(ColumnValues { property: column.property, given, missing })
        });
        let columns = columns.collect();
        let (filled, as_they_are) = (self.filled, self.as_they_are);
        Self { rows: numbers.len(), columns, next: 0, filled, as_they_are, entity: PhantomData }
    }

    /// Which properties rows give, and which of them only some rows, a bit each; none if there are too
    /// many.
    pub(crate) fn sets(&self) -> Option<(u64, u64)> {
        let set = |is_in: fn(&ColumnValues) -> bool| {
            let bits = self.columns.iter().map(|column| column.as_ref().is_some_and(is_in));
            let set = bits.fold(0_u64, |set, bit| set << 1 | u64::from(bit));
            // Such rows have other columns than those of a new row, or one more.
            set | u64::from(self.filled) << 63 | u64::from(self.as_they_are) << 62
        };
        (self.columns.len() < 62).then(|| (set(|_| true), set(ColumnValues::is_partial)))
    }
}

/// Columns of new rows, and their values on the way to the database.
#[derive(Debug, Default)]
pub(crate) struct SentColumns {
    pub(crate) columns: Vec<NewColumn>,
    /// The array of each column, then which rows give it, for columns of which that has to be told.
    parameters: Vec<(&'static PropertyDefinition, Parameter)>,
    /// The values that returned rows can be compared with.
    compared: Vec<SentRows>,
    /// The number of rows, if each value is sent as a parameter.
    by_row: Option<usize>,
}

/// Up to this many rows of a cluster are sent row by row. SQL is kept for each number.
const FEW_ROWS: usize = 50;

/// The number of columns of which so many rows have no more values than a statement takes.
const MOST_COLUMNS: usize = 1_000;

impl SentColumns {
    /// The numbers of rows, as an array that is sent beside their values.
    pub(crate) fn numbers(rows: impl Iterator<Item = usize>) -> Result<Values> {
        let number = |at| Value::to_parameter(&i64::try_from(at).unwrap_or(i64::MAX));
        let array = Parameter::array(ColumnType::BigInt, rows.map(number).collect());
        Ok(Values::from_iter([array.into_sql().map_err(Error::invalid_request)?]))
    }

    /// These columns, whose values are sent row by row if the number of rows is given. A text of a type that is
    /// none of the usual ones is read by the input of that, as one of a single row is.
    pub(crate) fn by_row(mut self, by_row: Option<usize>) -> Self {
        self.by_row = by_row;
        if by_row.is_some() {
            for (property, array) in &mut self.parameters {
                if has_own_input(property) && !matches!(property.column_type, ColumnType::Array(_))
                {
                    *array = array.clone().of_untyped();
                }
            }
        }
        self
    }

    /// The number of values that are sent.
    pub(crate) fn len(&self) -> usize {
        self.parameters.len() * self.by_row.unwrap_or(1)
    }

    /// The statement that writes so many rows, with further values behind theirs.
    pub(crate) fn statement(
        self,
        entity: &'static EntityDefinition,
        sql: StatementSql,
        rows: usize,
        further: Values,
    ) -> Result<(Statement, Vec<SentRows>)> {
        let assigned = self.columns.iter().map(|column| column.property).collect();
        let mut statement = Statement::inserting(entity, sql, rows, assigned, self.parameters)?;
        statement.by_row = self.by_row.map_or(0, |_| statement.parameters.len());
        statement.parameters.extend(further);
        Ok((statement, self.compared))
    }
}

impl ColumnValues {
    fn leave_out(&mut self, row: usize) {
        self.given.push(Parameter::null(self.property.column_type));
        self.missing.push(row);
    }

    fn is_partial(&self) -> bool {
        !self.missing.is_empty()
    }

    fn new_column(&self) -> NewColumn {
        NewColumn { property: self.property, is_partial: self.is_partial() }
    }
}

/// Whether a row of an entity may belong to another one of it.
fn refers_to_itself(entity: &EntityDefinition) -> bool {
    let is_own = |relation: &RelationDefinition| {
        let target = relation.target.definition();
        (target.schema, target.table) == (entity.schema, entity.table)
    };
    entity.relations.iter().any(|relation| relation.foreign_key.is_some() && is_own(relation))
}

/// Which of so many rows give a value.
fn which_give(rows: usize, missing: &[usize]) -> Parameter {
    let is_given = |row| missing.binary_search(&row).is_err();
    let given = (0..rows).map(|row| Value::to_parameter(&is_given(row)));
    Parameter::array(ColumnType::Boolean, given.collect())
}
