//! Connections, and what is prepared on them.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Metrics, Object, RecycleError, RecycleResult};
use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::types::Type;

use super::super::Statement;
use super::{error, lend, type_of};
use crate::error::Result;
use crate::hash::Seed;

/// How long a connection can be unused before somebody makes sure that it is still there.
const UNSURE: Duration = Duration::from_secs(10);

/// How long it may take to answer then.
const ANSWER: Duration = Duration::from_secs(1);

/// How many prepared statements a connection keeps. Beyond that it forgets them all and begins anew.
const KEPT: usize = 500;

/// Makes connections, and looks after those that are to be lent again.
pub(in crate::engine) struct Connections {
    config: Config,
    connect: Box<dyn Connect>,
    /// How often a plan no longer fit.
    changes: Arc<AtomicUsize>,
}

impl Connections {
    pub(in crate::engine) fn new(config: Config, connect: impl Connect + 'static) -> Self {
        Self { config, connect: Box::new(connect), changes: Arc::default() }
    }
}

// It is boxed, since a pool moves what it lends many times.
impl managed::Manager for Connections {
    type Type = Box<Connection>;
    type Error = tokio_postgres::Error;

    async fn create(&self) -> Result<Box<Connection>, tokio_postgres::Error> {
        let (client, driver) = self.connect.connect(&self.config).await?;
        let changes = Arc::clone(&self.changes);
        Ok(Box::new(Connection { client, driver, prepared: Mutex::default(), changes }))
    }

    async fn recycle(
        &self,
        connection: &mut Box<Connection>,
        metrics: &Metrics,
    ) -> RecycleResult<tokio_postgres::Error> {
        if connection.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        if metrics.last_used() < UNSURE {
            return Ok(());
        }
        match Box::pin(timeout(ANSWER, connection.batch_execute(""))).await {
            Ok(answered) => answered.map_err(RecycleError::Backend),
            Err(_) => Err(RecycleError::message("the connection no longer answers")),
        }
    }
}

/// A connection, which keeps the statements that it has prepared.
pub(in crate::engine) struct Connection {
    client: tokio_postgres::Client,
    /// What sends and reads for it.
    driver: JoinHandle<()>,
    prepared: Mutex<Prepared>,
    /// How often a plan no longer fit, on any connection of the pool.
    changes: Arc<AtomicUsize>,
}

/// Prepared statements by their SQL.
#[derive(Default)]
struct Prepared {
    statements: HashMap<Arc<str>, tokio_postgres::Statement, Seed>,
    /// How many changes of plans they have outlived.
    changes: usize,
}

impl Deref for Connection {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &tokio_postgres::Client {
        &self.client
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    /// The prepared statement, if it is kept. One SQL may be meant for values of several types.
    fn kept(&self, statement: &Statement) -> Option<tokio_postgres::Statement> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = self.changes.load(Ordering::Relaxed);
        if prepared.changes != changes {
            *prepared = Prepared { changes, ..Prepared::default() };
        }
        let kept = prepared.statements.get(statement.sql())?;
        let mut types = kept.params().iter().zip(statement.parameters.iter().map(type_of));
        types.all(|(kept, given)| *kept == given).then(|| kept.clone())
    }

    async fn prepare(
        &self,
        statement: &Statement,
    ) -> Result<tokio_postgres::Statement, tokio_postgres::Error> {
        let types: Vec<Type> = statement.parameters.iter().map(type_of).collect();
        let new = self.client.prepare_typed(statement.sql(), &types).await?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.statements.len() >= KEPT {
            prepared.statements.clear();
        }
        prepared.statements.insert(Arc::clone(&statement.sql), new.clone());
        Ok(new)
    }
}

/// Where connections come from.
pub(in crate::engine) enum Source {
    Own(managed::Pool<Connections>),
    /// A pool that somebody else made.
    Given(deadpool_postgres::Pool),
}

impl Source {
    pub(super) async fn lend(&self) -> Result<Client> {
        Ok(match self {
            Self::Own(pool) => Client::Own(lend(pool).await?),
            Self::Given(pool) => Client::Given(Box::new(Box::pin(lend(pool)).await?)),
        })
    }

    /// How many connections there are at most.
    pub(super) fn connections(&self) -> usize {
        match self {
            Self::Own(pool) => pool.status().max_size,
            Self::Given(pool) => pool.status().max_size,
        }
    }
}

/// A connection that is lent.
pub(super) enum Client {
    Own(Object<Connections>),
    Given(Box<deadpool_postgres::Client>),
}

impl Deref for Client {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &tokio_postgres::Client {
        match self {
            Self::Own(client) => client,
            Self::Given(client) => client,
        }
    }
}

impl Client {
    /// The prepared statement, where it is known at once.
    pub(super) fn kept(&self, statement: &Statement) -> Option<tokio_postgres::Statement> {
        match self {
            Self::Own(client) => client.kept(statement),
            Self::Given(_) => None,
        }
    }

    /// The prepared statement, which is prepared now if it never was.
    pub(super) async fn prepared(
        &self,
        statement: &Statement,
    ) -> Result<tokio_postgres::Statement> {
        match self {
            Self::Own(client) => match client.kept(statement) {
                Some(kept) => Ok(kept),
                None => Box::pin(client.prepare(statement)).await.map_err(error),
            },
            Self::Given(client) => Box::pin(async { prepared_statement!(client, statement) }).await,
        }
    }

    /// Forgets what was prepared, here and on all other connections of the pool.
    pub(super) fn forget(&self) {
        match self {
            Self::Own(client) => {
                client.changes.fetch_add(1, Ordering::Relaxed);
            }
            Self::Given(client) => {
                client.statement_cache.clear();
                if let Some(pool) = deadpool_postgres::Client::pool(client) {
                    pool.manager().statement_caches.clear();
                }
            }
        }
    }

    /// The connection, which leaves its pool.
    pub(super) fn take(self) -> Box<dyn Deref<Target = tokio_postgres::Client> + Send + Sync> {
        match self {
            Self::Own(client) => Object::take(client),
            Self::Given(client) => Box::new(deadpool_postgres::Client::take(*client)),
        }
    }
}
