//! What can go wrong, in one type with questions.

pub(crate) mod constraint;
pub(crate) mod display;
pub(crate) mod told;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::relation::RelationDefinition;
use crate::error::constraint::{Constraint, Violation};
use crate::error::told::{Hidden, Sentence, Source, Told};
use crate::value::parameter::Parameter;
use crate::value::row::Mismatch;

/// The result of everything that talks to a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong while talking to the database or reading what it said.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] pk: i64 }
/// # fn handle(found: Result<Customer, relations::Error>) {
/// match found {
///     Ok(customer) => println!("found {}", customer.pk),
///     Err(error) if error.is_not_found() => println!("nobody there"),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    entity: Option<&'static EntityDefinition>,
    relation: Option<&'static RelationDefinition>,
    key: Option<String>,
    referencing_rows: Option<u64>,
    source: Option<Source>,
    /// Whether it tells values that the database told.
    details: bool,
}

/// What went wrong; private, so that it can grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The entity asked for is not there.
    NotFound,
    /// A cursor that was not handed out for this list, or by this key.
    #[cfg_attr(not(feature = "signed-cursors"), allow(dead_code))]
    InvalidCursor,
    /// More than one entity where one was asked for.
    NotUnique,
    /// A foreign key that points to nothing.
    TargetMissing,
    /// The row was written since the entity was read, of which it has another version.
    Stale { ours: i64, theirs: i64 },
    /// The database refused a row for a constraint.
    Constraint(Box<Constraint>),
    /// A field that is not what its property should be.
    Row {
        /// What is read, where that is no entity.
        of: Option<&'static str>,
        property: &'static str,
        column: Cow<'static, str>,
        expected: String,
        found: Found,
    },
    /// A row of other columns than are read.
    Columns { wanted: usize, found: usize },
    /// Nobody answered, or somebody stopped answering.
    Connection(String),
    /// No connection was free in time.
    PoolTimeout,
    /// The database has left out new rows without an error, so many of those it was given.
    LeftOut { rows: usize, given: usize },
    /// Another transaction has locked a row that was not to be waited for.
    Locked,
    /// Another connection kept the file or the memory of SQLite locked until the time-out.
    Busy,
    /// The transaction cannot go on beside others; a new try may.
    Serialization,
    /// A prepared statement no longer fits the tables; a new try may prepare it again.
    PlanChanged,
    /// The connection broke while the transaction was committed.
    CommitUnknown,
    /// The statement took longer than it may.
    Timeout,
    /// Something would be written where one may only read.
    ReadOnly,
    /// So many statements for one key each, where more than the limit are a mistake.
    Repeated { times: usize, caller: Option<&'static Location<'static>> },
    /// The statement asks for what cannot be done; the text says what to do instead.
    InvalidRequest(String),
    /// Anything else that the database said.
    Database { code: Option<String>, message: Told },
}

/// What a row has in the place of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A column that holds something else, in words.
    Holding(Cow<'static, str>),
    /// The text that names no variant of an enum.
    Variant(Hidden),
    NoColumn,
    SeveralColumns,
}

impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            entity: None,
            relation: None,
            key: None,
            referencing_rows: None,
            source: None,
            details: false,
        }))
    }

    /// The statement cannot be what was asked for; the text says what to do instead.
    pub(crate) fn invalid_request(why: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest(why.into()))
    }

    /// A field of a row that is not what a property should be.
    pub(crate) fn row(
        property: &'static str,
        column: impl Into<Cow<'static, str>>,
        expected: &str,
        mismatch: Mismatch,
    ) -> Self {
        let (found, source) = match mismatch {
            Mismatch::Absent => (Found::NoColumn, None),
            Mismatch::Ambiguous => (Found::SeveralColumns, None),
            Mismatch::Null => (Found::Holding("null".into()), None),
            Mismatch::Type(found) | Mismatch::Value(found) => (Found::Holding(found), None),
            Mismatch::Variant(text) => (Found::Variant(Hidden(text)), None),
            Mismatch::Other(error) => {
                (Found::Holding("a value that does not fit".into()), Some(error))
            }
        };
        let (column, expected) = (column.into(), expected.to_owned());
        let mut error = Self::new(Kind::Row { of: None, property, column, expected, found });
        // A value that does not fit may stand in the reason.
        let instead = || Sentence("the value does not fit its type; details say why".to_owned());
        error.0.source =
            source.map(|why| Source::Secret { whole: Arc::from(why), instead: Some(instead()) });
        error
    }

    /// The same error, of something that is read and is no entity.
    #[must_use]
    pub(crate) fn read_as(mut self, name: &'static str) -> Self {
        if let Kind::Row { of, .. } = &mut self.0.kind {
            *of = Some(name);
        }
        self
    }

    /// A row of other columns than are read.
    pub(crate) fn columns(wanted: usize, found: usize) -> Self {
        Self::new(Kind::Columns { wanted, found })
    }

    #[must_use]
    pub(crate) fn entity_is(mut self, entity: &'static EntityDefinition) -> Self {
        self.0.entity.get_or_insert(entity);
        self
    }

    #[must_use]
    pub(crate) fn relation_is(mut self, relation: &'static RelationDefinition) -> Self {
        self.0.relation.get_or_insert(relation);
        self
    }

    #[must_use]
    pub(crate) fn key_is(mut self, key: &[Parameter]) -> Self {
        let mut parts = key.iter().map(Parameter::display);
        self.0.key.get_or_insert_with(|| match (parts.next(), parts.next()) {
            (Some(only), None) => only,
            (first, second) => {
                let all: Vec<_> = first.into_iter().chain(second).chain(parts).collect();
                format!("({})", all.join(", "))
            }
        });
        self
    }

    /// The same error, whose source holds no values.
    #[must_use]
    pub(crate) fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Source::Safe(Arc::new(source)));
        self
    }

    /// The same error, whose source may hold values of a row; a sentence stands for it unless
    /// details are asked for.
    #[must_use]
    pub(crate) fn because_of_secret(
        mut self,
        source: impl StdError + Send + Sync + 'static,
        instead: Option<String>,
    ) -> Self {
        let instead = instead.map(Sentence);
        self.0.source = Some(Source::Secret { whole: Arc::new(source), instead });
        self
    }

    /// The same error, which tells values where it may.
    #[must_use]
    pub(crate) fn with_details(mut self, details: bool) -> Self {
        self.0.details = details;
        self
    }

    /// The foreign key that points to a row which would go.
    pub(crate) fn still_pointed_to_by(&self) -> Option<Held> {
        self.0.entity.zip(self.0.relation).filter(|_| self.violates(Violation::Referenced))
    }

    #[must_use]
    pub(crate) fn referencing_rows_are(mut self, referencing_rows: u64) -> Self {
        self.0.referencing_rows = Some(referencing_rows);
        self
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// What kind of error it is, in a word that tells no value: the code of the database where it
    /// is the database's own.
    pub(crate) fn type_name(&self) -> &str {
        match &self.0.kind {
            Kind::NotFound => "not_found",
            Kind::InvalidCursor => "invalid_cursor",
            Kind::NotUnique => "not_unique",
            Kind::TargetMissing => "target_missing",
            Kind::Stale { .. } => "stale",
            Kind::Constraint(constraint) => match constraint.violation {
                Violation::Unique => "unique_violation",
                Violation::ForeignKey | Violation::Referenced => "foreign_key_violation",
                Violation::NotNull => "not_null_violation",
                Violation::Check => "check_violation",
            },
            Kind::Row { .. } | Kind::Columns { .. } => "row_mismatch",
            Kind::LeftOut { .. } => "left_out",
            Kind::Connection(_) => "connection",
            Kind::PoolTimeout => "pool_timeout",
            Kind::Locked => "locked",
            Kind::Busy => "busy",
            Kind::Serialization => "serialization_failure",
            Kind::PlanChanged => "plan_changed",
            Kind::CommitUnknown => "commit_unknown",
            Kind::Timeout => "timeout",
            Kind::ReadOnly => "read_only",
            Kind::Repeated { .. } => "repeated",
            Kind::InvalidRequest(_) => "refused",
            Kind::Database { code, .. } => code.as_deref().unwrap_or("database"),
        }
    }

    /// Whether the server has said so, or no longer says anything.
    pub(crate) fn is_of_server(&self) -> bool {
        match &self.0.kind {
            Kind::Database { code, .. } => code.is_some(),
            Kind::Constraint(_)
            | Kind::Connection(_)
            | Kind::Locked
            | Kind::Busy
            | Kind::Serialization
            | Kind::PlanChanged
            | Kind::ReadOnly => true,
            _ => false,
        }
    }

    /// Whether a prepared statement no longer fits.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_plan_changed(&self) -> bool {
        self.0.kind == Kind::PlanChanged
    }

    /// Whether the connection is within a transaction that has failed: somebody who had it before
    /// has left it there.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_within_failed_transaction(&self) -> bool {
        self.code() == Some("25P02")
    }

    /// Whether the connection is of no more use.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.0.kind, Kind::Connection(_))
    }

    fn violates(&self, asked: Violation) -> bool {
        self.refusing().is_some_and(|constraint| constraint.violation == asked)
    }

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
    /// one, or a table was changed under its prepared statements.
    /// [`Database::transaction`](crate::Database::transaction) runs it again by itself.
    #[must_use]
    #[doc(alias = "transient")]
    #[doc(alias = "deadlock")]
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, Kind::Serialization | Kind::Busy | Kind::PlanChanged)
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
        self.0.kind == Kind::ReadOnly
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

    /// Whether what was asked for cannot be done, so that nothing of it was. Nothing was sent, or
    /// what was sent is taken back, as when new rows below others are given a wrong key.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidRequest(_))
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

    /// How many rows still point to those that a delete would have removed, by the
    /// [`relation`](Self::relation) of the [`entity`](Self::entity) that refuses it. It is asked
    /// where that can be: not in a transaction of PostgreSQL, which answers nothing more.
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

/// `1 value`, `2 values`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("entity", &self.entity())
            .field("relation", &self.0.relation.map(|relation| relation.name))
            .field("key", &self.0.key)
            .field("source", &self.source())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref()?.shown(self.0.details)
    }
}
