//! Positions in the write-ahead log: up to which a write came, and up to which a replica has replayed.

use std::pin::pin;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{FutureExt, TryStreamExt};
use tokio::time::{sleep, timeout};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryStream};

use crate::driver::causal;
use crate::driver::postgres::connection::PoolClient;
use crate::driver::postgres::pooled_connection::PooledConnection;
use crate::driver::postgres::replicas::After;
use crate::driver::postgres::sqlstate::error;
use crate::driver::statement::Statement;
use crate::error::{Error, Kind, Result};

/// Asks a primary for the position of what was written.
const POSITION: &str = "SELECT pg_catalog.pg_current_wal_insert_lsn()";

/// Asks a replica for the position that it has replayed; null where it is a primary by now.
const REPLAYED: &str = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN \
                        pg_catalog.pg_last_wal_replay_lsn() END";

/// The time in which the position of a write that is done has to come.
const ANSWER: Duration = Duration::from_secs(1);

/// The pauses before a replica is asked again.
const PAUSES: [Duration; 2] = [Duration::from_micros(500), Duration::from_millis(10)];

impl PooledConnection {
    /// Asks for the position of a write that was just sent, in the same round trip.
    pub(crate) fn follow(&self, client: &PoolClient, statement: &Statement) {
        if self.usage().tracks && (statement.may_write() || statement.commits()) {
            self.ask_position(client);
        }
    }

    /// Asks for the position of what was sent before.
    pub(crate) fn ask_position(&self, client: &PoolClient) {
        if self.usage().tracks {
            // It is sent when it is first polled, and has no answer to wait for yet.
            let asked = client.asks().simple_query_raw(POSITION).now_or_never();
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) =
                asked.and_then(Result::ok).map(Box::pin);
        }
    }

    /// The position of the last write, or of all so far where that was not asked for. A connection
    /// that does not tell is to be closed.
    pub(crate) async fn position(&self) -> Option<u64> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).take();
        let client = self.client().ok()?;
        let reading = async {
            let mut asked = match asked {
                Some(asked) => asked,
                None => Box::pin(client.asks().simple_query_raw(POSITION).await.ok()?),
            };
            let text = only_text(asked.as_mut()).await.ok()??;
            causal::position(&text)
        };
        timeout(ANSWER, client.wait(pin!(reading))).await.ok().flatten()
    }

    /// Waits until the replica has replayed a position.
    pub(crate) async fn caught_up(&mut self, after: After) -> Result<()> {
        #[cfg_attr(not(feature = "deadpool-postgres"), allow(irrefutable_let_patterns))]
        let PoolClient::Pooled(connection) = self.client()? else { return Ok(()) };
        if connection.replayed.load(Ordering::Relaxed) >= after.position {
            return Ok(());
        }
        self.pending = true;
        let waited = timeout(after.limit, Box::pin(self.replays(after.position))).await;
        match waited {
            Ok(Ok(())) => {
                self.pending = false;
                Ok(())
            }
            Ok(Err(failed)) => {
                self.refused(&failed);
                Err(failed)
            }
            Err(_) => Err(Error::new(Kind::ReplicaBehind)),
        }
    }

    async fn replays(&self, position: u64) -> Result<()> {
        let client = self.client()?;
        #[cfg_attr(not(feature = "deadpool-postgres"), allow(irrefutable_let_patterns))]
        let PoolClient::Pooled(connection) = client else { return Ok(()) };
        let [mut pause, longest] = PAUSES;
        loop {
            let asking = async {
                let mut asked = Box::pin(client.asks().simple_query_raw(REPLAYED).await?);
                only_text(asked.as_mut()).await
            };
            let text = client.wait(pin!(asking)).await.map_err(error)?;
            // A server that was promoted replays nothing, and may lack what its primary wrote since.
            let Some(text) = text else { return Err(Error::new(Kind::ReplicaBehind)) };
            let replayed = causal::position(&text).unwrap_or_default();
            connection.replayed.store(replayed, Ordering::Relaxed);
            if replayed >= position {
                return Ok(());
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

/// The only value of an answer, which is read to its end.
async fn only_text(
    mut answer: std::pin::Pin<&mut SimpleQueryStream>,
) -> Result<Option<String>, tokio_postgres::Error> {
    let mut text = None;
    while let Some(message) = answer.try_next().await? {
        if let SimpleQueryMessage::Row(row) = message {
            text = row.try_get(0)?.map(ToOwned::to_owned);
        }
    }
    Ok(text)
}
