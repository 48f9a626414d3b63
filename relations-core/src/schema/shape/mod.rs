//! The shape of a schema: tables, columns, keys and indexes as data, wherever they were read.

pub(super) mod elements;
mod entities;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
mod sqlite_text;
mod table;

pub use crate::schema::check::report::{Drift, Finding, Report};
#[cfg(feature = "migrations")]
pub use crate::schema::migration;
pub use table::{
    CheckShape, ColumnShape, DistributionShape, EnumShape, ForeignKeyShape, IndexShape, KeyShape,
    Numbering, TableKind, TableShape,
};

use crate::dialect::Engine;
use crate::driver::pool::Database;
use crate::error::Result;
use crate::schema::Schema;

/// The table in which the steps of migrations are kept that are done.
pub(in crate::schema) const HISTORY: &str = "relations_migrations";

/// The tables, columns, keys, indexes and enums of a database, as data.
///
/// [`Schema::shape`] returns that of entities, and [`Database::shape`] that of a database. Tables,
/// keys, indexes and enums are sorted by name; columns are in the order of their table. With the
/// feature `serde` it is `Serialize` and `Deserialize`.
///
/// ```
/// # use relations::prelude::*;
/// # use relations::{Engine, schema};
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer)]
///     customer_id: i64,
/// }
///
/// let shape = schema![Customer, Order].shape(Engine::Postgres)?;
/// let orders = shape.table(None, "orders").unwrap();
/// assert_eq!(orders.column("customer_id").unwrap().sql_type, "bigint");
/// assert_eq!(orders.foreign_keys[0].target_table, "customers");
/// # Ok::<(), relations::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Shape {
    /// The kind of database.
    pub engine: Engine,
    /// The tables and views.
    pub tables: Vec<TableShape>,
    /// The enum types, which only PostgreSQL has.
    pub enums: Vec<EnumShape>,
    /// Whether the database distributes tables over several servers, as Citus does. That of entities does not
    /// say.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub is_cluster: bool,
}

impl Shape {
    /// A shape in its canonical order.
    fn new(engine: Engine, tables: Vec<TableShape>, enums: Vec<EnumShape>) -> Self {
        let mut shape = Self { engine, tables, enums, is_cluster: false };
        for table in &mut shape.tables {
            table.foreign_keys.sort_by(|a, b| (&a.columns, &a.name).cmp(&(&b.columns, &b.name)));
            table.indexes.sort_by(|a, b| (&a.name, &a.columns).cmp(&(&b.name, &b.columns)));
            table.checks.sort_by(|a, b| a.name.cmp(&b.name));
        }
        shape.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        shape.enums.sort_by(|a, b| a.name.cmp(&b.name));
        shape
    }

    /// This shape without the table in which migrations are kept, which no entity is of.
    fn without_history(mut self) -> Self {
        self.tables.retain(|table| table.name != HISTORY);
        self
    }

    /// The table of that name in a schema, or without one on the search path; `None` if there is
    /// none.
    #[must_use]
    pub fn table(&self, schema: Option<&str>, name: &str) -> Option<&TableShape> {
        self.tables.iter().find(|table| {
            let is_name = match self.engine {
                Engine::Postgres => table.name == crate::definition::constraint_names::cut(name),
                Engine::Sqlite => table.name.eq_ignore_ascii_case(name),
            };
            is_name
                && match schema {
                    Some(schema) => table.schema.as_deref() == Some(schema),
                    None => table.on_search_path,
                }
        })
    }

    /// The enum type of that name, as PostgreSQL spells it; `None` if there is none.
    #[must_use]
    pub fn enumeration(&self, name: &str) -> Option<&EnumShape> {
        self.enums.iter().find(|one| one.name == name)
    }
}

impl Schema {
    /// The shape that the entities have on an engine, with types and expressions as they are written.
    ///
    /// # Errors
    ///
    /// The engine lacks the type of a property, or has no schemas and an entity is in one, or two
    /// tables, constraints or indexes would have one name
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    pub fn shape(&self, engine: Engine) -> Result<Shape> {
        self.create_sql(engine)?;
        Ok(entities::shape(engine, self))
    }
}

impl Database {
    /// Reads the shape of the whole database, in one statement on PostgreSQL. The tables of the system,
    /// of extensions and of migrations, and partitions, are left out.
    ///
    /// ```no_run
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// for table in db.shape().await?.tables {
    ///     println!("{} has {} columns", table.name, table.columns.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The database cannot be reached or read.
    pub async fn shape(&self) -> Result<Shape> {
        use crate::driver::executor::Executor;
        match self.engine() {
            #[cfg(feature = "postgres")]
            Engine::Postgres => Ok(postgres::shape(self).await?.without_history()),
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(sqlite::shape(self).await?.without_history()),
            #[allow(unreachable_patterns, reason = "an engine may not be built in")]
            engine => Ok(Shape::new(engine, Vec::new(), Vec::new())),
        }
    }
}
