//! Rows that are locked as they are read.

use sea_query::{LockBehavior, LockType, SelectStatement};

use crate::ast::lock::{Busy, Lock, Strength};
use crate::ast::select::Select;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::from_clause::FromClause;

impl FromClause<'_> {
    /// Locks the rows of the table to start at, and none of those that are joined to it.
    pub(crate) fn lock(&self, statement: &mut SelectStatement, select: &Select) -> Result<()> {
        let refused = |why: &str| Err(Error::invalid_request(why).entity_is(select.entity));
        let Lock { strength, busy } = select.lock;
        let strength = match strength {
            None if busy == Busy::Wait => return Ok(()),
            None => {
                return refused(
                    "`skip_locked` and `no_wait` say how rows are locked, which `for_update` and \
                     `for_share` ask for; add one of these",
                );
            }
            Some(_) if self.writer.engine == Engine::Sqlite => {
                return refused(
                    "SQLite locks no rows, and a transaction that writes is alone from its \
                     beginning; leave out `for_update` and its kin",
                );
            }
            Some(_) if select.distinct => {
                return refused(
                    "a row that is `distinct` stands for several, and none of them is locked; \
                     leave out `for_update` and its kin, or `distinct`",
                );
            }
            Some(Strength::Update) => LockType::Update,
            Some(Strength::Share) => LockType::Share,
        };
        let tables = [self.root.name()];
        match busy {
            Busy::Wait => statement.lock_with_tables(strength, tables),
            Busy::Skip => {
                statement.lock_with_tables_behavior(strength, tables, LockBehavior::SkipLocked)
            }
            Busy::Fail => {
                statement.lock_with_tables_behavior(strength, tables, LockBehavior::Nowait)
            }
        };
        Ok(())
    }
}
