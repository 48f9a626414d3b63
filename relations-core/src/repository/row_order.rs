//! The order of rows that a write of several brings back.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// The values that were sent for a property, which the returned rows are compared with.
#[derive(Debug)]
pub(crate) struct SentRows {
    property: &'static PropertyDefinition,
    /// The position of the property in a row.
    position: usize,
    /// Which parameter was sent for it.
    parameter: usize,
    /// The rows that have left it to its default.
    missing: Vec<usize>,
}

impl SentRows {
    /// The values of a property that are sent as a parameter of that number.
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        property: &'static PropertyDefinition,
        parameter: usize,
        missing: Vec<usize>,
    ) -> Self {
        let position = entity.properties.iter().position(|one| one.is(property));
        Self { property, position: position.unwrap_or_default(), parameter, missing }
    }

    /// Whether it is of one of these properties.
    pub(crate) fn is_of(&self, properties: &[&'static PropertyDefinition]) -> bool {
        properties.iter().any(|one| one.is(self.property))
    }

    /// Whether a row that came at that place holds the value that was sent for it.
    pub(crate) fn came_back(&self, statement: &Statement, row: &Row<'_>, at: usize) -> bool {
        self.is_missing(at) || statement.brought_back(row, self.position, self.parameter, at)
    }

    fn is_missing(&self, row: usize) -> bool {
        !self.missing.is_empty() && self.missing.binary_search(&row).is_ok()
    }
}

/// Rows in the order in which they were given, where that is not plainly so.
pub(crate) fn in_order<E: Entity>(
    rows: Vec<E>,
    statement: &Statement,
    columns: &[SentRows],
) -> Vec<E> {
    let held = rows.iter().map(Entity::parameters).collect::<Vec<_>>();
    let Some(order) = order_of::<E>(&held, statement, columns) else { return rows };
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| rows.get_mut(at)?.take()).collect()
}

/// Which of the rows that came, by their values, is which of those that were given; none if they came
/// in that order.
pub(crate) fn order_of<E: Entity>(
    held: &[Vec<Parameter>],
    statement: &Statement,
    columns: &[SentRows],
) -> Option<Vec<usize>> {
    let is_same = |column: &SentRows, at: usize, held: &Vec<Parameter>| {
        column.is_missing(at)
            || statement.element(column.parameter, at).as_ref() == held.get(column.position)
    };
    // A value may come back in other bytes: a decimal with more digits, JSON with other spaces.
    let same = |(at, held)| columns.iter().all(|column| is_same(column, at, held));
    if held.iter().enumerate().all(same) {
        return None;
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
    let given: Vec<_> = (0..held.len()).map(given).collect();
    let came: Vec<_> = held.iter().map(came).collect();
    Some(matched(&given, &came))
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
