//! The types that need no other crate.

use sea_query::Value as SqlValue;

use super::{Parameter, Value};
use crate::meta::ColumnType;
use crate::row::{Cell, Mismatch, Stored};

value!(bool, Boolean, Bool, |stored| match stored {
    Stored::Integer(0) => Some(false),
    Stored::Integer(1) => Some(true),
    _ => None,
});
value!(i16, SmallInt, SmallInt, |stored| stored.integer()?.try_into().ok());
value!(i32, Integer, Int, |stored| stored.integer()?.try_into().ok());
value!(i64, BigInt, BigInt, Stored::integer);
// A float that was stored as such is read back as such; what was cut off was never there.
value!(f32, Real, Float, |stored| {
    #[allow(clippy::cast_possible_truncation)]
    stored.real().map(|real| real as f32)
});
value!(f64, Double, Double, Stored::real);
value!(String, Text, |text: &String| Parameter::text(text), Parameter::owned_text, |stored| stored
    .text()
    .map(ToOwned::to_owned));
value!(
    Vec<u8>,
    Bytes,
    |bytes: &Vec<u8>| Value::into_parameter(bytes.clone()),
    |bytes| SqlValue::Bytes(Some(bytes)).into(),
    |stored| match stored {
        Stored::Bytes(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
);

impl<V: Value> Value for Vec<V> {
    const TYPE: ColumnType = match V::TYPE {
        ColumnType::Array(_) => panic!("an array of arrays cannot be a property"),
        _ => ColumnType::Array(&V::TYPE),
    };

    fn to_parameter(&self) -> Parameter {
        Parameter::array(V::TYPE, self.iter().map(Value::to_parameter).collect())
    }

    fn into_parameter(self) -> Parameter {
        Parameter::array(V::TYPE, self.into_iter().map(Value::into_parameter).collect())
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.elements()?.map(|element| <V as Value>::read(element?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::array_type;

    #[test]
    fn an_empty_array_keeps_its_element_type() {
        let empty = Value::to_parameter(&Vec::<i64>::new()).into_sql();
        let array = SqlValue::Array(array_type(ColumnType::BigInt), Some(Box::default()));
        assert_eq!(empty, Ok(array));
    }
}
