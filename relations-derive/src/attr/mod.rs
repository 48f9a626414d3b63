//! The user's input: syntax and nothing else. An optional part is an `Option` here.
//!
//! The options of an attribute are a struct that darling fills: its fields are their names, and
//! their types, in `option`, are the forms they have.

mod all_but;
mod arguments;
mod darling_error;
mod entity;
mod from_row;
mod generated_struct;
mod index;
mod keyword;
mod one_of;
mod option;
mod partial;
mod property;
mod referential_action;
mod relation;
mod serde;
mod unique;
mod value;

pub(crate) use all_but::AllButAttrs;
pub(crate) use entity::{EntityAttrs, EntityOptions};
pub(crate) use from_row::{FieldAttrs, FromRowAttrs};
pub(crate) use generated_struct::StructOptions;
pub(crate) use index::{CheckAttrs, IndexAttrs};
pub(crate) use keyword::{Action, Case, Kind, Stamp, identifier};
pub(crate) use one_of::{KindTargetAttrs, OneOfAttrs};
pub(crate) use option::{
    Choice, Condition, Constraint, Disabled, Flag, Keys, ModulePath, Name, Text,
};
pub(crate) use partial::{PartialAttrs, PartialFieldAttrs};
pub(crate) use property::{IndexAttr, PropertyAttrs};
pub(crate) use referential_action::ReferentialAction;
pub(crate) use relation::{KindAttrs, RelationAttrs, RelationOptions, ThroughAttrs};
pub(crate) use serde::{SerdeCase, SerdeField, path as serde_path};
pub(crate) use unique::UniqueAttrs;
pub(crate) use value::{ValueAttrs, ValueOptions, ValueShape};
