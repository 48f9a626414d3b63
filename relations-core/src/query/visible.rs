//! Rows that queries leave out unless they say otherwise: deleted ones, and those outside of a default scope.

use crate::definition::visible::DeletedRows;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::filter::Filter;
use crate::include::Bare;
use crate::query::Query;
use crate::repository::observer::ObservedEntities;
use crate::repository::soft_delete::SoftDelete;
use crate::repository::writable::Writable;

/// The default scope of an entity: a condition on the rows that every query of it means, and every relation
/// to it leads to.
///
/// ```
/// # use relations::prelude::*;
/// use relations::Filter;
/// use relations::query::Scope;
///
/// #[derive(Entity)]
/// #[entity(scoped)]
/// struct Article {
///     #[id(generated)]
///     id: i64,
///     title: String,
///     published: bool,
/// }
///
/// impl Scope for Article {
///     fn filter() -> Filter<Article> {
///         Article::PUBLISHED.eq(true)
///     }
/// }
///
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let published = Article::find().all(db).await?;
/// let all = Article::find().unscoped().all(db).await?;
/// # Ok(())
/// # }
/// ```
///
/// The filter is a constant of the program: it is asked for once, and its values stand in the SQL. It is of
/// the entity's own columns, and of what its relations lead to. Writes of one entity (`update`, `delete`) find
/// their row by its id, whether or not it is in the scope; new rows are not checked.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no default scope",
    label = "`{Self}` is `scoped`, and no `impl Scope` says which rows that means",
    note = "write `impl relations::query::Scope for {Self}`, or remove `scoped`"
)]
#[doc(alias = "default scope")]
pub trait Scope: Entity + Scoped {
    /// The rows of the scope.
    fn filter() -> Filter<Self>;
}

/// An entity that says of itself that it has a default [`Scope`]; `#[entity(scoped)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `scoped`",
    label = "queries would not know of this scope",
    note = "add `#[entity(scoped)]` to `{Self}`"
)]
pub trait Scoped {}

impl<E: SoftDelete, T> Query<E, T> {
    /// Includes deleted rows.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let all = Customer::find().with_deleted().all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It does not apply to included targets; see
    /// [`RelationHandle::with_deleted`](crate::RelationHandle::with_deleted).
    #[doc(alias = "soft delete")]
    #[doc(alias = "with_trashed")]
    pub fn with_deleted(mut self) -> Self {
        self.select.visible = self.select.visible.with(DeletedRows::Seen);
        self
    }

    /// Keeps only deleted rows.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let gone = Customer::find().only_deleted().order_by(Customer::DELETED_AT.desc()).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "soft delete")]
    #[doc(alias = "only_trashed")]
    pub fn only_deleted(mut self) -> Self {
        self.select.visible = self.select.visible.with(DeletedRows::Only);
        self
    }
}

impl<E: Entity, T> Query<E, T> {
    /// Includes all rows: deleted ones, and those outside of the default [`Scope`]. Tenants and the filter of
    /// a relation still apply.
    #[doc(alias = "default scope")]
    pub fn unscoped(mut self) -> Self {
        self.select.visible = self.select.visible.unscoped();
        self
    }
}

impl<E: SoftDelete, T> Query<E, T> {
    /// Restores the deleted rows among these, and returns their number.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let restored = Customer::find().filter(Customer::NAME.eq("Ada")).restore(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Rows that were deleted with them by `on_delete = "cascade"` are not restored.
    ///
    /// # Errors
    ///
    /// The query has neither a filter nor [`all_rows`](Query::all_rows)
    /// ([`is_invalid_request`](crate::Error::is_invalid_request)); or another row has taken a unique key
    /// meanwhile ([`is_unique_violation`](crate::Error::is_unique_violation)).
    #[doc(alias = "undelete")]
    pub async fn restore(self, db: &impl Executor) -> Result<u64>
    where
        E: Writable,
        T: Bare<E>,
    {
        self.select.restored(db, &ObservedEntities::<E>::none).await
    }

    /// Deletes the rows permanently, and returns their number. As in every query, soft-deleted rows are
    /// included only after [`with_deleted`](Self::with_deleted) or [`only_deleted`](Self::only_deleted).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # async fn run(db: &relations::Database, month: DateTime<Utc>) -> relations::Result<()> {
    /// let old = Customer::find().only_deleted().filter(Customer::DELETED_AT.lt(month));
    /// let purged = old.delete_permanently(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`delete`](Query::delete) of an entity without soft delete: the database handles the rows
    /// that reference these.
    #[doc(alias = "hard delete")]
    #[doc(alias = "force delete")]
    pub async fn delete_permanently(self, db: &impl Executor) -> Result<u64>
    where
        E: Writable,
        T: Bare<E>,
    {
        self.select.deleted_permanently(db, &ObservedEntities::<E>::none).await
    }
}
