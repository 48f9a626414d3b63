//! Checks: whether the database holds the conditions that are declared, and those of relations to one of
//! several entities.

use super::cure::{alter, quoted, rebuild};
use super::{Counted, Draft, Drift, Pair, SchemaComparison};
use crate::definition::constraint_names::{What, cut, named};
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::check::columns::is_same_text;
use crate::schema::shape::CheckShape;

pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    let entity = pair.entity;
    for one in named(entity) {
        let What::Check(check) = one.what else { continue };
        let promise =
            format!("`{}` promises that `{}` holds for each row", entity.name, check.condition);
        held(all, pair, &Promised { name: one.name, condition: check.condition, promise })?;
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
        held(all, pair, &Promised { name, condition: &condition, promise })?;
    }
    Ok(())
}

/// A check that is declared.
struct Promised<'a> {
    name: String,
    condition: &'a str,
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
    all.add(Draft::new(Drift::Broken, entity, message).cure(cure).counting(counted));
    Ok(())
}
