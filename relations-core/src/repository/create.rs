//! New rows.

use std::future::Future;
use std::marker::PhantomData;

use crate::column::Column;
use crate::driver::assigned::Assigned;
use crate::driver::execute::fetch_each;
use crate::driver::executor::Executor;
use crate::driver::returned::Returned;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::relation::insert_related::{AsHeldByTarget, RelationOf};
use crate::relation::{Relation, RelationHandle};
use crate::repository::columns::KeyColumns;
use crate::repository::create_many::NewRows;
use crate::repository::insert_many::InsertMany;
use crate::repository::nested::{Insertable, NewWith};
use crate::repository::observed::{insert_observed, observing};
use crate::repository::observer::ObservedEntities;
use crate::repository::tenant::filled;
use crate::repository::upsert::OnConflict;
use crate::sql::cache::Kept;
use crate::sql::change::Assignment;
use crate::sql::insert;
use crate::sql::operation::Operation;
use crate::value::row::Row;

/// A new row: the properties that the database does not generate. `#[derive(Entity)]` generates
/// `NewOrder` beside `Order`.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let order: Order = NewOrder { quantity: 3 }.insert(db).await?;
/// # Ok(())
/// # }
/// ```
pub trait NewEntity: Sized + Send + Sync {
    /// The entity that a new row becomes.
    type Entity: Entity;

    /// Hands to a function what each property is set to, one by one; `None` leaves it to its default.
    #[doc(hidden)]
    fn each_assignment(self, each: &mut dyn FnMut(Option<Assignment>));

    /// The values of all properties at once.
    #[doc(hidden)]
    fn assignments(self) -> Vec<Option<Assignment>> {
        let mut assignments = Vec::new();
        self.each_assignment(&mut |one| assignments.push(one));
        assignments
    }

    /// Inserts the row and returns it, with the values that the database generated.
    ///
    /// # Errors
    ///
    /// A constraint rejects the row: see [`Error::is_unique_violation`],
    /// [`Error::is_foreign_key_violation`], [`Error::is_not_null_violation`] and
    /// [`Error::is_check_violation`]. Or a trigger or a rule of the table suppresses the row
    /// ([`Error::is_row_suppressed`]), or the returned row does not fit the entity
    /// ([`Error::is_row_mismatch`]). After any of them nothing is written; a transaction on PostgreSQL
    /// can then only be rolled back, as after any failed statement. A client of the driver itself commits
    /// before its rows are read; there a row that does not fit is an error, and stays written.
    fn insert(self, db: &impl Executor) -> impl Future<Output = Result<Self::Entity>> + Send {
        let mut row = NewRow::new();
        self.each_assignment(&mut |one| row.push(one));
        row.insert(db)
    }

    /// Inserts rows and returns them in the order in which they were given, with the values that
    /// the database generated (bulk insert).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let new = (1..=1_000).map(|quantity| NewOrder { quantity });
    /// let orders: Vec<Order> = NewOrder::insert_many(new, db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`execute`](InsertMany::execute) returns only the number of rows.
    ///
    /// All rows are inserted or none, however many they are; no rows send no statement. PostgreSQL
    /// is sent one statement with an array for each column. SQLite, which has no arrays, runs one
    /// prepared statement for each row within one savepoint.
    ///
    /// If only some rows give a value for a property with a default, the others get the default of
    /// the definition.
    ///
    /// Each returned row is compared with the given one, so the order is right even if the database
    /// answers in another order. Only if a trigger changes the given values, and the id was not
    /// given or changes too, the order is that of the answer.
    ///
    /// # Errors
    ///
    /// The errors of [`insert`](Self::insert); then none of the rows is written.
    #[doc(alias = "bulk insert")]
    fn insert_many<D: Executor>(
        rows: impl IntoIterator<Item = Self>,
        db: &D,
    ) -> InsertMany<'_, Self::Entity, D> {
        let mut new = NewRows::new();
        for row in rows {
            row.each_assignment(&mut |one| new.push(one));
            new.end_row();
        }
        InsertMany::new(Ok(new), db)
    }

    /// Upsert: updates or ignores an existing row with the same key, which is the id, a `#[unique]`
    /// property, or the properties of a `#[unique(…)]` on the struct.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[unique(tenant_id, number)]
    /// # struct Customer {
    /// #     #[id(generated)] id: i64, tenant_id: i64, number: i32, #[unique] email: String, name: String,
    /// # }
    /// # async fn run(db: &relations::Database, new: NewCustomer) -> relations::Result<()> {
    /// use relations::repository::Upserted;
    ///
    /// let kept: Upserted<Customer> =
    ///     new.clone().on_conflict(Customer::EMAIL).update((Customer::NAME,)).insert(db).await?;
    /// println!("{} {}", kept.name, if kept.is_inserted() { "is new" } else { "was there" });
    ///
    /// let key = (Customer::TENANT_ID, Customer::NUMBER);
    /// let customer = new.on_conflict(key).do_nothing().insert(db).await?.into_inner();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An update sets columns to their values in the new row, where a property that was left out has
    /// its default. A violation of another unique key is still an error. A key with a filter applies
    /// only to the rows that match it.
    #[doc(alias = "upsert")]
    #[doc(alias = "insert or update")]
    #[doc(alias = "merge")]
    fn on_conflict(self, key: impl KeyColumns<Self::Entity>) -> OnConflict<Self> {
        OnConflict::new(self, key)
    }

    /// Nested writes: adds new targets of a relation, which hold the key of this entity. The
    /// function gets the key after the insert, and returns the targets with it.
    ///
    /// Targets may have targets of their own. [`NewWith::insert`] inserts all of them;
    /// [`RelationHandle::new_with_target`] adds a new target whose key the new entity holds.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id(generated)] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # #[has_many(Line)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[derive(Entity)]
    /// # struct Line { #[id(generated)] id: i64, #[belongs_to(Order)] order_id: i64, price: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let ada: CustomerWith<Vec<OrderWith<_, Vec<Line>>>> = NewCustomer { name: "Ada".to_owned() }
    ///     .with(Customer::ORDERS, |customer_id| {
    ///         [NewOrder { customer_id }
    ///             .with(Order::LINES, |order_id| [5, 7].map(|price| NewLine { order_id, price }))]
    ///     })
    ///     .insert(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "nested write")]
    #[doc(alias = "nested writes")]
    fn with<R, F, I>(self, _: RelationHandle<R>, targets: F) -> NewWith<Self, R::Itself, F>
    where
        R: Relation + AsHeldByTarget + RelationOf<Self::Entity>,
        F: FnOnce(R::Key) -> I + Send,
        I: IntoIterator<Item: Insertable<Entity = R::Target>>,
    {
        NewWith::new(self, targets)
    }
}

impl<E, T, P> Column<E, T, P> {
    /// Sets the column to a property in a new row.
    #[doc(hidden)]
    #[must_use]
    pub fn assign(self, property: T) -> Option<Assignment> {
        let parameter = self.into_parameter(property);
        Some(Assignment { property: self.definition(), parameter })
    }

    /// Sets the column to a property in a new row, or leaves it to its default.
    #[doc(hidden)]
    #[must_use]
    pub fn assign_some(self, property: Option<T>) -> Option<Assignment> {
        property.and_then(|property| self.assign(property))
    }
}

/// A new row of an entity.
pub(crate) struct NewRow<E> {
    given: Result<Assigned>,
    /// Which of the properties that may be given are, a bit each; none where there are too many.
    set: Option<u64>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> NewRow<E> {
    pub(crate) fn new() -> Self {
        Self { given: Ok(Assigned::new(E::DEFINITION)), set: Some(1), entity: PhantomData }
    }

    /// Sets the next property, or leaves it to its default.
    pub(crate) fn push(&mut self, assignment: Option<Assignment>) {
        // The first bit tells how many there are, and is lost where there are too many.
        self.set = self.set.filter(|set| set.leading_zeros() > 0);
        self.set = self.set.map(|set| set << 1 | u64::from(assignment.is_some()));
        if let (Ok(given), Some(assignment)) = (&mut self.given, assignment)
            && let Err(error) = given.push(assignment)
        {
            self.given = Err(error);
        }
    }

    /// Inserts the row and gives it back. Its SQL is kept for each set of properties that are given.
    pub(crate) async fn insert(self, db: &impl Executor) -> Result<E> {
        let (mut given, entity) = (self.given?, E::DEFINITION);
        if entity.tenant().is_some()
            && let Some(tenant) = filled(db, entity, |tenant| given.gives(tenant))?
        {
            given.push(tenant)?;
        }
        let write = || {
            let lowered = insert::insert(db.dialect(), E::DEFINITION, &given.assignments());
            lowered.map(|lowered| lowered.sql)
        };
        let sql = match self.set {
            Some(set) => E::sql_cache().sql(db.dialect(), Kept::Insert(set), write)?,
            None => write()?,
        };
        let statement =
            given.statement(Operation::Insert, sql).returns(Returned::rows::<E>().new_rows(1));
        let mut inserted = None;
        let mut read = |row: &Row<'_>| E::read(row, 0).map(|one| inserted = Some(one));
        match observing(db, entity) {
            None => fetch_each(db, &statement, &mut read).await?,
            Some(observers) => {
                let rows = ObservedEntities::<E>::none();
                Box::pin(insert_observed(db, observers, &statement, rows, &mut read)).await?
            }
        };
        let left_out = Kind::LeftOut { rows: 1, given: 1 };
        inserted.ok_or_else(|| Error::new(left_out).entity_is(E::DEFINITION))
    }
}
