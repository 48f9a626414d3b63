//! Checks: whether the database holds the conditions that are declared.

use super::cure::{add, alter, quoted, rebuild};
use super::{Comparison, Draft, Drift, Pair};
use crate::definition::constraint_names::{What, cut, named};
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::check::columns::is_same_text;
use crate::schema::shape::CheckShape;

pub(super) fn compare(all: &mut Comparison<'_>, pair: Pair<'_>) -> Result<()> {
    let entity = pair.entity;
    for one in named(entity) {
        let What::Check(check) = one.what else { continue };
        let is_ours = |shape: &&CheckShape| shape.name.as_deref() == Some(&*one.name);
        // The condition may be spelled as the database has it by now.
        let Some(declared) = pair.declared.checks.iter().find(is_ours) else { continue };
        let is_held = |shape: &CheckShape| is_same_text(&shape.definition, &declared.definition);
        if pair.found.checks.iter().any(is_held) {
            continue;
        }
        let is_named = |shape: &&CheckShape| shape.name.as_deref() == Some(cut(&one.name));
        let other = pair.found.checks.iter().find(is_named);
        let there = match other {
            Some(other) => format!("`{}` is {}", one.name, other.definition),
            None => "there is no such constraint".to_owned(),
        };
        let message = format!(
            "`{}` promises that `{}` holds for each row, and the database does not hold it: {there}",
            entity.name, check.condition,
        );
        let cure = match all.engine {
            Engine::Postgres => {
                let drop = format!("DROP CONSTRAINT {}", quoted(&one.name));
                let drop = other.map(|_| alter(entity, &drop));
                drop.into_iter().chain(add(all.engine, entity, &one)).collect()
            }
            Engine::Sqlite => rebuild(entity, pair.found)?,
        };
        all.add(Draft::new(Drift::Broken, entity, message).cure(cure));
    }
    Ok(())
}
