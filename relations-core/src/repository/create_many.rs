//! Many new rows at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::iter::repeat_n;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::RelationDefinition;
use crate::dialect::Engine;
use crate::driver::execute::{execute, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::returned::Returned;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::sql::cache::Kept;
use crate::sql::change::{Assignment, Returning};
use crate::sql::insert;
use crate::sql::insert::NewColumn;
use crate::value::Value;
use crate::value::parameter::Parameter;

/// New rows of an entity, by their columns.
#[derive(Debug)]
pub(crate) struct NewRows<E> {
    /// The number of rows.
    rows: usize,
    /// The property of each assignment of a row, in their order; `None` for one that no row has.
    columns: Vec<Option<Values>>,
    /// Which of them comes next.
    next: usize,
    entity: PhantomData<fn() -> E>,
}

/// The values of one column.
#[derive(Debug)]
struct Values {
    property: &'static PropertyDefinition,
    /// One for each row; a null where the row leaves it to its default.
    given: Vec<Parameter>,
    /// The rows that leave it to its default.
    missing: Vec<usize>,
}

impl<E: Entity> NewRows<E> {
    pub(crate) fn new() -> Self {
        Self { rows: 0, columns: Vec::new(), next: 0, entity: PhantomData }
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
                *column = Some(Values { property, given, missing });
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

    /// Inserts the rows and gives them back in their order.
    pub(crate) async fn insert(self, db: &impl Executor) -> Result<Vec<E>> {
        let given = self.rows;
        if given == 0 {
            return Ok(Vec::new());
        }
        let (statement, columns) = self.statement(db.engine(), Returning::Rows)?;
        let statement = statement.returns(Returned::rows::<E>().new_rows(given));
        let mut rows = Vec::with_capacity(given);
        let mut as_given = true;
        fetch_each(db, &statement, &mut |row| {
            let at = rows.len();
            let is_same = |column: &SentRows| {
                column.is_missing(at)
                    || statement.brought_back(row, column.position, column.parameter, at)
            };
            as_given = as_given && columns.iter().all(is_same);
            rows.push(E::read(row, 0)?);
            Ok(())
        })
        .await?;
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
        let (statement, _) = self.statement(db.engine(), Returning::Nothing)?;
        execute(db, &statement).await
    }

    /// The statement that inserts the rows, and what it sends that can be compared. Its SQL is kept
    /// for each set of properties that are given, and given by some rows only.
    fn statement(self, engine: Engine, returning: Returning) -> Result<(Statement, Vec<SentRows>)> {
        let definition = E::DEFINITION;
        let countable = self.columns.len() <= 64;
        let set = |is_in: fn(&Values) -> bool| {
            let bits = self.columns.iter().map(|column| column.as_ref().is_some_and(is_in));
            bits.fold(0_u64, |set, bit| set << 1 | u64::from(bit))
        };
        let (all, partial) = (set(|_| true), set(Values::is_partial));
        let values: Vec<_> = self.columns.into_iter().flatten().collect();
        let columns: Vec<_> = values.iter().map(Values::column).collect();
        let write = || insert::insert_many(engine, definition, &columns, self.rows, returning);
        // A statement on PostgreSQL spells out the number of rows that have defaults only.
        let kept = countable && !columns.is_empty();
        let sql = if kept {
            E::sql_cache().sql(engine, Kept::InsertMany { all, partial, returning }, write)?
        } else {
            Arc::from(write()?)
        };
        let at_once = if engine == Engine::Sqlite && self.rows > 1 && refers_to_itself(definition) {
            let write = || insert::insert_at_once(definition, &columns, returning);
            Some(if kept {
                E::sql_cache().sql(engine, Kept::InsertAtOnce { all, partial, returning }, write)?
            } else {
                Arc::from(write()?)
            })
        } else {
            None
        };
        let assigned = columns.iter().map(|column| column.property).collect();
        let (mut parameters, mut beside, mut compared) = (Vec::new(), Vec::new(), Vec::new());
        for (column, Values { property, given, missing }) in columns.into_iter().zip(values) {
            let is_given = column.tells_given().then(|| which_give(self.rows, &missing));
            let array = if column.is_literal(engine) {
                let literals = given.into_iter().map(Parameter::literal).collect();
                Parameter::array(ColumnType::Text, literals)
            } else {
                let position = definition.properties.iter().position(|one| one.is(property));
                let position = position.unwrap_or_default();
                compared.push(SentRows {
                    property,
                    position,
                    parameter: parameters.len(),
                    missing,
                });
                Parameter::array(property.column_type, given)
            };
            parameters.push((property, array));
            beside.extend(is_given.map(|is_given| (property, is_given)));
        }
        parameters.append(&mut beside);
        let statement = Statement::inserting(definition, sql, self.rows, assigned, parameters)?;
        Ok((statement.or_else(at_once), compared))
    }
}

impl Values {
    fn leave_out(&mut self, row: usize) {
        self.given.push(Parameter::null(self.property.column_type));
        self.missing.push(row);
    }

    fn is_partial(&self) -> bool {
        !self.missing.is_empty()
    }

    fn column(&self) -> NewColumn {
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

/// The values that were sent for a property, which the returned rows are compared with.
#[derive(Debug)]
struct SentRows {
    property: &'static PropertyDefinition,
    /// The position of the property in a row.
    position: usize,
    /// Which parameter was sent for it.
    parameter: usize,
    /// The rows that have left it to its default.
    missing: Vec<usize>,
}

impl SentRows {
    fn is_missing(&self, row: usize) -> bool {
        !self.missing.is_empty() && self.missing.binary_search(&row).is_ok()
    }
}

/// Rows in the order in which they were given, where that is not plainly so.
fn in_order<E: Entity>(rows: Vec<E>, statement: &Statement, columns: &[SentRows]) -> Vec<E> {
    let held: Vec<_> = rows.iter().map(Entity::parameters).collect();
    let is_same = |column: &SentRows, at: usize, held: &Vec<Parameter>| {
        column.is_missing(at)
            || statement.element(column.parameter, at).as_ref() == held.get(column.position)
    };
    // A value may come back in other bytes: a decimal with more digits, JSON with other spaces.
    let same = |(at, held)| columns.iter().all(|column| is_same(column, at, held));
    if held.iter().enumerate().all(same) {
        return rows;
    }
    // The id alone tells a row, whatever else the database has changed.
    let ids = columns.iter().filter(|column| column.property.id && column.missing.is_empty());
    let told: Vec<_> = if ids.clone().count() == E::ID_PROPERTIES.len() {
        ids.collect()
    } else {
        columns.iter().collect()
    };
    let given = |row| {
        let value = |column: &&SentRows| {
            let value = statement.element(column.parameter, row);
            value.filter(|_| !column.is_missing(row)).map(|value| value.canonical())
        };
        told.iter().map(value).collect()
    };
    let came = |held: &Vec<Parameter>| {
        told.iter().map(|column| held.get(column.position).map(Parameter::canonical)).collect()
    };
    let given: Vec<_> = (0..rows.len()).map(given).collect();
    let came: Vec<_> = held.iter().map(came).collect();
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    matched(&given, &came).into_iter().filter_map(|at| rows.get_mut(at)?.take()).collect()
}

/// Which of the rows that came is which of those that were given, by what was given of each. Rows
/// that give the same are interchangeable. Those that are not found, since the database has changed
/// them, keep the order in which they came.
fn matched(given: &[Vec<Option<String>>], came: &[Vec<Option<String>>]) -> Vec<usize> {
    // Rows that give most come first, as they can be told best.
    let mut sets: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for (row, values) in given.iter().enumerate() {
        sets.entry(values.iter().map(Option::is_none).collect()).or_default().push(row);
    }
    let mut free: BTreeSet<usize> = (0..came.len()).collect();
    let mut places: Vec<Option<usize>> = vec![None; given.len()];
    for (missing, rows) in sets {
        let told = |values: &Vec<Option<String>>| -> Vec<Option<String>> {
            let told = values.iter().zip(&missing).filter(|(_, missing)| !**missing);
            told.map(|(value, _)| value.clone()).collect()
        };
        let mut found: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (at, values) in came.iter().enumerate().filter(|(at, _)| free.contains(at)) {
            found.entry(told(values)).or_default().push_back(at);
        }
        for row in rows {
            let at = given.get(row).and_then(|values| found.get_mut(&told(values))?.pop_front());
            if let (Some(at), Some(place)) = (at, places.get_mut(row)) {
                free.remove(&at);
                *place = Some(at);
            }
        }
    }
    let mut free = free.into_iter();
    places.into_iter().filter_map(|place| place.or_else(|| free.next())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(values: &[&str]) -> Vec<Option<String>> {
        let value = |value: &&str| (*value != "_").then(|| (*value).to_owned());
        values.iter().map(value).collect()
    }

    #[test]
    fn rows_are_found_by_what_they_hold() {
        let given = ["a", "b", "c"].map(|one| values(&[one]));
        let came = ["c", "a", "b"].map(|one| values(&[one]));
        assert_eq!(matched(&given, &came), [1, 2, 0]);
    }

    #[test]
    fn equal_rows_are_interchangeable() {
        let given = ["a", "b", "a"].map(|one| values(&[one]));
        let came = ["a", "a", "b"].map(|one| values(&[one]));
        assert_eq!(matched(&given, &came), [0, 2, 1]);
    }

    #[test]
    fn rows_that_the_database_changed_keep_their_order() {
        let given = ["a", "b", "c", "d"].map(|one| values(&[one]));
        let came = ["x", "c", "y", "b"].map(|one| values(&[one]));
        assert_eq!(matched(&given, &came), [0, 3, 1, 2]);
    }

    #[test]
    fn a_row_that_gives_less_takes_what_others_leave() {
        let given = [values(&["a", "_"]), values(&["a", "1"])];
        let came = [values(&["a", "1"]), values(&["a", "2"])];
        assert_eq!(matched(&given, &came), [1, 0]);
    }
}
