//! Includes of rows that queries leave out: deleted ones, and those outside of a default scope.

use crate::ast::inclusion::Inclusion;
use crate::definition::visible::{DeletedRows, Visible};
use crate::entity::Entity;
use crate::include::builder::Including;
use crate::relation::arity::Visibility;
use crate::relation::{Relation, RelationHandle};
use crate::repository::soft_delete::SoftDelete;

/// The number of targets of a source where deleted ones are seen.
type SeenWithDeleted<R> =
    <<<R as Relation>::Target as Entity>::Visibility as Visibility>::WithDeleted<
        <R as Relation>::Unscoped,
    >;

/// # Include
///
/// Targets that queries leave out.
impl<R: Relation> RelationHandle<R> {
    /// Includes deleted targets as well, so that the target of a foreign key always exists. If the target is
    /// unique only among rows that are not deleted, there may then be several, which fails with
    /// [`is_not_unique`](crate::Error::is_not_unique).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)] #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let seen: Vec<OrderWith<Option<Customer>>> =
    ///     Order::find().include(Order::CUSTOMER).all(db).await?;
    /// let all: Vec<OrderWith<Customer>> =
    ///     Order::find().include(Order::CUSTOMER.with_deleted()).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "soft delete")]
    pub fn with_deleted(self) -> Including<R, R::Target, SeenWithDeleted<R>>
    where
        R::Target: SoftDelete,
    {
        Including::new(seeing::<R>(|visible| visible.with(DeletedRows::Seen)))
    }

    /// Includes only deleted targets: a relation to one may then have no target.
    #[doc(alias = "soft delete")]
    pub fn only_deleted(
        self,
    ) -> Including<R, R::Target, <R::Unscoped as crate::relation::Arity>::Filtered>
    where
        R::Target: SoftDelete,
    {
        Including::new(seeing::<R>(|visible| visible.with(DeletedRows::Only)))
    }

    /// Includes all targets: deleted ones, and those outside of the default [`Scope`](crate::query::Scope),
    /// so that the target of a foreign key always exists. To always include them, declare the relation as in
    /// `#[belongs_to(Customer, unscoped)]`.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)] #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let orders: Vec<OrderWith<Customer>> =
    ///     Order::find().include(Order::CUSTOMER.unscoped()).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "default scope")]
    pub fn unscoped(self) -> Including<R, R::Target, R::Unscoped> {
        Including::new(seeing::<R>(Visible::unscoped))
    }
}

impl<R: Relation, T, A> Including<R, T, A> {
    /// Includes deleted targets as well. A relation to one keeps its `Option` here; see
    /// [`RelationHandle::with_deleted`], which comes first.
    pub fn with_deleted(self) -> Self
    where
        R::Target: SoftDelete,
    {
        self.seeing(|visible| visible.with(DeletedRows::Seen))
    }

    /// Includes only deleted targets: a relation to one may then have no target.
    pub fn only_deleted(self) -> Including<R, T, A::Filtered>
    where
        R::Target: SoftDelete,
        A: crate::relation::Arity,
    {
        Including::new(self.seeing(|visible| visible.with(DeletedRows::Only)).inclusion)
    }

    /// Includes all targets: deleted ones, and those outside of the default scope. A relation to one keeps
    /// its `Option` here; see [`RelationHandle::unscoped`], which comes first.
    pub fn unscoped(self) -> Self {
        self.seeing(Visible::unscoped)
    }

    fn seeing(mut self, change: impl FnOnce(Visible) -> Visible) -> Self {
        let select = self.inclusion.select();
        select.visible = change(select.visible);
        self
    }
}

/// The targets of a relation, of which others are seen.
fn seeing<R: Relation>(change: impl FnOnce(Visible) -> Visible) -> Inclusion {
    let mut inclusion = Inclusion::of::<R>();
    let select = inclusion.select();
    select.visible = change(select.visible);
    inclusion
}
