//! What can go wrong, in one type with questions.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::meta::{EntityDefinition, RelationDefinition};
use crate::row::Mismatch;
use crate::value::Parameter;

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
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    entity: Option<&'static EntityDefinition>,
    relation: Option<&'static RelationDefinition>,
    key: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What went wrong; private, so that it can grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The entity asked for is not there.
    NotFound,
    /// More than one entity where one was asked for.
    NotUnique,
    /// A foreign key that points to nothing.
    TargetMissing,
    /// The database refused a value, for a constraint whose name it may tell, on a table or a
    /// column that it may name.
    Constraint {
        violation: Violation,
        constraint: Option<String>,
        table: Option<String>,
        column: Option<String>,
    },
    /// A field that is not what its property should be.
    Row { property: &'static str, column: &'static str, expected: String, found: String },
    /// Nobody answered, or somebody stopped answering.
    Connection(String),
    /// No connection was free in time.
    PoolTimeout,
    /// The transaction cannot go on beside others; a new try may.
    Serialization,
    /// The statement asks for what cannot be done; the text says what to do instead.
    Refused(String),
    /// Anything else that the database said.
    Database { code: Option<String>, message: String },
}

/// Which promise of the schema a value would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Violation {
    Unique,
    /// A row would point to nothing.
    ForeignKey,
    /// A row that is pointed to would go.
    Referenced,
    NotNull,
    Check,
}

impl Error {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(Box::new(Inner { kind, entity: None, relation: None, key: None, source: None }))
    }

    /// The statement cannot be what was asked for; the text says what to do instead.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::new(Kind::Refused(why.into()))
    }

    /// A field of a row that is not what a property should be.
    pub(crate) fn row(
        property: &'static str,
        column: &'static str,
        expected: &str,
        mismatch: Mismatch,
    ) -> Self {
        let (found, source) = match mismatch {
            Mismatch::Absent => (Cow::from("nothing"), None),
            Mismatch::Null => ("null".into(), None),
            Mismatch::Type(found) => (found, None),
            Mismatch::Variant(text) => (format!("\"{text}\"").into(), None),
            Mismatch::Other(error) => ("a value that does not fit".into(), Some(error)),
        };
        let found = found.into_owned();
        let mut error =
            Self::new(Kind::Row { property, column, expected: expected.to_owned(), found });
        error.0.source = source;
        error
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

    #[must_use]
    pub(crate) fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// The same refusal, of a row that is still pointed to.
    #[must_use]
    pub(crate) fn of_referenced(mut self) -> Self {
        if let Kind::Constraint { violation, .. } = &mut self.0.kind {
            *violation = Violation::Referenced;
        }
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
            Kind::NotUnique => "not_unique",
            Kind::TargetMissing => "target_missing",
            Kind::Constraint { violation: Violation::Unique, .. } => "unique_violation",
            Kind::Constraint {
                violation: Violation::ForeignKey | Violation::Referenced, ..
            } => "foreign_key_violation",
            Kind::Constraint { violation: Violation::NotNull, .. } => "not_null_violation",
            Kind::Constraint { violation: Violation::Check, .. } => "check_violation",
            Kind::Row { .. } => "row_mismatch",
            Kind::Connection(_) => "connection",
            Kind::PoolTimeout => "pool_timeout",
            Kind::Serialization => "serialization_failure",
            Kind::Refused(_) => "refused",
            Kind::Database { code, .. } => code.as_deref().unwrap_or("database"),
        }
    }

    /// Whether the server has said so, or no longer says anything.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_of_server(&self) -> bool {
        match &self.0.kind {
            Kind::Database { code, .. } => code.is_some(),
            Kind::Constraint { .. } | Kind::Connection(_) | Kind::Serialization => true,
            _ => false,
        }
    }

    fn violates(&self, asked: Violation) -> bool {
        matches!(self.0.kind, Kind::Constraint { violation, .. } if violation == asked)
    }

    /// Whether the entity asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound
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

    /// Whether a row does not fit its entity: a null, another type, or an unknown variant.
    #[must_use]
    pub fn is_row_mismatch(&self) -> bool {
        matches!(self.0.kind, Kind::Row { .. })
    }

    /// Whether the database could not be reached, stopped answering, or no connection was free in
    /// time.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        matches!(self.0.kind, Kind::Connection(_) | Kind::PoolTimeout)
    }

    /// Whether the transaction lost against another one, so that it is worth a second try.
    #[must_use]
    pub fn is_serialization_failure(&self) -> bool {
        self.0.kind == Kind::Serialization
    }

    /// Whether nothing was sent, since what was asked for cannot be done.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.0.kind, Kind::Refused(_))
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
        match &self.0.kind {
            Kind::Constraint { constraint, .. } => constraint.as_deref(),
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
            Kind::Constraint { column: Some(column), .. } => {
                let mut properties = self.0.entity?.properties.iter();
                properties.find(|property| property.column == column).map(|property| property.name)
            }
            _ => None,
        }
    }

    fn relation_name(&self) -> String {
        match self.0.relation {
            Some(relation) => format!("`{}.{}`", relation.source, relation.name),
            None => "a foreign key".to_owned(),
        }
    }

    fn entity_name(&self) -> &'static str {
        self.0.entity.map_or("entity", |entity| entity.name)
    }

    /// Which promise of the schema a value would break, in words.
    fn write_violation(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        violation: Violation,
    ) -> fmt::Result {
        let entity = self.entity_name();
        match (violation, self.0.relation, self.property(), self.key()) {
            (Violation::Unique, _, _, Some(key)) => {
                write!(formatter, "another {entity} has the key {key} already")
            }
            (Violation::Unique, _, _, None) => {
                write!(formatter, "another {entity} has this key already")
            }
            (Violation::NotNull, _, Some(property), _) => {
                write!(formatter, "`{entity}.{property}` cannot be null")
            }
            (Violation::NotNull, _, None, _) => {
                write!(formatter, "{entity} lacks a value that cannot be null")
            }
            (Violation::Check, ..) => write!(formatter, "a check of {entity} refuses a value"),
            (Violation::ForeignKey, _, _, Some(key)) => {
                write!(
                    formatter,
                    "{} would point to nothing by the key {key}",
                    self.relation_name()
                )
            }
            (Violation::ForeignKey, _, _, None) => {
                write!(formatter, "{} would point to nothing", self.relation_name())
            }
            (Violation::Referenced, Some(relation), _, Some(key)) => write!(
                formatter,
                "{} still points to the {} with the key {key}",
                self.relation_name(),
                relation.target.name,
            ),
            (Violation::Referenced, ..) => {
                write!(formatter, "{} still points to a row that would go", self.relation_name())
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entity = self.entity_name();
        let key = self.key();
        match &self.0.kind {
            Kind::NotFound => match (self.0.relation, key) {
                (Some(_), Some(key)) => {
                    write!(formatter, "no {entity} by {} with key {key}", self.relation_name())
                }
                (Some(_), None) => write!(formatter, "no {entity} by {}", self.relation_name()),
                (None, Some(key)) => write!(formatter, "no {entity} with key {key}"),
                (None, None) => write!(formatter, "no {entity} matches the query"),
            },
            Kind::NotUnique => {
                write!(
                    formatter,
                    "more than one {entity} matches a query for one; ask with `.first` or `.all`"
                )
            }
            Kind::TargetMissing => write!(
                formatter,
                "{} points to a missing {entity} with key {}",
                self.relation_name(),
                key.unwrap_or("null"),
            ),
            Kind::Constraint { violation, constraint, .. } => {
                self.write_violation(formatter, *violation)?;
                if let Some(constraint) = constraint {
                    write!(formatter, " (constraint `{constraint}`)")?;
                }
                Ok(())
            }
            Kind::Row { property, column, expected, found } => {
                write!(
                    formatter,
                    "`{entity}.{property}` is {expected}, but column `{column}` holds {found}"
                )
            }
            Kind::Connection(what) => write!(formatter, "{what}"),
            Kind::PoolTimeout => write!(
                formatter,
                "no connection was free in time; use a larger pool or a longer time-out, and let \
                 go of open transactions",
            ),
            Kind::Serialization => {
                write!(formatter, "the transaction lost against another one; run it again")
            }
            Kind::Refused(why) => write!(formatter, "{why}"),
            Kind::Database { code: Some(code), message } => {
                write!(formatter, "the database refused the statement: {message} ({code})")
            }
            Kind::Database { code: None, message } => {
                write!(formatter, "the database refused the statement: {message}")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("entity", &self.entity())
            .field("relation", &self.0.relation.map(|relation| relation.name))
            .field("key", &self.0.key)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
