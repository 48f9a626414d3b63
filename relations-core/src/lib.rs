//! The core of `relations`: what the derive's code calls. Depend on `relations-rs` instead, whose
//! documentation begins at the front.

#![cfg_attr(docsrs, feature(doc_cfg))]
// With one engine alone, some code that both share serves the other.
#![cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(dead_code, unused_imports, clippy::unnecessary_wraps, clippy::unused_self)
)]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("turn on a database: the feature `postgres`, which is the default, or `sqlite`");

mod column;
mod engine;
mod entity;
mod error;
mod expression;
mod filter;
mod hash;
mod include;
mod meta;
mod query;
mod relation;
mod relation_aggregate;
mod repository;
mod row;
mod schema;
mod sql;
mod tree;
mod value;

#[doc(hidden)]
pub mod private;

pub use column::{Column, IntoOperand, Text};
pub use engine::{
    Batched, ConnectOptions, Database, Engine, Executor, IsolationLevel, Operation, QueryCount,
    QueryStats, Rows, SqlSession, Statement, Transaction, TransactionOptions, Transactional, Work,
    connect,
};
pub use entity::Entity;
pub use error::{Error, Result};
pub use expression::{Beside, Combined, Expression, IntoExpression, Number};
pub use filter::{Filter, IntoFilter};
pub use include::{
    Bare, Filled, Free, Include, Including, IntoInclusion, Loaded, NotIncluded, Preload, Slot,
    Strategy,
};
pub use meta::{
    Action, ColumnType, EntityDefinition, ForeignKeyDefinition, PropertyDefinition,
    RelationDefinition, RelationKind, Stamp, TargetDefinition, ThroughDefinition,
    UniqueKeyDefinition,
};
pub use query::{
    Averaged, IntoOrdering, IntoProperty, Ordering, Page, Pages, Projection, Query, Selection,
    Streaming, Summed, Update,
};
#[cfg(feature = "signed-cursors")]
pub use query::{Cursor, CursorKey, SignedPages};
pub use relation::{
    Arity, Generated, HeldByTarget, HeldKey, Joinable, Linked, Many, OfRow, Optional, Own,
    Pageable, Path, Relation, RelationHandle, RelationOf, Requirable, Required, Targets, Through,
    ToMany, ToOne,
};
pub use relation_aggregate::{Count, RelationAggregate};
pub use repository::{
    Columns, Edit, Insertable, NewEntity, NewWith, OfNew, OnConflict, Under, Upsert, Upserted,
};
pub use row::{Cell, Mismatch, Row};
pub use schema::Schema;
pub use sql::{FromRow, IntoParameter, IntoParameters, Sql, sql};
pub use tree::{Ancestors, AtDepth, Children, Descendants, Hierarchy, SameEntity, Tree};
#[cfg(feature = "json")]
pub use value::Json;
pub use value::{IntoKey, IntoValue, Key, Parameter, Property, Value};

/// The [`Schema`] of entities: `schema![Customer, Order]`.
#[macro_export]
macro_rules! schema {
    ($($entity:ty),* $(,)?) => {
        $crate::Schema::new([$(<$entity as $crate::Entity>::DEFINITION),*])
    };
}

/// What most programs use, to be imported whole.
pub mod prelude {
    pub use crate::{Entity, FromRow, NewEntity, Value, schema};
}

/// The crate that builds conditions for [`Filter::raw`].
pub use sea_query;
