//! The promise of a foreign key that a target exists, and the error where it is broken.

use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::relation::arity::Arity;
use crate::relation::{Relation, Targets};
use crate::value::key::Key;

/// The target of a source. A promised one is missing only where the key of the source is null.
///
/// # Errors
///
/// A promised target is missing.
pub(crate) fn kept<R: Relation, T>(
    target: Option<T>,
    promised: bool,
    key: impl FnOnce() -> Option<R::Key>,
) -> Result<Option<T>> {
    if target.is_some() || !promised {
        return Ok(target);
    }
    match key() {
        Some(key) => Err(of_key::<R>(Kind::TargetMissing, Some(key))),
        None => Ok(None),
    }
}

/// The target of a relation to one, as the relation has it.
///
/// # Errors
///
/// A promised target is missing, or one that the type of the relation cannot be without.
pub(crate) fn one<R: Relation>(
    target: Option<R::Target>,
    promised: bool,
    source: &R::Source,
) -> Result<Targets<R>> {
    let target = kept::<R, _>(target, promised, || R::key(source))?;
    R::Arity::one(target).ok_or_else(|| missing::<R>(source))
}

/// The targets of a relation to many, as the relation has them.
pub(crate) fn all<R: Relation>(targets: Vec<R::Target>, source: &R::Source) -> Result<Targets<R>> {
    R::Arity::all(targets).ok_or_else(|| missing::<R>(source))
}

/// The error of a target that its source cannot be without.
pub(crate) fn missing<R: Relation>(source: &R::Source) -> Error {
    error::<R>(Kind::TargetMissing, source)
}

/// An error about the targets of a relation from a source.
pub(crate) fn error<R: Relation>(kind: Kind, source: &R::Source) -> Error {
    of_key::<R>(kind, R::key(source))
}

/// An error about the targets of a relation from a source with a key.
pub(crate) fn of_key<R: Relation>(kind: Kind, key: Option<R::Key>) -> Error {
    let error = Error::new(kind).entity_is(R::Target::DEFINITION).relation_is(R::DEFINITION);
    match key {
        Some(key) => error.key_is(&key.to_parameters()),
        None => error,
    }
}
