//! The statement cache of a connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::TryFutureExt;
use tokio_postgres::types::Type;

use crate::driver::postgres::sqlstate::error;
use crate::driver::postgres::type_lookup::bounded;
use crate::driver::postgres::value::type_of;
use crate::driver::statement::Statement;
use crate::error::Result;
use crate::hash::Seed;

/// The size of the cache. Beyond that a connection forgets all statements and begins anew.
const KEPT: usize = 500;

/// The prepared statements of a connection.
#[derive(Default)]
pub(crate) struct StatementCache(Mutex<Prepared>);

impl StatementCache {
    /// The prepared statement, if it is kept. One SQL may be meant for values of several types. All are
    /// forgotten if plans have changed more often than before.
    pub(crate) fn get(
        &self,
        statement: &Statement,
        changes: usize,
    ) -> Option<tokio_postgres::Statement> {
        let mut prepared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.changes != changes {
            *prepared = Prepared { changes, ..Prepared::default() };
        }
        let kept = prepared.get(statement.text())?;
        let mut types = kept.params().iter().zip(statement.values().map(type_of));
        types.all(|(kept, given)| *kept == given || given == Type::UNKNOWN).then(|| kept.clone())
    }

    pub(crate) async fn prepare(
        &self,
        client: &tokio_postgres::Client,
        statement: &Statement,
    ) -> Result<tokio_postgres::Statement> {
        let types: Vec<Type> = statement.values().map(type_of).collect();
        let new = bounded(client.prepare_typed(statement.sql(), &types).map_err(error)).await?;
        let mut prepared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.keep(statement.text(), new.clone());
        Ok(new)
    }
}

/// The number of the last ones that are found by the address of their SQL, without a look at it.
const LAST: usize = 16;

/// Prepared statements by their SQL.
#[derive(Default)]
struct Prepared {
    statements: HashMap<Arc<str>, tokio_postgres::Statement, Seed>,
    last: [Option<(Arc<str>, tokio_postgres::Statement)>; LAST],
    /// The number of changed plans that they have outlived.
    changes: usize,
}

impl Prepared {
    fn get(&mut self, sql: &Arc<str>) -> Option<&tokio_postgres::Statement> {
        let last = self.last.get_mut(place_of(sql))?;
        if !last.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, sql)) {
            *last = Some((Arc::clone(sql), self.statements.get(sql)?.clone()));
        }
        last.as_ref().map(|(_, statement)| statement)
    }

    fn keep(&mut self, sql: &Arc<str>, statement: tokio_postgres::Statement) {
        if self.statements.len() >= KEPT {
            *self = Self { changes: self.changes, ..Self::default() };
        }
        if let Some(last) = self.last.get_mut(place_of(sql)) {
            *last = None;
        }
        self.statements.insert(Arc::clone(sql), statement);
    }
}

/// The place of a statement among the last ones, by where its SQL lies: that which is kept is not moved.
fn place_of(sql: &Arc<str>) -> usize {
    Arc::as_ptr(sql).addr() / size_of::<[usize; 2]>() % LAST
}
