//! The tenant as a setting of PostgreSQL, with which policies of row-level security compare rows.

use std::ops::Deref;

use sea_query::Value as SqlValue;

use crate::driver::acquired::{Acquired, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use crate::driver::connection::Connection;
use crate::driver::executor::Executor;
use crate::driver::postgres::acquired::AcquiredPostgres;
use crate::driver::postgres::connection_pool::PostgresPool;
use crate::driver::postgres::replicas::After;
use crate::driver::rows::Rows;
use crate::driver::statement::Statement;
use crate::driver::tenant::value::TenantValue;
use crate::driver::trace::SET_TO;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::{IsolationLevel, TransactionOptions};
use crate::driver::transaction::session::{Manner, Session};
use crate::error::{Error, Result};
use crate::plan::reads::Reads;
use crate::sql::operation::Operation;
use crate::value::row::Row;
use crate::value::untyped::text_of_untyped;

/// Makes sure that a text names a setting of the program's own, which has a dot.
pub(crate) fn check_name(setting: &str) -> Result<()> {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && word
                .chars()
                .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
    };
    if setting.contains('.') && setting.split('.').all(is_word) {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "`{setting}` cannot be the setting of a tenant; give `tenant_setting` two words of small letters \
         with a dot between them, as in `app.tenant`"
    )))
}

/// The statement that gives a transaction its tenant.
pub(crate) fn set_local(setting: &str, tenant: &SqlValue) -> Result<String> {
    let text = match tenant {
        SqlValue::SmallInt(Some(number)) => number.to_string(),
        SqlValue::Int(Some(number)) => number.to_string(),
        SqlValue::BigInt(Some(number)) => number.to_string(),
        SqlValue::String(Some(text)) => text.clone(),
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(Some(uuid)) => uuid.to_string(),
        other => text_of_untyped(other).cloned().ok_or_else(|| {
            Error::invalid_request(format!(
                "a tenant of this type cannot be the setting `{setting}`; use an integer, a text or a uuid"
            ))
        })?,
    };
    if text.contains('\0') {
        return Err(Error::invalid_request("PostgreSQL has no texts with a NUL character"));
    }
    // Whatever `standard_conforming_strings` is, a backslash means one thing here.
    let text = text.replace('\\', r"\\").replace('\'', "''");
    // A part of the name may be a keyword of SQL.
    let setting = setting.replace('.', r#"".""#);
    Ok(format!(r#"SET LOCAL "{setting}"{SET_TO}{text}'"#))
}

impl PostgresPool {
    /// The statement that gives a transaction of its own the tenant of a statement; `None` for one without
    /// a tenant, and where no setting was named.
    pub(crate) fn tenant_of(&self, statement: &Statement) -> Option<Result<String>> {
        let setting = self.usage.tenant_setting?;
        Some(set_local(setting, statement.tenant.get()?))
    }

    /// Runs a statement in a transaction of its tenant, and has all rows before they are handed on.
    pub(crate) async fn run_as_tenant(
        &self,
        statement: &Statement,
        set: &str,
        after: Option<After>,
    ) -> Result<Rows> {
        let call = AcquiredPostgres::new(self);
        let mut call = match after {
            Some(after) => call.after(after),
            None => call,
        };
        let mut is_again = false;
        loop {
            let transaction = call.begin_as_tenant(statement, set, false).await?;
            let rows = match transaction.run(statement).await {
                Ok(rows) => rows.gathered().await,
                Err(error) => Err(error),
            };
            match rows {
                Err(error) if !is_again && is_worth_another_try(statement, &error) => {
                    is_again = true;
                }
                rows => {
                    let rows = rows?;
                    commit(transaction, statement.replicable).await?;
                    return Ok(rows);
                }
            }
        }
    }
}

/// Whether a statement that failed before any of its rows was handed on may be run in another transaction.
/// Nothing of it was committed.
fn is_worth_another_try(statement: &Statement, error: &Error) -> bool {
    let reads = statement.operation() == Operation::Select;
    error.is_plan_changed() || error.is_demoted() || reads && error.is_lost()
}

/// Commits the transaction of a tenant. If nothing can have been written, its rows are an answer though the
/// server is gone.
async fn commit(transaction: Transaction, only_reads: bool) -> Result<()> {
    match transaction.commit().await {
        Err(error) if only_reads && error.is_commit_unknown() => Ok(()),
        ended => ended,
    }
}

/// The transaction of a tree whose rounds are under way.
pub(crate) struct TenantTree {
    transaction: Transaction,
    only_reads: bool,
}

impl<P: Deref<Target = PostgresPool> + Send> AcquiredPostgres<P> {
    /// Begins the transaction of a statement, or of a tree whose statements see one snapshot.
    pub(crate) async fn begin_as_tenant(
        &mut self,
        statement: &Statement,
        set: &str,
        is_tree: bool,
    ) -> Result<Transaction> {
        let mut options = TransactionOptions::new();
        if is_tree {
            options = options.isolation(IsolationLevel::RepeatableRead);
        }
        if statement.replicable {
            options = options.read_only();
        }
        let usage = &self.pool.usage;
        let manner = Manner {
            high_latency: usage.high_latency,
            details: usage.details,
            writes: self.pool.writes(),
            written: self.written.clone().filter(|_| statement.may_write()),
            tenant_setting: usage.tenant_setting,
        };
        // Nothing was done yet, so that it may begin on another connection where one was closed while
        // nothing used it.
        let mut dead = 0;
        loop {
            let connection = Connection::Postgres(self.connection().await?);
            let begun =
                Transaction::begin(connection, manner.clone(), &options, 1, Some(set)).await;
            match begun {
                Err(error) if error.is_lost() && dead < self.pool.connections() => dead += 1,
                begun => {
                    let transaction = begun?;
                    if let Some(tenant) = statement.tenant.get() {
                        transaction.session.record_tenant(tenant);
                    }
                    return Ok(transaction);
                }
            }
        }
    }

    /// Runs a statement in a transaction of its tenant.
    pub(crate) async fn fetch_as_tenant(
        &mut self,
        statement: &Statement,
        set: &str,
        each: EachRow<'_>,
    ) -> Result<u64> {
        let mut is_again = false;
        loop {
            let transaction = self.begin_as_tenant(statement, set, false).await?;
            let mut is_handed = false;
            let mut watched = |row: &Row<'_>| {
                is_handed = true;
                each(row)
            };
            let fetched = transaction.acquire().fetch(statement, &mut watched).await;
            match fetched {
                Err(error)
                    if !is_again && !is_handed && is_worth_another_try(statement, &error) =>
                {
                    is_again = true;
                }
                fetched => {
                    let number = fetched?;
                    commit(transaction, statement.replicable).await?;
                    return Ok(number);
                }
            }
        }
    }

    /// Runs a round of a tree in a transaction of its tenant, which the first one begins and the last one
    /// ends.
    pub(crate) async fn round_as_tenant(
        &mut self,
        round: RoundTrip<'_>,
        set: &str,
        each: EachRowOfAll<'_>,
    ) -> Result<RoundEnd> {
        let begun = self.tree_of_tenant.take().filter(|_| round.number > 0);
        let tree = match (begun, round.statements.first()) {
            (Some(tree), _) => tree,
            (None, Some(first)) => {
                let is_tree =
                    round.reads != Reads::Locking && (round.statements.len() > 1 || !round.is_last);
                let transaction = self.begin_as_tenant(first, set, is_tree).await?;
                Box::new(TenantTree { transaction, only_reads: round.reads == Reads::Only })
            }
            (None, None) => return Ok(RoundEnd::Done),
        };
        let read = tree.transaction.acquire().round(round, each).await;
        if let Err(error) = &read
            && round.reads != Reads::Locking
            && (error.is_plan_changed() || error.is_lost())
            && !std::mem::replace(&mut self.tree_restarted, true)
        {
            return Ok(RoundEnd::Restart);
        }
        let progress = read?;
        self.tree_of_tenant = Some(tree);
        if round.is_last {
            return self.end_as_tenant().await;
        }
        Ok(progress)
    }

    /// Ends the transaction of a tree whose last round was not known to be the last.
    pub(crate) async fn end_as_tenant(&mut self) -> Result<RoundEnd> {
        if let Some(tree) = self.tree_of_tenant.take() {
            commit(tree.transaction, tree.only_reads).await?;
        }
        self.tree_restarted = false;
        Ok(RoundEnd::Done)
    }
}

impl Session {
    /// Records the tenant that was set.
    fn record_tenant(&self, tenant: &SqlValue) {
        self.tenant.get_or_init(|| tenant.clone());
    }
}

/// Makes sure that a statement of a tenant is in a transaction of that tenant, where a setting holds it.
pub(crate) fn check(session: &Session, statement: &Statement) -> Result<()> {
    let Some(tenant) = statement.tenant.get().filter(|_| session.manner.tenant_setting.is_some())
    else {
        return Ok(());
    };
    if session.tenant.get() == Some(tenant) {
        return Ok(());
    }
    Err(statement.explain(Error::invalid_request(
        "the transaction was begun without this tenant, which a setting holds for all of it; begin it with \
         `db.tenant(…).transaction(…)`",
    )))
}

impl Transaction {
    /// Gives this transaction a tenant, where the pool names a setting for it.
    pub(crate) async fn set_tenant(&self, tenant: &TenantValue) -> Result<()> {
        let Some(setting) = self.session.manner.tenant_setting else { return Ok(()) };
        // A savepoint would leave the setting to the outer transaction, which has no tenant.
        if self.depth > 0 {
            return Ok(());
        }
        let tenant = tenant.compared()?;
        self.session.control(Operation::Begin, &set_local(setting, tenant)?).await?;
        self.session.record_tenant(tenant);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure is to stop the test")]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_stays_within_its_literal() {
        let set = |text: &str| set_local("app.tenant", &SqlValue::String(Some(text.into())));
        for (text, literal) in [
            ("seven", "E'seven'"),
            ("it's", "E'it''s'"),
            (r"a\", r"E'a\\'"),
            (r"\'; DROP TABLE orders; --", r"E'\\''; DROP TABLE orders; --'"),
            ("", "E''"),
        ] {
            assert_eq!(set(text).unwrap(), format!(r#"SET LOCAL "app"."tenant" = {literal}"#));
        }
        assert!(set("a\0b").unwrap_err().is_invalid_request());
        let number = set_local("app.tenant", &SqlValue::BigInt(Some(-7))).unwrap();
        assert_eq!(number, r#"SET LOCAL "app"."tenant" = E'-7'"#);
        assert!(set_local("app.tenant", &SqlValue::Double(Some(7.0))).is_err());
    }

    #[test]
    fn a_setting_has_a_name_with_a_dot() {
        for name in ["app.tenant", "a.b.c_1", "_x.y"] {
            check_name(name).unwrap();
        }
        for name in
            ["tenant", "", ".", "app.", "app.Tenant", "app.1", "a b.c", "app.x; DROP", "app.'"]
        {
            assert!(check_name(name).unwrap_err().is_invalid_request(), "{name}");
        }
    }
}
