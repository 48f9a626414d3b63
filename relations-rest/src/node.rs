//! JSON as a request gives it: members in their order, also those that are given twice.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::problem::Problem;

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// A place in JSON, as a pointer of RFC 6901.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pointer(String);

impl Pointer {
    pub(crate) fn member(&self, name: &str) -> Self {
        let mut path = String::with_capacity(self.0.len() + name.len() + 1);
        path.push_str(&self.0);
        path.push('/');
        for part in name.split_inclusive(['~', '/']) {
            match part.strip_suffix('~') {
                Some(before) => path.extend([before, "~0"]),
                None => match part.strip_suffix('/') {
                    Some(before) => path.extend([before, "~1"]),
                    None => path.push_str(part),
                },
            }
        }
        Self(path)
    }

    pub(crate) fn at(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

impl From<&Pointer> for String {
    fn from(pointer: &Pointer) -> Self {
        pointer.0.clone()
    }
}

impl Node {
    /// Reads JSON. Members that are given twice and NUL characters are refused, since what one reader makes of
    /// them is not what another does.
    pub(crate) fn parse(json: &[u8], what: &str) -> Result<Self, Problem> {
        let node: Self = serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let detail = format!("the {what} is not JSON, at line {line}, column {column}");
            Problem::bad_request("INVALID_JSON", detail)
        })?;
        node.checked()
    }

    /// The value, unless it is one that [`parse`](Self::parse) would refuse.
    pub(crate) fn checked(self) -> Result<Self, Problem> {
        self.check(&Pointer::default)?;
        Ok(self)
    }

    /// Refuses what `parse` refuses. Only then is it asked for its place.
    fn check(&self, at: &dyn Fn() -> Pointer) -> Result<(), Problem> {
        match self {
            Self::Text(text) if text.contains('\0') => Err(nul(&at())),
            Self::Array(all) => {
                all.iter().enumerate().try_for_each(|(index, one)| one.check(&|| at().at(index)))
            }
            Self::Object(members) => {
                // A search is faster than hashes of a few names.
                let is_short = members.len() <= 16;
                let mut names = HashSet::with_capacity(if is_short { 0 } else { members.len() });
                members.iter().enumerate().try_for_each(|(place, (name, value))| {
                    let at = || at().member(name);
                    if name.contains('\0') {
                        return Err(nul(&at()));
                    }
                    let is_new = if is_short {
                        members.iter().take(place).all(|(earlier, _)| earlier != name)
                    } else {
                        names.insert(name.as_str())
                    };
                    if !is_new {
                        let detail =
                            format!("{} is given twice", relations::query::reflect::shown(name));
                        return Err(Problem::bad_request("DUPLICATE_MEMBER", detail).pointer(at()));
                    }
                    value.check(&at)
                })
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => Ok(()),
        }
    }

    /// The kind of value, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The value as serde reads it.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
            Self::Array(all) => Value::Array(all.iter().map(Self::to_value).collect()),
            Self::Object(members) => Value::Object(
                members.iter().map(|(name, value)| (name.clone(), value.to_value())).collect(),
            ),
        }
    }

    pub(crate) fn object(&self, at: &Pointer) -> Result<&[(String, Self)], Problem> {
        match self {
            Self::Object(members) => Ok(members),
            other => Err(other.unexpected("an object", at)),
        }
    }

    pub(crate) fn array(&self, at: &Pointer) -> Result<&[Self], Problem> {
        match self {
            Self::Array(all) => Ok(all),
            other => Err(other.unexpected("an array", at)),
        }
    }

    pub(crate) fn text(&self, at: &Pointer) -> Result<&str, Problem> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.unexpected("a text", at)),
        }
    }

    pub(crate) fn bool(&self, at: &Pointer) -> Result<bool, Problem> {
        match self {
            Self::Bool(value) => Ok(*value),
            other => Err(other.unexpected("true or false", at)),
        }
    }

    /// A number of rows.
    pub(crate) fn rows(&self, at: &Pointer) -> Result<u64, Problem> {
        match self {
            Self::Number(number) if let Some(rows) = number.as_u64() => Ok(rows),
            other => Err(other.unexpected("a whole number, 0 or more", at)),
        }
    }

    /// The problem of a value of another kind than is expected.
    pub(crate) fn unexpected(&self, expected: &str, at: &Pointer) -> Problem {
        let detail = format!("expected {expected}, and was given {}", self.kind());
        Problem::bad_request("WRONG_TYPE", detail).pointer(at).expected(expected)
    }
}

fn nul(at: &Pointer) -> Problem {
    let detail = "a text holds a NUL character, which a database does not store";
    Problem::bad_request("NUL_CHARACTER", detail).pointer(at)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nodes)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = values.next_element()? {
            all.push(value);
        }
        Ok(Node::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Node::Object(all))
    }
}
