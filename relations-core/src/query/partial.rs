//! Rows of a struct that says which columns and relations it holds.

use crate::entity::Entity;
use crate::include::Including;
use crate::loader::shape::ShapeOf;
use crate::query::Query;
use crate::relation::arity::Arity;
use crate::relation::{Relation, RelationHandle};

/// Rows of a query that may equal each other: entities, and partials without relations.
#[diagnostic::on_unimplemented(
    message = "the rows of a query with includes differ by their ids",
    label = "the query loads each row as `{Self}`",
    note = "leave out `distinct`"
)]
pub trait Distinct {}

#[diagnostic::do_not_recommend]
impl<E: Entity> Distinct for E {}

impl<E: Entity> Query<E> {
    /// Loads each row as a row type, which determines the columns and relations to load: a
    /// [`Partial`](crate::query::Partial), for which only its columns are selected, or the entity with
    /// its relations.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Debug, Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id(generated)] pk: i64, name: String, photo: Option<Vec<u8>> }
    /// # #[derive(Debug, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// #[derive(Debug, PartialEq, Partial)]
    /// #[partial(Customer)]
    /// struct CustomerName {
    ///     pk: i64,
    ///     name: String,
    /// }
    ///
    /// #[derive(Debug, PartialEq, Partial)]
    /// #[partial(Order)]
    /// struct OrderRow {
    ///     id: i64,
    ///     #[include]
    ///     customer: CustomerName,
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// # let db = relations::connect("sqlite::memory:").await?;
    /// # db.create(schema![Customer, Order]).await?;
    /// # let ada = NewCustomer { name: "Ada".into(), photo: None }.insert(&db).await?;
    /// # NewOrder { customer_id: ada.pk }.insert(&db).await?;
    ///
    /// let names: Vec<CustomerName> = Customer::find().select_as::<CustomerName>().all(&db).await?;
    /// assert_eq!(names, [CustomerName { pk: 1, name: "Ada".into() }]);
    ///
    /// let orders: Vec<OrderRow> = Order::find().select_as::<OrderRow>().all(&db).await?;
    /// assert_eq!(orders[0].customer.name, "Ada");
    ///
    /// // the row type says what is included
    /// type WithOrders = CustomerWith<Vec<Order>>;
    /// let customers: Vec<WithOrders> = Customer::find().select_as::<WithOrders>().all(&db).await?;
    /// assert_eq!(customers[0].orders.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn select_as<P: ShapeOf<E>>(mut self) -> Query<E, P> {
        P::wants().of_select(&mut self.select);
        self.loaded_as()
    }
}

impl<R: Relation, A: Arity> Including<R, R::Target, A> {
    /// Loads each target as a row type, which determines the columns and relations to load; see
    /// [`Query::select_as`].
    pub fn select_as<P: ShapeOf<R::Target>>(mut self) -> Including<R, P, A> {
        P::wants().of_inclusion(&mut self.inclusion);
        Including::new(self.inclusion)
    }
}

impl<R: Relation> RelationHandle<R> {
    /// Includes each target as a row type, which determines the columns and relations to load; see
    /// [`Query::select_as`].
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)] struct Customer { #[id] id: i64, name: String, photo: Vec<u8> }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// #[derive(Partial)]
    /// #[partial(Customer)]
    /// struct CustomerName {
    ///     name: String,
    /// }
    ///
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let orders: Vec<OrderWith<CustomerName>> =
    ///     Order::find().include(Order::CUSTOMER.select_as::<CustomerName>()).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn select_as<P: ShapeOf<R::Target>>(self) -> Including<R, P> {
        Including::of().select_as()
    }
}
