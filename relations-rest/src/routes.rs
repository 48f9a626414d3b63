//! The routes of relations, and which requests each of them takes.

use axum::routing::MethodFilter;
use relations::Entity;
use relations::definition::{RelationDefinition, RelationKind};
use relations::query::reflect;

use crate::model::{Model, Served};
use crate::related::Verb;
use crate::rows::id_segments;

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(crate) fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// A path behind that of a row, and the requests that it takes.
pub(crate) type Route = (String, Vec<(Method, Verb)>);

/// The routes of a relation, behind the path of a row.
pub(crate) fn of_relation<E: Entity>(
    served: &Served,
    model: &Model<E>,
    place: usize,
) -> Vec<Route> {
    let Some(relation) = model.relations.get(place) else { return Vec::new() };
    let Some(target) = served.models.get(&relation.target()).map(|target| target.info()) else {
        return Vec::new();
    };
    let (definition, name) = (relation.definition(), relation.member());
    let many = definition.targets_many();
    let holds_key = definition.kind == RelationKind::BelongsTo;
    let is_linkable = model.info.operations.link && reflect::is_linkable(definition);
    let through = definition.through.is_some();
    let mut own = Vec::new();
    let mut routes = Vec::new();
    if model.info.operations.read && target.operations.read {
        own.push((Method::Get, Verb::Read));
        if many {
            routes.push((format!("/{name}/count"), vec![(Method::Get, Verb::Count)]));
        }
    }
    // A relation with a filter, or by an array of keys, is only read.
    let is_written = !definition.is_only_read();
    if is_written && target.operations.create && !holds_key && (!through || is_linkable) {
        own.push((Method::Post, Verb::Create));
    }
    if is_written && many && !through && target.operations.patch {
        own.push((Method::Patch, Verb::Change));
    }
    if is_written && many && !through && target.operations.delete {
        own.push((Method::Delete, Verb::Remove));
    }
    if is_linkable {
        let id = id_segments(definition.target.definition().id().count(), "target");
        let verbs = vec![(Method::Put, Verb::Link), (Method::Delete, Verb::Unlink)];
        routes.push((format!("/{name}{id}"), verbs));
    }
    if is_tree::<E>(definition) && model.info.operations.read {
        // The first relation with the entity itself makes its tree.
        let first = model.relations.iter().position(|one| is_tree::<E>(one.definition()));
        let is_first = first == Some(place);
        let prefixes = [format!("/{name}")].into_iter().chain(is_first.then(String::new));
        for prefix in prefixes {
            let verbs = [("ancestors", Verb::Ancestors), ("descendants", Verb::Descendants)];
            for (word, verb) in verbs {
                routes.push((format!("{prefix}/{word}"), vec![(Method::Get, verb)]));
            }
        }
    }
    if !own.is_empty() {
        routes.push((format!("/{name}"), own));
    }
    routes
}

/// Whether each row of an entity belongs to another one by a relation.
fn is_tree<E: Entity>(relation: &RelationDefinition) -> bool {
    let (of, to) = (E::DEFINITION, relation.target.definition());
    relation.makes_tree() && (of.schema, of.table) == (to.schema, to.table)
}
