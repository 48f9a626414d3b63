//! Errors: one type that answers questions.

pub(crate) mod constraint;
pub(crate) mod display;
pub(crate) mod kind;
pub(crate) mod other;
pub(crate) mod questions;
pub(crate) mod told;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::relation::RelationDefinition;
use crate::error::constraint::Violation;
pub(crate) use crate::error::kind::{FieldContent, Kind};
use crate::error::told::{ErrorSource, Hidden, Sentence};
use crate::value::parameter::Parameter;
use crate::value::row::Mismatch;

/// The result of every call to a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a request to the database, or of reading its result.
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
    source: Option<ErrorSource>,
    /// Whether it tells values that the database told.
    details: bool,
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

    /// Two rows of one call have a key of which one may be written.
    pub(crate) fn given_twice(
        entity: &'static EntityDefinition,
        key: Option<&[Parameter]>,
    ) -> Self {
        let why = "two rows of one call have the same key, and the order in which they would be written \
                   is not told; give each key once";
        let error = Self::invalid_request(why).entity_is(entity);
        key.map_or(error.clone(), |key| error.key_is(key))
    }

    /// A request names what is not there, or gives a value that does not fit.
    pub(crate) fn invalid_input(why: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput(why.into()))
    }

    /// A field of a row that is not what a property should be.
    pub(crate) fn row(
        property: &'static str,
        column: impl Into<Cow<'static, str>>,
        expected: &str,
        mismatch: Mismatch,
    ) -> Self {
        let (found, source) = match mismatch {
            Mismatch::Absent => (FieldContent::NoColumn, None),
            Mismatch::Ambiguous => (FieldContent::SeveralColumns, None),
            Mismatch::Null => (FieldContent::Holding("null".into()), None),
            Mismatch::Type(found) | Mismatch::Value(found) => (FieldContent::Holding(found), None),
            Mismatch::Variant(text) => (FieldContent::Variant(Hidden(text)), None),
            Mismatch::Other(error) => {
                (FieldContent::Holding("a value that does not fit".into()), Some(error))
            }
        };
        let (column, expected) = (column.into(), expected.to_owned());
        let mut error = Self::new(Kind::Row { of: None, property, column, expected, found });
        // A value that does not fit may stand in the reason.
        let instead = || Sentence("the value does not fit its type; details say why".to_owned());
        error.0.source = source
            .map(|why| ErrorSource::Secret { whole: Arc::from(why), instead: Some(instead()) });
        error
    }

    /// Sets the name of the type that is read, if that is not an entity.
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

    /// Sets a source that holds no values.
    #[must_use]
    pub(crate) fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(ErrorSource::Safe(Arc::new(source)));
        self
    }

    /// Sets a source that may hold values of a row; a sentence stands for it unless
    /// details are asked for.
    #[must_use]
    pub(crate) fn because_of_secret(
        mut self,
        source: impl StdError + Send + Sync + 'static,
        instead: Option<String>,
    ) -> Self {
        let instead = instead.map(Sentence);
        self.0.source = Some(ErrorSource::Secret { whole: Arc::new(source), instead });
        self
    }

    /// Sets whether the error shows values.
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

    /// Whether a prepared statement no longer fits.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_plan_changed(&self) -> bool {
        matches!(self.0.kind, Kind::PlanChanged | Kind::Pooled { lost: true })
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

    /// Whether the server is gone for now, as while another one takes over. A server that refuses the
    /// user or the database goes on to do so.
    pub(crate) fn is_outage(&self) -> bool {
        let refused = self.0.source.as_ref().and_then(|source| source.shown(false));
        let refused = refused.and_then(|source| source.downcast_ref::<Self>());
        self.is_lost() && !refused.is_some_and(|why| matches!(why.0.kind, Kind::Database { .. }))
    }

    /// Whether a server no longer writes, of which a pool wants that.
    pub(crate) fn is_demoted(&self) -> bool {
        self.0.kind == Kind::Demoted
    }

    /// This error, where the pool wants a server that writes.
    #[must_use]
    pub(crate) fn of_writer(mut self) -> Self {
        if self.0.kind == Kind::ReadOnly {
            self.0.kind = Kind::Demoted;
        }
        self
    }

    fn violates(&self, asked: Violation) -> bool {
        self.refusing().is_some_and(|constraint| constraint.violation == asked)
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
