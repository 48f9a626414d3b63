//! Changes of an entity that come from outside, as from the body of a `PATCH` request.

use crate::entity::Entity;
use crate::query::Query;
use crate::query::change::Update;
use crate::repository::writable::Writable;
use crate::sql::change::Assignment;

/// Changes of some properties of an entity; `#[entity(patch)]` generates `OrderPatch` beside
/// `Order`.
///
/// Each property that can be changed is an `Option` there, and `None` leaves it unchanged. A nullable property
/// is an `Option<Option<T>>`: `Some(None)` sets it to null. The entity's key, its tenant, and what the
/// database generates are left out.
///
/// ```
/// # use relations::prelude::*;
/// use relations::query::Patch;
///
/// #[derive(Entity)]
/// #[entity(patch)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     quantity: i32,
///     note: Option<String>,
/// }
///
/// let mut order = Order { id: 1, quantity: 3, note: Some("fragile".to_owned()) };
/// let patch = OrderPatch { note: Some(None), ..OrderPatch::default() };
/// patch.apply(&mut order);
/// assert_eq!((order.quantity, order.note), (3, None));
/// ```
///
/// With `#[entity(patch(derive(Deserialize)))]` serde reads it: an absent member is `None`, a `null` sets a
/// nullable property to null and is an error for any other, and an unknown member is an error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a patch",
    label = "expected a patch, such as an `OrderPatch` for an `Order`",
    note = "`#[entity(patch)]` on the entity generates it"
)]
pub trait Patch: Sized + Send {
    /// The entity that it changes.
    type Entity: Writable;

    /// Whether it changes nothing.
    fn is_empty(&self) -> bool;

    /// Changes an entity in memory, to be written by [`Entity::update`] or
    /// [`Edit::save`](crate::repository::Edit::save).
    fn apply(self, entity: &mut Self::Entity);

    /// Hands to a function what each property is set to, one by one; `None` leaves it as it is.
    #[doc(hidden)]
    fn each_assignment(self, each: &mut dyn FnMut(Option<Assignment>));
}

impl<E: Entity> Query<E> {
    /// Changes the properties that a patch names in every row, when [`update`](Update::update) is awaited.
    ///
    /// A patch that changes nothing sends no `UPDATE`: the rows are only counted or read.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(patch)]
    /// # struct Order { #[id] id: i64, quantity: i32, note: Option<String> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let patch = OrderPatch { quantity: Some(5), ..OrderPatch::default() };
    /// let changed: Vec<Order> = Order::find_by_id(7).patch(patch).update_returning(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "partial update")]
    pub fn patch(self, patch: impl Patch<Entity = E>) -> Update<E> {
        Update::of(self).patch(patch)
    }
}

impl<E: Entity> Update<E> {
    /// Changes the properties that a patch names as well.
    pub fn patch(mut self, patch: impl Patch<Entity = E>) -> Self {
        patch.each_assignment(&mut |assignment| {
            if let Some(assignment) = assignment {
                self.changes_mut().set(assignment);
            }
        });
        self
    }
}
