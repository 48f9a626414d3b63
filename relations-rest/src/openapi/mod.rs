//! The OpenAPI 3.1 document.

mod paths;
mod schemas;

use relations::definition::{RelationDefinition, RelationKind};
use serde_json::{Map, Value, json};

use crate::filter::{IncludeRequest, unknown};
use crate::members::Member;
use crate::model::{Info, Model, Served};
use crate::one_of::OneOf;
use crate::problem::Problem;
use crate::resource::Resource;
use crate::routes::{Route, of_relation};

/// The document, as it grows.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) paths: Map<String, Value>,
    pub(crate) schemas: Map<String, Value>,
    pub(crate) tags: Vec<Value>,
}

/// An entity as the document describes it.
pub(crate) struct Described<'a> {
    pub(crate) info: &'a Info,
    pub(crate) members: &'a [Member],
    pub(crate) relations: Vec<DescribedRelation>,
    pub(crate) one_of: Vec<DescribedOneOf<'a>>,
    /// The members of the id, in the order of the path.
    pub(crate) id: Vec<&'a Member>,
    pub(crate) has_version: bool,
}

pub(crate) struct DescribedRelation {
    pub(crate) member: &'static str,
    pub(crate) target: &'static str,
    pub(crate) target_id: Vec<Value>,
    pub(crate) many: bool,
    pub(crate) is_creatable: bool,
    pub(crate) is_readable: bool,
    /// The members of the source that hold the key.
    pub(crate) keys: Vec<&'static str>,
    pub(crate) routes: Vec<Route>,
}

/// A relation to one of several entities.
pub(crate) struct DescribedOneOf<'a> {
    pub(crate) member: &'a str,
    /// The names of its kinds, with their targets.
    pub(crate) kinds: Vec<(&'static str, &'static str)>,
}

/// The properties that lead to a target: the key, and its kind if it has one.
fn leading(relation: &RelationDefinition) -> Vec<&'static str> {
    let kind = relation.key_kind.map(|kind| kind.property);
    relation.key_from.iter().copied().chain(kind).collect()
}

/// Adds an entity to the document.
pub(crate) fn describe<E: Resource>(served: &Served, model: &Model<E>, document: &mut Document) {
    let relations = model.relations.iter().enumerate().filter_map(|(place, relation)| {
        let target = served.models.get(&relation.target())?.info();
        let definition = relation.definition();
        let of_target = definition.target.definition();
        let holds_key = definition.kind == RelationKind::BelongsTo;
        Some(DescribedRelation {
            member: relation.member(),
            target: target.name,
            target_id: of_target.id().map(|one| schemas::column(one.column_type)).collect(),
            many: definition.targets_many(),
            is_creatable: target.operations.create && !definition.is_only_read(),
            is_readable: target.operations.read,
            keys: if holds_key { leading(definition) } else { Vec::new() },
            routes: of_relation(served, model, place),
        })
    });
    let one_of = model.one_ofs(served).map(|(_, of)| {
        let target = |place: usize| {
            let relation = model.relations.get(place)?;
            Some((relation.member(), relation.definition().target.definition().name))
        };
        let kinds = model.arms(served, of).filter_map(|(place, _)| target(place)).collect();
        DescribedOneOf { member: &of.member, kinds }
    });
    let described = Described {
        one_of: one_of.collect(),
        info: &model.info,
        members: &model.members.all,
        relations: relations.collect(),
        id: E::DEFINITION.id().filter_map(|one| model.members.of(one.name)).collect(),
        has_version: E::DEFINITION.version().is_some(),
    };
    schemas::add(&described, document);
    paths::add(&described, document);
    let name = described.info.name;
    document.tags.push(json!({ "name": name }));
}

/// The schema of rows of an entity with what they include.
pub(crate) fn with_included<E: Resource>(
    model: &Model<E>,
    served: &Served,
    requests: &[IncludeRequest],
) -> Result<Value, Problem> {
    let row = reference(model.info.name);
    let mut properties = Map::new();
    for request in requests {
        let readable = model.readable(served);
        let one_ofs = model.one_ofs(served);
        if let Some((_, of)) = one_ofs.clone().find(|(_, of)| of.member == request.relation) {
            properties.insert(of.member.clone(), one_of(model, served, of, request)?);
            continue;
        }
        let found = readable.clone().find(|(_, one)| one.member() == request.relation);
        let Some((_, relation)) = found else {
            let what = format!("relation of {}", model.info.name);
            let names = readable.map(|(_, relation)| relation.member());
            let names = names.chain(one_ofs.map(|(_, of)| of.member.as_str()));
            return Err(unknown("UNKNOWN_RELATION", &what, &request.relation, names, &request.at));
        };
        let target = relation.target_schema(served, request)?;
        let definition = relation.definition();
        let may_miss = definition.optional || definition.kind != RelationKind::BelongsTo;
        let targets = match (definition.targets_many(), may_miss) {
            (true, _) => json!({ "type": "array", "items": target }),
            (false, true) => json!({ "oneOf": [target, { "type": "null" }] }),
            (false, false) => target,
        };
        properties.insert(request.relation.clone(), targets);
    }
    if properties.is_empty() {
        return Ok(row);
    }
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    let relations = json!({ "type": "object", "required": names, "properties": properties });
    Ok(json!({ "allOf": [row, relations] }))
}

/// The schema of the target of a relation to one of several entities, with what each kind includes.
fn one_of<E: Resource>(
    model: &Model<E>,
    served: &Served,
    of: &OneOf,
    request: &IncludeRequest,
) -> Result<Value, Problem> {
    let given = request.nested()?;
    model.check_kinds(served, of, &given)?;
    let mut kinds = Vec::new();
    for (_, relation) in model.arms(served, of) {
        let plain = IncludeRequest::of(relation.member(), &request.at);
        let one = given.iter().find(|one| one.relation == relation.member()).unwrap_or(&plain);
        kinds.push(schemas::kind(relation.member(), &relation.target_schema(served, one)?));
    }
    Ok(schemas::one_of(kinds))
}

/// The document of an API.
pub(crate) fn document(served: &Served) -> Value {
    let mut document = Document::default();
    served.all().for_each(|model| model.describe(served, &mut document));
    document.schemas.insert("Problem".to_owned(), schemas::problem());
    document.schemas.insert("Count".to_owned(), schemas::count());
    json!({
        "openapi": "3.1.0",
        "info": { "title": served.title, "version": served.version },
        "tags": document.tags,
        "paths": document.paths,
        "components": { "schemas": document.schemas },
    })
}

/// A reference to a schema.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
