//! Links of a relation that is known at run time.

use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::driver::executor::Executor;
use crate::error::{Error, Result};
use crate::relation::{Relation, through};

/// The reason why a relation with a filter links nothing.
const WITH_FILTER: &str = "this relation has a filter, so it is only read; link by one without";

/// Whether a relation can be linked by the keys of source and target alone, as
/// [`link`](crate::RelationHandle::link) demands: all else in the link has a default or is the tenant, and a key of
/// it has no other parts. A relation with a filter is only read.
#[must_use]
pub fn is_linkable(relation: &RelationDefinition) -> bool {
    let is_key = |through: &ThroughDefinition, name: &str| {
        through.from().key_from.contains(&name) || through.to().key_from.contains(&name)
    };
    let through = relation.through.as_ref().filter(|_| !relation.is_filtered());
    through.is_some_and(|through| {
        let mut properties = through.link.definition().properties.iter();
        through.link.definition().read_only.is_none()
            && through.is_unique()
            && properties.all(|one| {
                let is_made = one.generated || one.is_made();
                // An executor of a tenant gives it.
                let is_given = is_made || one.tenant || one.default.is_some();
                is_given || one.nullable || is_key(through, one.name)
            })
    })
}

/// Links a source to a target, as [`link`](crate::RelationHandle::link) does, and returns whether the
/// link is new.
///
/// # Errors
///
/// The relation [is not linkable](is_linkable) ([`Error::is_invalid_request`]), or the errors of `link`.
pub async fn link<R: Relation>(
    db: &impl Executor,
    source: &R::Source,
    target: &R::Target,
) -> Result<bool> {
    if !is_linkable(R::DEFINITION) {
        let why = if R::DEFINITION.is_filtered() {
            WITH_FILTER
        } else {
            "a link of this relation has more to it than its keys; insert the link entity itself"
        };
        return Err(Error::invalid_request(why).relation_is(R::DEFINITION));
    }
    through::insert_link::<R>(db, source, target).await
}

/// Unlinks a source from a target, as [`unlink`](crate::RelationHandle::unlink) does, and returns whether
/// they were linked; `false` if the relation has no join table.
///
/// # Errors
///
/// Other rows reference the link ([`Error::is_foreign_key_violation`]), or the relation has a filter
/// ([`Error::is_invalid_request`]).
pub async fn unlink<R: Relation>(
    db: &impl Executor,
    source: &R::Source,
    target: &R::Target,
) -> Result<bool> {
    if R::DEFINITION.is_filtered() {
        return Err(Error::invalid_request(WITH_FILTER).relation_is(R::DEFINITION));
    }
    through::delete_links::<R>(db, source, target).await
}
