//! The types that need no other crate.

use sea_query::Value as SqlValue;

use crate::definition::property::ColumnType;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::{Cell, Mismatch, Stored};
use crate::value::wire::Wide;
use crate::value::{Element, Value};

value!(bool, Boolean, Bool, |stored| match stored.integer()? {
    0 => Some(false),
    1 => Some(true),
    _ => None,
});

value!(i16, SmallInt, SmallInt, |stored| stored.integer()?.try_into().ok());

value!(
    i32,
    Integer,
    Int,
    |stored| stored.integer()?.try_into().ok(),
    widen = |wide| match wide {
        Wide::Small(integer) => Some(integer.into()),
        _ => None,
    }
);

value!(
    i64,
    BigInt,
    BigInt,
    Stored::integer,
    widen = |wide| match wide {
        Wide::Small(integer) => Some(integer.into()),
        Wide::Integer(integer) => Some(integer.into()),
        Wide::Oid(number) => Some(number.into()),
        _ => None,
    }
);

value!(
    f32,
    Real,
    Float,
    // A float that was stored as such is read back as such; another one would not be found again.
    |stored| {
        #[allow(clippy::cast_possible_truncation, reason = "it is looked at whether it was")]
        stored
            .real()
            .map(|real| real as f32)
            .filter(|short| Some(f64::from(*short)) == stored.real())
    },
    widen = |wide| match wide {
        Wide::Small(integer) => Some(integer.into()),
        _ => None,
    }
);

value!(
    f64,
    Double,
    Double,
    Stored::real,
    widen = |wide| match wide {
        Wide::Small(integer) => Some(integer.into()),
        Wide::Integer(integer) => Some(integer.into()),
        Wide::Float(short) => Some(short.into()),
        _ => None,
    }
);

value!(
    String,
    Text,
    |text: &String| Parameter::text(text),
    Parameter::owned_text,
    |stored| match stored {
        Stored::Text(text) => Some(text.to_owned()),
        // SQLite makes numbers of digits in a column whose type is none of its own.
        Stored::Integer(integer) => Some(integer.to_string()),
        Stored::Real(real) if real.is_finite() => Some(format!("{real:?}")),
        _ => None,
    },
    read = decode_text,
    widen = |wide| match wide {
        Wide::Text(text) => Some(text.into_owned()),
        _ => None,
    }
);

value!(
    Vec<u8>,
    Bytes,
    |bytes: &Vec<u8>| Value::into_parameter(bytes.clone()),
    |bytes| Parameter::from_sql(SqlValue::Bytes(Some(bytes))),
    |stored| match stored {
        Stored::Bytes(bytes) => Some(bytes.to_vec()),
        _ => None,
    }
);

macro_rules! elements {
    ($($type:ty),*) => {
        $(impl Element for $type {})*
    };
}

elements!(bool, i16, i32, i64, f32, f64, String, Vec<u8>);

/// An array of arrays is told in words of its own.
impl<V: Value + Element> Element for Vec<V> {}

impl<V: Value + Element> Value for Vec<V> {
    const TYPE: ColumnType = match V::TYPE {
        ColumnType::Array(_) => panic!("an array of arrays cannot be a property"),
        _ => ColumnType::Array(&V::TYPE),
    };

    const SQL_TYPE: Option<&'static str> = match V::SQL_TYPE {
        Some(of) => Some(array_of(of)),
        None => None,
    };

    const BOUNDS: Option<(i64, i64)> = V::BOUNDS;

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

/// The type of an array of a type's values; a constant cannot put it together.
#[allow(clippy::panic, reason = "rustc evaluates it")]
const fn array_of(sql_type: &'static str) -> &'static str {
    match sql_type.as_bytes() {
        b"inet" => "inet[]",
        b"vector" => "vector[]",
        b"interval" => "interval[]",
        b"int4range" => "int4range[]",
        b"int8range" => "int8range[]",
        b"numrange" => "numrange[]",
        b"daterange" => "daterange[]",
        b"tsrange" => "tsrange[]",
        b"tstzrange" => "tstzrange[]",
        _ => panic!("name the type of this array, as in `#[column(type = \"mood[]\")]`"),
    }
}

/// Elements of which some may be null.
impl<V: Value + Element> Value for Vec<Option<V>> {
    const TYPE: ColumnType = <Vec<V> as Value>::TYPE;
    const SQL_TYPE: Option<&'static str> = <Vec<V> as Value>::SQL_TYPE;

    const BOUNDS: Option<(i64, i64)> = V::BOUNDS;

    fn to_parameter(&self) -> Parameter {
        Parameter::array(V::TYPE, self.iter().map(Property::to_nullable_parameter).collect())
    }

    fn into_parameter(self) -> Parameter {
        Parameter::array(V::TYPE, self.into_iter().map(Property::into_nullable_parameter).collect())
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.elements()?.map(|element| <Option<V> as Property>::read_nullable(element?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parameter::array_type;

    #[test]
    fn an_empty_array_keeps_its_element_type() {
        let empty = Value::to_parameter(&Vec::<i64>::new()).into_sql();
        let array = SqlValue::Array(array_type(ColumnType::BigInt), Some(Box::default()));
        assert_eq!(empty, Ok(array));
    }
}
