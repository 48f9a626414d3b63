//! The verbs that create a schema in a database and drop it.

use crate::definition::quoting::quoted_table;
use crate::definition::quoting::text_literal as text;
use crate::dialect::{Engine, StatementSql};
use crate::driver::execute::{execute, fetch};
use crate::driver::executor::Executor;
use crate::driver::in_schema::InSchema;
use crate::driver::pool::{Database, Pool};
use crate::driver::statement::Statement;
use crate::driver::transaction::Transaction;
use crate::error::{Error, Result};
use crate::query::execute::value;
use crate::schema::Schema;
#[cfg(feature = "sqlite")]
use crate::schema::index_check;
use crate::sql::distribution::IS_CLUSTER;
use crate::sql::operation::Operation;
use crate::value::parameter::Values;
use crate::value::row::Row;

impl Database {
    /// Creates the tables, keys and indexes of a schema, all of them or none.
    ///
    /// On a Citus cluster the tables are distributed as their entities declare, before foreign keys are added;
    /// on other databases `#[entity(distributed_by = "…")]` and `#[entity(reference)]` change nothing.
    ///
    /// Views, and tables of entities that are `#[entity(read_only)]`, are not created: [`check`](Self::check)
    /// reports whether they exist.
    ///
    /// # Errors
    ///
    /// A table exists already; or the engine lacks a type, or two tables, constraints or indexes
    /// would have the same name ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    pub async fn create(&self, schema: Schema) -> Result<()> {
        let schema = self.distributing(schema).await?;
        self.define(schema.create_sql(self.engine())?).await
    }

    /// Creates the missing tables, keys and indexes of a schema, all of them or none.
    ///
    /// Existing tables stay unchanged, whatever their columns. On a cluster, existing tables that should
    /// be distributed are distributed with their rows.
    ///
    /// # Errors
    ///
    /// The engine lacks a type, or two tables, constraints or indexes would have one name
    /// ([`is_invalid_request`](crate::Error::is_invalid_request)); or an existing table cannot have a key, or
    /// its name is already used.
    pub async fn create_if_missing(&self, schema: Schema) -> Result<()> {
        let schema = self.distributing(schema).await?;
        let statements = schema.create_if_missing_sql(self.engine())?;
        let transaction = self.begin().await?;
        #[cfg(feature = "sqlite")]
        if self.engine() == Engine::Sqlite {
            index_check::indexes_are_its_own(&transaction, &schema).await?;
        }
        define(&transaction, statements).await?;
        transaction.commit().await
    }

    /// Drops the tables of a schema and all their rows; missing tables, views and read-only tables are ignored.
    ///
    /// # Errors
    ///
    /// A table outside the schema references one of them.
    pub async fn drop(&self, schema: Schema) -> Result<()> {
        let statements = schema.drop_sql(self.engine());
        match self.pool() {
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => self.define(statements).await,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { pool, statement_timeout, .. } => {
                let connection = crate::driver::sqlite::lend(pool, *statement_timeout).await?;
                let tables = schema.defined();
                let tables = tables.iter().map(|entity| entity.table.to_owned()).collect();
                let without_keys =
                    crate::driver::sqlite::without_keys::WithoutKeys { connection, tables };
                let all = statements.join("; ");
                let statement =
                    Statement::new(Operation::Define, StatementSql::exempt(all), Values::new());
                if let Some(observers) = self.observers() {
                    observers.check(&statement)?;
                }
                execute(&without_keys, &statement).await.map(drop)
            }
        }
    }

    /// The schema, whose tables are distributed if the server does that.
    async fn distributing(&self, schema: Schema) -> Result<Schema> {
        if self.engine() != Engine::Postgres || !schema.distributes() {
            return Ok(schema);
        }
        let asked =
            Statement::new(Operation::Select, StatementSql::exempt(IS_CLUSTER), Values::new());
        let read = |row: &Row<'_>| value::<bool>(row, "pg_proc");
        let is_cluster = fetch(self, &asked, read).await?.contains(&true);
        Ok(if is_cluster { schema.distributed() } else { schema })
    }

    /// Runs statements that define tables, all of them or none.
    async fn define(&self, statements: Vec<String>) -> Result<()> {
        let transaction = self.begin().await?;
        define(&transaction, statements).await?;
        transaction.commit().await
    }
}

/// Runs statements that define tables in a transaction.
async fn define(transaction: &Transaction, statements: Vec<String>) -> Result<()> {
    for sql in statements {
        let statement = Statement::new(Operation::Define, StatementSql::exempt(sql), Values::new());
        execute(transaction, &statement).await?;
    }
    Ok(())
}

impl InSchema {
    /// Creates the schema if it is missing, and in it the tables, keys and indexes of entities, all of them or
    /// none; see [`Database::create`].
    ///
    /// Entities that name a schema keep it. Enum types are shared by all schemas.
    ///
    /// # Errors
    ///
    /// The errors of [`Database::create`]; or a foreign key references a table that the schema lacks, or this
    /// is SQLite, or the name is not valid for a schema
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    pub async fn create(&self, schema: Schema) -> Result<()> {
        let schema = self.executor().distributing(schema).await?;
        self.define(&schema, schema.create_sql(self.engine())?).await
    }

    /// Creates the schema, its tables, keys and indexes if they are missing, all of them or none; see
    /// [`Database::create_if_missing`].
    ///
    /// # Errors
    ///
    /// The errors of [`create`](Self::create).
    pub async fn create_if_missing(&self, schema: Schema) -> Result<()> {
        let schema = self.executor().distributing(schema).await?;
        self.define(&schema, schema.create_if_missing_sql(self.engine())?).await
    }

    /// Drops the tables of entities in the schema and all their rows; missing tables are ignored, and the
    /// schema stays.
    ///
    /// # Errors
    ///
    /// The errors of [`Database::drop`]; or the name is not valid for a schema.
    pub async fn drop(&self, schema: Schema) -> Result<()> {
        self.name().check(self.engine())?;
        let transaction = self.executor().begin().await?;
        define(&transaction, vec![self.looked_up_alone()]).await?;
        define(&transaction, schema.drop_sql(self.engine())).await?;
        transaction.commit().await
    }

    /// Has the rest of a transaction look for tables in this schema, and nowhere else. Nothing is left in the
    /// session.
    fn looked_up_alone(&self) -> String {
        format!("SET LOCAL search_path TO {}", self.name().quoted())
    }

    async fn define(&self, schema: &Schema, statements: Vec<String>) -> Result<()> {
        self.name().check(self.engine())?;
        let transaction = self.executor().begin().await?;
        let create = format!("CREATE SCHEMA IF NOT EXISTS {}", self.name().quoted());
        define(&transaction, vec![create]).await?;
        self.targets_are_there(schema, &transaction).await?;
        // Types are found in any schema, and so are made where the connection makes them.
        let types = schema.types_sql(self.engine())?;
        let tables = statements.into_iter().filter(|one| !types.contains(one)).collect();
        define(&transaction, types).await?;
        let path = format!(
            "SELECT set_config('search_path', {} || ', ' || current_setting('search_path'), true)",
            text(self.name().quoted()),
        );
        define(&transaction, vec![path]).await?;
        define(&transaction, tables).await?;
        transaction.commit().await
    }

    /// Makes sure that foreign keys lead to tables of this schema, rather than to those that the connection
    /// finds elsewhere.
    async fn targets_are_there(&self, schema: &Schema, transaction: &Transaction) -> Result<()> {
        for target in schema.unlisted_targets() {
            let name = quoted_table(Some(self.name().name()), target.table);
            let sql = format!("SELECT to_regclass({}) IS NOT NULL", text(&name));
            let asked = Statement::new(Operation::Select, StatementSql::exempt(sql), Values::new());
            let read = |row: &Row<'_>| value::<bool>(row, target.table);
            if !fetch(transaction, &asked, read).await?.contains(&true) {
                return Err(Error::invalid_request(format!(
                    "the schema `{}` has no table of `{}`, to which a foreign key leads; create both \
                     together, or give `{}` a schema of its own by `#[entity(schema = \"…\")]`",
                    self.name().name(),
                    target.name,
                    target.name,
                ))
                .entity_is(target));
            }
        }
        Ok(())
    }
}
