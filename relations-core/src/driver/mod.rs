//! Drivers of PostgreSQL and SQLite, and what an [`Executor`](crate::Executor) of your own handles.

pub(crate) mod acquired;
pub(crate) mod assigned;
pub(crate) mod causal;
pub(crate) mod causal_session;
pub(crate) mod coalesce;
pub(crate) mod connect;
pub(crate) mod connect_options;
pub(crate) mod connection;
pub(crate) mod detail;
pub(crate) mod dyn_executor;
#[cfg(feature = "postgres")]
pub(crate) mod encryption;
pub(crate) mod execute;
pub(crate) mod executor;
pub(crate) mod in_schema;
pub(crate) mod observers;
pub(crate) mod one_connection;
pub(crate) mod pool;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod query_stats;
pub(crate) mod returned;
pub(crate) mod rows;
pub(crate) mod spawn;
pub(crate) mod sql_session;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
pub(crate) mod statement;
pub(crate) mod tenant;
#[cfg(feature = "tls")]
pub(crate) mod tls;
pub(crate) mod trace;
pub(crate) mod transaction;
#[cfg(feature = "postgres")]
pub(crate) mod url;
pub(crate) mod violation;

pub use crate::driver::causal::CausalToken;
pub use crate::driver::in_schema::{InSchema, SchemaName};
#[cfg(feature = "postgres")]
pub use crate::driver::postgres::client::Client;
#[cfg(all(feature = "postgres", feature = "json"))]
pub use crate::driver::postgres::notifications::{Notifications, notify};
pub use crate::driver::query_stats::{QueryCount, QueryStats};
pub use crate::driver::rows::Rows;
pub use crate::driver::sql_session::SqlSession;
pub use crate::driver::statement::Statement;
pub use crate::driver::tenant::{IntoTenant, Tenant, TenantRows};
pub use crate::driver::transaction::retry::{RetryableAsyncClosure, TransactionFuture};
pub use crate::sql::operation::Operation;

use crate::dialect::Engine;
use crate::driver::acquired::Acquired;
#[cfg(feature = "postgres")]
use crate::driver::postgres::catalog;
use crate::error::Error;

/// Adds to an error the facts that the catalog has, and the values that `error_details` asks for.
#[cfg_attr(not(feature = "postgres"), allow(unused_variables, clippy::unused_async))]
async fn told(
    acquired: &mut impl Acquired,
    engine: Engine,
    statement: &Statement,
    error: Error,
) -> Error {
    #[cfg(feature = "postgres")]
    let error = match engine {
        Engine::Postgres => catalog::settled(acquired, statement, error).await,
        Engine::Sqlite => error,
    };
    error.with_details(acquired.capabilities().details)
}
