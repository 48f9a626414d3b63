//! The entity: a struct that maps to a table.

use std::future::Future;

use crate::ast::scope::SelectScope;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::RelationDefinition;
use crate::driver::executor::Executor;
use crate::driver::transaction::retry::Transactional;
use crate::error::Result;
use crate::include::preload::Preload;
use crate::query::Query;
use crate::query::identified::Identified;
use crate::relation::RelationVisitor;
use crate::relation::arity::Visibility;
use crate::repository::edit::Edit;
use crate::repository::refresh::MaterializedView;
use crate::repository::soft_delete::SoftDelete;
use crate::repository::writable::Writable;
use crate::repository::{delete, import, refresh, soft_delete, update, update_many};
use crate::sql::cache::SqlCache;
use crate::value::key::{IntoKey, Key};
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// A struct that maps to a table; `#[derive(Entity)]` implements it.
///
/// ```no_run
/// use relations::prelude::*;
///
/// #[derive(Debug, Entity)]
/// struct Customer {
///     #[id(generated)]
///     pk: i64,
///     name: String,
/// }
///
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let mut ada = NewCustomer { name: "Ada".to_owned() }.insert(db).await?;
/// ada.name = "Ada Lovelace".to_owned();
/// ada.update(db).await?;
/// let found = Customer::find().filter(Customer::NAME.starts_with("Ada")).all(db).await?;
/// ada.delete(db).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "this is not an entity",
    note = "add `#[derive(Entity)]` to `{Self}`"
)]
pub trait Entity: Sized + Send + Sync + 'static {
    /// The type of the id: a tuple for a composite id, and [`NoId`](crate::value::NoId) if there is none.
    type Id: Key;

    /// The definition of the entity.
    const DEFINITION: &'static EntityDefinition;

    /// The entity itself. Generated code names a target by way of it, so that a target which is
    /// no entity is told once.
    #[doc(hidden)]
    type Itself: Entity;

    /// The entity with a place for each relation that may be included.
    #[doc(hidden)]
    type With: From<Self>;

    /// Which rows queries see: all, or those that are not deleted and in the default scope.
    #[doc(hidden)]
    type Visibility: Visibility;

    /// The facts about each property, by its name.
    #[doc(hidden)]
    type Columns;

    /// The facts about the id as a key.
    #[doc(hidden)]
    type IdKey;

    /// The name of the struct. Unlike the definition it names no other entity, so that two
    /// entities can ask it of each other.
    #[doc(hidden)]
    const NAME: &'static str;

    /// The names of the properties that make up the id.
    #[doc(hidden)]
    const ID_PROPERTIES: &'static [&'static str];

    /// The facts about each property, by its name.
    #[doc(hidden)]
    const COLUMNS: Self::Columns;

    /// The facts about the id as a key.
    #[doc(hidden)]
    const ID_KEY: Self::IdKey;

    /// The relations of which this entity holds the foreign key. Unlike the definition they need
    /// no definition of another, so that entities can go through each other.
    #[doc(hidden)]
    const BELONGS_TO: &'static [&'static RelationDefinition] = &[];

    /// The id of this entity; [`NoId`](crate::value::NoId) if it has none.
    #[doc(hidden)]
    fn row_id(&self) -> Self::Id;

    /// The id of this entity.
    fn id(&self) -> Self::Id
    where
        Self: Identified,
    {
        self.row_id()
    }

    /// Hands the value of each property to a function, in the order of the definition.
    #[doc(hidden)]
    fn each_parameter(&self, each: &mut dyn FnMut(Parameter));

    /// The values of all properties, in the order of the definition.
    #[doc(hidden)]
    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = Vec::with_capacity(Self::DEFINITION.properties.len());
        self.each_parameter(&mut |parameter| parameters.push(parameter));
        parameters
    }

    /// The entity that a row holds from the given position on.
    #[doc(hidden)]
    fn read(row: &Row<'_>, from: usize) -> Result<Self>;

    /// Takes what a change of the row made of it by itself, which a row holds.
    #[doc(hidden)]
    fn take_made(&mut self, _row: &Row<'_>) -> Result<()> {
        Ok(())
    }

    /// The entity once more, as its row would be read again: what is skipped has its default.
    #[doc(hidden)]
    #[must_use]
    fn duplicate(&self) -> Self;

    /// Hands the type of each relation to a visitor, in the order of the definition.
    #[doc(hidden)]
    fn each_relation(_visitor: &mut impl RelationVisitor<Self>) {}

    /// The cache of the SQL of this entity.
    #[doc(hidden)]
    fn sql_cache() -> &'static SqlCache;

    /// A query of all entities of this kind.
    #[track_caller]
    fn find() -> Query<Self> {
        Query::new(SelectScope::Table)
    }

    /// A query of the entity with an id: `Order::find_by_id(7).one(&db)`. A composite id is a
    /// tuple.
    #[track_caller]
    fn find_by_id(id: impl IntoKey<Self::Id>) -> Query<Self> {
        Query::by_id(&id.into_key())
    }

    /// Preloads relations of entities that are already loaded, with the includes of a query.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database, orders: Vec<Order>) -> relations::Result<()> {
    /// let orders: Vec<OrderWith<Customer>> =
    ///     Order::preload(orders).include(Order::CUSTOMER).all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn preload(entities: impl IntoIterator<Item = Self>) -> Preload<Self> {
        Preload::new(entities)
    }

    /// Writes all properties of this entity to the row with its id, and sets the values that the
    /// database generates: `#[version]`, `#[created_at]` and `#[updated_at]`.
    ///
    /// Every property is written, changed or not, so a concurrent change is overwritten unless there
    /// is a `#[version]`; [`edit`](Self::edit) writes only changed properties. Writing back an
    /// unchanged value loses nothing, because a value that its type cannot hold is never read. On
    /// SQLite an unchanged value keeps the spelling that another program gave it.
    ///
    /// # Errors
    ///
    /// The row does not exist ([`Error::is_not_found`](crate::Error::is_not_found)), or its
    /// `#[version]` changed since this entity was read
    /// ([`Error::is_stale`](crate::Error::is_stale)); or a constraint rejects a value.
    fn update(&mut self, db: &impl Executor) -> impl Future<Output = Result<()>> + Send
    where
        Self: Writable,
    {
        update::update(self, db)
    }

    /// Writes the properties of many entities to their rows, each as [`update`](Self::update) does: all of
    /// them or none, in one statement on PostgreSQL.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database, mut orders: Vec<Order>) -> relations::Result<()> {
    /// for order in &mut orders {
    ///     order.quantity += 1;
    /// }
    /// Order::update_many(&mut orders, db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// To set the same values in many rows, or values that the database computes, use [`set`](Query::set)
    /// of a query, which loads no rows.
    ///
    /// # Errors
    ///
    /// The errors of [`update`](Self::update), about the first entity whose row does not exist or is
    /// stale; then nothing is written, and a transaction can continue. Two entities have the same id
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    #[doc(alias = "bulk update")]
    fn update_many<'a>(
        entities: impl IntoIterator<Item = &'a mut Self>,
        db: &impl Executor,
    ) -> impl Future<Output = Result<()>> + Send
    where
        Self: Writable,
    {
        update_many::update_many(entities.into_iter().collect(), db)
    }

    /// Inserts rows as they are, with the ids, versions and times that the database would otherwise generate:
    /// for an import, a backup or test fixtures. Returns their number.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let kept = [Order { id: 7, quantity: 1 }, Order { id: 9, quantity: 4 }];
    /// let imported: u64 = Order::import(kept, db).await?;
    /// let next = NewOrder { quantity: 2 }.insert(db).await?;
    /// assert!(next.id > 9);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// All rows are inserted in one transaction, or none. Generated ids continue after the highest one;
    /// if that moves the sequence on PostgreSQL, other sessions that write to the table wait until the
    /// transaction ends. Generated columns are computed.
    ///
    /// # Errors
    ///
    /// The errors of [`NewEntity::insert`](crate::NewEntity::insert), such as an id that exists already; or, on
    /// PostgreSQL, the role may not lock the table or change its sequence.
    #[doc(alias = "identity insert")]
    #[doc(alias = "restore a backup")]
    fn import(
        rows: impl IntoIterator<Item = Self>,
        db: &impl Transactional,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        Self: Writable,
    {
        import::import(rows.into_iter().collect(), db)
    }

    /// Starts an edit, whose `save` writes only the changed properties.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, note: Option<String> }
    /// # async fn run(db: &relations::Database, order: Order) -> relations::Result<()> {
    /// let mut order = order.edit();
    /// order.quantity = 5;
    /// order.save(db).await?; // writes the quantity alone
    /// # Ok(())
    /// # }
    /// ```
    fn edit(self) -> Edit<Self>
    where
        Self: Writable,
    {
        Edit::new(self)
    }

    /// Deletes the row with the id of this entity. With `#[deleted_at]` it is a soft delete, and the
    /// row stays; [`delete_permanently`](Self::delete_permanently) removes it.
    ///
    /// # Errors
    ///
    /// The row does not exist ([`Error::is_not_found`](crate::Error::is_not_found)), or its
    /// `#[version]` changed since this entity was read
    /// ([`Error::is_stale`](crate::Error::is_stale)); or other rows reference it
    /// ([`Error::is_foreign_key_violation`](crate::Error::is_foreign_key_violation)), counted by
    /// [`Error::referencing_rows`](crate::Error::referencing_rows).
    fn delete(&self, db: &impl Executor) -> impl Future<Output = Result<()>> + Send
    where
        Self: Writable,
    {
        delete::delete(self, db)
    }

    /// Restores the soft-deleted row of this entity, and sets the values that the database generates. Rows
    /// that were deleted with it, by `on_delete = "cascade"`, stay deleted.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, #[deleted_at] deleted_at: Option<DateTime<Utc>> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let mut customer = Customer::find_by_id(7).only_deleted().one(db).await?;
    /// customer.restore(db).await?;
    /// assert_eq!(customer.deleted_at, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The row is not deleted, or does not exist ([`Error::is_not_found`](crate::Error::is_not_found)); or
    /// another row has taken its unique key meanwhile
    /// ([`Error::is_unique_violation`](crate::Error::is_unique_violation)).
    #[doc(alias = "soft delete")]
    #[doc(alias = "undelete")]
    fn restore(&mut self, db: &impl Executor) -> impl Future<Output = Result<()>> + Send
    where
        Self: SoftDelete + Writable,
    {
        soft_delete::restore(self, db)
    }

    /// Removes the row with the id of this entity, soft-deleted or not.
    ///
    /// # Errors
    ///
    /// The row does not exist ([`Error::is_not_found`](crate::Error::is_not_found)); or other rows reference
    /// it, including soft-deleted ones
    /// ([`Error::is_foreign_key_violation`](crate::Error::is_foreign_key_violation)).
    #[doc(alias = "hard delete")]
    #[doc(alias = "force delete")]
    fn delete_permanently(&self, db: &impl Executor) -> impl Future<Output = Result<()>> + Send
    where
        Self: SoftDelete + Writable,
    {
        soft_delete::delete_permanently(self, db)
    }

    /// Refreshes a materialized view (`REFRESH MATERIALIZED VIEW`). Reads of it wait until it is done.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// #[derive(Debug, Entity)]
    /// #[entity(materialized_view)]
    /// struct CustomerTotal {
    ///     #[id]
    ///     customer_id: i64,
    ///     orders: i64,
    /// }
    ///
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// CustomerTotal::refresh(db).await?;
    /// let total = CustomerTotal::find_by_id(7).one(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The engine is SQLite, which has no materialized views
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)); or the view does not exist, is not
    /// materialized, or belongs to another role.
    #[doc(alias = "refresh materialized view")]
    fn refresh(db: &impl Executor) -> impl Future<Output = Result<()>> + Send
    where
        Self: MaterializedView,
    {
        refresh::refresh(Self::DEFINITION, "", db)
    }

    /// Refreshes a materialized view without blocking reads (`CONCURRENTLY`).
    ///
    /// # Errors
    ///
    /// The errors of [`refresh`](Self::refresh); or the view has no unique index on plain columns without a
    /// `WHERE`, or was never filled.
    #[doc(alias = "refresh materialized view concurrently")]
    fn refresh_concurrently(db: &impl Executor) -> impl Future<Output = Result<()>> + Send
    where
        Self: MaterializedView,
    {
        refresh::refresh(Self::DEFINITION, "CONCURRENTLY ", db)
    }
}
