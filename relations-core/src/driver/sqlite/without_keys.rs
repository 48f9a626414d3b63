//! Tables that are dropped without the keys between them.

use rusqlite::{Connection, OptionalExtension};

use crate::definition::property::ColumnType;
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::driver::rows::{Answer, Rows};
use crate::driver::sqlite::pooled_connection::SqliteConnection;
use crate::driver::sqlite::result_code::error;
use crate::driver::sqlite::{SqliteAnswer, Within};
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::value::parameter::Parameter;
use crate::value::sqlite_encode::json_array;

/// A connection that drops tables, while it does not heed the keys between them. Otherwise SQLite
/// would first empty each table, row by row, and do what keys say of that.
pub(crate) struct WithoutKeys {
    pub(crate) connection: SqliteConnection,
    /// The tables that are dropped.
    pub(crate) tables: Vec<String>,
}

impl Executor for WithoutKeys {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        let (statement, tables) = (statement.clone(), self.tables.clone());
        // Nobody sees the connection in between, whatever becomes of who waits for this.
        let dropped = self.connection.interact(Within::Nothing, None, move |connection| {
            let heed = |connection: &Connection, keys: bool| {
                let heeded = connection.pragma_update(None, "foreign_keys", keys);
                heeded.map_err(|failure| error(connection, &statement, &[], failure))
            };
            heed(connection, false)?;
            let dropped = drop_tables(connection, &tables, &statement);
            heed(connection, true).and(dropped)
        });
        dropped.await?;
        Ok(Rows(Answer::Sqlite(SqliteAnswer::default())))
    }
}

/// Drops tables, all of them or none, unless another one references them.
fn drop_tables(connection: &mut Connection, tables: &[String], drops: &Statement) -> Result<()> {
    const OTHERS: &str = "SELECT other.name FROM sqlite_schema AS other, \
                          pragma_foreign_key_list(other.name) AS key \
                          WHERE other.type = 'table' AND key.\"table\" IN (SELECT value FROM json_each(?1)) \
                          AND other.name NOT IN (SELECT value FROM json_each(?1))";
    let names = tables.iter().map(|table| Parameter::text(table)).collect();
    let names = json_array(&[Parameter::array(ColumnType::Text, names)])?;
    let mut dropped = || {
        let transaction = connection.transaction()?;
        let other = transaction.query_row(OTHERS, [&names], |row| row.get::<_, String>(0));
        if let Some(other) = other.optional()? {
            return Ok(Some(other));
        }
        transaction.execute_batch(drops.sql())?;
        transaction.commit()?;
        Ok(None)
    };
    match dropped() {
        Ok(None) => Ok(()),
        Ok(Some(other)) => Err(Error::invalid_request(format!(
            "table `{other}` references one that would be dropped; drop it as well",
        ))),
        Err(failure) => Err(error(connection, drops, &[], failure)),
    }
}
