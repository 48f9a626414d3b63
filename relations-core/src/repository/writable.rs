//! Entities whose rows can be written.

use crate::query::identified::Identified;

/// An entity whose rows can be written: every one that is not `#[entity(view)]`, `#[entity(materialized_view)]` or
/// `#[entity(read_only)]`.
///
/// Functions that write any entity ask for it:
///
/// ```no_run
/// use relations::prelude::*;
/// use relations::repository::Writable;
/// use relations::{Executor, Result};
///
/// async fn purge<E: Writable>(db: &impl Executor) -> Result<u64> {
///     E::find().all_rows().delete(db).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is read-only",
    label = "this writes rows, and those of `{Self}` are only read",
    note = "a view, a materialized view and an entity that is `#[entity(read_only)]` have no verbs that write; write \
            the rows of the tables behind it, or remove the word"
)]
#[doc(alias = "read-only")]
pub trait Writable: Identified {}
