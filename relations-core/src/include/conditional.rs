//! Includes that are decided at run time, with one type either way.

use crate::entity::Entity;
use crate::include::builder::Including;
use crate::include::preload::Preload;
use crate::include::{Filled, Free, Include, IntoInclusion};
use crate::loader::loaded::Loaded;
use crate::loader::maybe::Maybe;
use crate::query::Query;
use crate::relation::arity::Arity;
use crate::relation::{Relation, RelationHandle};

/// `T` with a relation that is included under a condition.
type FilledIf<T, E, I> =
    Filled<T, <I as IntoInclusion<E>>::Relation, Maybe<<I as IntoInclusion<E>>::Targets>>;

impl<E: Entity, T> Query<E, T> {
    /// Includes a relation if `wanted`, with one result type for both cases: the field is a
    /// [`Maybe`].
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::include::Maybe;
    /// # #[derive(Debug, Entity)]
    /// # struct Customer { #[id(generated)] id: i64, name: String }
    /// # #[derive(Debug, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// # let db = relations::connect("sqlite::memory:").await?;
    /// # db.create(schema![Customer, Order]).await?;
    /// # let ada = NewCustomer { name: "Ada".into() }.insert(&db).await?;
    /// # NewOrder { customer_id: ada.id }.insert(&db).await?;
    /// for wanted in [true, false] {
    ///     let order: OrderWith<Maybe<Customer>> =
    ///         Order::find().include_if(wanted, Order::CUSTOMER).one(&db).await?;
    ///     let name = order.customer.as_option().map(|customer| customer.name.as_str());
    ///     assert_eq!(name, wanted.then_some("Ada"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// If it is not wanted, nothing is loaded. As with [`include`](Self::include), a relation is
    /// included once, and takes its own includes, filter and strategy.
    pub fn include_if<I: IntoInclusion<E>>(
        mut self,
        wanted: bool,
        relation: I,
    ) -> Query<E, FilledIf<T, E, I>>
    where
        T: Loaded<Entity = E>,
        T::With: Include<I::Relation, Slot: Free>,
    {
        if wanted {
            relation.each_inclusion(|inclusion| self.select.include(inclusion));
        } else {
            // The rows are those of the same query with the relation.
            self.select.distinct = false;
        }
        self.loaded_as()
    }
}

impl<R: Relation, T: Loaded<Entity = R::Target>, A: Arity> Including<R, T, A> {
    /// Includes a relation of the target if `wanted`; see [`Query::include_if`].
    pub fn include_if<I: IntoInclusion<R::Target>>(
        mut self,
        wanted: bool,
        relation: I,
    ) -> Including<R, FilledIf<T, R::Target, I>, A>
    where
        T::With: Include<I::Relation, Slot: Free>,
    {
        if wanted {
            let includes = &mut self.inclusion.select().includes;
            relation.each_inclusion(|inclusion| includes.push(inclusion));
        }
        Including::new(self.inclusion)
    }
}

impl<R: Relation> RelationHandle<R> {
    /// Includes a relation of the target if `wanted`; see [`Query::include_if`].
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use relations::include::Maybe;
    /// # #[derive(Entity)] #[has_many(Order)] struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)] #[has_many(Line)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: i64 }
    /// # async fn run(db: &relations::Database, details: bool) -> relations::Result<()> {
    /// let orders = Customer::ORDERS.include_if(details, Order::LINES);
    /// let customers: Vec<CustomerWith<Vec<OrderWith<_, Maybe<Vec<Line>>>>>> =
    ///     Customer::find().include(orders).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn include_if<I: IntoInclusion<R::Target>>(
        self,
        wanted: bool,
        relation: I,
    ) -> Including<R, FilledIf<R::Target, R::Target, I>>
    where
        <R::Target as Entity>::With: Include<I::Relation, Slot: Free>,
    {
        Including::of().include_if(wanted, relation)
    }
}

impl<E: Entity, T: Loaded<Entity = E, Own = E>> Preload<E, T> {
    /// Includes a relation if `wanted`; see [`Query::include_if`].
    pub fn include_if<I: IntoInclusion<E>>(
        mut self,
        wanted: bool,
        relation: I,
    ) -> Preload<E, FilledIf<T, E, I>>
    where
        T::With: Include<I::Relation, Slot: Free>,
    {
        if wanted {
            relation.each_inclusion(|inclusion| self.includes.push(inclusion));
        }
        self.loaded_as()
    }
}
