//! One event a statement, named by OpenTelemetry's conventions for databases.
//!
//! An event tells the SQL, never its values; those are in messages of errors too.

use std::time::Instant;

use tracing::{Level, enabled, event};

use crate::dialect::Engine;
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::sql::operation::Operation;

/// A statement under way; nothing is measured when nobody listens.
pub(crate) struct Trace<'statement> {
    engine: Engine,
    statement: &'statement Statement,
    begun: Option<Instant>,
}

impl<'statement> Trace<'statement> {
    pub(crate) fn begin(engine: Engine, statement: &'statement Statement) -> Self {
        Self::begun(engine, statement, now())
    }

    /// A statement that was sent before, with others.
    pub(crate) fn begun(
        engine: Engine,
        statement: &'statement Statement,
        begun: Option<Instant>,
    ) -> Self {
        Self { engine, statement, begun }
    }

    /// The number of rows that were read or changed, or why not, with what the statement is about.
    pub(crate) fn end(self, rows: Result<u64>) -> Result<u64> {
        let rows = rows.map_err(|error| self.statement.explain(error));
        self.ended(rows.as_ref().copied());
        rows
    }

    /// The number of rows that were read, or why not.
    pub(crate) fn ended(self, rows: Result<u64, &Error>) {
        let Some(begun) = self.begun else { return };
        let entity = self.statement.entity();
        let relation = self.statement.relation();
        event!(
            target: "relations",
            Level::DEBUG,
            "db.system.name" = self.engine.system_name(),
            "db.operation.name" = self.statement.operation().name(),
            "db.collection.name" = entity.map(|entity| entity.table),
            "db.query.text" = told(self.statement),
            "db.response.returned_rows" = rows.ok(),
            "db.client.operation.duration" = begun.elapsed().as_secs_f64(),
            "error.type" = rows.err().map(Error::type_name),
            entity = entity.map(|entity| entity.name),
            relation = relation.map(|relation| relation.name),
        );
    }
}

/// The SQL before the value of a setting of a transaction.
pub(crate) const SET_TO: &str = " = E'";

/// The SQL of a statement. The tenant that a transaction is given is a value, and is left out.
fn told(statement: &Statement) -> &str {
    let sql = statement.sql();
    match statement.operation() {
        Operation::Begin => sql.split_once(SET_TO).map_or(sql, |(told, _)| told),
        _ => sql,
    }
}

/// The time, if somebody listens.
pub(crate) fn now() -> Option<Instant> {
    enabled!(target: "relations", Level::DEBUG).then(Instant::now)
}

/// A transaction lost against another one in that attempt, and is begun again.
pub(crate) fn duplicate(engine: Engine, attempt: u32) {
    event!(
        target: "relations",
        Level::DEBUG,
        "db.system.name" = engine.system_name(),
        "db.operation.name" = "RETRY",
        "transaction.attempt" = attempt,
    );
}
