//! The names that generated code calls. Nothing here is for users, and all of it may change.

pub(crate) mod declared;
pub(crate) mod distribution;
pub(crate) mod facts;
pub(crate) mod link_order;
pub(crate) mod links;
pub(crate) mod partial;
pub(crate) mod soft_delete;

pub use declared::DeclaredCell;
pub use distribution::{Colocated, colocated, is_distributed};
pub use facts::*;
pub use link_order::{LinkOrders, link_order, link_order_of};
pub use links::*;
pub use partial::{Holds, holds, partial_column, partial_property, partial_relation};
pub use soft_delete::{
    SoftDeleted, UniqueNotDeleted, filter, filter_of, leaves_out_deleted_rows, scope_of,
    soft_delete,
};

pub use crate::__one_of_key_deserialize as one_of_key_deserialize;
pub use crate::__one_of_serialize as one_of_serialize;
pub use crate::__with as with;
pub use crate::ast::inclusion::Inclusion;
pub use crate::definition::distribution::Distribution;
pub use crate::definition::entity::EntityDefinition;
pub use crate::definition::index::{CheckDefinition, IndexDefinition};
pub use crate::definition::kind::KindDefinition;
pub use crate::definition::link_order::LinkOrder;
pub use crate::definition::one_of::OneOfDefinition;
pub use crate::definition::property::{PropertyDefinition, Stamp};
pub use crate::definition::read_only::ReadOnly;
pub use crate::definition::relation::{
    Action, ForeignKeyDefinition, KeyArray, RelationDefinition, RelationKind, TargetDefinition,
    ThroughDefinition,
};
pub use crate::definition::unique_key::UniqueKeyDefinition;
pub use crate::definition::visible::{DefaultScope, RelationFilter};
pub use crate::driver::acquired::{
    Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip,
};
#[cfg(feature = "serde")]
pub use crate::loader::attach::{Member, MemberValue, Members, serialize_with};
pub use crate::loader::branch::Branch;
#[cfg(feature = "serde")]
pub use crate::loader::kinds::only_member;
pub use crate::loader::kinds::{check_kind, check_kinds, of_kind};
pub use crate::loader::loaded::{Branches, branches};
pub use crate::loader::partial::{Partial, PartialFields, PartialRow, PartialSlot, slot_of};
pub use crate::loader::shape::{Wants, inclusion};
pub use crate::plan::reads::Reads;
pub use crate::plan::tree::RowPlan;
pub use crate::raw_sql::from_row::{RowColumns, read_field, read_value};
pub use crate::relation::by_kind::kind_assignment;
pub use crate::relation::follow;
pub use crate::relation::one_of::{follow_one_of, load_arm, only_arm, required_arm};
pub use crate::relation::path::{DistributedBy, Generated};
pub use crate::relation::through::{Alone, Linking, Once};
pub use crate::sql::cache::SqlCache;
pub use crate::sql::change::Assignment;
pub use crate::value::codec::Codec;
pub use crate::value::key::KeyType;
pub use crate::value::mismatch::{no_variant, read_variant};
pub use crate::value::parameter::Parameter;
pub use crate::value::row::Row;
pub use crate::value::type_bounds::{AsKey, AsProperty, chrono, json, rust_decimal, time, uuid};
#[cfg(feature = "serde")]
pub use serde;
pub use std::boxed::Box;
pub use std::vec::Vec;
