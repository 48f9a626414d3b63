//! Serialization of values whose type is known at run time only.
//!
//! `Serialize` is generic over its serializer, so a trait object cannot have it. A trait object makes a
//! [`Content`] instead, which says all that the value told, and is told to any serializer in turn: the
//! output is that of the value itself.

use std::fmt;

use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};

/// The data that a value gave to its serializer.
#[derive(Debug)]
pub(crate) enum Content {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Signed128(i128),
    Unsigned128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Content>),
    Unit,
    UnitStruct(&'static str),
    UnitVariant(Variant),
    Newtype(&'static str, Box<Content>),
    NewtypeVariant(Variant, Box<Content>),
    Seq(Vec<Content>),
    Tuple(Vec<Content>),
    TupleStruct(&'static str, Vec<Content>),
    TupleVariant(Variant, Vec<Content>),
    Map(Vec<(Content, Content)>),
    Struct(&'static str, Fields),
    StructVariant(Variant, Fields),
}

type Fields = Vec<(&'static str, Content)>;

/// A variant of an enum: the enum, and the number and the name of the variant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant(&'static str, u32, &'static str);

/// Why a value could not be serialized, in its own words.
#[derive(Debug)]
pub(crate) struct ContentError(String);

impl fmt::Display for ContentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ContentError {}

impl serde::ser::Error for ContentError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// A value that can tell its content.
pub(crate) trait Erased {
    /// The content, for a format that people read or not.
    fn content(&self, readable: bool) -> Result<Content, ContentError>;
}

impl<T: Serialize> Erased for T {
    fn content(&self, readable: bool) -> Result<Content, ContentError> {
        self.serialize(Contents { readable })
    }
}

/// Serializes a value by its content.
pub(crate) struct ByContent<'value>(pub(crate) &'value dyn Erased);

impl Serialize for ByContent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let content = self.0.content(serializer.is_human_readable()).map_err(S::Error::custom)?;
        content.serialize(serializer)
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Signed128(value) => serializer.serialize_i128(*value),
            Self::Unsigned128(value) => serializer.serialize_u128(*value),
            Self::F32(value) => serializer.serialize_f32(*value),
            Self::F64(value) => serializer.serialize_f64(*value),
            Self::Char(value) => serializer.serialize_char(*value),
            Self::Str(value) => serializer.serialize_str(value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::None => serializer.serialize_none(),
            Self::Some(value) => serializer.serialize_some(value),
            Self::Unit => serializer.serialize_unit(),
            Self::UnitStruct(name) => serializer.serialize_unit_struct(name),
            Self::UnitVariant(Variant(of, at, name)) => {
                serializer.serialize_unit_variant(of, *at, name)
            }
            Self::Newtype(name, value) => serializer.serialize_newtype_struct(name, value),
            Self::NewtypeVariant(Variant(of, at, name), value) => {
                serializer.serialize_newtype_variant(of, *at, name, value)
            }
            Self::Seq(values) => serializer.collect_seq(values),
            Self::Tuple(values) => {
                let mut tuple = serializer.serialize_tuple(values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_element(value))?;
                tuple.end()
            }
            Self::TupleStruct(name, values) => {
                let mut tuple = serializer.serialize_tuple_struct(name, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::TupleVariant(Variant(of, at, name), values) => {
                let length = values.len();
                let mut tuple = serializer.serialize_tuple_variant(of, *at, name, length)?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
            }
            Self::Struct(name, fields) => {
                let mut of = serializer.serialize_struct(name, fields.len())?;
                fields.iter().try_for_each(|(name, value)| of.serialize_field(name, value))?;
                of.end()
            }
            Self::StructVariant(Variant(of, at, name), fields) => {
                let length = fields.len();
                let mut of = serializer.serialize_struct_variant(of, *at, name, length)?;
                fields.iter().try_for_each(|(name, value)| of.serialize_field(name, value))?;
                of.end()
            }
        }
    }
}

/// The serializer that keeps what it is told.
#[derive(Clone, Copy)]
struct Contents {
    readable: bool,
}

/// Several values on their way into one content.
struct Several<K> {
    contents: Contents,
    kind: K,
    values: Vec<Content>,
}

/// Keys and values on their way into one content.
struct Pairs<K, N> {
    contents: Contents,
    kind: K,
    content: Vec<(N, Content)>,
    key: Option<N>,
}

impl Contents {
    fn several<K>(self, kind: K) -> Several<K> {
        Several { contents: self, kind, values: Vec::new() }
    }

    fn pairs<K, N>(self, kind: K) -> Pairs<K, N> {
        Pairs { contents: self, kind, content: Vec::new(), key: None }
    }

    fn boxed<T: ?Sized + Serialize>(self, value: &T) -> Result<Box<Content>, ContentError> {
        value.serialize(self).map(Box::new)
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty => $content:ident($into:expr),)*) => {
        $(
            fn $method(self, value: $type) -> Result<Content, ContentError> {
                Ok(Content::$content($into(value)))
            }
        )*
    };
}

type List = fn(Vec<Content>) -> Content;

impl Serializer for Contents {
    type Ok = Content;
    type Error = ContentError;
    type SerializeSeq = Several<List>;
    type SerializeTuple = Several<List>;
    type SerializeTupleStruct = Several<&'static str>;
    type SerializeTupleVariant = Several<Variant>;
    type SerializeMap = Pairs<(), Content>;
    type SerializeStruct = Pairs<&'static str, &'static str>;
    type SerializeStructVariant = Pairs<Variant, &'static str>;

    scalars! {
        serialize_bool: bool => Bool(bool::from),
        serialize_i8: i8 => Signed(i64::from),
        serialize_i16: i16 => Signed(i64::from),
        serialize_i32: i32 => Signed(i64::from),
        serialize_i64: i64 => Signed(i64::from),
        serialize_i128: i128 => Signed128(i128::from),
        serialize_u8: u8 => Unsigned(u64::from),
        serialize_u16: u16 => Unsigned(u64::from),
        serialize_u32: u32 => Unsigned(u64::from),
        serialize_u64: u64 => Unsigned(u64::from),
        serialize_u128: u128 => Unsigned128(u128::from),
        serialize_f32: f32 => F32(f32::from),
        serialize_f64: f64 => F64(f64::from),
        serialize_char: char => Char(char::from),
        serialize_str: &str => Str(str::to_owned),
        serialize_bytes: &[u8] => Bytes(<[u8]>::to_vec),
    }

    fn serialize_none(self) -> Result<Content, ContentError> {
        Ok(Content::None)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<Content, ContentError> {
        self.boxed(value).map(Content::Some)
    }

    fn serialize_unit(self) -> Result<Content, ContentError> {
        Ok(Content::Unit)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Content, ContentError> {
        Ok(Content::UnitStruct(name))
    }

    fn serialize_unit_variant(
        self,
        of: &'static str,
        at: u32,
        name: &'static str,
    ) -> Result<Content, ContentError> {
        Ok(Content::UnitVariant(Variant(of, at, name)))
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Content, ContentError> {
        Ok(Content::Newtype(name, self.boxed(value)?))
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        of: &'static str,
        at: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Content, ContentError> {
        Ok(Content::NewtypeVariant(Variant(of, at, name), self.boxed(value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Several<List>, ContentError> {
        Ok(self.several(Content::Seq))
    }

    fn serialize_tuple(self, _: usize) -> Result<Several<List>, ContentError> {
        Ok(self.several(Content::Tuple))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Several<&'static str>, ContentError> {
        Ok(self.several(name))
    }

    fn serialize_tuple_variant(
        self,
        of: &'static str,
        at: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Several<Variant>, ContentError> {
        Ok(self.several(Variant(of, at, name)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs<(), Content>, ContentError> {
        Ok(self.pairs(()))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Pairs<&'static str, &'static str>, ContentError> {
        Ok(self.pairs(name))
    }

    fn serialize_struct_variant(
        self,
        of: &'static str,
        at: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Pairs<Variant, &'static str>, ContentError> {
        Ok(self.pairs(Variant(of, at, name)))
    }

    fn is_human_readable(&self) -> bool {
        self.readable
    }
}

impl<K> Several<K> {
    fn push<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), ContentError> {
        self.values.push(value.serialize(self.contents)?);
        Ok(())
    }
}

macro_rules! several {
    ($($trait:ident::$method:ident of $kind:ty => $end:expr;)*) => {
        $(
            impl $trait for Several<$kind> {
                type Ok = Content;
                type Error = ContentError;

                fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), ContentError> {
                    self.push(value)
                }

                fn end(self) -> Result<Content, ContentError> {
                    Ok($end(self.kind, self.values))
                }
            }
        )*
    };
}

several! {
    SerializeSeq::serialize_element of List => |list: List, values| list(values);
    SerializeTuple::serialize_element of List => |list: List, values| list(values);
    SerializeTupleStruct::serialize_field of &'static str => Content::TupleStruct;
    SerializeTupleVariant::serialize_field of Variant => Content::TupleVariant;
}

macro_rules! fields {
    ($($trait:ident of $kind:ty => $end:path;)*) => {
        $(
            impl $trait for Pairs<$kind, &'static str> {
                type Ok = Content;
                type Error = ContentError;

                fn serialize_field<T: ?Sized + Serialize>(
                    &mut self,
                    name: &'static str,
                    value: &T,
                ) -> Result<(), ContentError> {
                    self.content.push((name, value.serialize(self.contents)?));
                    Ok(())
                }

                fn end(self) -> Result<Content, ContentError> {
                    Ok($end(self.kind, self.content))
                }
            }
        )*
    };
}

fields! {
    SerializeStruct of &'static str => Content::Struct;
    SerializeStructVariant of Variant => Content::StructVariant;
}

impl SerializeMap for Pairs<(), Content> {
    type Ok = Content;
    type Error = ContentError;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), ContentError> {
        self.key = Some(key.serialize(self.contents)?);
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), ContentError> {
        let missing = || ContentError::custom("a value of a map came before its key");
        let key = self.key.take().ok_or_else(missing)?;
        self.content.push((key, value.serialize(self.contents)?));
        Ok(())
    }

    fn end(self) -> Result<Content, ContentError> {
        Ok(Content::Map(self.content))
    }
}
