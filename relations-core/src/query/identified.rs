//! Entities that have an id.

use crate::entity::Entity;

/// An entity with an id; `#[id]` implements it.
///
/// A view, or a table without a key, may have none. Its rows can be found by a filter only: `find_by_id`, [`page`](crate::Query::page) and a relation's `of_id` need an id.
///
/// ```compile_fail,E0277
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[entity(view, table = "daily_sales")]
/// struct DailySales {
///     day: String,
///     orders: i64,
/// }
///
/// let query = DailySales::find_by_id("2026-11-30");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no id",
    label = "this needs the id of a `{Self}`",
    note = "mark the property that tells its rows apart with `#[id]`, or find them by `find` and `filter`"
)]
#[doc(alias = "primary key")]
pub trait Identified: Entity {}
