//! The model of a query, before it is put into the SQL of a database.

pub(crate) mod aggregate;
pub(crate) mod arithmetic;
pub(crate) mod call;
pub(crate) mod grouping;
pub(crate) mod inclusion;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod predicate;
pub(crate) mod raw_sql;
pub(crate) mod relation_aggregate;
pub(crate) mod scope;
pub(crate) mod select;
pub(crate) mod term;
pub(crate) mod unknown;
