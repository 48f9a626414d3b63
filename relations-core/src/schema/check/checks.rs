//! Checks: whether the database holds the conditions that are declared, and those of relations to one of
//! several entities.

use super::cure::{alter, quoted, rebuild};
use super::{Counted, Draft, Drift, Pair, SchemaComparison};
use crate::definition::constraint_names::{What, cut, named};
use crate::definition::property::PropertyDefinition;
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::check::columns::{is_same_text, told};
use crate::schema::shape::CheckShape;

pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    let entity = pair.entity;
    for one in named(entity) {
        let Some(condition) = one.what.condition() else { continue };
        let promise = format!("`{}` promises that `{condition}` holds for each row", entity.name);
        let mut promised = Promised {
            name: one.name,
            condition: &condition,
            property: None,
            drift: Drift::Broken,
            promise,
        };
        if let What::Bounds(property) = one.what {
            if pair.found.column(property.column).is_none() {
                continue;
            }
            promised.property = Some(property);
            // Values of the type are within them, so that rows can be read without the check.
            promised.drift = Drift::Differs;
            let of = told(entity, property);
            promised.promise = format!("the type of {of} promises `{condition}` in each row");
        }
        held(all, pair, &promised)?;
    }
    for one in entity.one_of {
        let (name, condition) = one.check(entity);
        let targets: Vec<_> = one.relations.iter().map(|name| format!("`{name}`")).collect();
        let promise = match one.kind {
            Some(kind) => format!("`{}.{kind}` promises a known kind in each row", entity.name),
            None => format!(
                "`{}.{}` promises {} of {} in each row",
                entity.name,
                one.name,
                if one.optional { "at most one" } else { "one" },
                targets.join(", "),
            ),
        };
        let condition = &*condition;
        let drift = Drift::Broken;
        held(all, pair, &Promised { name, condition, property: None, drift, promise })?;
    }
    Ok(())
}

/// A check that is declared.
struct Promised<'a> {
    name: String,
    condition: &'a str,
    /// The property that it is about, if it is about one.
    property: Option<&'static PropertyDefinition>,
    /// The kind of drift where the database lacks it.
    drift: Drift,
    /// The promise, in a sentence.
    promise: String,
}

/// Tells a check that the database lacks, or has with another condition.
fn held(all: &mut SchemaComparison<'_>, pair: Pair<'_>, promised: &Promised<'_>) -> Result<()> {
    let (entity, name) = (pair.entity, &promised.name);
    let is_ours = |shape: &&CheckShape| shape.name.as_ref() == Some(name);
    // The condition may be spelled as the database has it by now.
    let Some(declared) = pair.declared.checks.iter().find(is_ours) else { return Ok(()) };
    let is_held = |shape: &CheckShape| is_same_text(&shape.definition, &declared.definition);
    if pair.found.checks.iter().any(is_held) {
        return Ok(());
    }
    let is_named = |shape: &&CheckShape| shape.name.as_deref() == Some(cut(name));
    let other = pair.found.checks.iter().find(is_named);
    let there = match other {
        Some(other) => format!("`{name}` is {}", other.definition),
        None => "there is no such constraint".to_owned(),
    };
    let message = format!("{}, and the database does not hold it: {there}", promised.promise);
    let cure = match all.engine {
        Engine::Postgres => {
            let drop = other.map(|_| format!("DROP CONSTRAINT {}", quoted(name)));
            let add = format!("ADD CONSTRAINT {} CHECK ({})", quoted(name), promised.condition);
            drop.iter().chain([&add]).map(|change| alter(entity, change)).collect()
        }
        Engine::Sqlite => rebuild(entity, pair.found)?,
    };
    let counted = Counted::unchecked(entity, promised.condition);
    let draft = Draft::new(promised.drift, entity, message).cure(cure).counting(counted);
    all.add(match promised.property {
        Some(property) => draft.property(property),
        None => draft,
    });
    Ok(())
}
