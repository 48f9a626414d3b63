//! Options of a connection pool.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::driver::pool::Database;
use crate::error::Result;

/// Connects to the database at a URL, with the [`ConnectOptions`] that most programs want.
///
/// `postgres://user:password@host/database` is PostgreSQL; `sqlite:orders.db` is a file of SQLite,
/// made where it is missing, and `sqlite::memory:` a database of its own in memory.
///
/// With the feature `tls` a connection to PostgreSQL can be encrypted. `?sslmode=` says how, as it
/// does for PostgreSQL's own programs:
///
/// | `sslmode` | |
/// |---|---|
/// | `disable` | not encrypted |
/// | `prefer` | encrypted where the server can, without a check of its identity; this is the default |
/// | `require` | encrypted, without a check of the server's identity |
/// | `verify-ca` | encrypted, and the server's certificate is signed by an authority of `sslrootcert` |
/// | `verify-full` | encrypted, the certificate is signed by an authority that is trusted, and is for the host of the URL |
///
/// `?sslrootcert=` is a file of the authorities that are trusted, in PEM format. With it `prefer`,
/// `require` and no `sslmode` mean `verify-ca`, and `disable` is refused. Without it `verify-full` trusts
/// the authorities of the system, as `sslrootcert=system` says, and `verify-ca` is refused: any
/// authority would vouch for any server.
///
/// Only `verify-full` keeps somebody between you and the server from posing as it; say so over any
/// network that is not your own. A password goes unencrypted with `disable`, and with `prefer` where the
/// server does not encrypt. The page
/// "Running safely" of the guide says more.
///
/// A URL may name several servers, as in `postgres://app@one:5432,two:5432/shop`. They are tried in
/// that order, and each has all of `connect_timeout`; one that was not there is tried last until it is
/// back, which is looked for beside the calls. `?load_balance_hosts=random` spreads the connections
/// over them, and each call takes the next server. `?target_session_attrs=` says which of them a pool
/// uses, as for PostgreSQL's own programs:
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
/// A server of PostgreSQL 14 or newer reports its role, so a connection to a server that was promoted or
/// became read-only is closed after its next answer; older servers are asked once a connection, and
/// [`max_lifetime`](crate::ConnectOptions::max_lifetime) bounds how long that is believed.
///
/// A parameter of the URL that is not known is refused, and so is one of those that say how to encrypt
/// where it stands twice.
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
/// The URL is none that is known, or nobody answers there.
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

/// The URL may hold a password, so its scheme alone is told.
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
    /// The options of a URL: 16 connections, five seconds to wait for one that is free, and ten
    /// to make one.
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
    /// one replica, and a tree of includes sees one snapshot there. All else goes to the primary: writes,
    /// other transactions, queries that lock rows, raw SQL, and queries that hold
    /// [`Filter::raw`](crate::Filter::raw), `sql_expr`, `now()` or a sum of floats.
    ///
    /// A read sees all that was written before through this [`Database`], its clones and its sessions: each write asks
    /// in its round trip how far the server has written, and a read waits for up to
    /// [`replica_timeout`](Self::replica_timeout) until its replica has replayed that, or goes to the
    /// primary. [`Database::causal_session`] waits for the writes of one request alone, and
    /// [`Database::causal_token`] carries them to another process.
    ///
    /// A replica that is not there, is behind, or has no free connection is passed over: the next one
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

    /// Limits the time that a statement waits for a free connection; on SQLite also for
    /// others to finish writing.
    pub fn wait_timeout(mut self, time: Duration) -> Self {
        self.wait_timeout = time;
        self
    }

    /// Limits the time of a new connection, from the look-up of the host until the server is ready for
    /// queries: ten seconds, unless it is said here or by `?connect_timeout=` of the URL in seconds,
    /// which this replaces. Where the URL names several hosts each has that long. A request to cancel a
    /// statement goes by a connection of its own, which has five seconds.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = Some(time);
        self
    }

    /// Limits the time of a statement, from when it is sent until its last row is read; as long as it
    /// likes unless it is said here. The database is then told to stop it, and the statement fails
    /// ([`Error::is_timeout`](crate::Error::is_timeout)). Statements that are sent together may take as long as each by itself.
    ///
    /// Time is kept here and not by the server, so nothing is set in its session.
    pub fn statement_timeout(mut self, time: Duration) -> Self {
        self.statement_timeout = Some(time);
        self
    }

    /// Closes a connection that is unused for so long; by default none is closed.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = Some(time);
        self
    }

    /// Closes a connection that is older than this when it is not in use; by default none is closed.
    /// Each lives up to a tenth less, so that connections that were made together do not end together.
    ///
    /// A pool of several servers then finds its way back: to a server that was down, to a standby that
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

    /// Whether statements are sent without a name, instead of being prepared once a connection. A
    /// pooler in transaction mode, as `pgbouncer` often runs, needs that: it hands each transaction to
    /// another server connection, which has not prepared what the one before has.
    ///
    /// If [SQL of your own](crate::sql()) brings a column whose type is not built into PostgreSQL,
    /// such as an enum, cast it to text there: the driver would ask for that type while the rows
    /// come, and a long answer then never ends. Queries do so by themselves.
    pub fn unnamed_statements(mut self, unnamed: bool) -> Self {
        self.unnamed_statements = unnamed;
        self
    }

    /// The file of the authorities that are trusted, in PEM format, as `?sslrootcert=` of the URL, which
    /// it replaces. The server is then verified at least as `sslmode=verify-ca` does, and a file that
    /// cannot be read is an error; see [`connect`].
    pub fn root_certificate(mut self, file: impl Into<PathBuf>) -> Self {
        self.root_certificate = Some(file.into());
        self
    }

    /// Whether the server is far, so that one more round trip costs more than to repeat a query:
    /// what is included and would be batched is pipelined then, see
    /// [`Strategy`](crate::include::Strategy). Unless it is said here a round trip is measured.
    pub fn high_latency(mut self, high_latency: bool) -> Self {
        self.high_latency = Some(high_latency);
        self
    }

    /// Refuses statements about entities with a `#[tenant]` unless they come through
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
    /// The setting ends with its transaction, so a connection that goes back to the pool, or a pooler, holds
    /// nothing of it. A statement outside of a transaction gets one of its own, which costs two round trips
    /// more; [`Tenant::transaction`](crate::driver::Tenant::transaction) sets it once for many statements.
    /// The tenant must then be an integer, a text or a UUID. SQL that cannot run in a transaction, such as
    /// `VACUUM`, runs on the database itself.
    ///
    /// Policies are written in SQL, and hold for other roles than the owner of the table, or with `FORCE`:
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
    /// [`connect`](Self::connect) refuses a name that is not of words with dots between them, and SQLite,
    /// which has no row-level security ([`Error::is_invalid_request`](crate::Error::is_invalid_request)). A
    /// statement of a tenant is refused in a transaction that was begun without it, and in an
    /// [`SqlSession`](crate::driver::SqlSession).
    #[doc(alias = "row-level security")]
    #[doc(alias = "RLS")]
    #[doc(alias = "set_config")]
    #[doc(alias = "SET LOCAL")]
    pub fn tenant_setting(mut self, name: &'static str) -> Self {
        self.tenant_setting = Some(name);
        self
    }

    /// Whether errors tell all that the database says, for development: `DETAIL` with the values of a
    /// row, texts that are none of their type, the message of a trigger.
    ///
    /// Unless it is said here an error holds no value of a row but the key that it is about
    /// ([`Error::key`](crate::Error::key)), neither in its `Display` and `Debug` nor in its sources: logs are read by more
    /// people than tables are.
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
