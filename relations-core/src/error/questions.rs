//! The questions that an error answers.

use crate::definition::relation::RelationDefinition;
use crate::error::Error;
use crate::error::constraint::Violation;
use crate::error::kind::Kind;

impl Error {
    /// Whether the entity asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound
    }

    /// Whether a cursor came back that was not handed out for this list; see
    /// [`Pages::signed`](crate::query::Pages::signed).
    #[cfg(feature = "signed-cursors")]
    #[must_use]
    pub fn is_invalid_cursor(&self) -> bool {
        self.0.kind == Kind::InvalidCursor
    }

    /// Whether one entity was asked for and there are several.
    #[must_use]
    pub fn is_not_unique(&self) -> bool {
        self.0.kind == Kind::NotUnique
    }

    /// Whether a foreign key points to a target that is not there, though the definition says
    /// that the database makes sure of it.
    #[must_use]
    pub fn is_target_missing(&self) -> bool {
        self.0.kind == Kind::TargetMissing
    }

    /// Whether the row was written by another since the entity was read, which its `#[version]`
    /// tells: nothing was written over it.
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

    /// Of an entity that is [stale](Self::is_stale) its version, then that of the row.
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

    /// Whether a foreign key would point to nothing: a row names a target that is not there, or
    /// rows still name one that would go.
    #[must_use]
    pub fn is_foreign_key_violation(&self) -> bool {
        self.violates(Violation::ForeignKey) || self.violates(Violation::Referenced)
    }

    /// Whether rows still reference one that would go, also where [`referencing_rows`](Self::referencing_rows)
    /// could not count them: HTTP calls it a 409, and a target that is missing a 422.
    #[must_use]
    pub fn is_still_referenced(&self) -> bool {
        self.violates(Violation::Referenced)
    }

    /// Whether a null was given where there can be none.
    #[must_use]
    pub fn is_not_null_violation(&self) -> bool {
        self.violates(Violation::NotNull)
    }

    /// Whether a value breaks a `CHECK` constraint.
    #[must_use]
    pub fn is_check_violation(&self) -> bool {
        self.violates(Violation::Check)
    }

    /// Whether the database has left out a new row without an error, as a trigger or a rule of the
    /// table may.
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

    /// Whether the transaction lost against another one, so that it is worth a second try.
    #[must_use]
    #[doc(alias = "deadlock")]
    pub fn is_serialization_failure(&self) -> bool {
        matches!(self.0.kind, Kind::Serialization | Kind::Busy)
    }

    /// Whether the same transaction may well succeed when it is run again: it lost against another
    /// one, a table was changed under its prepared statements, or its server became read-only though
    /// the pool asks for one that writes.
    /// [`Database::transaction`](crate::Database::transaction) runs it again by itself.
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

    /// Whether the connection broke while a transaction was committed, so that nobody knows whether
    /// it holds. Look whether what it wrote is there before it is run again.
    #[must_use]
    pub fn is_commit_unknown(&self) -> bool {
        self.0.kind == Kind::CommitUnknown
    }

    /// Whether a statement took longer than
    /// [`ConnectOptions::statement_timeout`](crate::ConnectOptions::statement_timeout) lets it. The database was
    /// told to stop it; whether a write that is not in a transaction was done nobody knows.
    ///
    /// Also, on SQLite, whether another connection held its lock for longer than
    /// [`ConnectOptions::wait_timeout`](crate::ConnectOptions::wait_timeout); then nothing was done, and the same may
    /// succeed later ([`is_retryable`](Self::is_retryable)).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout | Kind::Busy)
    }

    /// Whether a statement was stopped, so that nobody knows how far it came.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.kind == Kind::Timeout
    }

    /// Whether something would have been written where one may only read: in a transaction that is
    /// [read only](crate::TransactionOptions::read_only), or on a server that is a replica.
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

    /// Whether it is one statement too many for one key each, of which
    /// [`QueryStats::limit`](crate::driver::QueryStats::limit) says how many there may be. It was not sent.
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

    /// Whether a name or a value that came from outside at run time was rejected, as of
    /// [`include_named`](crate::Query::include_named), [`filter_named`](crate::Query::filter_named) and
    /// [`order_by_named`](crate::Query::order_by_named): what HTTP calls 400 Bad Request. Nothing was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidInput(_))
    }

    /// The name of the entity it is about, where it is about one; of a foreign key violation the
    /// one that holds the key.
    #[must_use]
    pub fn entity(&self) -> Option<&'static str> {
        self.0.entity.map(|entity| entity.name)
    }

    /// The relation it is about, where it is about one.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationDefinition> {
        self.0.relation
    }

    /// The name of the constraint that refused a value, where the database told it.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.refusing()?.name.as_deref()
    }

    /// The table whose constraint refused a row, where the database told it. It is another one than
    /// the entity's where a trigger or a cascade came there; then [`entity`](Self::entity) is that
    /// table's, or `None` where no relation leads to it.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        match self.refusing() {
            Some(constraint) => constraint.table.as_deref(),
            None => self.0.entity.map(|entity| entity.table),
        }
    }

    /// The database's own code of an error: the SQLSTATE of PostgreSQL, as in `22P02`, or the
    /// extended result code of SQLite. `None` where the error has a question of its own, as
    /// [`is_unique_violation`](Self::is_unique_violation).
    #[doc(alias = "sqlstate")]
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.0.kind {
            Kind::Database { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// The key it is about, in words.
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

    /// The properties of the unique key or of the foreign key that a constraint is about, as far as the
    /// database tells; none of other errors. They are those of the [`entity`](Self::entity).
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
    /// [`relation`](Self::relation) of the [`entity`](Self::entity) that rejects it. It is counted
    /// if possible: not in a transaction of PostgreSQL, which has failed by then.
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
