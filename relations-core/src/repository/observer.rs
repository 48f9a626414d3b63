//! Observers of an entity: what a program writes to see its rows being written.

use std::any::Any;
use std::future::{Future, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::definition::entity::EntityDefinition;
use crate::driver::observers::{ObserveRows, ObservedRows, Observers, Observing};
use crate::driver::transaction::Transaction;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::repository::writable::Writable;
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// An observer of the rows of an entity that are written through an [observed](crate::Database::observed)
/// database.
///
/// Each method is called after the rows were written and before they are committed. Its transaction is that
/// of the write: what it writes is committed with the rows, and an error that it returns undoes both.
///
/// | written by | seen by |
/// |---|---|
/// | `insert`, `insert_many`, `import`, nested writes, `link`, `create` | [`inserted`](Self::inserted) |
/// | `update` and `save` of an entity, `update_many`, `update` of a query, `reparent`, `restore` | [`updated`](Self::updated) |
/// | `delete` of an entity or a query, `delete_permanently`, `unlink` | [`deleted`](Self::deleted) |
/// | an upsert | [`inserted`](Self::inserted) for new rows, [`updated`](Self::updated) for those that it changes |
/// | a soft delete | [`deleted`](Self::deleted), with the rows as they were |
///
/// Rows are read and locked before a change, changed by their ids, and read again: three statements and two for
/// the transaction, whatever the number of rows, all of which are in memory. A delete takes two and one for
/// each foreign key by which observed rows would go along, an insert one. A write that changes no row calls no
/// observer, and one of which the database leaves out a row, as a trigger may, is an error
/// ([`Error::is_row_suppressed`]).
///
/// A change that a trigger makes is in the rows that are read back; rows of other entities that it writes are
/// not seen, and neither is what a function writes that a query calls. Declare foreign keys with `on_delete` or
/// `on_update` in the entities: a key that only the database knows is not seen either.
///
/// ```no_run
/// use relations::prelude::*;
/// use relations::repository::Observer;
/// use relations::{Error, Transaction};
///
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, shipped: bool }
/// struct KeepShipped;
///
/// impl Observer<Order> for KeepShipped {
///     async fn deleted(&self, _: &Transaction, orders: &[Order]) -> relations::Result<()> {
///         match orders.iter().find(|order| order.shipped) {
///             Some(order) => Err(Error::other(format!("order {} is shipped", order.id))),
///             None => Ok(()),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not observe `{E}`",
    label = "expected an observer of `{E}`",
    note = "implement `Observer<{E}>` for `{Self}`; each of its methods may be left out"
)]
#[doc(alias = "hooks")]
#[doc(alias = "audit log")]
#[doc(alias = "lifecycle callbacks")]
pub trait Observer<E: Entity>: Send + Sync + 'static {
    /// Sees new rows, as the database has them.
    ///
    /// # Errors
    ///
    /// Any error undoes the write, and is the error of its verb.
    fn inserted(&self, tx: &Transaction, rows: &[E]) -> impl Future<Output = Result<()>> + Send {
        let _ = (tx, rows);
        ready(Ok(()))
    }

    /// Sees changed rows, as they were and as they are, each at the same place of both lists.
    ///
    /// # Errors
    ///
    /// Any error undoes the write, and is the error of its verb.
    fn updated(
        &self,
        tx: &Transaction,
        before: &[E],
        after: &[E],
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (tx, before, after);
        ready(Ok(()))
    }

    /// Sees deleted rows, as they were.
    ///
    /// # Errors
    ///
    /// Any error undoes the write, and is the error of its verb.
    fn deleted(&self, tx: &Transaction, rows: &[E]) -> impl Future<Output = Result<()>> + Send {
        let _ = (tx, rows);
        ready(Ok(()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, O: Observer<E>> Observer<E> for Arc<O> {
    fn inserted(&self, tx: &Transaction, rows: &[E]) -> impl Future<Output = Result<()>> + Send {
        (**self).inserted(tx, rows)
    }

    fn updated(
        &self,
        tx: &Transaction,
        before: &[E],
        after: &[E],
    ) -> impl Future<Output = Result<()>> + Send {
        (**self).updated(tx, before, after)
    }

    fn deleted(&self, tx: &Transaction, rows: &[E]) -> impl Future<Output = Result<()>> + Send {
        (**self).deleted(tx, rows)
    }
}

impl Observers {
    /// Adds an observer of an entity. Several of one entity are called in turn.
    pub fn on<E: Writable>(self, observer: impl Observer<E>) -> Self {
        self.add(Arc::new(OfEntity { observer, entity: PhantomData }))
    }
}

/// An observer and its entity.
struct OfEntity<E, O> {
    observer: O,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity, O: Observer<E>> ObserveRows for OfEntity<E, O> {
    fn entity(&self) -> &'static EntityDefinition {
        E::DEFINITION
    }

    fn rows(&self) -> Box<dyn ObservedRows> {
        ObservedEntities::<E>::none()
    }

    fn inserted<'a>(&'a self, tx: &'a Transaction, rows: &'a dyn ObservedRows) -> Observing<'a> {
        Box::pin(async move { self.observer.inserted(tx, typed(rows)?).await })
    }

    fn updated<'a>(
        &'a self,
        tx: &'a Transaction,
        before: &'a dyn ObservedRows,
        after: &'a dyn ObservedRows,
    ) -> Observing<'a> {
        Box::pin(async move { self.observer.updated(tx, typed(before)?, typed(after)?).await })
    }

    fn deleted<'a>(&'a self, tx: &'a Transaction, rows: &'a dyn ObservedRows) -> Observing<'a> {
        Box::pin(async move { self.observer.deleted(tx, typed(rows)?).await })
    }
}

/// Rows of an entity.
pub(crate) struct ObservedEntities<E>(pub(crate) Vec<E>);

impl<E: Entity> ObservedEntities<E> {
    pub(crate) fn none() -> Box<dyn ObservedRows> {
        Box::new(Self(Vec::new()))
    }
}

impl<E: Entity> ObservedRows for ObservedEntities<E> {
    fn push(&mut self, row: &Row<'_>) -> Result<()> {
        self.0.push(E::read(row, 0)?);
        Ok(())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn parameters(&self) -> Vec<Vec<Parameter>> {
        self.0.iter().map(Entity::parameters).collect()
    }

    fn only(self: Box<Self>, numbers: &[usize]) -> Box<dyn ObservedRows> {
        let mut rows: Vec<_> = self.0.into_iter().map(Some).collect();
        let only = numbers.iter().filter_map(|at| rows.get_mut(*at)?.take());
        Box::new(Self(only.collect()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The rows, of the type of their observer.
fn typed<E: Entity>(rows: &dyn ObservedRows) -> Result<&[E]> {
    let typed = rows.as_any().downcast_ref::<ObservedEntities<E>>();
    let other = || Error::invalid_request("an observer was given rows of another entity");
    Ok(&typed.ok_or_else(other)?.0)
}
