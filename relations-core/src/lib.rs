//! The core of `relations`: what the derive's code calls. Depend on `relations-rs` instead, whose
//! documentation begins at the front.

#![cfg_attr(docsrs, feature(doc_cfg))]
// With one engine alone, some code that both share serves the other.
#![cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(dead_code, unused_imports, clippy::unnecessary_wraps, clippy::unused_self)
)]

pub(crate) mod ast;
#[doc(hidden)]
pub mod codegen;
pub(crate) mod column;
pub(crate) mod definition;
pub(crate) mod dialect;
pub(crate) mod driver;
pub(crate) mod entity;
pub(crate) mod error;
pub(crate) mod expression;
pub(crate) mod filter;
pub(crate) mod hash;
pub(crate) mod include;
pub(crate) mod loader;
pub(crate) mod plan;
pub(crate) mod query;
pub(crate) mod raw_sql;
pub(crate) mod relation;
pub(crate) mod relation_aggregate;
pub(crate) mod repository;
pub(crate) mod schema;
pub(crate) mod sql;
pub(crate) mod tree;
pub(crate) mod value;

pub use crate::ast::inclusion::Strategy;
pub use crate::column::{Column, IntoOperand, Text};
pub use crate::definition::entity::EntityDefinition;
pub use crate::definition::property::{ColumnType, PropertyDefinition, Stamp};
pub use crate::definition::relation::{
    Action, ForeignKeyDefinition, RelationDefinition, RelationKind, TargetDefinition,
    ThroughDefinition,
};
pub use crate::definition::unique_key::UniqueKeyDefinition;
pub use crate::dialect::Engine;
pub use crate::driver::coalesce::Batched;
pub use crate::driver::connect_options::{ConnectOptions, connect};
pub use crate::driver::executor::Executor;
pub use crate::driver::pool::Database;
pub use crate::driver::query_stats::{QueryCount, QueryStats};
pub use crate::driver::rows::Rows;
pub use crate::driver::sql_session::SqlSession;
pub use crate::driver::statement::Statement;
pub use crate::driver::transaction::Transaction;
pub use crate::driver::transaction::options::{IsolationLevel, TransactionOptions};
pub use crate::driver::transaction::retry::{Transactional, Work};
pub use crate::entity::Entity;
pub use crate::error::{Error, Result};
pub use crate::expression::{Beside, Combined, Expression, IntoExpression, Number};
pub use crate::filter::{Filter, IntoFilter};
pub use crate::include::builder::Including;
pub use crate::include::{Bare, Filled, Free, Include, IntoInclusion, NotIncluded};
pub use crate::loader::loaded::Loaded;
pub use crate::loader::rounds::Preload;
pub use crate::loader::slot::Slot;
pub use crate::query::Query;
pub use crate::query::aggregate::{Averaged, Summed};
pub use crate::query::change::{IntoProperty, Update};
#[cfg(feature = "signed-cursors")]
pub use crate::query::cursor::{Cursor, CursorKey, SignedPages};
pub use crate::query::order::{IntoOrdering, Ordering};
pub use crate::query::page::{Page, Pages};
pub use crate::query::projection::{Projection, Selection};
pub use crate::query::stream::Streaming;
pub use crate::raw_sql::from_row::FromRow;
pub use crate::raw_sql::parameters::{IntoParameter, IntoParameters};
pub use crate::raw_sql::{Sql, sql};
pub use crate::relation::arity::{Arity, Joinable, Many, Optional, Pageable, Requirable, Required};
pub use crate::relation::asking::ToMany;
pub use crate::relation::insert_related::{HeldByTarget, HeldKey, RelationOf};
pub use crate::relation::path::{Generated, OfRow, Own, Path, Through, ToOne};
pub use crate::relation::through::Linked;
pub use crate::relation::{Relation, RelationHandle, Targets};
pub use crate::relation_aggregate::{Count, RelationAggregate};
pub use crate::repository::create::NewEntity;
pub use crate::repository::edit::Edit;
pub use crate::repository::nested::{Insertable, NewWith, OfNew, Under};
pub use crate::repository::upsert::{Columns, OnConflict, Upsert, Upserted};
pub use crate::schema::Schema;
pub use crate::schema::check::report::{Drift, Finding, Report};
pub use crate::schema::shape::{self, Shape};
pub use crate::sql::operation::Operation;
pub use crate::tree::nested::{Children, Tree};
pub use crate::tree::{Ancestors, AtDepth, Descendants, Hierarchy, SameEntity};
pub use crate::value::key::{IntoKey, Key};
pub use crate::value::parameter::Parameter;
pub use crate::value::property::Property;
pub use crate::value::row::{Cell, Mismatch, Row};
#[cfg(feature = "json")]
pub use crate::value::types::json::Json;
pub use crate::value::{IntoValue, Value};
pub use sea_query;

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("turn on a database: the feature `postgres`, which is the default, or `sqlite`");

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
