//! A session for SQL that changes it, on a connection that nobody else is lent.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::dialect::Engine;
use crate::driver::acquired::{Acquired, AcquiredClient, Capabilities};
use crate::driver::causal::WrittenPosition;
use crate::driver::connection::Connection;
use crate::driver::executor::Executor;
use crate::driver::pool::Database;
use crate::driver::rows::Rows;
use crate::driver::spawn::current_runtime;
use crate::driver::statement::Statement;
use crate::driver::tenant::TenantRows;
use crate::error::{Error, Kind, Result};

/// A separate connection for SQL that changes the session; see [`Database::sql_session`].
///
/// It runs what a [`Database`] runs, one statement after another, and is closed when it is dropped.
#[must_use = "the connection is closed when the session is dropped"]
pub struct SqlSession {
    /// There until it is closed.
    connection: Option<Connection>,
    /// The runtime on which it is closed, wherever the session is dropped.
    runtime: Handle,
    /// Takes in that it writes as it likes until it is closed.
    written: Arc<WrittenPosition>,
    requires_tenant: bool,
    /// Whether a setting tells the server the tenant of a transaction.
    has_tenant_setting: bool,
}

impl fmt::Debug for SqlSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqlSession").finish_non_exhaustive()
    }
}

impl Database {
    /// Takes a connection out of the pool for SQL that changes the session, and closes it afterwards.
    /// Use it for statements that [`sql`](crate::sql()) refuses elsewhere, such as `SET search_path`,
    /// `SET ROLE`, `CREATE TEMPORARY TABLE`, `pg_advisory_lock`, `LISTEN`, `ATTACH` and `PRAGMA`.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let session = db.sql_session().await?;
    /// relations::sql("SET search_path TO tenant_7", ()).execute(&session).await?;
    /// let orders = Order::find().all(&session).await?;
    /// session.close();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Queries, relations and SQL run on it as on a database, statement by statement. Everything that
    /// they leave in the session, even an open transaction, ends with the connection, and no other
    /// caller sees it. The pool opens another connection when it needs one. To change the session for
    /// one transaction only, use `SET LOCAL` in a transaction, which costs no connection.
    ///
    /// # Errors
    ///
    /// No connection was free in time, or the database cannot be reached
    /// ([`Error::is_connection`]); or the database is [observed](Self::observed)
    /// ([`Error::is_invalid_request`]).
    #[doc(alias = "SET")]
    #[doc(alias = "search_path")]
    #[doc(alias = "PRAGMA")]
    pub async fn sql_session(&self) -> Result<SqlSession> {
        if self.observers.is_some() {
            return Err(Error::invalid_request(
                "a session writes what no observer sees; open it on the database that `observed` was \
                 called on",
            ));
        }
        let runtime = current_runtime()?;
        let written = self.written();
        let connection = Some(self.connection().await?);
        let (requires_tenant, has_tenant_setting) =
            (self.requires_tenant, self.tenant_setting().is_some());
        Ok(SqlSession { connection, runtime, written, requires_tenant, has_tenant_setting })
    }
}

impl SqlSession {
    /// Closes the connection, as dropping the session does.
    pub fn close(self) {}

    fn connection(&self) -> Result<&Connection> {
        let closed = || Error::new(Kind::Connection("the connection is closed".to_owned()));
        self.connection.as_ref().ok_or_else(closed)
    }
}

impl Executor for SqlSession {
    fn engine(&self) -> Engine {
        // It is there until the session is dropped.
        self.connection.as_ref().map_or(Engine::Postgres, Executor::engine)
    }

    fn tenancy(&self) -> TenantRows<'_> {
        if self.requires_tenant { TenantRows::Tenantless } else { TenantRows::All }
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        if self.requires_tenant {
            statement.check_scoped()?;
        }
        if self.has_tenant_setting && statement.tenant.get().is_some() {
            return Err(statement.explain(Error::invalid_request(
                "the session is of no tenant, which a setting holds for a transaction; use \
                 `db.tenant(…)` or its transactions",
            )));
        }
        self.written.lose();
        let rows = self.connection()?.run(statement).await;
        // A read may have asked for the position meanwhile.
        self.written.lose();
        rows
    }

    fn acquire(&self) -> impl Acquired {
        let capabilities = Capabilities { session_sql: true, ..Capabilities::default() };
        AcquiredClient::new(self, capabilities)
    }
}

impl Drop for SqlSession {
    fn drop(&mut self) {
        self.written.lose();
        let _inside = self.runtime.enter();
        if let Some(connection) = self.connection.take() {
            connection.give_up();
        }
    }
}
