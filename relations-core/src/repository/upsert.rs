//! Rows that are made unless they are there.

use std::ops::Deref;
use std::sync::Arc;

use crate::column::{Column, type_name};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::unique_key::UniqueKeyDefinition;
use crate::dialect::Engine;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::{Assigned, Statement};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::repository::create::NewEntity;
use crate::sql;
use crate::sql::cache::{Kept, SqlCache};
use crate::sql::change::Assignment;
use crate::sql::operation::Operation;
use crate::sql::upsert;
use crate::value::Value;
use crate::value::row::Row;

/// A column of an entity, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns"
)]
pub trait Columns<E> {
    /// The properties that live in the columns.
    #[doc(hidden)]
    fn properties(self) -> Vec<&'static PropertyDefinition>;
}

#[diagnostic::do_not_recommend]
impl<E, T> Columns<E> for Column<E, T> {
    fn properties(self) -> Vec<&'static PropertyDefinition> {
        vec![self.definition()]
    }
}

macro_rules! tuple_of_columns {
    ($($column:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<Owner, $($column: Columns<Owner>),+> Columns<Owner> for ($($column,)+) {
            fn properties(self) -> Vec<&'static PropertyDefinition> {
                [$(self.$at.properties()),+].concat()
            }
        }
    };
}

tuple_of_columns!(A 0);

tuple_of_columns!(A 0, B 1);

tuple_of_columns!(A 0, B 1, C 2);

tuple_of_columns!(A 0, B 1, C 2, D 3);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4, F 5);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

/// A new row, and the key by which it may be there already; see [`NewEntity::on_conflict`].
#[derive(Debug, Clone)]
#[must_use = "say with `update` or `do_nothing` what becomes of a row that is there"]
#[doc(alias = "upsert")]
pub struct OnConflict<N> {
    new: N,
    key: Vec<&'static PropertyDefinition>,
}

/// A new row, and what becomes of one that is there already; see [`NewEntity::on_conflict`].
#[derive(Debug, Clone)]
#[must_use = "nothing is inserted until `insert` is awaited"]
pub struct Upsert<N> {
    new: N,
    conflict: Conflict,
}

/// When a row is there already, and what becomes of it.
#[derive(Debug, Clone)]
struct Conflict {
    key: Vec<&'static PropertyDefinition>,
    /// The properties that an existing row takes over; none if it is left alone.
    update: Vec<&'static PropertyDefinition>,
}

/// The row that an [upsert](NewEntity::on_conflict) has made or found.
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
    /// The row was there; it is what it has become after an update.
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

impl<N: NewEntity> OnConflict<N> {
    pub(crate) fn new(new: N, key: impl Columns<N::Entity>) -> Self {
        Self { new, key: key.properties() }
    }

    /// Updates a row that is there: these columns become what they are in the new row.
    pub fn update(self, columns: impl Columns<N::Entity>) -> Upsert<N> {
        self.with(columns.properties())
    }

    /// Leaves a row that is there as it is.
    pub fn do_nothing(self) -> Upsert<N> {
        self.with(Vec::new())
    }

    fn with(self, update: Vec<&'static PropertyDefinition>) -> Upsert<N> {
        Upsert { new: self.new, conflict: Conflict { key: self.key, update } }
    }
}

/// The number of tries to find a row that another transaction inserted meanwhile.
const ATTEMPTS: usize = 3;

impl<N: NewEntity> Upsert<N> {
    /// Inserts the row unless it is there, and tells which of both it is.
    ///
    /// # Errors
    ///
    /// The columns of the conflict are no key of the entity, or are left to the database
    /// ([`Error::is_invalid_request`]); a constraint refuses the row, as of
    /// [`insert`](NewEntity::insert), another unique key among them.
    pub async fn insert(self, db: &impl Executor) -> Result<Upserted<N::Entity>> {
        let Self { new, conflict } = self;
        let (definition, cache) = (N::Entity::DEFINITION, N::Entity::sql_cache());
        let given = new.assignments().into_iter().flatten().collect();
        let statement = conflict.statement(definition, cache, given, db.engine())?;
        let returned = Returned::read_by(|row| upserted::<N::Entity>(row).map(drop));
        let statement = statement.returns(returned);
        let db = &one_connection(db);
        for _ in 0..ATTEMPTS {
            let rows = fetch(db, &statement, upserted::<N::Entity>);
            if let Some(row) = rows.await?.pop() {
                return Ok(row);
            }
            // PostgreSQL has seen that the row is there, which was not when the statement began.
            if db.engine() != Engine::Postgres || !conflict.update.is_empty() {
                break;
            }
        }
        Err(Error::new(Kind::LeftOut { rows: 1, given: 1 }).entity_is(definition))
    }
}

/// Reads the row, and whether it is new.
fn upserted<E: Entity>(row: &Row<'_>) -> Result<Upserted<E>> {
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
        engine: Engine,
    ) -> Result<Statement> {
        let filter = filter_of_key(entity, &self.key)?;
        self.check(entity, &given)?;
        let upsert =
            upsert::Upsert { entity, given: &given, key: &self.key, filter, update: &self.update };
        let set = |properties: &mut dyn Iterator<Item = &'static PropertyDefinition>| {
            properties.fold(0_u64, |set, one| set | position(entity, one).map_or(0, |at| 1 << at))
        };
        let sets = [
            set(&mut given.iter().map(|one| one.property)),
            set(&mut self.key.iter().copied()),
            set(&mut self.update.iter().copied()),
        ];
        let kept = |is_existing, write: &dyn Fn() -> Result<sql::Lowered>| -> Result<Arc<str>> {
            let write = || write().map(|lowered| lowered.sql);
            if entity.properties.len() > 64 {
                return Ok(write()?.into());
            }
            cache.sql(engine, Kept::Upsert { sets, is_existing }, write)
        };
        let sql = kept(false, &|| upsert.lower(engine))?;
        let existing = match engine {
            Engine::Postgres => None,
            Engine::Sqlite => Some(kept(true, &|| upsert.lower_existing())?),
        };
        let mut found_by = Vec::new();
        if engine == Engine::Postgres && self.update.is_empty() {
            // The key stands once more where the row is looked for.
            let is_key = |one: &&Assignment| self.key.iter().any(|key| key.is(one.property));
            found_by.extend(given.iter().filter(is_key).cloned());
        }
        let assigned = Assigned::of(entity, given)?.compared(found_by)?;
        let statement = assigned.statement(Operation::Insert, sql);
        Ok(statement.or_else(existing))
    }

    /// A conflict is found by what is given, and updates a row to what is given.
    fn check(&self, entity: &'static EntityDefinition, given: &[Assignment]) -> Result<()> {
        let is_given =
            |property: &PropertyDefinition| given.iter().any(|one| one.property.is(property));
        let name = entity.name;
        let why = if let Some(key) = self.key.iter().find(|key| !is_given(key)) {
            format!(
                "a conflict is found by what is given, and `{name}.{}` is left to the database; \
                 give it, or name another key",
                key.name,
            )
        } else if let Some(made) =
            self.update.iter().find(|one| !is_given(one) && one.default.is_none())
        {
            format!(
                "`{name}.{}` is made by the database, so there is nothing new to update it to; \
                 leave it out of `update`",
                made.name,
            )
        } else {
            return Ok(());
        };
        Err(Error::invalid_request(why).entity_is(entity))
    }
}

/// Which of the entity's properties it is, if there are not too many to tell by a bit each.
fn position(entity: &EntityDefinition, property: &PropertyDefinition) -> Option<u32> {
    let at = entity.properties.iter().position(|one| one.is(property))?;
    u32::try_from(at).ok().filter(|at| *at < 64)
}

/// The condition of the key that these properties are; none where it holds for all rows.
fn filter_of_key(
    entity: &'static EntityDefinition,
    properties: &[&'static PropertyDefinition],
) -> Result<Option<&'static str>> {
    let is_key = |key: &[&'static PropertyDefinition]| {
        key.len() == properties.len()
            && key.iter().all(|part| properties.iter().any(|one| one.is(part)))
    };
    if entity.keys().any(|key| is_key(&key)) {
        return Ok(None);
    }
    let is_made = |key: &&&'static UniqueKeyDefinition| {
        let parts: Vec<_> =
            key.properties.iter().filter_map(|name| entity.property(name)).collect();
        is_key(&parts)
    };
    let mut partial = entity.unique_keys.iter().filter(is_made);
    let names: Vec<_> = properties.iter().map(|one| format!("`{}`", one.name)).collect();
    let (name, names) = (entity.name, names.join(", "));
    let why = match (partial.next(), partial.next()) {
        (Some(only), None) => return Ok(only.filter),
        (Some(_), Some(_)) => format!(
            "several keys of `{name}` are made of {names}, each of some rows; write this statement in \
             SQL, which can tell which one is meant",
        ),
        (None, _) => format!(
            "no key of `{name}` is made of {names}; mark the property `#[unique]`, or several with \
             `#[unique(…)]` on the struct",
        ),
    };
    Err(Error::invalid_request(why).entity_is(entity))
}
