//! Models: the entities that are served, each behind a trait that its relations know it by.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;
use relations::driver::Tenant;
use relations::include::WithIncluded;
use relations::query::reflect::{Assignment, DynamicColumn, DynamicInclude};
use relations::{Database, Entity, Filter, Transaction};
use serde_json::Value;

use crate::call::Call;
use crate::explorer::Audience;
use crate::filter::{Criteria, IncludeRequest, Parsing, Place, Shape};
use crate::limits::Limits;
use crate::members::Members;
use crate::node::{Node, Pointer};
use crate::one_of::OneOf;
use crate::problem::Problem;
use crate::relation::RelationModel;
use crate::resource::{Fill, Operations, Scope};

/// Work that is under way.
pub(crate) type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, Problem>> + Send + 'a>>;

/// The answer of a handler.
pub(crate) type Answer<'a> = Doing<'a, Response>;

/// Facts about a served entity that do not need its type.
#[derive(Debug, Clone)]
pub(crate) struct Info {
    pub(crate) name: &'static str,
    pub(crate) path: String,
    pub(crate) operations: Operations,
    pub(crate) default_limit: u64,
    pub(crate) max_limit: u64,
    pub(crate) indexed_only: bool,
}

/// An entity that is served.
pub(crate) struct Model<E: Entity> {
    pub(crate) info: Info,
    pub(crate) members: Members<E>,
    pub(crate) relations: Vec<Box<dyn RelationModel<E>>>,
    pub(crate) one_of: Vec<OneOf>,
    pub(crate) scope: Option<Scope<E>>,
    pub(crate) fills: Vec<(&'static str, Fill)>,
    /// Whether each request is of a tenant.
    pub(crate) has_tenants: bool,
}

/// An entity that is served, for the relations that lead to it.
pub(crate) trait EntityModel<E: Entity>: Send + Sync {
    fn info(&self) -> &Info;

    /// The rows that a request may see at all, if not all.
    fn scope(&self, parts: &Parts) -> Result<Option<Filter<E>>, Problem>;

    /// Reads a filter: `where`, `order`, `include` and the like.
    fn criteria(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
        place: Place,
    ) -> Result<Criteria<E>, Problem>;

    /// Reads a `where`. The scope is not part of it.
    fn condition(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem>;

    /// The column that names with dots between them lead to.
    fn column(
        &self,
        parsing: &mut Parsing<'_>,
        path: &[&str],
        at: &Pointer,
    ) -> Result<DynamicColumn<E>, Problem>;

    /// Writes a row as JSON.
    fn write(
        &self,
        row: &WithIncluded<E>,
        shape: &Shape<E>,
        json: &mut Vec<u8>,
    ) -> Result<(), Problem>;

    /// Writes an entity without relations as JSON.
    fn write_entity(&self, entity: &E, json: &mut Vec<u8>) -> Result<(), Problem>;

    /// Inserts a new row, of which some properties are set already, with nested ones.
    fn insert<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        node: &'a Node,
        preset: Vec<Assignment>,
        at: Pointer,
    ) -> Doing<'a, E>;

    /// Changes the rows of a query by the members of a body, and gives back how many there were.
    fn change<'a>(
        &'a self,
        call: &'a Call,
        filter: Filter<E>,
        within: Option<Filter<E>>,
    ) -> Doing<'a, u64>;

    /// Deletes the rows of a query, and gives back how many there were.
    fn remove<'a>(&'a self, call: &'a Call, filter: Filter<E>) -> Doing<'a, u64>;

    /// The relations and shape that show what a body has inserted.
    fn inserted(
        &self,
        served: &Served,
        nodes: &[&Node],
    ) -> Result<(Vec<DynamicInclude<E>>, Shape<E>), Problem>;

    /// The schema of rows with what they include.
    fn row_schema(&self, served: &Served, requests: &[IncludeRequest]) -> Result<Value, Problem>;
}

impl<E: Entity> Model<E> {
    /// The relations whose targets a request may read, with their places.
    pub(crate) fn readable<'m>(
        &'m self,
        served: &'m Served,
    ) -> impl Iterator<Item = (usize, &'m dyn RelationModel<E>)> + Clone {
        let is_readable = |relation: &dyn RelationModel<E>| {
            let target = served.models.get(&relation.target());
            target.is_some_and(|target| target.info().operations.read)
        };
        let all = self.relations.iter().map(|relation| &**relation).enumerate();
        all.filter(move |(_, relation)| is_readable(*relation))
    }
}

/// A served entity whose type is not known.
pub(crate) trait AnyModel: Send + Sync {
    fn info(&self) -> &Info;

    /// The model as an `Arc<dyn EntityModel<E>>`.
    fn of_entity(&self) -> &dyn Any;

    /// The routes of the entity.
    fn routes(&self, served: &Arc<Served>) -> axum::Router;

    /// The description of the entity in the OpenAPI document.
    fn describe(&self, served: &Served, document: &mut crate::openapi::Document);
}

/// The function that gives the tenant of a request.
pub(crate) type TenantOf = Arc<dyn Fn(&Database, &Parts) -> Result<Tenant, Problem> + Send + Sync>;

/// The entities that an API serves, and its limits.
pub(crate) struct Served {
    pub(crate) db: Tenant,
    /// The tenant of each request, if the API has tenants.
    pub(crate) tenant: Option<TenantOf>,
    #[cfg(feature = "signed-cursors")]
    pub(crate) cursors: Option<relations::query::CursorKey>,
    pub(crate) limits: Limits,
    pub(crate) models: HashMap<TypeId, Box<dyn AnyModel>>,
    /// The entities in the order they were served in.
    pub(crate) order: Vec<TypeId>,
    pub(crate) title: String,
    pub(crate) version: String,
    /// The clients that are told which statements a request ran.
    pub(crate) statements: Option<Audience>,
}

impl fmt::Debug for Served {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Served").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Served {
    /// The database as a request sees it: with the rows of its tenant alone, if the API has tenants.
    pub(crate) fn database(&self, parts: &Parts) -> Result<Tenant, Problem> {
        match &self.tenant {
            Some(tenant) => tenant(self.db.executor(), parts),
            None => Ok(self.db.clone()),
        }
    }

    /// The model of an entity, if it is served.
    pub(crate) fn model<E: Entity>(&self) -> Option<&Arc<dyn EntityModel<E>>> {
        let model = self.models.get(&TypeId::of::<E>())?;
        model.of_entity().downcast_ref()
    }

    /// The model of the target of a relation that is served.
    pub(crate) fn target<E: Entity>(&self) -> Result<&dyn EntityModel<E>, Problem> {
        self.model::<E>().map(|model| &**model).ok_or_else(Problem::internal)
    }

    /// All models, in the order they were served in.
    pub(crate) fn all(&self) -> impl Iterator<Item = &dyn AnyModel> {
        self.order.iter().filter_map(|of| self.models.get(of)).map(|model| &**model)
    }
}
