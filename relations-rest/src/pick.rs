//! A serializer that writes only some members of an entity.

use serde::ser::{Error as _, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Error, Value};

/// Writes the members of an entity that are wanted, in the order of the entity.
pub(crate) fn pick<E: Serialize>(
    entity: &E,
    wanted: impl Fn(&str) -> bool,
    json: &mut Vec<u8>,
) -> Result<(), Error> {
    json.push(b'{');
    let picked = Pick { json, wanted: &wanted, started: false, key: String::new() };
    entity.serialize(picked)?;
    json.push(b'}');
    Ok(())
}

struct Pick<'a> {
    json: &'a mut Vec<u8>,
    wanted: &'a dyn Fn(&str) -> bool,
    started: bool,
    /// The name of the member of a map whose value comes next.
    key: String,
}

impl Pick<'_> {
    fn member<T: ?Sized + Serialize>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        if !(self.wanted)(name) {
            return Ok(());
        }
        if self.started {
            self.json.push(b',');
        }
        self.started = true;
        serde_json::to_writer(&mut *self.json, name)?;
        self.json.push(b':');
        serde_json::to_writer(&mut *self.json, value)
    }
}

fn no_object<T>() -> Result<T, Error> {
    Err(Error::custom("an entity is an object"))
}

macro_rules! refused {
    ($($name:ident($($arg:ty),*) -> $ok:ty;)*) => {
        $(
            fn $name(self, $(_: $arg),*) -> Result<$ok, Error> {
                no_object()
            }
        )*
    };
}

type No = Impossible<(), Error>;

impl Serializer for Pick<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = No;

    refused! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        no_object()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }
}

impl SerializeStruct for Pick<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

/// The members of an entity with `#[serde(flatten)]`.
impl SerializeMap for Pick<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Error> {
        self.key = match serde_json::to_value(key)? {
            Value::String(key) => key,
            other => other.to_string(),
        };
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        self.member(&key, value)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}
