//! Queries that change or delete their rows.

pub use crate::query::into_property::IntoProperty;

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand};
use crate::column::Column;
use crate::dialect::Dialect;
use crate::driver::acquired::EachRow;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::expression::IntoExpression;
use crate::include::Bare;
use crate::query::Query;
use crate::query::check_change::KeyOfTargets;
use crate::repository::observed::{
    ChangeKind, ChangeStatement, NoRows, RowChange, change_rows, check_keys,
};
use crate::repository::observer::ObservedEntities;
use crate::repository::writable::Writable;
use crate::sql::change;
use crate::sql::change::{Assignment, Changes, Returning, never_changes};
use crate::sql::operation::Operation;
use crate::value::property::Property;
use crate::value::row::Row;

impl Select {
    /// The statement that deletes the rows.
    fn deletion(&self, dialect: Dialect, returning: Returning) -> Result<Statement> {
        let lowered = change::delete(dialect, self, returning)?;
        Ok(self.statement(Operation::Delete, lowered))
    }
}

impl Select {
    /// Removes the rows and tells how many there were.
    pub(crate) async fn deleted_permanently(
        self,
        db: &impl Executor,
        none: NoRows<'_>,
    ) -> Result<u64> {
        self.check_change("delete")?;
        if self.is_empty() {
            return Ok(0);
        }
        let dialect = db.dialect();
        let statement = |rows: &Self| rows.deletion(dialect, Returning::Nothing);
        let (kind, statement) = (ChangeKind::Delete, ChangeStatement::Of(&statement));
        let change = RowChange { select: &self, kind, statement, none };
        let db = &one_connection(db);
        match change_rows(db, change, &mut |_| Ok(())).await {
            Ok(deleted) => Ok(deleted),
            Err(error) => Err(self.refusal(db, error.of_several()).await),
        }
    }
}

/// Marks rows as deleted, and gives them back.
async fn deleted_softly<E: Entity>(select: Select, db: &impl Executor) -> Result<Vec<E>> {
    let select = select.into_soft_delete()?;
    select.check_change("delete")?;
    let mut deleted = Vec::new();
    if select.is_empty() {
        return Ok(deleted);
    }
    let db = &one_connection(db);
    let mut each = |row: &Row<'_>| {
        deleted.push(E::read(row, 0)?);
        Ok(())
    };
    let (none, returned): (NoRows<'_>, _) =
        (&ObservedEntities::<E>::none, Some(Returned::rows::<E>()));
    let done = Box::pin(select.delete_softly(db, none, returned, &mut each)).await;
    done.map_err(Error::of_several)?;
    Ok(deleted)
}

impl<E: Entity, T> Query<E, T> {
    /// Deletes the rows and returns their number. For an entity with `#[deleted_at]` it is a soft delete,
    /// and the rows stay; [`delete_permanently`](Self::delete_permanently) removes them.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let deleted = Order::find().filter(Order::QUANTITY.eq(0)).delete(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The query has neither a filter nor [`all_rows`](Self::all_rows)
    /// ([`is_invalid_request`](crate::Error::is_invalid_request)); or other rows reference these
    /// ([`is_foreign_key_violation`](crate::Error::is_foreign_key_violation)), counted by
    /// [`referencing_rows`](crate::Error::referencing_rows).
    pub async fn delete(self, db: &impl Executor) -> Result<u64>
    where
        E: Writable,
        T: Bare<E>,
    {
        self.deleted(db).await
    }

    /// Deletes the rows of an entity that is known to be writable.
    pub(crate) async fn deleted(self, db: &impl Executor) -> Result<u64> {
        if self.select.entity.deleted_at().is_none() {
            return self.select.deleted_permanently(db, &ObservedEntities::<E>::none).await;
        }
        let select = self.select.into_soft_delete()?;
        select.check_change("delete")?;
        if select.is_empty() {
            return Ok(0);
        }
        let db = &one_connection(db);
        let none: NoRows<'_> = &ObservedEntities::<E>::none;
        let deleted = Box::pin(select.delete_softly(db, none, None, &mut |_| Ok(()))).await;
        deleted.map_err(Error::of_several)
    }

    /// Deletes the rows and returns them as they were, in no order; with `#[deleted_at]` as they are now, with
    /// the time of the deletion.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let deleted: Vec<Order> =
    ///     Order::find().filter(Order::QUANTITY.eq(0)).delete_returning(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`delete`](Self::delete), or a row does not fit the entity.
    pub async fn delete_returning(self, db: &impl Executor) -> Result<Vec<E>>
    where
        E: Writable,
        T: Bare<E>,
    {
        self.deleted_rows(db).await
    }

    /// Deletes the rows of an entity that is known to be writable, and returns them.
    pub(crate) async fn deleted_rows(self, db: &impl Executor) -> Result<Vec<E>> {
        if self.select.entity.deleted_at().is_some() {
            return deleted_softly(self.select, db).await;
        }
        self.select.check_change("delete")?;
        if self.select.is_empty() {
            return Ok(Vec::new());
        }
        let dialect = db.dialect();
        let statement = |rows: &Select| {
            let statement = rows.deletion(dialect, Returning::Rows)?;
            Ok(statement.returns(Returned::rows::<E>()))
        };
        let (kind, statement) = (ChangeKind::Delete, ChangeStatement::Of(&statement));
        let change =
            RowChange { select: &self.select, kind, statement, none: &ObservedEntities::<E>::none };
        let db = &one_connection(db);
        let mut deleted = Vec::new();
        let mut read = |row: &Row<'_>| E::read(row, 0).map(|one| deleted.push(one));
        match change_rows(db, change, &mut read).await {
            Ok(_) => Ok(deleted),
            Err(error) => Err(self.select.refusal(db, error.of_several()).await),
        }
    }
}

impl<E: Entity> Query<E> {
    /// Sets a column to a value in every row, when [`update`](Update::update) is awaited.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, note: Option<String> }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let changed = Order::find()
    ///     .filter(Order::QUANTITY.lt(0))
    ///     .set(Order::QUANTITY, 0)
    ///     .set(Order::NOTE, None)
    ///     .update(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set<T: Property>(self, column: Column<E, T>, value: impl IntoProperty<T>) -> Update<E>
    where
        E: Writable,
    {
        Update::of(self).set(column, value)
    }

    /// Sets a column in every row to a value computed from that row, when
    /// [`update`](Update::update) is awaited: another column, an
    /// [`Expression`](crate::expression::Expression), or an aggregate of the row's targets.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Line)]
    /// # struct Order { #[id] id: i64, line_count: i64, price: i64, last_price: Option<i64> }
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// Order::find_by_id(7)
    ///     .set_expr(Order::LAST_PRICE, Order::PRICE)
    ///     .set_expr(Order::PRICE, Order::PRICE * 2)
    ///     .set_expr(Order::LINE_COUNT, Order::LINES.count())
    ///     .update(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Every column is computed from the old row.
    pub fn set_expr<T: Property>(
        self,
        column: Column<E, T>,
        expression: impl IntoExpression<E, T>,
    ) -> Update<E>
    where
        E: Writable,
    {
        Update::of(self).set_expr(column, expression)
    }
}

/// A change of the rows of a query; see [`Query::set`].
#[derive(Debug, Clone)]
#[must_use = "an update does nothing until `update` is awaited"]
pub struct Update<E> {
    query: Query<E>,
    changes: Changes,
    /// Whether the rows may leave the relation that led to them.
    moves: bool,
}

impl<E: Entity> Query<E> {
    /// Gives the rows to another source of the relation that led to them.
    ///
    /// A part of the key that is known to stay is left out, unless all of them stay. A row stays on its server: of
    /// distributed rows those are meant that are on the server of the new source.
    pub(crate) fn reparent(mut self, assignments: Vec<Assignment>) -> Result<Update<E>> {
        self.select.check_change("update")?;
        let by = E::DEFINITION.distributed_by();
        let is_distribution = |one: &Assignment| by.is_some_and(|by| by.is(one.property));
        let own = self.select.key_of_targets();
        let is_known = own.as_ref().is_some_and(KeyOfTargets::is_known);
        let (kept, moved): (Vec<_>, Vec<_>) =
            assignments.into_iter().partition(|one| own.as_ref().is_some_and(|own| own.holds(one)));
        let server = kept.iter().chain(&moved).find(|one| is_distribution(one)).cloned();
        let goes = is_known && moved.iter().any(is_distribution);
        // If all of them stay, they are written nevertheless, so that the rows are counted.
        let written = if moved.is_empty() { kept } else { moved };
        let assignments: Vec<_> = written.into_iter().filter(|one| !is_distribution(one)).collect();
        if let Some(Assignment { property, parameter }) = server {
            if goes || assignments.is_empty() {
                return Err(never_changes(E::DEFINITION, property));
            }
            let column = Operand::Term(Field::of(E::DEFINITION, property).into());
            let value = Operand::Parameter(parameter);
            let on_server = Predicate::Compare(column, Comparison::Equal, value);
            self.select.predicate = self.select.predicate.and(on_server);
        }
        let changes = Changes { assignments, ..Changes::default() };
        Ok(Update { moves: true, ..Update::new(self, changes) })
    }
}

#[cfg(feature = "serde")]
impl<E: Entity> Query<E> {
    /// A change of columns that are known at run time.
    pub(crate) fn assign(self, assignments: Vec<Assignment>) -> Update<E> {
        Update::new(self, Changes { assignments, ..Changes::default() })
    }
}

impl<E: Entity> Update<E> {
    fn new(query: Query<E>, changes: Changes) -> Self {
        Self { query, changes, moves: false }
    }

    /// An update that changes nothing yet.
    pub(crate) fn of(query: Query<E>) -> Self {
        Self::new(query, Changes::default())
    }

    pub(crate) fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }

    /// Sets another column as well.
    pub fn set<T: Property>(mut self, column: Column<E, T>, value: impl IntoProperty<T>) -> Self {
        let parameter = value.into_property().to_nullable_parameter();
        self.changes.set(Assignment { property: column.definition(), parameter });
        self
    }

    /// Sets another column to a value computed from the row; see [`Query::set_expr`].
    pub fn set_expr<T: Property>(
        mut self,
        column: Column<E, T>,
        expression: impl IntoExpression<E, T>,
    ) -> Self {
        self.changes.set_term(column.definition(), expression.into_new_value());
        self
    }

    /// Updates the rows and returns their number.
    ///
    /// # Errors
    ///
    /// The query has neither a filter nor [`all_rows`](Query::all_rows)
    /// ([`is_invalid_request`](crate::Error::is_invalid_request)); or targets of a has-many or has-one
    /// relation, as of `Customer::ORDERS.of(&ada)`, would get another key than that of their source, which only
    /// [`reparent`](crate::RelationHandle::reparent) may change; or a constraint rejects a value.
    pub async fn update(self, db: &impl Executor) -> Result<u64> {
        self.check()?;
        let select = &self.query.select;
        if select.is_empty() {
            return Ok(0);
        }
        if self.changes.is_empty() {
            return Ok(self.query.count(db).await?.unsigned_abs());
        }
        let db = &one_connection(db);
        match self.change(db, Returning::Nothing, &mut |_| Ok(())).await {
            Ok(changed) => Ok(changed),
            Err(error) => Err(select.refusal(db, error).await),
        }
    }

    /// Updates the rows and returns them with their new values, in no order.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let changed: Vec<Order> =
    ///     Order::find_by_id(7).set(Order::QUANTITY, 5).update_returning(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`update`](Self::update), or a row does not fit the entity.
    pub async fn update_returning(self, db: &impl Executor) -> Result<Vec<E>> {
        self.check()?;
        let select = &self.query.select;
        if select.is_empty() {
            return Ok(Vec::new());
        }
        if self.changes.is_empty() {
            return self.query.all(db).await;
        }
        let db = &one_connection(db);
        let mut changed = Vec::new();
        let mut read = |row: &Row<'_>| E::read(row, 0).map(|one| changed.push(one));
        match self.change(db, Returning::Rows, &mut read).await {
            Ok(_) => Ok(changed),
            Err(error) => Err(select.refusal(db, error).await),
        }
    }

    /// A change takes all rows that a filter means, and leaves them in the relation that led to them.
    fn check(&self) -> Result<()> {
        let select = &self.query.select;
        select.check_change("update")?;
        if self.moves {
            return Ok(());
        }
        match select.key_of_targets().and_then(|key| self.changes.leaves(&key)) {
            None => Ok(()),
            Some(property) => Err(select.moved(property)),
        }
    }

    async fn change(
        &self,
        db: &impl Executor,
        returning: Returning,
        each: EachRow<'_>,
    ) -> Result<u64> {
        let (select, changes, dialect) = (&self.query.select, &self.changes, db.dialect());
        check_keys(db, E::DEFINITION, changes.properties())?;
        let statement = |rows: &Select| {
            let lowered = change::update(dialect, rows, changes, returning)?;
            let statement = rows.statement(Operation::Update, lowered);
            let statement = statement.assigns(&changes.assignments);
            Ok(match returning {
                Returning::Rows => statement.returns(Returned::rows::<E>()),
                Returning::Made | Returning::Nothing => statement,
            })
        };
        let (kind, statement) = (ChangeKind::Update, ChangeStatement::Of(&statement));
        let change = RowChange { select, kind, statement, none: &ObservedEntities::<E>::none };
        change_rows(db, change, each).await
    }
}
