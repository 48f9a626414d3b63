//! The kinds of errors.

use std::borrow::Cow;
use std::panic::Location;

use crate::error::Error;
use crate::error::constraint::{Constraint, Violation};
use crate::error::told::{Hidden, RedactableMessage};

/// The kind of an error; private, so that it can grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The requested entity does not exist.
    NotFound,
    /// A cursor that was not issued for this list, or with this key.
    #[cfg_attr(not(feature = "signed-cursors"), allow(dead_code))]
    InvalidCursor,
    /// Several entities where one was expected.
    NotUnique,
    /// A foreign key without its target.
    TargetMissing,
    /// The row has another version than the entity: it was written since.
    Stale { ours: i64, theirs: i64 },
    /// The database refused a row for a constraint.
    Constraint(Box<Constraint>),
    /// A field that is not what its property should be.
    Row {
        /// The name of the type that is read, if that is not an entity.
        of: Option<&'static str>,
        property: &'static str,
        column: Cow<'static, str>,
        expected: String,
        found: FieldContent,
    },
    /// A row of other columns than are read.
    Columns { wanted: usize, found: usize },
    /// The connection failed, or no response came.
    Connection(String),
    /// No connection was free in time.
    PoolTimeout,
    /// The database has left out new rows without an error, so many of those it was given.
    LeftOut { rows: usize, given: usize },
    /// Another transaction has locked a row that was not to be waited for.
    Locked,
    /// Another connection kept the file or the memory of SQLite locked until the time-out.
    Busy,
    /// A serialization failure or a deadlock; a retry may succeed.
    Serialization,
    /// A prepared statement no longer fits the tables; a retry prepares it again.
    PlanChanged,
    /// The connection broke during the commit.
    CommitUnknown,
    /// The statement exceeded its timeout.
    Timeout,
    /// A write in a read-only transaction or on a read-only server.
    ReadOnly,
    /// A replica has not replayed a write in time; another server answers.
    ReplicaBehind,
    /// A server that should write has become read-only.
    Demoted,
    /// A server connection does not have a prepared statement, or has one of that name already, as
    /// happens behind a pooler.
    Pooled { lost: bool },
    /// More single-key lookups than the limit allows.
    Repeated { times: usize, caller: Option<&'static Location<'static>> },
    /// The request cannot be carried out; the text says what to do instead.
    InvalidRequest(String),
    /// A request has an unknown name or an invalid value.
    InvalidInput(String),
    /// An error of the program's own, which is the source.
    Other,
    /// Anything else that the database said.
    Database { code: Option<String>, message: RedactableMessage },
}

/// The content of a field that does not fit its property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldContent {
    /// A column that holds something else, in words.
    Holding(Cow<'static, str>),
    /// The text that names no variant of an enum.
    Variant(Hidden),
    NoColumn,
    SeveralColumns,
}

impl Error {
    /// The kind of the error in a word that holds no value: the code of the database where it
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
            Kind::ReplicaBehind => "replica_behind",
            Kind::Demoted => "demoted",
            Kind::Pooled { .. } => "pooled_statement",
            Kind::Repeated { .. } => "repeated",
            Kind::InvalidRequest(_) => "refused",
            Kind::InvalidInput(_) => "invalid_input",
            Kind::Other => "other",
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
            | Kind::ReadOnly
            | Kind::Demoted
            | Kind::Pooled { .. } => true,
            _ => false,
        }
    }
}
