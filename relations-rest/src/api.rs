//! The API: which entities are served, and how.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use relations::query::reflect::{RelationVisitor, each_relation};
use relations::{Database, Relation};
use serde_json::Value;

use crate::explorer::Audience;
use crate::limits::Limits;
use crate::members::Members;
use crate::model::{AnyModel, Info, Model, Served};
use crate::openapi;
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
    title: String,
    version: String,
    explorer: Option<Audience>,
}

/// Makes the model of an entity, with its relations to those that are served as well.
type Make = Box<dyn Fn(&[TypeId], &Limits) -> Result<Box<dyn AnyModel>, String> + Send + Sync>;

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
            title: "API".to_owned(),
            version: "1.0".to_owned(),
            explorer: None,
        }
    }

    /// Serves an entity, as the closure says: `|it| it.all()`.
    pub fn serve<E: Resource>(
        mut self,
        serving: impl Fn(Serving<E>) -> Serving<E> + Send + Sync + 'static,
    ) -> Self {
        let make = move |served: &[TypeId], limits: &Limits| {
            let model = model(serving(Serving::new()), served, limits)?;
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

    fn served(&self) -> Result<Served, SetupError> {
        let order: Vec<TypeId> = self.serving.iter().map(|(of, _)| *of).collect();
        let mut models: HashMap<TypeId, Box<dyn AnyModel>> = HashMap::new();
        for (of, make) in &self.serving {
            let model = make(&order, &self.limits).map_err(SetupError)?;
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
            db: self.db.clone(),
            limits: self.limits.clone(),
            models,
            order,
            title: self.title.clone(),
            version: self.version.clone(),
        })
    }

    /// The router: the routes of all entities, and `/openapi.json`. It can be merged with other routers,
    /// nested under a path and given layers.
    ///
    /// # Errors
    ///
    /// Two entities have one path, or an entity cannot be read from its own JSON.
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

    /// The filters of this API, for handlers of your own; see [`Filtered`](crate::Filtered).
    ///
    /// # Errors
    ///
    /// As of [`router`](Self::router).
    pub fn filters(&self) -> Result<crate::Filters, SetupError> {
        Ok(crate::Filters::new(self.served()?))
    }
}

fn model<E: Resource>(
    serving: Serving<E>,
    served: &[TypeId],
    limits: &Limits,
) -> Result<Model<E>, String> {
    let max_limit = serving.max_limit.unwrap_or(limits.max_rows);
    let default_limit = serving.default_limit.unwrap_or(limits.default_rows).min(max_limit);
    let mut found = Relations { served, hidden: &serving.hidden_relations, all: Vec::new() };
    each_relation::<E>(&mut found);
    Ok(Model {
        info: Info {
            name: E::DEFINITION.name,
            path: serving.path.unwrap_or_else(|| E::DEFINITION.table.to_owned()),
            operations: serving.operations,
            default_limit,
            max_limit,
            indexed_only: serving.indexed_only,
        },
        members: Members::new(&serving.rules)?,
        relations: found.all,
        scope: serving.scope,
        fills: serving.fills.into_iter().map(|(property, fill)| (property.name, fill)).collect(),
    })
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
