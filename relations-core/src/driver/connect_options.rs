//! Options of a connection pool.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::driver::pool::Database;
use crate::error::Result;

/// Connects to the database at a URL, with the default [`ConnectOptions`].
///
/// `postgres://user:password@host/database` is PostgreSQL; `sqlite:orders.db` is an SQLite file,
/// created if it is missing, and `sqlite::memory:` a new in-memory database.
///
/// With the feature `tls` a connection to PostgreSQL can be encrypted, by `?sslmode=` as in libpq:
///
/// | `sslmode` | |
/// |---|---|
/// | `disable` | not encrypted |
/// | `prefer` | encrypted where the server can, without a check of its identity; this is the default |
/// | `require` | encrypted, without a check of the server's identity |
/// | `verify-ca` | encrypted, and the server's certificate is signed by an authority of `sslrootcert` |
/// | `verify-full` | encrypted, the certificate is signed by an authority that is trusted, and is for the host of the URL |
///
/// `?sslrootcert=` is a file with the trusted certificate authorities, in PEM format. With it `prefer`,
/// `require` and no `sslmode` mean `verify-ca`, and `disable` is an error. Without it `verify-full`
/// trusts the authorities of the system, like `sslrootcert=system`, and `verify-ca` is an error: any
/// authority could sign for any server.
///
/// Only `verify-full` protects against a man in the middle; use it over any network that is not your
/// own. A password is sent unencrypted with `disable`, and with `prefer` if the server does not encrypt.
/// See the page "Running safely" of the guide.
///
/// A URL may name several servers, as in `postgres://app@one:5432,two:5432/shop`. They are tried in
/// that order, each for the whole `connect_timeout`; an unreachable server is tried last until a check
/// in the background reaches it again. `?load_balance_hosts=random` spreads the connections over them,
/// and each call takes the next server. `?target_session_attrs=` selects the servers that a pool uses,
/// as in libpq:
///
/// | `target_session_attrs` | |
/// |---|---|
/// | `any` | any server; this is the default |
/// | `read-write` | a server that accepts writes |
/// | `read-only` | a server that does not, by default: a standby, or one with `default_transaction_read_only` |
/// | `primary` | a server that is not in recovery |
/// | `standby` | a server in recovery |
/// | `prefer-standby` | a standby, or any other where there is none |
///
/// PostgreSQL 14 and newer report their role, so a connection to a server that was promoted or became
/// read-only is closed after its next answer; older servers are asked once for each connection, so set a
/// [`max_lifetime`](crate::ConnectOptions::max_lifetime).
///
/// An unknown parameter of the URL is an error, and so is a second one about encryption.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # async fn run() -> relations::Result<()> {
/// let db = relations::connect("sqlite::memory:").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The URL is not valid ([`Error::is_invalid_request`](crate::Error::is_invalid_request)), or the
/// server does not answer ([`Error::is_connection`](crate::Error::is_connection)).
pub async fn connect(url: &str) -> Result<Database> {
    ConnectOptions::new(url).connect().await
}

/// Options of a connection pool.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # async fn run() -> relations::Result<()> {
/// use std::time::Duration;
///
/// let db = relations::ConnectOptions::new("sqlite::memory:")
///     .pool_size(4)
///     .wait_timeout(Duration::from_secs(2))
///     .statement_timeout(Duration::from_secs(30))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until `connect` is awaited"]
pub struct ConnectOptions {
    pub(super) url: String,
    pub(super) pool_size: usize,
    pub(super) replicas: Vec<String>,
    pub(super) replica_timeout: Duration,
    pub(super) wait_timeout: Duration,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) application_name: Option<String>,
    pub(super) unnamed_statements: bool,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) high_latency: Option<bool>,
    pub(super) error_details: bool,
    pub(super) require_tenant: bool,
    pub(super) tenant_setting: Option<&'static str>,
}

/// The URL may contain a password, so only its scheme is shown.
impl fmt::Debug for ConnectOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            pool_size,
            replicas,
            replica_timeout,
            wait_timeout,
            connect_timeout,
            statement_timeout,
            idle_timeout,
            max_lifetime,
            application_name,
            unnamed_statements,
            root_certificate,
            high_latency,
            error_details,
            require_tenant,
            tenant_setting,
        } = self;
        let known = ["postgres", "postgresql", "sqlite"];
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        let scheme = scheme.filter(|scheme| known.contains(scheme)).unwrap_or_default();
        formatter
            .debug_struct("ConnectOptions")
            .field("url", &format_args!("{scheme}:…"))
            .field("pool_size", pool_size)
            .field("replicas", &replicas.len())
            .field("replica_timeout", replica_timeout)
            .field("wait_timeout", wait_timeout)
            .field("connect_timeout", connect_timeout)
            .field("statement_timeout", statement_timeout)
            .field("idle_timeout", idle_timeout)
            .field("max_lifetime", max_lifetime)
            .field("application_name", application_name)
            .field("unnamed_statements", unnamed_statements)
            .field("root_certificate", root_certificate)
            .field("high_latency", high_latency)
            .field("error_details", error_details)
            .field("require_tenant", require_tenant)
            .field("tenant_setting", tenant_setting)
            .finish()
    }
}

impl ConnectOptions {
    /// The default options for a URL: 16 connections, five seconds to wait for a free one, and ten
    /// to open one.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            replicas: Vec::new(),
            replica_timeout: Duration::from_millis(500),
            wait_timeout: Duration::from_secs(5),
            connect_timeout: None,
            statement_timeout: None,
            idle_timeout: None,
            max_lifetime: None,
            application_name: None,
            unnamed_statements: false,
            root_certificate: None,
            high_latency: None,
            error_details: false,
            require_tenant: false,
            tenant_setting: None,
        }
    }

    /// Limits the number of connections, which is 16 by default and at most 65,535.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections;
        self
    }

    /// Adds a replica of the PostgreSQL server, with a pool of its own that has the same options. It can
    /// be called several times; a URL may also name several servers.
    ///
    /// Reads outside of a transaction and transactions that are
    /// [`read_only`](crate::TransactionOptions::read_only) go to the replicas in turn. Each call stays on
    /// one replica, and a tree of includes sees one snapshot there. Everything else goes to the primary:
    /// writes, other transactions, queries that lock rows, raw SQL, and queries with
    /// [`Filter::raw`](crate::Filter::raw), `sql_expr`, `now()` or a sum of floats.
    ///
    /// A read sees all that was written before through this [`Database`], its clones and its sessions: each
    /// write returns the server's WAL position in the same round trip, and a read waits for up to
    /// [`replica_timeout`](Self::replica_timeout) until its replica has replayed up to it, or goes to the
    /// primary. [`Database::causal_session`] waits only for the writes of one request, and
    /// [`Database::causal_token`] carries them to another process.
    ///
    /// An unreachable or lagging replica, or one without a free connection, is skipped: the next one
    /// answers, or the primary. It is tried again after three seconds. `connect` does not need it.
    ///
    /// ```no_run
    /// # async fn run() -> relations::Result<()> {
    /// let db = relations::ConnectOptions::new("postgres://app@primary/shop")
    ///     .replica("postgres://app@replica1/shop")
    ///     .replica("postgres://app@replica2/shop")
    ///     .connect()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "read replica")]
    #[doc(alias = "hot standby")]
    #[doc(alias = "load balancing")]
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replicas.push(url.into());
        self
    }

    /// Limits the time that a read waits for its replica to replay a write, half a second by default;
    /// then the primary answers it.
    pub fn replica_timeout(mut self, time: Duration) -> Self {
        self.replica_timeout = time;
        self
    }

    /// Limits the time that a statement waits for a free connection; on SQLite also for the write
    /// lock.
    pub fn wait_timeout(mut self, time: Duration) -> Self {
        self.wait_timeout = time;
        self
    }

    /// Limits the time of a new connection, from the lookup of the host until the server is ready for
    /// queries. The default is ten seconds, or `?connect_timeout=` of the URL in seconds, which this
    /// replaces. If the URL names several hosts, each has that time. A request to cancel a statement
    /// uses a connection of its own, with five seconds.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = Some(time);
        self
    }

    /// Limits the time of a statement, from when it is sent until its last row is read; by default there is no
    /// limit. After that time the database is told to cancel it, and it fails
    /// ([`Error::is_timeout`](crate::Error::is_timeout)). Statements that are sent together get the sum of
    /// their limits.
    ///
    /// The client measures the time, so nothing is set in the session of the server.
    pub fn statement_timeout(mut self, time: Duration) -> Self {
        self.statement_timeout = Some(time);
        self
    }

    /// Closes a connection that is unused for this time; by default none is closed.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = Some(time);
        self
    }

    /// Closes a connection that is older than this when it is not in use; by default none is closed.
    /// Each gets up to a tenth less, so that connections that were opened together are not closed
    /// together.
    ///
    /// So a pool of several servers returns to a server that was down, to a standby that
    /// `target_session_attrs=prefer-standby` prefers, and to new addresses of a name.
    pub fn max_lifetime(mut self, time: Duration) -> Self {
        self.max_lifetime = Some(time);
        self
    }

    /// Sets the name of the program in PostgreSQL's `pg_stat_activity` and log.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// Whether statements are sent without a name, instead of being prepared once for each connection.
    /// A pooler in transaction mode, such as `pgbouncer`, needs this: it may run each transaction on
    /// another server connection, which lacks the prepared statements of the one before.
    ///
    /// If [SQL of your own](crate::sql()) returns a column whose type is not built into PostgreSQL,
    /// such as an enum, cast it to text: otherwise the driver looks up the type while the rows
    /// arrive, and a long result hangs. Queries cast by themselves.
    pub fn unnamed_statements(mut self, unnamed: bool) -> Self {
        self.unnamed_statements = unnamed;
        self
    }

    /// The file with the trusted certificate authorities, in PEM format; it replaces `?sslrootcert=` of
    /// the URL. The server is then verified at least as with `sslmode=verify-ca`, and a file that cannot
    /// be read is an error; see [`connect`].
    pub fn root_certificate(mut self, file: impl Into<PathBuf>) -> Self {
        self.root_certificate = Some(file.into());
        self
    }

    /// Whether the server is so far away that a round trip costs more than repeating a query:
    /// includes that would be batched are then pipelined, see
    /// [`Strategy`](crate::include::Strategy). By default a round trip is measured.
    pub fn high_latency(mut self, high_latency: bool) -> Self {
        self.high_latency = Some(high_latency);
        self
    }

    /// Refuses statements about entities with a `#[tenant]` unless they run through
    /// [`Database::tenant`], as [`Database::require_tenant`] does.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Debug, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[tenant] tenant_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// let options = relations::ConnectOptions::new("sqlite::memory:");
    /// let db = options.require_tenant().connect().await?;
    /// # db.create(schema![Order]).await?;
    /// let error = Order::find().all(&db).await.unwrap_err();
    /// assert!(error.is_invalid_request());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "multi-tenancy")]
    pub fn require_tenant(mut self) -> Self {
        self.require_tenant = true;
        self
    }

    /// The setting of PostgreSQL that holds the tenant of a transaction, such as `app.tenant`, for policies
    /// of row-level security. Each statement of [`Database::tenant`] runs in a transaction in which
    /// `current_setting('app.tenant')` is that tenant. So SQL of your own, functions and triggers see only the
    /// rows that the policies show, too.
    ///
    /// The setting ends with its transaction, so it never stays on a pooled connection or behind a pooler. A
    /// statement outside of a transaction gets one of its own, which costs two more round trips;
    /// [`Tenant::transaction`](crate::driver::Tenant::transaction) sets it once for many statements. The
    /// tenant must then be an integer, a text or a UUID. SQL that cannot run in a transaction, such as
    /// `VACUUM`, runs on the database itself.
    ///
    /// Policies are written in SQL, and apply to all roles except the owner of the table; with `FORCE`
    /// also to the owner:
    ///
    /// ```sql
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    /// CREATE POLICY tenant ON orders
    ///     USING (tenant_id = nullif(current_setting('app.tenant', true), '')::bigint);
    /// ```
    ///
    /// ```no_run
    /// # async fn run() -> relations::Result<()> {
    /// let options = relations::ConnectOptions::new("postgres://shop@localhost/shop");
    /// let db = options.tenant_setting("app.tenant").connect().await?;
    /// # let _ = db;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`connect`](Self::connect) refuses a name that is not words separated by dots, and SQLite, which has
    /// no row-level security ([`Error::is_invalid_request`](crate::Error::is_invalid_request)). A statement
    /// of a tenant is refused in a transaction that was begun without it, and in an
    /// [`SqlSession`](crate::driver::SqlSession).
    #[doc(alias = "row-level security")]
    #[doc(alias = "RLS")]
    #[doc(alias = "set_config")]
    #[doc(alias = "SET LOCAL")]
    pub fn tenant_setting(mut self, name: &'static str) -> Self {
        self.tenant_setting = Some(name);
        self
    }

    /// Whether errors contain the whole message of the database, for development: `DETAIL` with the
    /// values of a row, invalid input, the message of a trigger.
    ///
    /// By default the only value of a row in an error is the key that it is about
    /// ([`Error::key`](crate::Error::key)), in its `Display`, its `Debug` and its sources: more people read
    /// logs than tables.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # async fn run() -> relations::Result<()> {
    /// let options = relations::ConnectOptions::new("sqlite:orders.db");
    /// let db = options.error_details(cfg!(debug_assertions)).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn error_details(mut self, details: bool) -> Self {
        self.error_details = details;
        self
    }
}
