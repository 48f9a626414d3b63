//! Sessions of causal consistency, and transactions on replicas.

#[cfg(feature = "postgres")]
use crate::driver::acquired::{Capabilities, capabilities};
use crate::driver::causal::{CausalToken, WrittenPosition};
#[cfg(feature = "postgres")]
use crate::driver::connection::Connection;
use crate::driver::pool::{Database, Pool};
#[cfg(feature = "postgres")]
use crate::driver::postgres::connection_pool::PostgresPool;
#[cfg(feature = "postgres")]
use crate::driver::transaction::Transaction;
#[cfg(feature = "postgres")]
use crate::driver::transaction::options::TransactionOptions;
#[cfg(feature = "postgres")]
use crate::driver::transaction::session::Manner;
use crate::error::Result;

impl Database {
    /// A session with read-your-writes consistency, such as for one request: its reads on
    /// [replicas](crate::ConnectOptions::replica) see what was written before through it and its clones,
    /// and do not wait for other writes. It uses the connections of this pool, and this handle sees the
    /// writes of its sessions.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let db = db.causal_session();
    /// let order = NewOrder { quantity: 3 }.insert(&db).await?;
    /// // A replica that has replayed the insert, or the primary.
    /// let order = Order::find_by_id(order.id).one(&db).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[doc(alias = "read your writes")]
    #[doc(alias = "causal consistency")]
    pub fn causal_session(&self) -> Self {
        self.with_written(WrittenPosition::session(&self.written(), 0))
    }

    /// A [`causal_session`](Self::causal_session) whose reads also see all that was written before a
    /// token was made, by whatever process.
    ///
    /// A token may come from a client: with a position that the server never reaches, each read waits
    /// for [`replica_timeout`](crate::ConnectOptions::replica_timeout) and then goes to the primary; no
    /// answer changes.
    #[must_use]
    pub fn causal_session_after(&self, token: CausalToken) -> Self {
        self.with_written(WrittenPosition::session(&self.written(), token.0))
    }

    /// The point up to which this database and its clones have written, for
    /// [`causal_session_after`](Self::causal_session_after). Without replicas this asks the server for
    /// its position. On SQLite it is `0/0`, which every read is after.
    ///
    /// # Errors
    ///
    /// The server has to be asked, and cannot be reached
    /// ([`Error::is_connection`](crate::Error::is_connection)).
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    pub async fn causal_token(&self) -> Result<CausalToken> {
        match self.pool() {
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) if pool.replicas.is_empty() => {
                pool.position().await.map(CausalToken)
            }
            #[cfg(feature = "postgres")]
            Pool::Postgres(pool) => Ok(CausalToken(pool.needed(&self.written()).await?.position)),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite { .. } => Ok(CausalToken(0)),
        }
    }
}

#[cfg(feature = "postgres")]
impl Database {
    /// Begins a transaction that only reads on a replica, if there is one that can.
    pub(crate) async fn open_on_replica(
        &self,
        pool: &PostgresPool,
        options: &TransactionOptions,
        attempt: u32,
    ) -> Option<Transaction> {
        let after = pool.needed(&self.written()).await.ok()?;
        for replica in pool.replicas.in_turn(after.position) {
            let Capabilities { high_latency, details, .. } = capabilities(self);
            let begun = async {
                let connection = Connection::Postgres(replica.pool.lend_after(Some(after)).await?);
                let tenant_setting = self.tenant_setting();
                let manner =
                    Manner { high_latency, details, writes: false, written: None, tenant_setting };
                Transaction::begin(connection, manner, options, attempt, None).await
            };
            match begun.await {
                Ok(transaction) => return Some(transaction),
                // The primary tells what is wrong with it.
                Err(error) if !replica.passes_on(&error, after.position) => return None,
                Err(_) => {}
            }
        }
        None
    }
}
