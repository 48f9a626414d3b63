//! JSON, as it is or as a type of the user's.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use sea_query::Value as SqlValue;

use super::{NUL, Parameter, Value, has_nul};
use crate::error::Error;
use crate::meta::ColumnType;
use crate::row::{Cell, Mismatch, Row};
use crate::sql::{FromRow, read_value};

value!(
    serde_json::Value,
    Json,
    |json: &serde_json::Value| Value::into_parameter(json.clone()),
    self::into_parameter,
    |stored| serde_json::from_str(stored.text()?).ok()
);

fn into_parameter(json: serde_json::Value) -> Parameter {
    if holds_nul(&json) {
        return Parameter::invalid(NUL);
    }
    SqlValue::Json(Some(Box::new(json))).into()
}

/// Whether a text in it holds a NUL character, which `jsonb` cannot.
fn holds_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => has_nul(text),
        serde_json::Value::Array(elements) => elements.iter().any(holds_nul),
        serde_json::Value::Object(members) => {
            members.iter().any(|(name, value)| has_nul(name) || holds_nul(value))
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            false
        }
    }
}

/// A type of the user's, stored as JSON.
///
/// ```
/// use relations::Json;
/// use relations::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Clone, Serialize, Deserialize)]
/// struct Address {
///     city: String,
/// }
///
/// #[derive(Entity)]
/// struct Customer {
///     #[id(generated)]
///     id: i64,
///     address: Json<Address>,
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static> Value
    for Json<T>
{
    const TYPE: ColumnType = ColumnType::Json;

    fn to_parameter(&self) -> Parameter {
        match serde_json::to_value(&self.0) {
            Ok(json) => Value::into_parameter(json),
            Err(error) => Parameter::invalid(format!("cannot be written as JSON: {error}")),
        }
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let json = <serde_json::Value as Value>::read(cell)?;
        serde_json::from_value(json).map(Self).map_err(Mismatch::other)
    }
}

#[diagnostic::do_not_recommend]
impl<T> FromRow for Json<T>
where
    Self: Value,
{
    fn read(row: &Row<'_>) -> Result<Self, Error> {
        read_value(row, 0)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}
