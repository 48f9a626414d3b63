//! The API: which entities are served, and how.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::routing::get;
use relations::definition::{ColumnType, EntityDefinition};
use relations::driver::{IntoTenant, Tenant};
use relations::query::reflect::{RelationVisitor, each_relation};
use relations::{Database, Relation, Value as _};
use serde_json::Value;

use crate::explorer::Audience;
use crate::limits::Limits;
use crate::members::Members;
use crate::model::{AnyModel, Info, Model, Served, TenantOf};
use crate::one_of::OneOf;
use crate::openapi;
use crate::problem::Problem;
use crate::relation::{Related, RelationModel};
use crate::resource::{Resource, Serving};
use crate::rows::ServedModel;

/// A REST API of entities.
///
/// ```no_run
/// # use relations::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// use relations_rest::Api;
///
/// #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
/// #[has_many(Order)]
/// struct Customer {
///     #[id(generated)]
///     id: i64,
///     name: String,
/// }
///
/// #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     #[belongs_to(Customer)]
///     customer_id: i64,
///     quantity: i32,
/// }
///
/// # async fn run(db: relations::Database) -> Result<(), Box<dyn std::error::Error>> {
/// let api = Api::new(&db)
///     .serve::<Customer>(|it| it.read())
///     .serve::<Order>(|it| it.all())
///     .title("Shop");
/// let app: axum::Router = api.router()?; // GET /orders, GET /orders/{id}/customer, …
/// # Ok(())
/// # }
/// ```
///
/// An entity that is not served cannot be reached: no route, include, condition or order leads to it.
#[must_use = "an API is served by its `router`"]
pub struct Api {
    db: Database,
    limits: Limits,
    serving: Vec<(TypeId, Make)>,
    tenant: Option<(ColumnType, TenantOf)>,
    #[cfg(feature = "signed-cursors")]
    cursors: Option<relations::query::CursorKey>,
    title: String,
    version: String,
    explorer: Option<Audience>,
    shows_statements: bool,
}

/// Makes the model of an entity, with its relations to those that are served as well.
type Make = Box<dyn Fn(&Setting<'_>) -> Result<Box<dyn AnyModel>, String> + Send + Sync>;

/// The API that an entity is served by.
struct Setting<'a> {
    served: &'a [TypeId],
    limits: &'a Limits,
    /// The type of the tenant of each request.
    tenant: Option<ColumnType>,
}

impl fmt::Debug for Api {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Api").field("title", &self.title).finish_non_exhaustive()
    }
}

/// Why an API cannot be served as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupError(String);

impl fmt::Display for SetupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

impl Api {
    /// An API on a database, which serves nothing yet.
    pub fn new(db: &Database) -> Self {
        Self {
            db: db.clone(),
            limits: Limits::default(),
            serving: Vec::new(),
            tenant: None,
            #[cfg(feature = "signed-cursors")]
            cursors: None,
            title: "API".to_owned(),
            version: "1.0".to_owned(),
            explorer: None,
            shows_statements: false,
        }
    }

    /// Serves an entity, as the closure says: `|it| it.all()`.
    pub fn serve<E: Resource>(
        mut self,
        serving: impl Fn(Serving<E>) -> Serving<E> + Send + Sync + 'static,
    ) -> Self {
        let make = move |setting: &Setting<'_>| {
            let model = model(serving(Serving::new()), setting)?;
            Ok(Box::new(ServedModel::new(model)) as Box<dyn AnyModel>)
        };
        self.serving.push((TypeId::of::<E>(), Box::new(make)));
        self
    }

    /// Sets the limits on what a request may cost.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Answers each request on an executor of one tenant: every route sees and changes the rows of that tenant
    /// alone, and new rows belong to it. Each entity has a `#[tenant]` property or is `#[entity(shared)]`;
    /// clients cannot set the property. An error refuses the request.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[tenant] tenant_id: i64 }
    /// use relations_rest::{Api, Problem};
    ///
    /// /// The tenant, as a layer for authentication has put it into the extensions of the request.
    /// #[derive(Clone, Copy)]
    /// struct TenantId(i64);
    ///
    /// # fn run(db: &relations::Database) {
    /// let api = Api::new(db).serve::<Order>(|it| it.all()).tenant(|parts| {
    ///     let tenant = parts.extensions.get::<TenantId>().map(|tenant| tenant.0);
    ///     tenant.ok_or_else(|| Problem::new(401, "UNAUTHENTICATED", "log in first"))
    /// });
    /// # }
    /// ```
    #[doc(alias = "multi-tenancy")]
    pub fn tenant<V: IntoTenant>(
        mut self,
        tenant: impl Fn(&Parts) -> Result<V, Problem> + Send + Sync + 'static,
    ) -> Self {
        let of = Arc::new(move |db: &Database, parts: &Parts| Ok(db.tenant(tenant(parts)?)));
        self.tenant = Some((V::Value::TYPE, of));
        self
    }

    /// Links to pages by signed cursors instead of ids, which clients cannot make up. A cursor holds for the
    /// entity, filter, order and tenant that it was made for; any other is a 400.
    ///
    /// All processes that serve the API share the key.
    #[cfg(feature = "signed-cursors")]
    #[doc(alias = "keyset")]
    pub fn signed_cursors(mut self, key: relations::query::CursorKey) -> Self {
        self.cursors = Some(key);
        self
    }

    /// Sets the title of the OpenAPI document.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the version of the OpenAPI document.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Adds the explorer, a page under `/explorer` to look at the entities and their rows. It is answered to
    /// requests of this machine alone; the routes that it asks are those of the API, for everyone.
    pub fn explorer(mut self) -> Self {
        self.explorer = Some(Audience::Loopback);
        self
    }

    /// Adds the explorer for requests of any machine.
    pub fn public_explorer(mut self) -> Self {
        self.explorer = Some(Audience::Everyone);
        self
    }

    /// Shows in the explorer the statements that a request ran, without their values. Answers to clients that may
    /// open the page tell them in a header, so this is for development: SQL names tables and columns.
    pub fn show_statements(mut self) -> Self {
        self.shows_statements = true;
        self
    }

    fn served(&self) -> Result<Served, SetupError> {
        let order: Vec<TypeId> = self.serving.iter().map(|(of, _)| *of).collect();
        let tenant = self.tenant.as_ref().map(|(of_type, _)| *of_type);
        let setting = Setting { served: &order, limits: &self.limits, tenant };
        let mut models: HashMap<TypeId, Box<dyn AnyModel>> = HashMap::new();
        for (of, make) in &self.serving {
            let model = make(&setting).map_err(SetupError)?;
            let path = &model.info().path;
            if let Some(other) = models.values().find(|one| one.info().path == *path) {
                let (one, other) = (model.info().name, other.info().name);
                return Err(SetupError(format!(
                    "`{other}` and `{one}` have the path `{path}`; give one another by `.path(…)`"
                )));
            }
            models.insert(*of, model);
        }
        Ok(Served {
            db: Tenant::none(self.db.clone()),
            tenant: self.tenant.as_ref().map(|(_, of)| Arc::clone(of)),
            #[cfg(feature = "signed-cursors")]
            cursors: self.cursors.clone(),
            limits: self.limits.clone(),
            models,
            order,
            title: self.title.clone(),
            version: self.version.clone(),
            statements: self.explorer.filter(|_| self.shows_statements),
        })
    }

    /// The router: the routes of all entities, and `/openapi.json`. It can be merged with other routers,
    /// nested under a path and given layers.
    ///
    /// # Errors
    ///
    /// Two entities have one path, an entity cannot be read from its own JSON, or, in an API of tenants, an
    /// entity has neither `#[tenant]` nor `#[entity(shared)]`, or a tenant of another type.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Result<Router<S>, SetupError> {
        let served = Arc::new(self.served()?);
        let document = Arc::new(openapi::document(&served).to_string());
        let mut router = Router::new().route(
            "/openapi.json",
            get(move || {
                let document = document.to_string();
                async move { ([(CONTENT_TYPE, "application/json")], document) }
            }),
        );
        for model in served.all() {
            router = router.merge(model.routes(&served));
        }
        if let Some(audience) = self.explorer {
            router = router.merge(crate::explorer::router(audience));
        }
        Ok(router.with_state(()))
    }

    /// The OpenAPI 3.1 document, to be written to a file or merged with one of your own.
    ///
    /// # Errors
    ///
    /// As of [`router`](Self::router).
    pub fn openapi(&self) -> Result<Value, SetupError> {
        Ok(openapi::document(&self.served()?))
    }

    /// The schema of rows with what they include, as a handler of your own answers them: of
    /// `OrderWith<Customer, Vec<LineWith<Product>>>` it is that of `customer,lines.product`. It refers to the
    /// schemas of [`openapi`](Self::openapi).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
    /// # struct Customer { #[id(generated)] id: i64 }
    /// # #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # fn run(api: relations_rest::Api) -> Result<(), relations_rest::SetupError> {
    /// let mut document = api.openapi()?;
    /// document["components"]["schemas"]["OrderWithCustomer"] = api.row_schema::<Order>("customer")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`router`](Self::router); or the entity is not served, or has no such relation.
    pub fn row_schema<E: Resource>(&self, include: &str) -> Result<Value, SetupError> {
        let served = self.served()?;
        let name = E::DEFINITION.name;
        let model = served.model::<E>();
        let model = model.ok_or_else(|| SetupError(format!("`{name}` is not served")))?;
        let problem = |problem: Problem| SetupError(problem.detail().to_owned());
        let requests = crate::filter::named_in(include).map_err(problem)?;
        model.row_schema(&served, &requests).map_err(problem)
    }

    /// The filters of this API, for handlers of your own; see [`Filtered`](crate::Filtered).
    ///
    /// # Errors
    ///
    /// As of [`router`](Self::router).
    pub fn filters(&self) -> Result<crate::Filters, SetupError> {
        Ok(crate::Filters::new(self.served()?))
    }
}

fn model<E: Resource>(mut serving: Serving<E>, setting: &Setting<'_>) -> Result<Model<E>, String> {
    let Setting { served, limits, tenant } = *setting;
    if tenant.is_some() {
        serving.rules.read_only.extend(E::DEFINITION.tenant().map(|tenant| tenant.name));
    }
    let max_limit = serving.max_limit.unwrap_or(limits.max_rows);
    let default_limit = serving.default_limit.unwrap_or(limits.default_rows).min(max_limit);
    let mut found = Relations { served, hidden: &serving.hidden_relations, all: Vec::new() };
    each_relation::<E>(&mut found);
    if let Some(tenant) = tenant {
        let links = found.all.iter().filter_map(|one| one.definition().through.as_ref());
        let links = links.map(|through| through.link.definition());
        links.chain([E::DEFINITION]).try_for_each(|one| check_tenancy(one, tenant))?;
    }
    let members = Members::new(&serving.rules)?;
    Ok(Model {
        info: Info {
            name: E::DEFINITION.name,
            path: serving.path.unwrap_or_else(|| E::DEFINITION.table.to_owned()),
            operations: serving.operations,
            default_limit,
            max_limit,
            indexed_only: serving.indexed_only,
        },
        one_of: OneOf::all(&members, &found.all),
        members,
        relations: found.all,
        has_tenants: tenant.is_some(),
        scope: serving.scope,
        fills: serving.fills.into_iter().map(|(property, fill)| (property.name, fill)).collect(),
    })
}

/// Makes sure that an executor of a tenant takes an entity.
fn check_tenancy(entity: &EntityDefinition, of_type: ColumnType) -> Result<(), String> {
    if let Some(property) = entity.tenant() {
        if property.column_type == of_type {
            return Ok(());
        }
        return Err(format!(
            "the tenant `{}.{}` is {:?}, and `tenant` gives {of_type:?}; give a value of the property's type",
            entity.name, property.name, property.column_type,
        ));
    }
    if entity.shared {
        return Ok(());
    }
    Err(format!(
        "`{}` has neither a `#[tenant]` nor `#[entity(shared)]`, and each request of this API is of a tenant; \
         add one of them",
        entity.name,
    ))
}

/// The relations to entities that are served.
struct Relations<'a, E: Resource> {
    served: &'a [TypeId],
    hidden: &'a [&'static str],
    all: Vec<Box<dyn RelationModel<E>>>,
}

impl<E: Resource> RelationVisitor<E> for Relations<'_, E> {
    fn relation<R: Relation<Source = E>>(&mut self, member: &'static str) {
        let is_served = self.served.contains(&TypeId::of::<R::Target>());
        if is_served && !self.hidden.contains(&R::DEFINITION.name) {
            self.all.push(Box::new(Related::<R> { member, relation: PhantomData }));
        }
    }
}
