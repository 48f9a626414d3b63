//! The kinds of keys that lead to one of several entities.

use std::borrow::Cow;

use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::plan::tree::RowPlan;
use crate::relation::Relation;
use crate::value::mismatch::Mismatch;
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// Whether a value is the word of a kind, as `Some`; generated code calls it.
#[doc(hidden)]
#[must_use]
pub fn of_kind(found: &Parameter, word: &str) -> Option<()> {
    found.texts().contains(&word).then_some(())
}

/// Makes sure that the kind of each source is a known one.
///
/// # Errors
///
/// One is not.
#[doc(hidden)]
pub fn check_kinds<'a, R: Relation>(
    sources: impl IntoIterator<Item = &'a R::Source>,
) -> Result<()> {
    let Some(kind) = R::DEFINITION.kind_of_source() else { return Ok(()) };
    for found in sources.into_iter().filter_map(R::key_kind) {
        if !found.texts().iter().any(|word| kind.words.contains(word)) {
            let word = found.texts().concat();
            return Err(unknown_kind(R::Source::DEFINITION, kind, Mismatch::Variant(word)));
        }
    }
    Ok(())
}

/// Makes sure that the kind in the row of a source is a known one.
///
/// # Errors
///
/// It is not.
#[doc(hidden)]
pub fn check_kind<R: Relation>(
    row: &Row<'_>,
    plan: &RowPlan,
    at: usize,
    source: Option<&R::Source>,
) -> Result<()> {
    match (source, plan.slot(at)) {
        (Some(source), _) => check_kinds::<R>([source]),
        (None, Some(planned)) => planned.key_of::<R>(None, Some(row)).map(drop),
        (None, None) => Ok(()),
    }
}

/// The error of a kind that leads nowhere.
#[cold]
pub(crate) fn unknown_kind(
    source: &'static EntityDefinition,
    kind: &KindDefinition,
    why: Mismatch,
) -> Error {
    let known: Vec<_> = kind.words.iter().map(|word| format!("`{word}`")).collect();
    let column = source.property(kind.property).map_or(kind.property, |one| one.column);
    let expected = format!("one of {}", known.join(", "));
    Error::row(kind.property, Cow::from(column), &expected, why).entity_is(source)
}

/// The only member of a record, by its name among those that are known; `#[derive(Entity)]` calls it.
///
/// # Errors
///
/// There is another number of members, or one of another name.
#[cfg(feature = "serde")]
#[doc(hidden)]
pub fn only_member<'de, K: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
    known: &'static [&'static str],
) -> std::result::Result<(&'static str, K), D::Error> {
    use serde::de::Error as _;

    let members = <std::collections::BTreeMap<String, K> as serde::Deserialize>::deserialize(from)?;
    let number = members.len();
    match members.into_iter().next().filter(|_| number == 1) {
        Some((name, key)) => match known.iter().find(|one| name == **one) {
            Some(member) => Ok((member, key)),
            None => Err(D::Error::unknown_variant(&name, known)),
        },
        None => Err(D::Error::invalid_length(number, &"one member, which names the kind")),
    }
}
