//! SQL of your own: [`sql()`], its values, and the types that its rows are read as.

pub(crate) mod build;
pub(crate) mod condition;
pub(crate) mod from_row;
pub(crate) mod parameters;
pub(crate) mod scan;
pub(crate) mod script;
pub(crate) mod stream;

pub use crate::raw_sql::from_row::FromRow;
pub use crate::raw_sql::parameters::{IntoParameter, IntoParameters};
pub use crate::raw_sql::stream::SqlStream;

use std::fmt;
use std::sync::Arc;

use crate::dialect;
use crate::driver::acquired::capabilities;
use crate::driver::execute::{execute, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};
use crate::raw_sql::build::SqlText;
use crate::raw_sql::from_row::Arranged;
use crate::sql::operation::Operation;
use crate::value::parameter::Parameter;

/// A statement in SQL of your own, with the values for its placeholders.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let orders: Vec<Order> =
///     relations::sql("SELECT * FROM orders WHERE quantity > $1", (5,)).all(db).await?;
/// let busy: Vec<(String, i64)> =
///     relations::sql("SELECT name, count(*) FROM customers GROUP BY name", ()).all(db).await?;
/// let highest: Option<i32> = relations::sql("SELECT max(quantity) FROM orders", ()).one(db).await?;
/// let changed: u64 = relations::sql("UPDATE orders SET quantity = 0", ()).execute(db).await?;
/// # Ok(())
/// # }
/// ```
///
/// Placeholders are `$1`, `$2` and so on, on both engines, and may be repeated. The values are a
/// tuple of up to twelve, each a [`Value`](crate::Value), an `Option` of one, or `&str`; or a list
/// of one type. Values never become part of the SQL.
///
/// The result type, a [`FromRow`], determines how a row is read.
///
/// On a client of the driver itself, or a pool with
/// [unnamed statements](crate::ConnectOptions::unnamed_statements), cast a column whose type is not built
/// into PostgreSQL to text, as in `mood::text`: otherwise the driver looks up the type while the rows
/// arrive, and a long result hangs.
///
/// Any executor runs it, including a transaction. A statement that begins or ends a transaction, or
/// changes the session, such as `SET`, a temporary table, a session-level advisory lock or a `PRAGMA`
/// with a value, is refused: the next caller would get that session. `SET LOCAL`, tables that are
/// dropped on commit and transaction-level locks are allowed;
/// [`Database::sql_session`](crate::Database::sql_session) runs the others on a connection that is
/// closed afterwards. A function of your own that changes the session cannot be detected.
#[doc(alias = "raw")]
#[doc(alias = "raw SQL")]
#[doc(alias = "query")]
pub fn sql(sql: impl Into<Arc<str>>, parameters: impl IntoParameters) -> Sql {
    Sql {
        text: SqlText::Given(sql.into()),
        parameters: parameters.into_parameters(),
        unscoped: false,
        unobserved: false,
    }
}

/// A statement in SQL of your own; see [`sql()`].
#[derive(Clone)]
#[must_use = "SQL does nothing until one of its verbs is awaited"]
pub struct Sql {
    text: SqlText,
    parameters: Vec<Parameter>,
    /// Whether it may see the rows of all tenants on an executor of one.
    unscoped: bool,
    /// Whether it writes no rows that are observed.
    unobserved: bool,
}

/// Shows the SQL and never the values, so that no log shows one by accident.
impl fmt::Debug for Sql {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sql").field("sql", &self.text.as_str()).finish_non_exhaustive()
    }
}

impl Sql {
    /// Allows the statement on an executor of one [tenant](crate::driver::Tenant), which refuses other SQL
    /// of your own: it reads and writes the rows of all tenants, except for its own conditions.
    ///
    /// ```no_run
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let tenant = 7_i64;
    /// let open: i64 = relations::sql("SELECT COUNT(*) FROM orders WHERE tenant_id = $1", (tenant,))
    ///     .unscoped()
    ///     .one(&db.tenant(tenant))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unscoped(mut self) -> Self {
        self.unscoped = true;
        self
    }

    /// Lets the statement run on an [observed](crate::Database::observed) database, which refuses other SQL of
    /// your own: it reads, or writes rows that no observer has to see.
    ///
    /// ```no_run
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let open: i64 =
    ///     relations::sql("SELECT COUNT(*) FROM orders", ()).unobserved().one(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unobserved(mut self) -> Self {
        self.unobserved = true;
        self
    }

    /// All rows; an empty `Vec` if there are none.
    ///
    /// # Errors
    ///
    /// The numbers of placeholders and values differ, or the SQL is not exactly one statement, begins or ends a
    /// transaction or changes the session ([`Error::is_invalid_request`]); the database cannot be reached or
    /// rejects it; or a row does not fit the result type ([`Error::is_row_mismatch`]).
    pub async fn all<T: FromRow>(self, db: &impl Executor) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(db, |row| {
            rows.push(row);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// The first row; `None` if there is none.
    ///
    /// Further rows are read and discarded, so write `LIMIT 1` if there may be many.
    ///
    /// # Errors
    ///
    /// The errors of [`all`](Self::all).
    pub async fn first<T: FromRow>(self, db: &impl Executor) -> Result<Option<T>> {
        let mut first = None;
        self.each(db, |row| {
            first.get_or_insert(row);
            Ok(())
        })
        .await?;
        Ok(first)
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    ///
    /// There are several ([`Error::is_not_unique`]); or the errors of [`all`](Self::all).
    pub async fn optional<T: FromRow>(self, db: &impl Executor) -> Result<Option<T>> {
        let (mut only, mut several) = (None, false);
        self.each(db, |row| {
            several = only.replace(row).is_some();
            Ok(())
        })
        .await?;
        if several { Err(about::<T>(Kind::NotUnique)) } else { Ok(only) }
    }

    /// The only row.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), there are several ([`Error::is_not_unique`]); or
    /// the errors of [`all`](Self::all).
    pub async fn one<T: FromRow>(self, db: &impl Executor) -> Result<T> {
        self.optional(db).await?.ok_or_else(|| about::<T>(Kind::NotFound))
    }

    /// Runs the statement and returns the number of rows that it changed or selected.
    ///
    /// # Errors
    ///
    /// The errors of [`all`](Self::all), or a constraint rejects a value.
    pub async fn execute(self, db: &impl Executor) -> Result<u64> {
        execute(db, &self.statement(db)?).await
    }

    /// Passes each row to a function as it arrives, and returns their number.
    ///
    /// ```no_run
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let mut total = 0;
    /// relations::sql("SELECT quantity FROM orders", ())
    ///     .each(db, |quantity: i32| {
    ///         total += quantity;
    ///         Ok(())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// On PostgreSQL only the rows that have just arrived are in memory.
    ///
    /// # Errors
    ///
    /// The function fails, after which no more rows are read; or an error of [`all`](Self::all).
    pub async fn each<T: FromRow>(
        self,
        db: &impl Executor,
        mut each: impl FnMut(T) -> Result<()> + Send,
    ) -> Result<u64> {
        let mut statement = self.statement(db)?;
        if let Some(entity) = T::ENTITY {
            statement = statement.about(entity, None);
        }
        let mut arranged = None;
        fetch_each(db, &statement, &mut |row| {
            let arranged = arranged.get_or_insert_with(|| Arranged::of::<T>(row));
            each(arranged.read(row)?)
        })
        .await
    }

    fn statement(self, db: &impl Executor) -> Result<Statement> {
        let (sql, values) = (self.text.as_str(), self.parameters.len());
        scan::check(db.engine(), sql, values, capabilities(db).session_sql)?;
        self.text.check(db.engine(), values)?;
        let values = self.parameters.into_iter().enumerate().map(|(at, parameter)| {
            parameter
                .into_sql()
                .map_err(|why| Error::invalid_request(format!("`${}` {why}", at + 1)))
        });
        let values = values.collect::<Result<_>>()?;
        let (sql, unscoped, unobserved) = (self.text.into_shared(), self.unscoped, self.unobserved);
        let sql = if unscoped {
            dialect::StatementSql::exempt(sql)
        } else {
            dialect::StatementSql::open(sql)
        };
        let statement = Statement::new(Operation::Raw, sql, values);
        Ok(Statement { unobserved, ..statement })
    }
}

/// An error about the rows that were asked for.
fn about<T: FromRow>(kind: Kind) -> Error {
    let error = Error::new(kind);
    match T::ENTITY {
        Some(entity) => error.entity_is(entity),
        None => error,
    }
}
