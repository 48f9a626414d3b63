//! The keys of a batch, each once.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use sea_query::Value as SqlValue;

use crate::definition::property::PropertyDefinition;
use crate::dialect::Dialect;
use crate::driver::statement::Statement;
use crate::error::Result;
use crate::hash::Seed;
use crate::sql::batch_key::{BatchKey, look_up};
use crate::sql::cache::Kept;
use crate::sql::fingerprint::values_of;
use crate::sql::include::Given;
use crate::sql::operation::Operation;
use crate::value::key::Parts;
use crate::value::parameter::Parameter;
use crate::value::parameter::{Values, values_of_key};
use crate::value::untyped::text_of_untyped;

/// A key as it is sent, part by part.
#[derive(Clone, PartialEq)]
pub(crate) struct SharedKey(Values);

/// No part of a key is a float.
impl Eq for SharedKey {}

impl SharedKey {
    pub(crate) fn new(parts: Values) -> Self {
        Self(parts)
    }
}

impl Hash for SharedKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for part in &self.0 {
            hash(part, state);
        }
    }
}

/// Hashes a value as its own type does, so that values that are equal have equal hashes, however
/// they are written.
fn hash(value: &SqlValue, state: &mut impl Hasher) {
    match value {
        SqlValue::Bool(value) => value.hash(state),
        SqlValue::SmallInt(value) => value.hash(state),
        SqlValue::Int(value) => value.hash(state),
        SqlValue::BigInt(Some(value)) => state.write_i64(*value),
        SqlValue::String(value) => value.hash(state),
        SqlValue::Bytes(value) => value.hash(state),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(value) => value.hash(state),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(value) => value.hash(state),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(value) => value.hash(state),
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(value) => value.hash(state),
        #[cfg(feature = "time")]
        SqlValue::TimeDate(value) => value.hash(state),
        #[cfg(feature = "time")]
        SqlValue::TimeTime(value) => value.hash(state),
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(value) => value.hash(state),
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(value) => value.hash(state),
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(value) => value.hash(state),
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(value) => value.hash(state),
        SqlValue::Array(..) => text_of_untyped(value).hash(state),
        // Values of other types share one hash, and are told apart by comparison.
        _ => {}
    }
}

#[derive(Default)]
pub(crate) struct SharedKeys {
    places: HashMap<SharedKey, usize, Seed>,
    /// The number of callers that wait for the key at each place.
    waiting: Vec<usize>,
}

impl SharedKeys {
    /// The place of a key, for a caller that waits for it.
    pub(crate) fn join(&mut self, key: SharedKey) -> usize {
        let place = *self.places.entry(key).or_insert(self.waiting.len());
        match self.waiting.get_mut(place) {
            Some(waiting) => *waiting += 1,
            None => self.waiting.push(1),
        }
        place
    }

    /// A caller no longer waits.
    pub(crate) fn leave(&mut self, place: usize) {
        if let Some(waiting) = self.waiting.get_mut(place) {
            *waiting -= 1;
        }
    }

    /// The number of places.
    pub(crate) fn places(&self) -> usize {
        self.waiting.len()
    }

    /// The keys that somebody waits for, and their places.
    fn wanted(&self) -> impl Iterator<Item = (&SharedKey, usize)> {
        let is_wanted = |place: usize| self.waiting.get(place).is_some_and(|waiting| *waiting > 0);
        self.places.iter().map(|(key, place)| (key, *place)).filter(move |(_, at)| is_wanted(*at))
    }

    /// The parts of the only key that somebody waits for, and its place.
    pub(crate) fn only(&self) -> Option<(&[SqlValue], usize)> {
        let mut wanted = self.wanted();
        let (key, place) = wanted.next()?;
        wanted.next().is_none().then_some((&*key.0, place))
    }

    /// An array for each part, which these properties hold, of the keys that somebody waits for; and the
    /// place of each key, in their order where they are numbered.
    pub(crate) fn arrays(
        &self,
        properties: &[&'static PropertyDefinition],
        numbered: bool,
    ) -> (Vec<Parameter>, Vec<usize>) {
        let places = self.wanted().map(|(_, place)| place).collect();
        if let [only] = properties {
            let keys = self.wanted().filter_map(|(key, _)| key.0.first().cloned());
            let keys = keys.map(typed).collect();
            let keys = if numbered {
                Parameter::array(only.column_type, keys)
            } else {
                Parameter::keys(only.column_type, keys)
            };
            return (vec![keys], places);
        }
        let columns = properties.iter().enumerate().map(|(at, property)| {
            let parts = self.wanted().filter_map(|(key, _)| key.0.get(at).cloned());
            Parameter::array(property.column_type, parts.map(typed).collect())
        });
        (columns.collect(), places)
    }

    /// The place of a key, if it was asked for.
    pub(crate) fn place(&self, key: Parts) -> Option<usize> {
        let key = values_of_key(key).ok()?;
        self.places.get(&SharedKey(key)).copied()
    }

    /// The keys that were looked up, and their places.
    pub(crate) fn into_wanted(self) -> impl Iterator<Item = (SharedKey, usize)> {
        let Self { places, waiting } = self;
        let is_wanted = move |place| waiting.get(place).is_some_and(|waiting: &usize| *waiting > 0);
        places.into_iter().filter(move |(_, place)| is_wanted(*place))
    }
}

/// A value that was compared by itself, as an element of an array.
fn typed(value: SqlValue) -> Parameter {
    match text_of_untyped(&value) {
        Some(text) => Parameter::from_sql(SqlValue::String(Some(text.clone()))),
        None => Parameter::from_sql(value),
    }
}

impl BatchKey {
    /// The statement that looks up several keys, of which there is an array a part.
    pub(crate) fn statement(&self, dialect: Dialect, arrays: &[Parameter]) -> Result<Statement> {
        let given = Given::keys(arrays);
        let kept = if let Some((relation, _)) = self.through() {
            Kept::LinkedToMany { relation: relation.name, given }
        } else {
            let Self { properties, origin, visible, .. } = *self;
            Kept::ByManyKeys { properties, ordered: self.is_ordered(), given, origin, visible }
        };
        let write = || look_up(dialect, self, arrays);
        let sql = self.sql.sql(dialect, kept, || write().map(|lowered| lowered.sql))?;
        let parameters = match values_of(dialect.engine, arrays) {
            Some(parameters) => parameters,
            // The writer of the SQL knows what cannot be sent.
            None => write()?.parameters.into(),
        };
        let statement = Statement::new(Operation::Select, sql, parameters).on_replica_if(true);
        Ok(statement.about(self.entity, self.relation))
    }
}
