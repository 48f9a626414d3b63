//! Options of a transaction: isolation, access and retries.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::dialect::Engine;

/// Isolation from other transactions that run at the same time.
///
/// SQLite lets one transaction write at a time, so every transaction is serializable there, whatever
/// the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IsolationLevel {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see what was committed before the first. Changing a row that another
    /// transaction has changed since is a serialization failure, which is retried.
    RepeatableRead,
    /// Transactions behave as if they ran one after another. One that would not is a serialization
    /// failure, which is retried.
    Serializable,
}

impl IsolationLevel {
    fn sql(self) -> &'static str {
        match self {
            Self::ReadCommitted => "READ COMMITTED",
            Self::RepeatableRead => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }
}

/// Options of a transaction: isolation, access and retries.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Account { #[id] id: i64, balance: i64 }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// use relations::{IsolationLevel, TransactionOptions};
///
/// let options = TransactionOptions::new().isolation(IsolationLevel::Serializable).retries(20);
/// let total = db.transaction_with(options, async |tx| {
///     Account::find().sum(tx, Account::BALANCE).await
/// }).await?;
/// # let _ = total;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "options do nothing until a transaction is begun with them"]
pub struct TransactionOptions {
    isolation: Option<IsolationLevel>,
    pub(crate) read_only: bool,
    deferrable: bool,
    pub(crate) retries: u32,
    least_pause: Duration,
    longest_pause: Duration,
    failover: Duration,
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl TransactionOptions {
    /// The defaults of [`transaction`](crate::Database::transaction): the default isolation level of
    /// the database, ten retries, and pauses between them that grow from five milliseconds to half a
    /// second.
    pub fn new() -> Self {
        Self {
            isolation: None,
            read_only: false,
            deferrable: false,
            retries: 10,
            least_pause: Duration::from_millis(5),
            longest_pause: Duration::from_millis(500),
            failover: Duration::from_secs(5),
        }
    }

    /// Sets the isolation level.
    pub fn isolation(mut self, isolation: IsolationLevel) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Makes it read-only: a statement that would write fails
    /// ([`Error::is_read_only`](crate::Error::is_read_only)). On SQLite it then does not wait for
    /// writers.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Lets it wait before it begins, so that it has no serialization failure. This has an effect
    /// only with [`read_only`](Self::read_only) and [`IsolationLevel::Serializable`], on PostgreSQL.
    pub fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// Limits the retries after a serialization failure or a deadlock; 0 is none.
    pub fn retries(mut self, times: u32) -> Self {
        self.retries = times;
        self
    }

    /// Limits the time for which a transaction is retried because its server is unavailable: five
    /// seconds by default, and none with zero or without [`retries`](Self::retries): PostgreSQL was
    /// stopped or crashed, refuses connections while it starts, or became read-only though the pool
    /// needs one that writes. Nothing was committed then. A transaction is not retried if the
    /// connection broke during the commit
    /// ([`Error::is_commit_unknown`](crate::Error::is_commit_unknown)), nor if a server rejects the
    /// user, the password or the database.
    ///
    /// Set it to the time that your failover takes.
    #[doc(alias = "failover")]
    #[doc(alias = "switchover")]
    pub fn failover_timeout(mut self, time: Duration) -> Self {
        self.failover = time;
        self
    }

    /// Sets the pause before a retry: at random up to `least` at first, up to twice as much
    /// each time after, and never more than `longest`.
    pub fn pauses(mut self, least: Duration, longest: Duration) -> Self {
        (self.least_pause, self.longest_pause) = (least, longest);
        self
    }

    /// Whether all statements see one snapshot for sure; what the database does by itself is not known.
    pub(crate) fn has_snapshot(&self, engine: Engine) -> bool {
        let isolated = matches!(
            self.isolation,
            Some(IsolationLevel::RepeatableRead | IsolationLevel::Serializable)
        );
        engine == Engine::Sqlite || isolated
    }

    /// Whether a replica can run it. A standby cannot tell whether a serializable transaction would lose.
    #[cfg(feature = "postgres")]
    pub(crate) fn suits_replica(&self) -> bool {
        self.read_only && self.isolation != Some(IsolationLevel::Serializable)
    }

    /// The statement that begins it. Nothing of it is set for the session.
    pub(crate) fn begin_sql(&self, engine: Engine) -> String {
        match engine {
            Engine::Postgres => {
                let mut sql = "BEGIN".to_owned();
                if let Some(isolation) = self.isolation {
                    sql.push_str(" ISOLATION LEVEL ");
                    sql.push_str(isolation.sql());
                }
                if self.read_only {
                    sql.push_str(" READ ONLY");
                }
                if self.deferrable {
                    sql.push_str(" DEFERRABLE");
                }
                sql
            }
            Engine::Sqlite if self.read_only => "BEGIN DEFERRED".to_owned(),
            // A transaction that first reads and then writes would fail beside another such one.
            Engine::Sqlite => "BEGIN IMMEDIATE".to_owned(),
        }
    }

    /// The moment until which a transaction is retried whose server was not there now; `None` for one
    /// that is not retried.
    pub(crate) fn failover_until(&self) -> Option<Instant> {
        let retried = self.retries > 0 && !self.failover.is_zero();
        retried.then(|| Instant::now().checked_add(self.failover)).flatten()
    }

    /// The pause after that attempt. Transactions that failed together must not meet again.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let most = self.least_pause.saturating_mul(doubled).min(self.longest_pause);
        most.mul_f64(chance())
    }
}

/// A number from 0 to 1. The standard library gives each hasher keys of its own, which is all the
/// chance that is needed here.
fn chance() -> f64 {
    let random = RandomState::new().hash_one(0_u8) >> 32;
    f64::from(u32::try_from(random).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_with_what_was_asked_for() {
        let sql = |options: TransactionOptions| {
            [Engine::Postgres, Engine::Sqlite].map(|engine| options.begin_sql(engine))
        };
        let new = TransactionOptions::new;
        assert_eq!(sql(new()), ["BEGIN", "BEGIN IMMEDIATE"]);
        assert_eq!(
            sql(new().isolation(IsolationLevel::RepeatableRead)),
            ["BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN IMMEDIATE"]
        );
        assert_eq!(
            sql(new().isolation(IsolationLevel::Serializable).read_only().deferrable()),
            ["BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE", "BEGIN DEFERRED"]
        );
    }

    #[test]
    fn pauses_grow_up_to_a_cap_and_differ() {
        let options =
            TransactionOptions::new().pauses(Duration::from_millis(4), Duration::from_millis(10));
        let pauses = |attempt| (0..200).map(move |_| options.pause(attempt)).collect::<Vec<_>>();
        for (attempt, most) in [(1, 4), (2, 8), (3, 10), (100, 10)] {
            let pauses = pauses(attempt);
            let (least, longest) = (pauses.iter().min(), pauses.iter().max());
            assert!(longest <= Some(&Duration::from_millis(most)), "{longest:?}");
            assert!(longest > Some(&Duration::from_millis(most / 2)), "{longest:?}");
            assert!(least < Some(&Duration::from_millis(most / 2)), "{least:?}");
        }
    }
}
