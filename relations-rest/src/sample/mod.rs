//! Entities made by their own `Deserialize`, of members that are given and of samples for the rest.
//!
//! The JSON of an entity is what its serde says: names, words of enums, formats of dates. So a value of a request
//! is read by making a whole entity of it, with samples in the places of all other members, and by taking the
//! one property from that.

mod value;

use std::cell::Cell;

use relations::definition::ColumnType;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// The kind of a member of an entity.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given<'a> {
    Value(&'a Value),
    Sample(Sample),
    /// It is left out.
    Nothing,
    /// The words of its type are asked for.
    Words(&'a Cell<&'static [&'static str]>),
}

/// A value of any type that serde asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// The type of the column that it is for, if it is a property itself.
    pub(crate) column_type: Option<ColumnType>,
    /// Which of the two samples of a type: 1 or 2.
    pub(crate) number: u8,
    /// Which text to try, for types that take only some.
    pub(crate) attempt: usize,
}

/// Texts that types with rules of their own may take.
const TEXTS: [&str; 14] = [
    "a",
    "a@b.example",
    "1",
    "A",
    "aa",
    "AA",
    "AAA",
    "00000000-0000-0000-0000-000000000001",
    "https://a.example/",
    "127.0.0.1",
    "2000-01-01",
    "2000-01-01T00:00:01Z",
    "#000001",
    "{}",
];

/// The number of texts to try.
pub(crate) const ATTEMPTS: usize = TEXTS.len();

/// Makes an entity; an error comes with the position of the member that it is about, if it is about one.
pub(crate) fn entity<E: DeserializeOwned>(
    members: &[(&'static str, Given<'_>)],
) -> Result<E, (Error, Option<usize>)> {
    let at = Cell::new(None);
    let made = E::deserialize(Members { members, at: &at });
    made.map_err(|error| (error, at.get()))
}

/// The names of the members that an entity is read from; none if it does not say so.
pub(crate) fn names<E: DeserializeOwned>() -> &'static [&'static str] {
    let names = Cell::new([].as_slice());
    let _ = E::deserialize(Names(&names));
    names.get()
}

struct Names<'a>(&'a Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the names of a struct are read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(fields);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The words of an enum that a member is read from; none of any other type.
pub(crate) fn words<E: DeserializeOwned>(
    members: &[(&'static str, Given<'_>)],
    at: usize,
) -> &'static [&'static str] {
    let words = Cell::new([].as_slice());
    let mut members = members.to_vec();
    if let Some((_, given)) = members.get_mut(at) {
        *given = Given::Words(&words);
    }
    let _ = entity::<E>(&members);
    words.get()
}

/// A deserializer that takes note of the words of an enum.
struct Words<'a>(&'a Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Words<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the words of an enum are read"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(variants);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[derive(Clone, Copy)]
struct Members<'a> {
    members: &'a [(&'static str, Given<'a>)],
    /// The member that was asked for last.
    at: &'a Cell<Option<usize>>,
}

impl<'de> Deserializer<'de> for Members<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MembersLeft { all: self, next: 0 })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct MembersLeft<'a> {
    all: Members<'a>,
    next: usize,
}

impl<'de> MapAccess<'de> for MembersLeft<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        while let Some((name, given)) = self.all.members.get(self.next) {
            if !matches!(given, Given::Nothing) {
                self.all.at.set(Some(self.next));
                let name: StrDeserializer<'_, Error> = (*name).into_deserializer();
                return seed.deserialize(name).map(Some);
            }
            self.next += 1;
        }
        self.all.at.set(None);
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let given = self.all.members.get(self.next).map(|(_, given)| *given);
        self.next += 1;
        match given {
            Some(Given::Value(value)) => seed.deserialize(value.clone()),
            Some(Given::Sample(sample)) => seed.deserialize(sample),
            Some(Given::Words(words)) => seed.deserialize(Words(words)),
            Some(Given::Nothing) | None => Err(Error::custom("a value came before its name")),
        }
    }
}
