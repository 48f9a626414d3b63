//! Names that must differ where an engine looks for them.

use std::collections::HashMap;

use crate::definition::constraint_names::{NamedConstraint, What, cut, named};
use crate::definition::entity::EntityDefinition;
use crate::dialect::Engine;
use crate::error::{Error, Result};

/// A name, and where there can be only one of it: in a schema, or in a table of it.
type Place = (Option<&'static str>, Option<&'static str>, String);

/// The owner of a name, and the attribute that gives it another.
#[derive(Clone)]
struct Bearer {
    told: String,
    remedy: Option<String>,
}

/// Tables, constraints and indexes have names of their own. Otherwise `IF NOT EXISTS` would take one
/// for the other, and a key that a type promises would be missing.
pub(crate) fn names_differ(engine: Engine, entities: &[&'static EntityDefinition]) -> Result<()> {
    let mut taken: HashMap<Place, Bearer> = HashMap::new();
    for (at, entity) in entities.iter().enumerate() {
        if entities.iter().take(at).any(|earlier| earlier.is(entity)) {
            continue;
        }
        for (place, bearer) in bearers(engine, entity) {
            if let Some(earlier) = taken.get(&place) {
                return Err(both(&place.2, earlier, &bearer).entity_is(entity));
            }
            taken.insert(place, bearer);
        }
    }
    Ok(())
}

fn both(name: &str, earlier: &Bearer, later: &Bearer) -> Error {
    let remedy = later.remedy.as_deref().or(earlier.remedy.as_deref());
    let remedy = remedy.unwrap_or("leave out an index, or name a column or a table otherwise");
    Error::invalid_request(format!(
        "{} and {} would both be named `{name}`; {remedy}",
        earlier.told, later.told,
    ))
}

/// The names of an entity, each with its kind.
fn bearers(engine: Engine, entity: &'static EntityDefinition) -> Vec<(Place, Bearer)> {
    let table = Bearer {
        told: format!("the table of `{}`", entity.name),
        remedy: Some(format!("write `table = \"…\"` in the `#[entity]` of `{}`", entity.name)),
    };
    let mut all = vec![(in_schema(engine, entity, entity.table), table)];
    for one in named(entity) {
        let bearer = Bearer { told: told(entity, &one), remedy: remedy(entity, &one) };
        if is_relation(engine, one.what) {
            all.push((in_schema(engine, entity, &one.name), bearer.clone()));
        }
        if one.what.is_constraint() {
            // Also where SQLite has no use for the name: by it errors tell which constraint it is.
            let place = (entity.schema, Some(entity.table), cut(&one.name).to_owned());
            all.push((place, bearer));
        }
    }
    all
}

/// A name beside those of tables, as the engine compares it.
fn in_schema(engine: Engine, entity: &EntityDefinition, name: &str) -> Place {
    let name = match engine {
        Engine::Postgres => cut(name).to_owned(),
        Engine::Sqlite => name.to_ascii_lowercase(),
    };
    (entity.schema, None, name)
}

/// Whether it has its name beside those of tables. PostgreSQL names the index of a constraint after
/// it, and SQLite does not.
fn is_relation(engine: Engine, what: What) -> bool {
    match engine {
        Engine::Postgres => !matches!(what, What::ForeignKey(_) | What::Check(_) | What::Bounds(_)),
        Engine::Sqlite => !what.is_constraint(),
    }
}

fn told(entity: &EntityDefinition, one: &NamedConstraint) -> String {
    let properties: Vec<_> = one.properties.iter().map(|name| format!("`{name}`")).collect();
    let properties = properties.join(", ");
    match one.what {
        What::Id { .. } => format!("the id of `{}`", entity.name),
        What::UniqueKey { .. } => format!("the unique key {properties} of `{}`", entity.name),
        What::ForeignKey(relation) => {
            format!("the foreign key of `{}.{}`", entity.name, relation.name)
        }
        What::Index(Some(index)) if properties.is_empty() => {
            let expression = index.expression.unwrap_or_default();
            format!("the index on `{expression}` of `{}`", entity.name)
        }
        What::Index(_) => format!("the index on {properties} of `{}`", entity.name),
        What::Check(_) => format!("a check of `{}`", entity.name),
        What::Bounds(_) => format!("the bounds of {properties} of `{}`", entity.name),
    }
}

/// The word that names it, where there is one.
fn remedy(entity: &EntityDefinition, one: &NamedConstraint) -> Option<String> {
    let on = |attribute: &str| match *one.properties {
        [property] => {
            Some(format!("write `#[{attribute}(name = \"…\")]` on `{}.{property}`", entity.name))
        }
        _ => None,
    };
    match one.what {
        What::ForeignKey(relation) => Some(format!(
            "write `constraint = \"…\"` in the `#[belongs_to]` of `{}.{}`",
            entity.name, relation.name,
        )),
        What::UniqueKey { filter, .. } if filter.is_some() || one.properties.len() > 1 => {
            Some(format!("write `name = \"…\"` in the `#[unique]` of `{}`", entity.name))
        }
        What::Index(Some(_)) => {
            Some(format!("write `name = \"…\"` in the `#[index]` of `{}`", entity.name))
        }
        What::Check(_) => {
            Some(format!("write `name = \"…\"` in the `#[check]` of `{}`", entity.name))
        }
        What::Bounds(_) => None,
        What::UniqueKey { .. } => on("unique"),
        What::Index(None) => on("index"),
        What::Id { .. } => Some(format!("write `#[id(name = \"…\")]` in `{}`", entity.name)),
    }
}
