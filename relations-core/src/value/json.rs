//! JSON, as it is or as a type of the user's.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Parameter, Value};
use crate::meta::ColumnType;
use crate::row::{Cell, Mismatch};

value!(serde_json::Value, Json, Json, |stored| serde_json::from_str(stored.text()?).ok());

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
            Ok(json) => Value::to_parameter(&json),
            Err(error) => Parameter::invalid(format!("cannot be written as JSON: {error}")),
        }
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let json = <serde_json::Value as Value>::read(cell)?;
        serde_json::from_value(json).map(Self).map_err(Mismatch::other)
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
