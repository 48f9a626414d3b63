//! The model of an entity: what its relations ask of it, and its routes.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::routing::{MethodFilter, MethodRouter};
use relations::include::WithIncluded;
use relations::query::reflect::{Assignment, DynamicColumn, DynamicInclude};
use relations::{Entity, Filter, Transaction};
use serde_json::Value;

use crate::call::Call;
use crate::filter::{Criteria, IncludeRequest, Parsing, Place, Shape};
use crate::handlers::{
    count, create, delete, delete_all, exists, list, patch, patch_all, put, query, show,
};
use crate::model::{Answer, AnyModel, Doing, EntityModel, Info, Model, Served};
use crate::node::{Node, Pointer};
use crate::one_of;
use crate::openapi::Document;
use crate::pick::pick;
use crate::problem::Problem;
use crate::related::Verb;
use crate::resource::Resource;

impl<E: Resource> EntityModel<E> for Model<E> {
    fn info(&self) -> &Info {
        &self.info
    }

    fn scope(&self, parts: &Parts) -> Result<Option<Filter<E>>, Problem> {
        self.scope.as_ref().map(|scope| scope(parts)).transpose()
    }

    fn criteria(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
        place: Place,
    ) -> Result<Criteria<E>, Problem> {
        self.read_criteria(parsing, node, at, place)
    }

    fn condition(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem> {
        self.read_condition(parsing, node, at)
    }

    fn column(
        &self,
        parsing: &mut Parsing<'_>,
        path: &[&str],
        at: &Pointer,
    ) -> Result<DynamicColumn<E>, Problem> {
        self.read_column(parsing, path, at)
    }

    fn write(
        &self,
        row: &WithIncluded<E>,
        shape: &Shape<E>,
        json: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        match &shape.fields {
            None => self.write_entity(row, json)?,
            Some(fields) => {
                let wanted = |name: &str| fields.iter().any(|field| field == name);
                pick::<E>(row, wanted, json).map_err(|_| Problem::internal())?;
            }
        }
        if !shape.has_relations() {
            return Ok(());
        }
        json.pop();
        let mut is_first = json.last() == Some(&b'{');
        for (place, write) in &shape.relations {
            let relation = self.relations.get(*place).ok_or_else(Problem::internal)?;
            if !std::mem::take(&mut is_first) {
                json.push(b',');
            }
            json.push(b'"');
            json.extend_from_slice(relation.member().as_bytes());
            json.extend_from_slice(b"\":");
            write(row, json)?;
        }
        for (place, kinds) in &shape.one_of {
            let of = self.one_of.get(*place).ok_or_else(Problem::internal)?;
            if !std::mem::take(&mut is_first) {
                json.push(b',');
            }
            json.push(b'"');
            json.extend_from_slice(of.member.as_bytes());
            json.extend_from_slice(b"\":");
            self.write_one_of(row, kinds, json)?;
        }
        json.push(b'}');
        Ok(())
    }

    fn write_entity(&self, entity: &E, json: &mut Vec<u8>) -> Result<(), Problem> {
        let written = if self.members.is_whole {
            serde_json::to_writer(json, entity)
        } else {
            let hidden: Vec<&str> = self.members.hidden().collect();
            pick(entity, |name| !hidden.contains(&name), json)
        };
        written.map_err(|_| Problem::internal())
    }

    fn insert<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        node: &'a Node,
        preset: Vec<Assignment>,
        at: Pointer,
    ) -> Doing<'a, E> {
        Box::pin(self.insert_nested(call, tx, node, preset, at))
    }

    fn change<'a>(
        &'a self,
        call: &'a Call,
        filter: Filter<E>,
        within: Option<Filter<E>>,
    ) -> Doing<'a, u64> {
        Box::pin(self.change_rows(call, filter, within))
    }

    fn remove<'a>(&'a self, call: &'a Call, filter: Filter<E>) -> Doing<'a, u64> {
        Box::pin(self.remove_rows(call, filter))
    }

    fn inserted(
        &self,
        served: &Served,
        nodes: &[&Node],
    ) -> Result<(Vec<DynamicInclude<E>>, Shape<E>), Problem> {
        let (mut includes, mut shape) = (Vec::new(), Shape::default());
        for (place, relation) in self.readable(served) {
            let of = |node: &&'_ Node| match node {
                Node::Object(members) => {
                    members.iter().position(|(name, _)| name == relation.member())
                }
                _ => None,
            };
            let nested: Vec<&Node> = nodes
                .iter()
                .filter_map(|node| match node {
                    Node::Object(members) => members.get(of(node)?).map(|(_, value)| value),
                    _ => None,
                })
                .collect();
            if !nested.is_empty() {
                let (include, write) = relation.inserted(served, &nested)?;
                includes.push(include);
                shape.relations.push((place, write));
            }
        }
        Ok((includes, shape))
    }

    fn row_schema(&self, served: &Served, requests: &[IncludeRequest]) -> Result<Value, Problem> {
        crate::openapi::with_included(self, served, requests)
    }
}

/// A function that answers requests to an entity.
type Handler<E> = Arc<dyn for<'a> Fn(&'a Model<E>, &'a Call) -> Answer<'a> + Send + Sync>;

/// Hands requests to a handler.
macro_rules! handler {
    ($function:ident) => {
        of_function(|model, call| Box::pin($function(model, call)))
    };
}

fn of_function<E: Entity>(
    function: impl for<'a> Fn(&'a Model<E>, &'a Call) -> Answer<'a> + Send + Sync + 'static,
) -> Handler<E> {
    Arc::new(function)
}

/// The model in the place of which routes and relations find it.
pub(crate) struct ServedModel<E: Entity> {
    model: Arc<Model<E>>,
    of_entity: Arc<dyn EntityModel<E>>,
}

impl<E: Resource> ServedModel<E> {
    pub(crate) fn new(model: Model<E>) -> Self {
        let model = Arc::new(model);
        Self { of_entity: model.clone(), model }
    }

    fn on(
        &self,
        served: &Arc<Served>,
        router: MethodRouter,
        method: MethodFilter,
        handler: Handler<E>,
    ) -> MethodRouter {
        let (model, served) = (self.model.clone(), served.clone());
        router.on(method, move |request: Request| {
            let (model, served, handler) = (model.clone(), served.clone(), handler.clone());
            async move { crate::call::answer(served, request, &*model, &*handler).await }
        })
    }
}

impl<E: Resource> AnyModel for ServedModel<E> {
    fn info(&self) -> &Info {
        &self.model.info
    }

    fn of_entity(&self) -> &dyn Any {
        &self.of_entity
    }

    fn routes(&self, served: &Arc<Served>) -> Router {
        let Info { path, operations, .. } = &self.model.info;
        let (mut all, mut item) = (methods(), methods());
        let mut router = Router::new();
        let id = id_segments(E::DEFINITION.id().count(), "id");
        if operations.read {
            all = self.on(served, all, MethodFilter::GET, handler!(list));
            item = self.on(served, item, MethodFilter::GET, handler!(show));
            for (name, method, handler) in [
                ("count", MethodFilter::GET, handler!(count)),
                ("exists", MethodFilter::GET, handler!(exists)),
                ("query", MethodFilter::POST, handler!(query)),
            ] {
                let route = self.on(served, methods(), method, handler);
                router = router.route(&format!("/{path}/{name}"), route);
            }
        }
        if operations.create {
            all = self.on(served, all, MethodFilter::POST, handler!(create));
        }
        if operations.patch {
            all = self.on(served, all, MethodFilter::PATCH, handler!(patch_all));
            item = self.on(served, item, MethodFilter::PATCH, handler!(patch));
            item = self.on(served, item, MethodFilter::PUT, handler!(put));
        }
        if operations.delete {
            all = self.on(served, all, MethodFilter::DELETE, handler!(delete_all));
            item = self.on(served, item, MethodFilter::DELETE, handler!(delete));
        }
        router = router.route(&format!("/{path}"), all).route(&format!("/{path}{id}"), item);
        for (place, of) in self.model.one_ofs(served).filter(|_| operations.read) {
            let handler: Handler<E> =
                Arc::new(move |model, call| Box::pin(one_of::show(model, call, place)));
            let route = self.on(served, methods(), MethodFilter::GET, handler);
            router = router.route(&format!("/{path}{id}/{}", of.member), route);
        }
        for (place, _) in self.model.relations.iter().enumerate() {
            for (suffix, verbs) in crate::routes::of_relation(served, &*self.model, place) {
                let mut route = methods();
                for (method, verb) in verbs {
                    let handler: Handler<E> =
                        Arc::new(move |model, call| related(model, call, place, verb));
                    route = self.on(served, route, method.filter(), handler);
                }
                router = router.route(&format!("/{path}{id}{suffix}"), route);
            }
        }
        router
    }

    fn describe(&self, served: &Served, document: &mut Document) {
        crate::openapi::describe(served, &*self.model, document);
    }
}

/// A path that takes no method yet. Any other is refused, with an `Allow` of those that it takes.
fn methods() -> MethodRouter {
    MethodRouter::new().fallback(|| async {
        Problem::new(405, "METHOD_NOT_ALLOWED", "the path does not take this method")
    })
}

/// Segments of a path for an id of some parts.
pub(crate) fn id_segments(parts: usize, name: &str) -> String {
    match parts {
        1 => format!("/{{{name}}}"),
        parts => {
            let each: Vec<String> = (1..=parts).map(|part| format!("/{{{name}{part}}}")).collect();
            each.concat()
        }
    }
}

fn related<'a, E: Resource>(
    model: &'a Model<E>,
    call: &'a Call,
    place: usize,
    verb: Verb,
) -> Answer<'a> {
    match model.relations.get(place) {
        Some(relation) => relation.handle(model, call, verb),
        None => Box::pin(async { Err(Problem::internal()) }),
    }
}
