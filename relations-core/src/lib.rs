//! The core of `relations`, which generated code calls. Depend on `relations-rs` instead, whose
//! documentation has an introduction.

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
pub mod definition;
pub(crate) mod dialect;
pub mod driver;
pub(crate) mod entity;
pub(crate) mod error;
pub mod expression;
pub(crate) mod filter;
pub(crate) mod hash;
pub mod include;
pub(crate) mod loader;
pub(crate) mod plan;
pub mod query;
pub mod raw_sql;
pub mod relation;
pub(crate) mod relation_aggregate;
pub mod repository;
pub(crate) mod schema;
pub(crate) mod sql;
pub mod tree;
pub mod value;

// The names that programs write. Bounds, return types and what few programs name stand in the public
// modules alone; `scripts/root` holds the number of those here.
pub use crate::column::Column;
pub use crate::dialect::Engine;
pub use crate::driver::coalesce::Batched;
pub use crate::driver::connect_options::{ConnectOptions, connect};
pub use crate::driver::executor::Executor;
pub use crate::driver::pool::Database;
pub use crate::driver::transaction::Transaction;
pub use crate::driver::transaction::options::{IsolationLevel, TransactionOptions};
pub use crate::driver::transaction::retry::Transactional;
pub use crate::entity::Entity;
pub use crate::error::{Error, Result};
pub use crate::filter::Filter;
#[doc(inline)]
pub use crate::include::NotIncluded;
#[doc(inline)]
pub use crate::query::Query;
pub use crate::query::order::Ordering;
pub use crate::query::page::Page;
pub use crate::raw_sql::from_row::FromRow;
#[doc(inline)]
pub use crate::raw_sql::sql;
#[doc(inline)]
pub use crate::relation::{Relation, RelationHandle};
pub use crate::repository::create::NewEntity;
pub use crate::schema::Schema;
pub use crate::schema::shape;
#[doc(inline)]
pub use crate::value::Value;
#[cfg(feature = "json")]
pub use crate::value::types::json::Json;

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("turn on a database: the feature `postgres`, which is the default, or `sqlite`");

/// The [`Schema`] of entities: `schema![Customer, Order]`.
#[macro_export]
macro_rules! schema {
    ($($entity:ty),* $(,)?) => {
        $crate::Schema::new([$(<$entity as $crate::Entity>::DEFINITION),*])
    };
}

/// The names that most programs import.
pub mod prelude {
    pub use crate::query::Patch as _;
    pub use crate::{Entity, FromRow, NewEntity, Value, schema};
}
