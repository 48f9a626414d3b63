//! Definitions of entities as constants: their properties, keys and relations.
//!
//! The derive writes these as constants; DDL and the queries read them, as may routes, diagrams
//! and checks, for which the feature `serde` makes them `Serialize`.

pub(crate) mod constraint_names;
pub(crate) mod deferrable;
pub(crate) mod distribution;
pub(crate) mod entity;
pub(crate) mod foreign_key;
pub(crate) mod foreign_keys;

pub(crate) mod index;
pub(crate) mod kind;
pub(crate) mod link_order;
pub(crate) mod names;
pub(crate) mod one_of;
pub(crate) mod property;
pub(crate) mod quoting;
pub(crate) mod read_only;
pub(crate) mod relation;
pub(crate) mod soft_delete;
pub(crate) mod suggestion;
pub(crate) mod through;
pub(crate) mod unique_key;
pub(crate) mod visible;

pub use crate::definition::deferrable::Deferrable;
pub use crate::definition::distribution::Distribution;
pub use crate::definition::entity::EntityDefinition;
pub use crate::definition::index::{CheckDefinition, IndexDefinition};
pub use crate::definition::kind::KindDefinition;
pub use crate::definition::link_order::LinkOrder;
pub use crate::definition::one_of::OneOfDefinition;
pub use crate::definition::property::{ColumnType, PropertyDefinition, Stamp};
pub use crate::definition::read_only::ReadOnly;
pub use crate::definition::relation::{
    Action, ForeignKeyDefinition, KeyArray, RelationDefinition, RelationKind, TargetDefinition,
    ThroughDefinition,
};
pub use crate::definition::unique_key::UniqueKeyDefinition;
pub use crate::definition::visible::RelationFilter;
