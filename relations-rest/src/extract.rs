//! Extractors: the filters and ids of this API in handlers of your own.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use relations::driver::Tenant;
use relations::include::WithIncluded;
use relations::query::reflect;
use relations::{Database, Entity, Query};

use crate::call::{LIST, id};
use crate::filter::{Parameters, Parsing, Place, Shape, merged};
use crate::model::Served;
use crate::node::Pointer;
use crate::problem::Problem;
use crate::resource::Resource;

/// The filters of an API, as the state of a router of your own; [`Api::filters`](crate::Api::filters) gives it.
#[derive(Debug, Clone)]
pub struct Filters(Arc<Served>);

impl Filters {
    pub(crate) fn new(served: Served) -> Self {
        Self(Arc::new(served))
    }

    /// The database of the API, with the rows of all tenants. [`Filtered::database`] is that of a request.
    #[must_use]
    pub fn database(&self) -> &Database {
        self.0.db.executor()
    }
}

/// The filter of a query string, as the API itself reads it: checked, within the limits, and in the scope of the
/// request.
///
/// ```
/// # use relations::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32, #[column(default = "false")] open: bool }
/// use axum::routing::get;
/// use relations_rest::{Api, Filtered, Filters, Problem};
///
/// /// `GET /open?where={"quantity":{"gt":5}}`
/// async fn open(filtered: Filtered<Order>) -> Result<axum::Json<i64>, Problem> {
///     let orders = filtered.query().filter(Order::OPEN.eq(true));
///     Ok(axum::Json(orders.count(filtered.database()).await?))
/// }
///
/// # fn router(api: Api) -> Result<axum::Router, relations_rest::SetupError> {
/// let app = axum::Router::new().route("/open", get(open)).with_state(api.filters()?);
/// # Ok(app)
/// # }
/// ```
///
/// It takes `where` and `order` into the [`query`](Self::query), and includes and limits into
/// [`page`](Self::page), whose rows are typed as far as the request leaves it open what is included.
#[derive(Debug)]
pub struct Filtered<E: Entity> {
    served: Arc<Served>,
    db: Tenant,
    query: Query<E>,
    includes: Vec<relations::query::reflect::DynamicInclude<E>>,
    limit: u64,
    offset: u64,
    shape: Shape<E>,
}

impl<E: Resource> Filtered<E> {
    /// The rows that the filter matches, in its order: a typed query, to be narrowed and loaded as any.
    pub fn query(&self) -> Query<E> {
        self.query.clone()
    }

    /// The database as the request sees it: with the rows of its tenant alone, if [`Api::tenant`] says which
    /// one it is.
    ///
    /// [`Api::tenant`]: crate::Api::tenant
    #[must_use]
    pub fn database(&self) -> &Tenant {
        &self.db
    }

    /// The most rows that the request asks for.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The rows of the page that the request asks for, with what it includes.
    ///
    /// # Errors
    ///
    /// As of [`Query::all`].
    pub async fn page(self) -> relations::Result<FilteredRows<E>> {
        let Self { served, db, query, includes, limit, offset, shape } = self;
        let query = query.include_dynamic(includes).limit(limit).offset(offset);
        let rows = query.all(&db).await?;
        Ok(FilteredRows { served, rows, shape })
    }
}

/// Rows of a request, with what it has included; [`Filtered::page`] gives them.
#[derive(Debug)]
pub struct FilteredRows<E> {
    served: Arc<Served>,
    /// The rows.
    pub rows: Vec<WithIncluded<E>>,
    shape: Shape<E>,
}

impl<E: Resource> FilteredRows<E> {
    /// The rows as JSON, as the API itself writes them.
    ///
    /// # Errors
    ///
    /// A row cannot be serialized.
    pub fn to_json(&self) -> Result<String, Problem> {
        let model = self.served.target::<E>()?;
        let mut json = vec![b'['];
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            model.write(row, &self.shape, &mut json)?;
        }
        json.push(b']');
        String::from_utf8(json).map_err(|_| Problem::internal())
    }
}

impl<E: Resource, S> FromRequestParts<S> for Filtered<E>
where
    Filters: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Filters(served) = Filters::from_ref(state);
        let (model, db) = (served.target::<E>()?, served.database(parts)?);
        let most = served.limits.filter_bytes;
        let node = merged(&Parameters::read(&parts.uri, LIST, most)?, most)?;
        let mut parsing = Parsing::new(&served, parts);
        let criteria = model.criteria(&mut parsing, &node, &Pointer::default(), Place::List)?;
        if criteria.after.is_some() || criteria.before.is_some() {
            let detail = "page by `offset` here";
            return Err(Problem::bad_request("UNKNOWN_PARAMETER", detail));
        }
        let query = E::find().filter(model.scope(parts)?).filter(criteria.filter);
        let query = criteria.orders.into_iter().fold(query, Query::order_by);
        let limit = criteria.limit.unwrap_or(model.info().default_limit);
        let (offset, includes, shape) =
            (criteria.offset.unwrap_or_default(), criteria.includes, criteria.shape);
        Ok(Self { db, query, includes, limit, offset, shape, served: Arc::clone(&served) })
    }
}

/// The row whose id is in the path, in the scope of the request; 404 if there is none.
///
/// ```
/// # use relations::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Clone, Serialize, Deserialize, Entity)]
/// # struct Order { #[id(generated)] id: i64, quantity: i32 }
/// use axum::routing::get;
/// use relations_rest::{Api, ById};
///
/// async fn half(ById(order): ById<Order>) -> axum::Json<i32> {
///     axum::Json(order.quantity / 2)
/// }
///
/// # fn router(api: Api) -> Result<axum::Router, relations_rest::SetupError> {
/// let app = axum::Router::new().route("/orders/{id}/half", get(half)).with_state(api.filters()?);
/// # Ok(app)
/// # }
/// ```
#[derive(Debug)]
pub struct ById<E>(pub E);

impl<E: Resource, S> FromRequestParts<S> for ById<E>
where
    Filters: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Filters(served) = Filters::from_ref(state);
        let missing = || Problem::not_found(E::DEFINITION.name);
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| missing())?;
        let segments = params.iter().map(|(_, value)| value);
        let segments: Vec<&str> = segments.take(E::DEFINITION.id().count()).collect();
        let id = id::<E>(&segments)?;
        let (scope, db) = (served.target::<E>()?.scope(parts)?, served.database(parts)?);
        let found = reflect::by_id::<E>(&id).filter(scope).optional(&db).await?;
        found.map(Self).ok_or_else(missing)
    }
}
