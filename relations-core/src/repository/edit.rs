//! Entities that are changed, and written as far as they were.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::definition::property::PropertyDefinition;
use crate::driver::assigned::Assigned;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::repository::observed::check_keys;
use crate::repository::stored::StoredRow;
use crate::repository::update;
use crate::repository::update::write;
use crate::sql::change;
use crate::sql::change::{Assignment, Changes, Returning};
use crate::sql::operation::Operation;
use crate::value::parameter::Parameter;

/// An entity with its original values: [`save`](Self::save) writes only the changed properties.
/// [`Entity::edit`] creates one.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32, note: Option<String> }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let mut order = Order::find_by_id(7).one(db).await?.edit();
/// order.quantity = 5;
/// order.save(db).await?; // UPDATE "orders" SET "quantity" = $1 WHERE "orders"."id" = $2
/// order.save(db).await?; // nothing was changed, so nothing is sent
/// let order: Order = order.into_inner();
/// # Ok(())
/// # }
/// ```
///
/// Changes that are not saved are lost without an error: an `Edit` may be dropped.
#[derive(Clone)]
#[doc(alias = "dirty")]
#[doc(alias = "partial update")]
#[doc(alias = "patch")]
pub struct Edit<E> {
    entity: E,
    /// The values of all properties, as they are in the row.
    was: Vec<Parameter>,
}

impl<E: fmt::Debug> fmt::Debug for Edit<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Edit").field(&self.entity).finish()
    }
}

impl<E> Deref for Edit<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.entity
    }
}

impl<E> DerefMut for Edit<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.entity
    }
}

impl<E> Edit<E> {
    /// The entity as it is now, saved or not.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.entity
    }
}

impl<E: Entity> Edit<E> {
    pub(crate) fn new(entity: E) -> Self {
        let was = entity.parameters();
        Self { entity, was }
    }

    /// The properties that were changed since the entity was read or saved, in the order of the
    /// struct's fields.
    ///
    /// A property is changed if another value would be written: `-0.0` instead of `0.0` is a
    /// change, and so is the decimal `1.50` instead of `1.5`; a `NaN` equals a `NaN`.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// let mut order = Order { id: 1, quantity: 3 }.edit();
    /// order.quantity = 5;
    /// assert_eq!(order.changed().map(|property| property.name).collect::<Vec<_>>(), ["quantity"]);
    /// ```
    pub fn changed(&self) -> impl Iterator<Item = &'static PropertyDefinition> {
        self.changes().into_iter().map(|change| change.property)
    }

    /// The changes, without the properties that each change writes by itself.
    fn changes(&self) -> Vec<Assignment> {
        self.assignments(|_| false)
    }

    /// The changes, with the properties that are always written.
    fn assignments(&self, in_any_case: impl Fn(&PropertyDefinition) -> bool) -> Vec<Assignment> {
        let is = self.entity.parameters();
        let each = E::DEFINITION.properties.iter().zip(self.was.iter().zip(is));
        each.filter(|(property, _)| !property.is_made())
            .filter(|(property, (was, is))| !was.is_same(is) || in_any_case(property))
            .map(|(property, (_, parameter))| Assignment { property, parameter })
            .collect()
    }

    /// Writes the changed properties to the row, which is found by its original id, so the id may
    /// be changed as well. If nothing was changed, nothing is sent.
    ///
    /// After an error the changes remain, and can be saved again. Changes that a transaction rolls
    /// back count as saved, though: load the row again then.
    ///
    /// # Errors
    ///
    /// The errors of [`Entity::update`].
    pub async fn save(&mut self, db: &impl Executor) -> Result<()> {
        self.write(self.changes(), db).await
    }

    /// Writes every property, changed or not, like [`Entity::update`]; the row is found by its
    /// original id.
    ///
    /// # Errors
    ///
    /// The errors of [`Entity::update`].
    pub async fn update(&mut self, db: &impl Executor) -> Result<()> {
        let assignments = self.assignments(|property| !property.id);
        if assignments.is_empty() {
            // Nothing but what the database makes.
            update::update(&mut self.entity, db).await?;
            self.was = self.entity.parameters();
            return Ok(());
        }
        self.write(assignments, db).await
    }

    async fn write(&mut self, assignments: Vec<Assignment>, db: &impl Executor) -> Result<()> {
        if assignments.is_empty() {
            return Ok(());
        }
        check_keys(db, E::DEFINITION, assignments.iter().map(|one| one.property))?;
        let Self { entity, was } = self;
        let row = StoredRow::of(E::DEFINITION, was);
        let changes = Changes { assignments, is_whole: true, ..Changes::default() };
        let lowered = change::update(db.dialect(), &row.select(), &changes, Returning::Made)?;
        let given = Assigned::of(E::DEFINITION, changes.assignments)?.compared(row.found_by())?;
        let statement = given.statement(Operation::Update, lowered.sql);
        write(entity, statement, &row, db).await?;
        self.was = self.entity.parameters();
        Ok(())
    }
}
