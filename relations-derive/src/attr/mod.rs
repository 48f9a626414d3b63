//! What the user wrote: syntax and nothing else. What may be left out is an `Option` here.

mod argument;
mod entity;
mod keyword;
mod option;
mod property;
mod relation;
mod value;

pub(crate) use entity::EntityAttrs;
pub(crate) use keyword::{Action, Case, Kind, identifier};
pub(crate) use property::PropertyAttrs;
pub(crate) use relation::{ConstraintAttr, RelationAttrs};
pub(crate) use value::{ValueAttrs, ValueShape};
