//! The questions that an error answers.

use crate::definition::relation::RelationDefinition;
use crate::error::Error;
use crate::error::constraint::Violation;
use crate::error::kind::Kind;

impl Error {
    /// Whether the requested entity does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound
    }

    /// Whether a signed cursor is forged or belongs to another list; see
    /// [`Pages::signed`](crate::query::Pages::signed).
    #[cfg(feature = "signed-cursors")]
    #[must_use]
    pub fn is_invalid_cursor(&self) -> bool {
        self.0.kind == Kind::InvalidCursor
    }

    /// Whether there are several rows where at most one was expected.
    #[must_use]
    pub fn is_not_unique(&self) -> bool {
        self.0.kind == Kind::NotUnique
    }

    /// Whether a foreign key has no target, although its constraint should guarantee one.
    #[must_use]
    pub fn is_target_missing(&self) -> bool {
        self.0.kind == Kind::TargetMissing
    }

    /// Whether optimistic locking failed: the `#[version]` of the row changed since the entity was
    /// read. Nothing was overwritten.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, #[version] version: i32 }
    /// # async fn run(db: &relations::Database, mut order: Order) -> relations::Result<()> {
    /// match order.update(db).await {
    ///     Err(error) if error.is_stale() => order = Order::find_by_id(order.id).one(db).await?,
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[doc(alias = "optimistic")]
    #[doc(alias = "optimistic locking")]
    #[doc(alias = "version")]
    pub fn is_stale(&self) -> bool {
        matches!(self.0.kind, Kind::Stale { .. })
    }

    /// For a [stale](Self::is_stale) entity, its version and the version of the row.
    #[must_use]
    pub fn versions(&self) -> Option<(i64, i64)> {
        match self.0.kind {
            Kind::Stale { ours, theirs } => Some((ours, theirs)),
            _ => None,
        }
    }

    /// Whether two rows would have the same unique key.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        self.violates(Violation::Unique)
    }

    /// Whether a foreign key constraint is violated: a key has no target, or a row that would be
    /// deleted is still referenced.
    #[must_use]
    pub fn is_foreign_key_violation(&self) -> bool {
        self.violates(Violation::ForeignKey) || self.violates(Violation::Referenced)
    }

    /// Whether rows still reference a row that would be deleted, even if
    /// [`referencing_rows`](Self::referencing_rows) could not count them. In HTTP this is a 409, and a missing
    /// target a 422.
    #[must_use]
    pub fn is_still_referenced(&self) -> bool {
        self.violates(Violation::Referenced)
    }

    /// Whether a null violates a `NOT NULL` constraint.
    #[must_use]
    pub fn is_not_null_violation(&self) -> bool {
        self.violates(Violation::NotNull)
    }

    /// Whether a value violates a `CHECK` constraint.
    #[must_use]
    pub fn is_check_violation(&self) -> bool {
        self.violates(Violation::Check)
    }

    /// Whether a trigger or a rule of the table has suppressed a new row.
    #[must_use]
    pub fn is_row_suppressed(&self) -> bool {
        matches!(self.0.kind, Kind::LeftOut { .. })
    }

    /// Whether a row does not fit its entity: a null, another type, or an unknown variant.
    #[must_use]
    pub fn is_row_mismatch(&self) -> bool {
        matches!(self.0.kind, Kind::Row { .. } | Kind::Columns { .. })
    }

    /// Whether the database could not be reached, stopped answering, or no connection was free in
    /// time.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        matches!(self.0.kind, Kind::Connection(_) | Kind::PoolTimeout)
    }

    /// Whether it is a serialization failure, a deadlock, or on SQLite a lock that outlasted
    /// `wait_timeout`, so that a retry may succeed.
    #[must_use]
    #[doc(alias = "deadlock")]
    pub fn is_serialization_failure(&self) -> bool {
        matches!(self.0.kind, Kind::Serialization | Kind::Busy)
    }

    /// Whether the error is transient, so that a retry of the transaction may succeed:
    /// [`is_serialization_failure`](Self::is_serialization_failure), a table that changed under
    /// prepared statements, or a server that became read-only though the pool needs one that writes.
    /// [`Database::transaction`](crate::Database::transaction) retries by itself.
    #[must_use]
    #[doc(alias = "transient")]
    #[doc(alias = "deadlock")]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Serialization
                | Kind::Busy
                | Kind::PlanChanged
                | Kind::Pooled { lost: true }
                | Kind::Demoted
        )
    }

    /// Whether the connection broke during a commit, so that its outcome is unknown. Check whether
    /// the changes are there before you repeat them.
    #[must_use]
    pub fn is_commit_unknown(&self) -> bool {
        self.0.kind == Kind::CommitUnknown
    }

    /// Whether a statement took longer than
    /// [`ConnectOptions::statement_timeout`](crate::ConnectOptions::statement_timeout). The database was told
    /// to cancel it; a write outside of a transaction may have been done.
    ///
    /// On SQLite also whether another connection held its lock for longer than
    /// [`ConnectOptions::wait_timeout`](crate::ConnectOptions::wait_timeout); then nothing was done, and a
    /// retry may succeed ([`is_retryable`](Self::is_retryable)).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout | Kind::Busy)
    }

    /// Whether a statement was stopped, so that nobody knows how far it came.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.kind == Kind::Timeout
    }

    /// Whether a write was rejected: in a [read-only](crate::TransactionOptions::read_only)
    /// transaction, or on a replica.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.0.kind, Kind::ReadOnly | Kind::Demoted)
    }

    /// Whether another transaction has locked a row, which
    /// [`no_wait`](crate::Query::no_wait) does not wait for.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.kind == Kind::Locked
    }

    /// Whether a single-key lookup exceeded [`QueryStats::limit`](crate::driver::QueryStats::limit), which
    /// indicates an N+1 query. It was not sent.
    #[must_use]
    pub fn is_n_plus_one(&self) -> bool {
        matches!(self.0.kind, Kind::Repeated { .. })
    }

    /// Whether the request is invalid. Nothing was changed: nothing was sent, or
    /// the statements were rolled back, as when nested new rows are given a wrong key.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidRequest(_))
    }

    /// Whether a name or a value from a client was rejected, as by
    /// [`include_named`](crate::Query::include_named), [`filter_named`](crate::Query::filter_named) and
    /// [`order_by_named`](crate::Query::order_by_named): in HTTP a 400 Bad Request. Nothing was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidInput(_))
    }

    /// The name of the entity that the error is about, if there is one; for a foreign key
    /// violation, the entity that holds the key.
    #[must_use]
    pub fn entity(&self) -> Option<&'static str> {
        self.0.entity.map(|entity| entity.name)
    }

    /// The relation that the error is about, if there is one.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationDefinition> {
        self.0.relation
    }

    /// The name of the violated constraint, if the database reports it.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.refusing()?.name.as_deref()
    }

    /// The table of the violated constraint, if the database reports it. After a trigger or a
    /// cascade it may be another table than the statement's; then [`entity`](Self::entity) is the
    /// entity of that table, or `None` if no relation leads to it.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        match self.refusing() {
            Some(constraint) => constraint.table.as_deref(),
            None => self.0.entity.map(|entity| entity.table),
        }
    }

    /// The error code of the database: the SQLSTATE of PostgreSQL, such as `22P02`, or the extended
    /// result code of SQLite. `None` if the error has a question of its own, such as
    /// [`is_unique_violation`](Self::is_unique_violation).
    #[doc(alias = "sqlstate")]
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.0.kind {
            Kind::Database { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// The key that the error is about, as text.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The property that a row does not fit, or that cannot be null.
    #[must_use]
    pub fn property(&self) -> Option<&'static str> {
        match &self.0.kind {
            Kind::Row { property, .. } => Some(property),
            Kind::Constraint(constraint) => {
                let column = constraint.column.as_ref()?;
                let mut properties = self.0.entity?.properties.iter();
                properties.find(|property| property.column == column).map(|property| property.name)
            }
            _ => None,
        }
    }

    /// The properties of the violated unique key or foreign key, as far as the database reports them;
    /// empty for other errors. They belong to the [`entity`](Self::entity).
    #[must_use]
    pub fn key_properties(&self) -> Vec<&'static str> {
        let (Some(constraint), Some(entity)) = (self.refusing(), self.0.entity) else {
            return Vec::new();
        };
        let named = |column: &String| {
            let property = entity.properties.iter().find(|property| property.column == column);
            property.map(|property| property.name)
        };
        constraint.columns.iter().filter_map(named).collect()
    }

    /// The number of rows that reference the rows of a rejected delete, by the
    /// [`relation`](Self::relation) of the [`entity`](Self::entity) that rejects it. `None` if they
    /// could not be counted, as in a transaction of PostgreSQL, which has failed by then.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id(generated)] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// # let db = relations::connect("sqlite::memory:").await?;
    /// # db.create(schema![Customer, Order]).await?;
    /// let customer = NewCustomer {}.insert(&db).await?;
    /// NewOrder { customer_id: customer.id }.insert(&db).await?;
    /// let error = customer.delete(&db).await.unwrap_err();
    /// assert_eq!(error.referencing_rows(), Some(1));
    /// assert_eq!(
    ///     error.to_string(),
    ///     "cannot delete Customer 1: 1 row of Order references it (`orders_customer_id_fkey`)",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn referencing_rows(&self) -> Option<u64> {
        self.0.referencing_rows
    }
}
