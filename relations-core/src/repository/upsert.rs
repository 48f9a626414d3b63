//! Rows that are made unless they are there.

use std::ops::Deref;

use crate::column::{Column, type_name};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::dialect::{Dialect, Engine, StatementSql};
use crate::driver::assigned::Assigned;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::{Otherwise, Statement};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::expression::IntoExpression;
use crate::filter::IntoFilter;
use crate::query::change::IntoProperty;
use crate::repository::columns::{Columns, KeyColumns};
use crate::repository::conflict::{Conflict, set};
use crate::repository::create::NewEntity;
use crate::repository::create_many::NewRows;
use crate::repository::observed::{check_keys, observing};
use crate::repository::observed_upsert::upsert_observed;
use crate::repository::tenant::fill;
use crate::sql::Lowered;
use crate::sql::cache::{Kept, SqlCache};
use crate::sql::change::Assignment;
use crate::sql::operation::Operation;
use crate::sql::upsert;
use crate::sql::upsert::UpsertStep;
use crate::value::Value;
use crate::value::parameter::Values;
use crate::value::property::Property;
use crate::value::row::Row;

/// The new rows of an upsert: a new entity, or several by [`insert_many`](NewEntity::insert_many).
pub trait UpsertInput {
    /// The entity that they become.
    type Entity: Entity;
}

#[diagnostic::do_not_recommend]
impl<N: NewEntity> UpsertInput for N {
    type Entity = N::Entity;
}

/// An upsert with its key, before the action; see [`NewEntity::on_conflict`].
#[derive(Debug, Clone)]
#[must_use = "say with `update`, `set` or `do_nothing` what becomes of a row that is there"]
#[doc(alias = "upsert")]
pub struct OnConflict<I> {
    input: I,
    key: Vec<&'static PropertyDefinition>,
}

/// An upsert with its key and its action on existing rows; see [`NewEntity::on_conflict`].
#[derive(Debug, Clone)]
#[must_use = "nothing is inserted until it is awaited"]
pub struct Upsert<I> {
    pub(crate) input: I,
    pub(crate) conflict: Conflict,
}

/// The row that an [upsert](NewEntity::on_conflict) has inserted or found.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64, name: String }
/// # fn tell(kept: relations::repository::Upserted<Customer>) {
/// use relations::repository::Upserted;
///
/// println!("{}", kept.name);
/// match kept {
///     Upserted::Inserted(customer) => println!("{} is new", customer.id),
///     Upserted::Existing(customer) => println!("{} was there", customer.id),
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted<E> {
    /// The row is new.
    Inserted(E),
    /// The row existed; after an update it has the new values.
    Existing(E),
}

impl<E> Upserted<E> {
    /// The row, new or not.
    pub fn into_inner(self) -> E {
        match self {
            Self::Inserted(entity) | Self::Existing(entity) => entity,
        }
    }

    /// Whether the row is new.
    pub const fn is_inserted(&self) -> bool {
        matches!(self, Self::Inserted(_))
    }
}

impl<E> Deref for Upserted<E> {
    type Target = E;

    fn deref(&self) -> &E {
        match self {
            Self::Inserted(entity) | Self::Existing(entity) => entity,
        }
    }
}

impl<I: UpsertInput> OnConflict<I> {
    pub(crate) fn new(input: I, key: impl KeyColumns<I::Entity>) -> Self {
        Self { input, key: key.key_properties() }
    }

    /// Updates an existing row: sets these columns to their values in the new row.
    pub fn update(self, columns: impl Columns<I::Entity>) -> Upsert<I> {
        self.with(columns.properties())
    }

    /// Leaves an existing row unchanged.
    pub fn do_nothing(self) -> Upsert<I> {
        self.with(Vec::new())
    }

    /// Sets a column of an existing row to a value; see [`Upsert::set`].
    pub fn set<T: Property>(
        self,
        column: Column<I::Entity, T>,
        value: impl IntoProperty<T>,
    ) -> Upsert<I> {
        self.with(Vec::new()).set(column, value)
    }

    /// Sets a column of an existing row to an expression; see [`Upsert::set_expr`].
    pub fn set_expr<T: Property>(
        self,
        column: Column<I::Entity, T>,
        expression: impl IntoExpression<I::Entity, T>,
    ) -> Upsert<I> {
        self.with(Vec::new()).set_expr(column, expression)
    }

    fn with(self, update: Vec<&'static PropertyDefinition>) -> Upsert<I> {
        Upsert { input: self.input, conflict: Conflict::new(self.key, update) }
    }
}

impl<I: UpsertInput> Upsert<I> {
    /// Sets a column of an existing row to a value.
    pub fn set<T: Property>(
        mut self,
        column: Column<I::Entity, T>,
        value: impl IntoProperty<T>,
    ) -> Self {
        let (property, parameter) = (column.definition(), value.into_property());
        let parameter = parameter.to_nullable_parameter();
        self.conflict.update.retain(|one| !one.is(property));
        self.conflict.changes.set(Assignment { property, parameter });
        self
    }

    /// Sets a column of an existing row to an expression of that row, and of the new row by
    /// [`Column::excluded`].
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Product { #[id(generated)] id: i64, #[unique] code: String, price: i64, stock: i64 }
    /// # async fn run(db: &relations::Database, new: NewProduct) -> relations::Result<()> {
    /// new.on_conflict(Product::CODE)
    ///     .update((Product::PRICE,))
    ///     .set_expr(Product::STOCK, Product::STOCK + Product::STOCK.excluded())
    ///     .insert(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_expr<T: Property>(
        mut self,
        column: Column<I::Entity, T>,
        expression: impl IntoExpression<I::Entity, T>,
    ) -> Self {
        let property = column.definition();
        self.conflict.update.retain(|one| !one.is(property));
        self.conflict.changes.set_term(property, expression.into_new_value());
        self
    }

    /// Updates an existing row only if it matches a filter; any other row stays unchanged, and is also
    /// returned as [`Upserted::Existing`].
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Price { #[id] product_id: i64, amount: i64, seen: i64 }
    /// # async fn run(db: &relations::Database, new: NewPrice) -> relations::Result<()> {
    /// new.on_conflict(Price::PRODUCT_ID)
    ///     .update((Price::AMOUNT, Price::SEEN))
    ///     .filter(Price::SEEN.lt(Price::SEEN.excluded()))
    ///     .insert(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter(mut self, filter: impl IntoFilter<I::Entity>) -> Self {
        let filter = filter.into_filter();
        self.conflict.condition = self.conflict.condition.and(filter.predicate);
        self
    }
}

/// The number of tries to find a row that another transaction inserted meanwhile.
pub(crate) const ATTEMPTS: usize = 3;

impl<N: NewEntity> Upsert<N> {
    /// Inserts the row, or updates or finds the existing one, and returns it with that outcome.
    ///
    /// # Errors
    ///
    /// The conflict columns are not a key of the entity, or the new row leaves them to the database
    /// ([`Error::is_invalid_request`]); a constraint rejects the row, as in
    /// [`insert`](NewEntity::insert), including another unique key.
    pub async fn insert(self, db: &impl Executor) -> Result<Upserted<N::Entity>> {
        let Self { input, conflict } = self;
        let (definition, cache) = (N::Entity::DEFINITION, N::Entity::sql_cache());
        if let Some(observers) = observing(db, definition) {
            let mut rows = NewRows::new();
            rows.push_row(input.assignments());
            let rows = conflict.checked(rows.fill(db)?, db)?;
            let (mut row, _) = Box::pin(upsert_observed(&conflict, &rows, observers, db)).await?;
            let left_out = || Error::new(Kind::LeftOut { rows: 1, given: 1 }).entity_is(definition);
            return row.pop().ok_or_else(left_out);
        }
        check_keys(db, definition, conflict.changed())?;
        let mut given: Vec<_> = input.assignments().into_iter().flatten().collect();
        fill(&mut given, db, definition)?;
        conflict.check_tenant(definition, db)?;
        let dialect = db.dialect();
        let statement = conflict.statement(definition, cache, given, dialect)?;
        let returned = Returned::read_by(|row| upserted::<N::Entity>(row).map(drop));
        let statement = statement.returns(returned);
        let db = &one_connection(db);
        for _ in 0..ATTEMPTS {
            let rows = fetch(db, &statement, upserted::<N::Entity>);
            if let Some(row) = rows.await?.pop() {
                return Ok(row);
            }
            // PostgreSQL has seen that the row is there, which was not when the statement began.
            if db.engine() != Engine::Postgres
                || !conflict.lowered(definition, dialect)?.may_leave()
            {
                break;
            }
        }
        if conflict.lowered(definition, dialect)?.may_hide() {
            return Err(conflict.hidden(definition, dialect));
        }
        Err(Error::new(Kind::LeftOut { rows: 1, given: 1 }).entity_is(definition))
    }
}

/// Reads the row, and whether it is new.
pub(crate) fn upserted<E: Entity>(row: &Row<'_>) -> Result<Upserted<E>> {
    let (entity, definition) = (E::read(row, 0)?, E::DEFINITION);
    let is_new = row.cell(definition.properties.len()).and_then(bool::read);
    let is_new = is_new
        .map_err(|why| Error::row("inserted", definition.table, &type_name::<bool>(), why))?;
    Ok(if is_new { Upserted::Inserted(entity) } else { Upserted::Existing(entity) })
}

impl Conflict {
    /// The statement, whose SQL is kept for each set of properties that are given.
    fn statement(
        &self,
        entity: &'static EntityDefinition,
        cache: &SqlCache,
        given: Vec<Assignment>,
        dialect: Dialect,
    ) -> Result<Statement> {
        let (conflict, engine) = (self.lowered(entity, dialect)?, dialect.engine);
        let is_given =
            |property: &PropertyDefinition| given.iter().any(|one| one.property.is(property));
        self.check(entity, is_given, is_given)?;
        let upsert = upsert::UpsertRow { given: &given, conflict };
        let lower = |step| match step {
            None => upsert.lower(),
            Some(step) => upsert.lower_step(step),
        };
        let steps: Vec<Option<UpsertStep>> = match engine {
            Engine::Postgres => vec![None],
            Engine::Sqlite => conflict.steps().map(Some).collect(),
        };
        let mut sql: Vec<StatementSql> = Vec::new();
        let values = if let Some([key, update]) = self.sets(entity) {
            let sets = [set(entity, given.iter().map(|one| one.property)), key, update];
            for step in steps {
                let write = || lower(step).map(|lowered| lowered.sql);
                sql.push(cache.sql(dialect, Kept::Upsert { sets, step }, write)?);
            }
            None
        } else {
            let mut values = Vec::new();
            for step in steps {
                let Lowered { sql: text, parameters } = lower(step)?;
                sql.push(text);
                // One that updates has more values than the others.
                if parameters.len() > values.len() {
                    values = parameters;
                }
            }
            Some(values)
        };
        let looks = engine == Engine::Postgres && conflict.may_leave();
        let mut sql = sql.into_iter();
        let first = sql.next().unwrap_or_else(|| StatementSql::open(""));
        let statement = if let Some(values) = values {
            Statement::new(Operation::Insert, first, Values::from_vec(values))
                .about(entity, None)
                .assigns(&given)
        } else {
            // The key stands once more where the row is looked for.
            let is_key =
                |one: &&Assignment| looks && self.key.iter().any(|key| key.is(one.property));
            let found_by: Vec<_> = given.iter().filter(is_key).cloned().collect();
            let assigned = Assigned::of(entity, given)?.compared(found_by)?;
            assigned.statement(Operation::Insert, first)
        };
        let sql: Vec<_> = sql.collect();
        let otherwise = Otherwise::NoRow { sql, each_once: false };
        Ok(statement.or_else((engine == Engine::Sqlite).then_some(otherwise)))
    }
}
