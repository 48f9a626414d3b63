//! Many rows that are made unless they are there.

use std::collections::HashSet;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::ast::predicate::Predicate;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::ColumnType;
use crate::definition::quoting::quoted_table;
use crate::dialect::{Dialect, Engine, StatementSql};
use crate::driver::acquired::capabilities;
use crate::driver::execute::{execute, fetch, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::in_schema::SchemaName;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::{Otherwise, Statement};
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::repository::columns::KeyColumns;
use crate::repository::conflict::Conflict;
use crate::repository::create_many::{NewRows, SentColumns};
use crate::repository::insert_many::InsertMany;
use crate::repository::observed::{check_keys, observing};
use crate::repository::observed_upsert::upsert_observed;
use crate::repository::row_order::{SentRows, order_of};
use crate::repository::upsert::{ATTEMPTS, OnConflict, Upsert, UpsertInput, Upserted, upserted};
use crate::sql::cache::Kept;
use crate::sql::conflict::NewRowTest;
use crate::sql::operation::Operation;
use crate::sql::upsert::UpsertStep;
use crate::sql::upsert_many::UpsertMany;
use crate::value::Value;
use crate::value::parameter::{Parameter, Values};
use crate::value::property::Property;
use crate::value::row::Row;

impl<E: Entity, D> UpsertInput for InsertMany<'_, E, D> {
    type Entity = E;
}

impl<E: Entity, D: Executor> InsertMany<'_, E, D> {
    /// Upsert: updates or ignores existing rows with the same key, as
    /// [`NewEntity::on_conflict`](crate::NewEntity::on_conflict) does for one row.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Product { #[id(generated)] id: i64, #[unique] code: String, stock: i64 }
    /// # async fn run(db: &relations::Database, new: Vec<NewProduct>) -> relations::Result<()> {
    /// use relations::repository::Upserted;
    ///
    /// let upserted: Vec<Upserted<Product>> = NewProduct::insert_many(new.clone(), db)
    ///     .on_conflict(Product::CODE)
    ///     .set_expr(Product::STOCK, Product::STOCK + Product::STOCK.excluded())
    ///     .await?;
    /// let new = upserted.iter().filter(|product| product.is_inserted()).count();
    /// # let again: Vec<NewProduct> = Vec::new();
    /// let written: u64 =
    ///     NewProduct::insert_many(again, db).on_conflict(Product::CODE).do_nothing().execute().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// All rows are written or none, by one statement on PostgreSQL, and come back in the order in which
    /// they were given. Two rows with the same key are an error if rows are updated, since the database
    /// does not define the order; with `do_nothing` the second one finds the first.
    #[doc(alias = "bulk upsert")]
    #[doc(alias = "upsert")]
    #[doc(alias = "merge")]
    pub fn on_conflict(self, key: impl KeyColumns<E>) -> OnConflict<Self> {
        OnConflict::new(self, key)
    }
}

impl<E: Entity, D: Executor> Upsert<InsertMany<'_, E, D>> {
    /// Inserts or updates the rows and returns how many were inserted or updated, without reading them
    /// back.
    ///
    /// # Errors
    ///
    /// As in [`NewEntity::on_conflict`](crate::NewEntity::on_conflict); then none is written. Two rows
    /// have the same key, and rows are updated ([`Error::is_invalid_request`]).
    pub async fn execute(self) -> Result<u64> {
        let Self { input: InsertMany { rows, db }, conflict } = self;
        let rows = conflict.checked(rows?.fill(db)?, db)?;
        if rows.len() == 0 {
            return Ok(0);
        }
        if let Some(observers) = observing(db, E::DEFINITION) {
            let upserted = Box::pin(upsert_observed(&conflict, &rows, observers, db)).await;
            return upserted.map(|(_, written)| written);
        }
        let count = rows.len();
        let (statement, _) = conflict.of_many(rows, db.dialect(), None, &[])?;
        // Each row is written, unless one that is there is another tenant's.
        let lowered = conflict.lowered(E::DEFINITION, db.dialect())?;
        let writes_all = lowered.updates() && matches!(conflict.condition, Predicate::Always);
        if !(lowered.may_hide() && writes_all) {
            return execute(db, &statement).await.map_err(given_twice::<E>);
        }
        let statement = statement.returns(Returned::nothing().may_lack(count));
        match execute(db, &statement).await {
            Err(error) if error.is_row_suppressed() => {
                Err(conflict.hidden(E::DEFINITION, db.dialect()).because(error))
            }
            done => done.map_err(given_twice::<E>),
        }
    }
}

impl<'db, E: Entity, D: Executor> IntoFuture for Upsert<InsertMany<'db, E, D>> {
    type Output = Result<Vec<Upserted<E>>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'db>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { input: InsertMany { rows, db }, conflict } = self;
        Box::pin(async move {
            let rows = conflict.checked(rows?.fill(db)?, db)?;
            if rows.len() == 0 {
                return Ok(Vec::new());
            }
            match observing(db, E::DEFINITION) {
                None => upsert_rows(&conflict, rows, db).await,
                Some(observers) => {
                    let upserted = Box::pin(upsert_observed(&conflict, &rows, observers, db)).await;
                    upserted.map(|(rows, _)| rows)
                }
            }
        })
    }
}

/// Upserts rows, of which there are some, and gives them back in their order.
pub(crate) async fn upsert_rows<E: Entity>(
    conflict: &Conflict,
    rows: NewRows<E>,
    db: &impl Executor,
) -> Result<Vec<Upserted<E>>> {
    let db = &one_connection(db);
    let lowered = conflict.lowered(E::DEFINITION, db.dialect())?;
    let is_numbered = db.engine() == Engine::Postgres && lowered.may_leave();
    let may_hide = lowered.may_hide();
    let told = conflict.told::<E>(rows.len(), db).await?;
    let upserted = if is_numbered {
        upserted_or_found(conflict, &rows, told, db).await
    } else {
        upserted_in_order(conflict, rows, told, db).await
    };
    match upserted {
        Err(error) if may_hide && error.is_row_suppressed() => {
            Err(conflict.hidden(E::DEFINITION, db.dialect()).because(error))
        }
        upserted => upserted.map_err(given_twice::<E>),
    }
}

/// Up to so many rows tell by a setting whether they are new; for more the catalog is asked if a column
/// can tell it.
const FEW: usize = 4;

/// Whether a table has a system column that tells new rows.
const HAS_XMAX: &str = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class \
                        JOIN pg_catalog.pg_attribute ON attrelid = pg_class.oid \
                        WHERE pg_class.oid = to_regclass($1) AND relkind = 'r' AND attname = 'xmax')";

impl Conflict {
    /// The rows, if each gives the key, and no two give the same where rows are updated.
    pub(crate) fn checked<E: Entity>(
        &self,
        rows: NewRows<E>,
        db: &impl Executor,
    ) -> Result<NewRows<E>> {
        let entity = E::DEFINITION;
        let conflict = self.lowered(entity, db.dialect())?;
        self.check_tenant(entity, db)?;
        check_keys(db, entity, self.changed())?;
        if rows.len() == 0 {
            return Ok(rows);
        }
        self.check(
            entity,
            |key| rows.keys(&[key]).is_some(),
            |property| rows.properties().any(|one| one.is(property)),
        )?;
        // Of a key of some rows the database knows whether it is of these.
        if conflict.updates() && conflict.key_filter.is_none() {
            let keys = rows.keys(&self.key).unwrap_or_default();
            if let Some(key) = twice(&keys, rows.len()) {
                return Err(Error::given_twice(entity, Some(&key)));
            }
        }
        Ok(rows)
    }

    /// The way by which PostgreSQL tells new rows.
    async fn told<E: Entity>(&self, rows: usize, db: &impl Executor) -> Result<NewRowTest> {
        let lowered = self.lowered(E::DEFINITION, db.dialect())?;
        if db.engine() != Engine::Postgres || !lowered.updates() {
            return Ok(NewRowTest::Not);
        }
        if rows <= FEW || lowered.told() == NewRowTest::Xmax {
            return Ok(lowered.told());
        }
        let entity = E::DEFINITION;
        let schema = entity.schema.or(db.schema().map(SchemaName::name));
        let name = Value::to_parameter(&quoted_table(schema, entity.table));
        let values = Values::from_iter([name.into_sql().map_err(Error::invalid_request)?]);
        let asked = Statement::new(Operation::Select, StatementSql::exempt(HAS_XMAX), values);
        let read = |row: &Row<'_>| crate::query::execute::value::<bool>(row, entity.table);
        let has_xmax = fetch(db, &asked.about(entity, None), read).await?;
        Ok(if has_xmax.contains(&true) { NewRowTest::Xmax } else { NewRowTest::Setting })
    }

    /// The statement for many rows, which have these numbers if rows may be left alone. It brings them back
    /// if it is said how new ones are told.
    fn of_many<E: Entity>(
        &self,
        rows: NewRows<E>,
        dialect: Dialect,
        told: Option<NewRowTest>,
        numbers: &[usize],
    ) -> Result<(Statement, Vec<SentRows>)> {
        let (entity, engine) = (E::DEFINITION, dialect.engine);
        let conflict = self.lowered(entity, dialect)?;
        let (count, given) = (rows.len(), rows.sets());
        let sets = given.zip(self.sets(entity));
        let sets = sets.map(|((all, partial), [key, update])| [all, partial, key, update]);
        // Rows that may stay as they are, are looked for by their arrays.
        let by_row = rows.by_row(engine).filter(|_| told.is_none() || !conflict.may_leave());
        let sent = rows.sent(engine).by_row(by_row);
        let upsert = UpsertMany { columns: &sent.columns, by_row, conflict };
        let steps: Vec<Option<UpsertStep>> = match engine {
            Engine::Postgres => vec![None],
            Engine::Sqlite => {
                let is_wanted = |step: &UpsertStep| told.is_some() || *step != UpsertStep::Find;
                conflict.steps().filter(is_wanted).map(Some).collect()
            }
        };
        let (mut sql, mut values): (Vec<StatementSql>, _) = (Vec::new(), Vec::new());
        for step in steps {
            let lower = || match step {
                None => upsert.lower(told),
                Some(step) => upsert.lower_step(step),
            };
            if let Some(sets) = sets {
                let kept = Kept::UpsertMany { sets, by_row, told, step };
                sql.push(E::sql_cache().sql(dialect, kept, || lower().map(|one| one.sql))?);
            } else {
                let lowered = lower()?;
                sql.push(lowered.sql);
                if lowered.parameters.len() > values.len() {
                    values = lowered.parameters;
                }
            }
        }
        let is_numbered = engine == Engine::Postgres && told.is_some() && conflict.may_leave();
        let mut further = if is_numbered {
            SentColumns::numbers(numbers.iter().copied())?
        } else {
            Values::new()
        };
        for value in values.into_iter().skip(sent.len() + further.len()) {
            further.push(match engine {
                Engine::Postgres => value,
                // Each row is written by itself.
                Engine::Sqlite => {
                    let each = vec![Parameter::from_sql(value); count];
                    let array = Parameter::array(ColumnType::Text, each);
                    array.into_sql().map_err(Error::invalid_request)?
                }
            });
        }
        let mut sql = sql.into_iter();
        let first = sql.next().unwrap_or_else(|| StatementSql::open(""));
        let (updates, sql) = (conflict.updates(), sql.collect());
        let (statement, compared) = sent.statement(entity, first, count, further)?;
        let otherwise = Otherwise::NoRow { sql, each_once: updates };
        Ok((statement.or_else((engine == Engine::Sqlite).then_some(otherwise)), compared))
    }
}

/// Upserts rows of which each is inserted or changed, or, on SQLite, found.
async fn upserted_in_order<E: Entity>(
    conflict: &Conflict,
    rows: NewRows<E>,
    told: NewRowTest,
    db: &impl Executor,
) -> Result<Vec<Upserted<E>>> {
    let given = rows.len();
    let (statement, columns) = conflict.of_many(rows, db.dialect(), Some(told), &[])?;
    let returned = Returned::read_by(|row| upserted::<E>(row).map(drop)).counted(given);
    let statement = statement.returns(returned);
    let columns: Vec<_> = columns.into_iter().filter(|one| one.is_of(&conflict.key)).collect();
    let (mut rows, mut as_given) = (Vec::with_capacity(given), true);
    fetch_each(db, &statement, &mut |row| {
        let at = rows.len();
        as_given = as_given && columns.iter().all(|one| one.came_back(&statement, row, at));
        rows.push(upserted::<E>(row)?);
        Ok(())
    })
    .await?;
    if rows.len() != given {
        return Err(left_out(E::DEFINITION, given.saturating_sub(rows.len()), given));
    }
    if as_given {
        return Ok(rows);
    }
    let held: Vec<_> = rows.iter().map(|row| row.parameters()).collect();
    let Some(order) = order_of::<E>(&held, &statement, &columns) else { return Ok(rows) };
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|at| rows.get_mut(at)?.take()).collect())
}

/// Upserts rows on PostgreSQL of which some may stay as they are.
///
/// A row that another transaction inserted after the statement began is neither inserted nor seen by it.
/// Such rows are asked for again: in a transaction they alone, otherwise all, as the statement that lacks
/// some is rolled back.
async fn upserted_or_found<E: Entity>(
    conflict: &Conflict,
    all: &NewRows<E>,
    told: NewRowTest,
    db: &impl Executor,
) -> Result<Vec<Upserted<E>>> {
    let given = all.len();
    let mut places: Vec<Option<Upserted<E>>> = (0..given).map(|_| None).collect();
    let mut missing: Vec<usize> = (0..given).collect();
    let in_transaction = capabilities(db).transaction;
    for attempt in 1..=ATTEMPTS {
        let rows = all.only(&missing);
        let (statement, _) = conflict.of_many(rows, db.dialect(), Some(told), &missing)?;
        let mut returned = Returned::read_by(|row| upserted::<E>(row).map(drop));
        // All of it is rolled back if rows are missing in the end.
        if !in_transaction || attempt == ATTEMPTS {
            returned = returned.may_lack(missing.len());
        }
        let came = fetch(db, &statement.returns(returned), numbered::<E>).await;
        let came = match came {
            Err(error) if error.is_row_suppressed() && !in_transaction && attempt < ATTEMPTS => {
                continue;
            }
            came => came?,
        };
        let mut unnumbered = Vec::new();
        for (row, number) in came {
            match number.and_then(|number| places.get_mut(number)) {
                Some(place) => *place = Some(row),
                None => unnumbered.push(row),
            }
        }
        missing.retain(|at| places.get(*at).is_none_or(Option::is_none));
        // Rows whose key is null, or not of those that the key holds for, come in their order.
        if !unnumbered.is_empty() {
            if unnumbered.len() != missing.len() {
                break;
            }
            for (at, row) in missing.drain(..).zip(unnumbered) {
                if let Some(place) = places.get_mut(at) {
                    *place = Some(row);
                }
            }
        }
        if missing.is_empty() {
            return Ok(found_once(places.into_iter().flatten().collect()));
        }
    }
    Err(left_out(E::DEFINITION, missing.len(), given))
}

/// The rows, of which one is inserted once, although several of the call found it.
fn found_once<E: Entity>(rows: Vec<Upserted<E>>) -> Vec<Upserted<E>> {
    let mut inserted = HashSet::new();
    let once = |row: Upserted<E>| match row {
        Upserted::Inserted(row) if !inserted.insert(row.row_id()) => Upserted::Existing(row),
        row => row,
    };
    rows.into_iter().map(once).collect()
}

/// Reads the row, whether it is new, and its number.
fn numbered<E: Entity>(row: &Row<'_>) -> Result<(Upserted<E>, Option<usize>)> {
    let definition = E::DEFINITION;
    let read = upserted::<E>(row)?;
    let number = row.cell(definition.properties.len() + 1);
    let number = number.and_then(|cell| <Option<i64> as Property>::read_nullable(cell));
    let number = number.map_err(|why| Error::row("number", definition.table, "an integer", why))?;
    Ok((read, number.and_then(|number| usize::try_from(number).ok())))
}

fn left_out(entity: &'static EntityDefinition, rows: usize, given: usize) -> Error {
    Error::new(Kind::LeftOut { rows, given }).entity_is(entity)
}

/// The error of PostgreSQL that a statement would change a row twice, in the words of this library.
fn given_twice<E: Entity>(error: Error) -> Error {
    if error.code() == Some("21000") {
        return Error::given_twice(E::DEFINITION, None).because(error);
    }
    error
}

/// A key that two rows have, by the values of its properties.
pub(crate) fn twice(keys: &[&[Parameter]], rows: usize) -> Option<Vec<Parameter>> {
    let key = |at: usize| keys.iter().filter_map(|values| values.get(at)).cloned().collect();
    if let [only] = keys
        && only.iter().all(|value| value.integer().is_some())
    {
        let mut met = HashSet::with_capacity(rows);
        let at = only.iter().position(|value| !met.insert(value.integer()))?;
        return Some(key(at));
    }
    let mut met = HashSet::with_capacity(rows);
    for at in 0..rows {
        let parts: Vec<_> = keys.iter().filter_map(|values| values.get(at)).collect();
        // A null is no key.
        if parts.iter().any(|part| part.is_null()) {
            continue;
        }
        let told: Vec<_> = parts.iter().map(|part| part.canonical()).collect();
        if !met.insert(told) {
            return Some(key(at));
        }
    }
    None
}
