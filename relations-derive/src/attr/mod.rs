//! The user's input: syntax and nothing else. An optional part is an `Option` here.
//!
//! The options of an attribute are a struct, which `options!` defines: its fields are their names,
//! and their types, in `form`, are the forms of their values.

mod arguments;
mod entity;
mod form;
mod from_row;
mod keyword;
mod options;
mod property;
mod referential_action;
mod relation;
mod serde;
mod unique;
mod value;

pub(crate) use entity::EntityAttrs;
pub(crate) use form::{Constraint, ModulePath, Name, Text};
pub(crate) use from_row::{FieldAttrs, FromRowAttrs};
pub(crate) use keyword::{Action, Case, Kind, Stamp, identifier};
pub(crate) use property::PropertyAttrs;
pub(crate) use referential_action::ReferentialAction;
pub(crate) use relation::{RelationAttrs, RelationOptions, ThroughAttrs};
pub(crate) use serde::SerdeCase;
pub(crate) use unique::UniqueAttrs;
pub(crate) use value::{ValueAttrs, ValueShape};
