//! One request on its way through a handler.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::RequestPartsExt;
use axum::body::{Bytes, HttpBody, to_bytes};
use axum::extract::{OriginalUri, RawPathParams, Request};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use relations::driver::Tenant;
use relations::query::reflect;
use relations::{Entity, Filter};
use tracing::instrument::WithSubscriber;

use crate::filter::{Criteria, Parameters, Parsing, Place, merged};
use crate::model::{Answer, EntityModel, Served};
use crate::node::{Node, Pointer};
use crate::problem::{Problem, timeout};
use crate::statements::Statements;

/// The parameters of a query string that make a filter.
pub(crate) const LIST: &[&str] = &[
    "filter", "where", "order", "include", "fields", "limit", "offset", "skip", "after", "before",
];
pub(crate) const ROW: &[&str] = &["filter", "include", "fields"];
pub(crate) const WHERE: &[&str] = &["filter", "where"];

/// A request whose body has been read.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) served: Arc<Served>,
    /// The database as this request sees it.
    pub(crate) db: Tenant,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    /// The parameters of the path, in their order.
    segments: RawPathParams,
    new_rows: AtomicUsize,
}

/// Answers a request by a handler, within its limits.
pub(crate) async fn answer<M: Sync>(
    served: Arc<Served>,
    request: Request,
    model: &M,
    handler: &(dyn for<'a> Fn(&'a M, &'a Call) -> Answer<'a> + Send + Sync),
) -> Response {
    let limit = served.limits.timeout;
    let told = served.statements.is_some_and(|audience| audience.admits(&request));
    let statements = told.then(Statements::default);
    // Pinned here, so that it is not copied when it is awaited.
    let work = pin!(async {
        let call = Call::new(served, request).await?;
        handler(model, &call).await
    });
    let work = tokio::time::timeout(limit, work);
    let answered = match &statements {
        None => work.await,
        Some(statements) => work.with_subscriber(statements.clone()).await,
    };
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => timeout().into_response(),
    };
    if let Some(statements) = statements {
        statements.tell(&mut response);
    }
    response
}

impl Call {
    async fn new(served: Arc<Served>, request: Request) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let db = served.database(&parts)?;
        let most = served.limits.body_bytes;
        let body = if body.is_end_stream() {
            Bytes::new()
        } else {
            to_bytes(body, most).await.map_err(|_| {
                let detail = format!("a body has {most} bytes at most");
                Problem::new(413, "BODY_TOO_LARGE", detail).expected(most)
            })?
        };
        let segments: Result<RawPathParams, _> = parts.extract().await;
        let segments = segments.map_err(|_| Problem::not_found("resource"))?;
        Ok(Self { served, db, parts, body, segments, new_rows: AtomicUsize::new(0) })
    }

    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// Whether the client asks for a variant of an answer by `Prefer`.
    pub(crate) fn prefers(&self, preference: &str) -> bool {
        let prefer = HeaderName::from_static("prefer");
        let all = self.parts.headers.get_all(prefer).into_iter();
        all.filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .any(|one| one.trim().eq_ignore_ascii_case(preference))
    }

    /// The id in the path.
    pub(crate) fn id<E: Entity>(&self) -> Result<E::Id, Problem> {
        self.id_behind::<E>(0)
    }

    /// The id behind that of another entity.
    pub(crate) fn second_id<Source: Entity, E: Entity>(&self) -> Result<E::Id, Problem> {
        self.id_behind::<E>(Source::DEFINITION.id().count())
    }

    fn id_behind<E: Entity>(&self, skipped: usize) -> Result<E::Id, Problem> {
        let parts = E::DEFINITION.id().count();
        let segments = self.segments.iter().map(|(_, segment)| segment);
        let segments: Vec<&str> = segments.skip(skipped).take(parts).collect();
        id::<E>(&segments)
    }

    /// The filter of the query string.
    pub(crate) fn criteria<E: Entity>(
        &self,
        model: &dyn EntityModel<E>,
        known: &[&str],
        place: Place,
    ) -> Result<Criteria<E>, Problem> {
        let most = self.served.limits.filter_bytes;
        let parameters = Parameters::read(&self.parts.uri, known, most)?;
        let mut node = merged(&parameters, most)?;
        if place == Place::Count
            && let Node::Object(members) = &mut node
        {
            // A list and its count take one filter.
            members.retain(|(name, _)| name == "where" || !LIST.contains(&name.as_str()));
        }
        self.read(model, &node, place)
    }

    /// The filter in a body.
    pub(crate) fn read<E: Entity>(
        &self,
        model: &dyn EntityModel<E>,
        node: &Node,
        place: Place,
    ) -> Result<Criteria<E>, Problem> {
        let mut parsing = Parsing::new(&self.served, &self.parts);
        model.criteria(&mut parsing, node, &Pointer::default(), place)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Node, Problem> {
        let kind = self.header(&CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_json = kind == "application/json" || kind.ends_with("+json");
        if !is_json {
            let detail = "send `Content-Type: application/json`";
            return Err(Problem::new(415, "UNSUPPORTED_MEDIA_TYPE", detail));
        }
        Node::parse(&self.body, "body")
    }

    /// Counts a new row.
    pub(crate) fn new_row(&self, at: &Pointer) -> Result<(), Problem> {
        let most = self.served.limits.new_rows;
        if self.new_rows.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(());
        }
        let detail = format!("a request inserts {most} rows at most");
        Err(Problem::unprocessable("TOO_MANY_ROWS", detail).pointer(at).expected(most))
    }

    /// The path under which the API is mounted, as the client sees it.
    pub(crate) fn mounted_at(&self) -> &str {
        let own = self.parts.uri.path();
        let original = self.parts.extensions.get::<OriginalUri>();
        let prefix = original.and_then(|OriginalUri(uri)| uri.path().strip_suffix(own));
        prefix.unwrap_or_default()
    }
}

/// The id that segments of a path say.
pub(crate) fn id<E: Entity>(segments: &[&str]) -> Result<E::Id, Problem> {
    // No text that a database stores has a NUL.
    let is_text = segments.iter().all(|segment| !segment.contains('\0'));
    let id = is_text.then(|| relations::query::reflect::parse_key(segments)).flatten();
    id.ok_or_else(|| Problem::not_found(E::DEFINITION.name))
}

/// A row that a request may see: by its id, in its scope.
pub(crate) fn by_id<E: Entity>(
    model: &dyn EntityModel<E>,
    call: &Call,
    id: &E::Id,
) -> Result<relations::Query<E>, Problem> {
    let scope: Option<Filter<E>> = model.scope(&call.parts)?;
    Ok(reflect::by_id::<E>(id).filter(scope))
}
