//! Answers: rows as JSON, lists with their links, and exports.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, LINK};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_core::Stream;
use relations::driver::Tenant;
use relations::include::WithIncluded;
use relations::query::{RowChunks, reflect};
use relations::{Entity, Page, Query};

use crate::call::{Call, id};
use crate::filter::{Criteria, Shape};
use crate::model::{Doing, EntityModel};
use crate::node::Pointer;
use crate::problem::Problem;

pub(crate) const NDJSON: &str = "application/x-ndjson";

/// Bytes of a piece of an export, about. The rows of the next one are as many as the last one makes expect.
const PIECE: usize = 128 << 10;

/// Rows of the first piece of an export.
const FIRST: u64 = 1_000;

/// An answer of JSON.
pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// An answer without a body.
pub(crate) fn empty() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// An answer with a number.
pub(crate) fn count(rows: impl std::fmt::Display) -> Response {
    json(StatusCode::OK, format!("{{\"count\":{rows}}}"))
}

/// Whether a client asks for an export.
pub(crate) fn is_export(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(NDJSON))
    })
}

/// The `ETag` of an entity that counts its versions.
pub(crate) fn tag<E: Entity>(entity: &E) -> Option<HeaderValue> {
    let version = reflect::version(entity)?;
    HeaderValue::from_str(&format!("\"{version}\"")).ok()
}

/// A single row.
pub(crate) fn row<E: Entity>(
    model: &dyn EntityModel<E>,
    row: &WithIncluded<E>,
    shape: &Shape<E>,
) -> Result<Response, Problem> {
    let mut body = Vec::with_capacity(256);
    model.write(row, shape, &mut body)?;
    let mut response = json(StatusCode::OK, body);
    // A version tells of the row alone.
    if shape.fields.is_none()
        && !shape.has_relations()
        && let Some(tag) = tag::<E>(row)
    {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

/// A list, and whether it has no rows.
pub(crate) struct Listed {
    pub(crate) response: Response,
    pub(crate) is_empty: bool,
}

/// The rows of a query, as a list or an export.
pub(crate) async fn list<E: Entity>(
    model: &dyn EntityModel<E>,
    call: &Call,
    query: Query<E>,
    criteria: Criteria<E>,
    has_links: bool,
) -> Result<Listed, Problem> {
    let scope = model.scope(&call.parts)?;
    let Criteria {
        filter, orders, limit, offset, after, before, includes, shape, rows_each, ..
    } = criteria;
    let query = orders.into_iter().fold(query.filter(scope).filter(filter), Query::order_by);
    let query = query.include_dynamic(includes);
    if is_export(&call.parts.headers) {
        let query = limit.into_iter().fold(query, Query::limit);
        let query = offset.into_iter().fold(query, Query::offset);
        return export(call, query, shape, rows_each).await;
    }
    let limit = limit.unwrap_or(model.info().default_limit);
    let page = if let Some(offset) = offset {
        let rows = query.limit(limit).offset(offset).all(&call.db).await?;
        Page { rows, next: None, previous: None }
    } else {
        page(call, query, limit, (after.as_deref(), before.as_deref())).await?
    };
    let mut body = Vec::with_capacity(256 * (page.rows.len() + 1));
    body.push(b'[');
    for (at, row) in page.rows.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        model.write(row, &shape, &mut body)?;
    }
    body.push(b']');
    let mut response = json(StatusCode::OK, body);
    if has_links && let Some(links) = links(call, &page) {
        response.headers_mut().insert(LINK, links);
    }
    Ok(Listed { response, is_empty: page.rows.is_empty() })
}

/// A page of a query, with its cursors as texts.
async fn page<E: Entity>(
    call: &Call,
    query: Query<E, WithIncluded<E>>,
    limit: u64,
    (after, before): (Option<&str>, Option<&str>),
) -> Result<Page<WithIncluded<E>, String>, Problem> {
    let page = reflect::page(query, limit);
    #[cfg(feature = "signed-cursors")]
    if let Some(key) = &call.served.cursors {
        let page = page.signed(key);
        let page = match (after, before) {
            (Some(cursor), _) => page.after(cursor),
            (None, Some(cursor)) => page.before(cursor),
            (None, None) => page,
        };
        let Page { rows, next, previous } = page.fetch(&call.db).await.map_err(|error| {
            let name = if after.is_some() { "after" } else { "before" };
            if error.is_invalid_cursor() { invalid_cursor(name) } else { gone(error) }
        })?;
        return Ok(Page {
            rows,
            next: next.map(String::from),
            previous: previous.map(String::from),
        });
    }
    let page = match (after, before) {
        (Some(id), _) => page.after(cursor::<E>(id, "after")?),
        (None, Some(id)) => page.before(cursor::<E>(id, "before")?),
        (None, None) => page,
    };
    let Page { rows, next, previous } = page.fetch(&call.db).await.map_err(gone)?;
    let text = |id: Option<E::Id>| id_path::<E>(&id?);
    Ok(Page { rows, next: text(next), previous: text(previous) })
}

/// The problem of a cursor that is not one of the list.
#[cfg(feature = "signed-cursors")]
fn invalid_cursor(name: &str) -> Problem {
    let detail = format!("`{name}` is a cursor of another list; take it from a link of this one");
    Problem::bad_request("INVALID_CURSOR", detail).pointer(Pointer::default().member(name))
}

/// The problem of a page that cannot be fetched: most often the row before it is gone.
fn gone(error: relations::Error) -> Problem {
    if error.is_not_found() {
        let detail = "the row that the list goes on from is gone; begin with the first page";
        return Problem::new(410, "CURSOR_GONE", detail);
    }
    error.into()
}

/// The id that a page goes on from.
fn cursor<E: Entity>(text: &str, name: &str) -> Result<E::Id, Problem> {
    let parts: Option<Vec<String>> = text.split('/').map(decoded).collect();
    let parts = parts.unwrap_or_default();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    id::<E>(&parts).map_err(|_| {
        let detail = format!("`{name}` is not an id of {}", E::DEFINITION.name);
        Problem::bad_request("INVALID_CURSOR", detail).pointer(Pointer::default().member(name))
    })
}

fn links<T>(call: &Call, page: &Page<T, String>) -> Option<HeaderValue> {
    let ends = [("next", "after", &page.next), ("prev", "before", &page.previous)];
    let mut links = String::new();
    for (relation, parameter, cursor) in ends {
        let Some(cursor) = cursor else { continue };
        let separator = if links.is_empty() { "<" } else { ", <" };
        links.extend([separator, call.mounted_at(), call.parts.uri.path(), "?"]);
        for one in call.parts.uri.query().unwrap_or_default().split('&') {
            if !one.is_empty() && !one.starts_with("after=") && !one.starts_with("before=") {
                links.extend([one, "&"]);
            }
        }
        links.extend([parameter, "=", &encoded(cursor), ">; rel=\"", relation, "\""]);
    }
    if links.is_empty() { None } else { HeaderValue::try_from(links).ok() }
}

/// A text as a segment of a path or a value of a query string.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => {
                let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
                encoded.push('%');
                encoded
                    .extend(digits.into_iter().flatten().map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

/// An id as segments of a path; `None` if it is not in its JSON.
pub(crate) fn id_path<E: Entity>(id: &E::Id) -> Option<String> {
    let parts = reflect::key_texts(id)?;
    Some(parts.iter().map(|part| encoded(part)).collect::<Vec<_>>().join("/"))
}

/// A text that was [`encoded`].
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(decoded).ok()
}

/// The rows of a query one by one, each on a line of its own.
async fn export<E: Entity>(
    call: &Call,
    query: Query<E, WithIncluded<E>>,
    shape: Shape<E>,
    rows_each: u64,
) -> Result<Listed, Problem> {
    let most = (call.served.limits.total_rows / rows_each.max(1)).max(1);
    let model = Arc::clone(call.served.model::<E>().ok_or_else(Problem::internal)?);
    let rows = reflect::chunks(query, call.db.clone());
    let rows = ExportRows { model, rows, shape, chunk: most.min(FIRST), most };
    // The first rows are awaited, so that an error of the query is an answer of its own.
    let mut export = rows.piece().await?;
    while export.ready.is_empty()
        && let Some(rest) = export.rest.take()
    {
        export = rest.await?;
    }
    let is_empty = export.ready.is_empty();
    let mut response = Response::new(Body::from_stream(export));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    Ok(Listed { response, is_empty })
}

/// The rows of an export that are not written yet.
struct ExportRows<E: Entity> {
    model: Arc<dyn EntityModel<E>>,
    rows: RowChunks<E, WithIncluded<E>, Tenant>,
    shape: Shape<E>,
    /// The number of rows of the next piece.
    chunk: u64,
    /// The greatest number of rows of a piece.
    most: u64,
}

impl<E: Entity> ExportRows<E> {
    /// Writes the next rows as they come, by one statement and those of what is included.
    fn piece(mut self) -> Doing<'static, Export> {
        Box::pin(async move {
            let mut piece = Vec::with_capacity(PIECE + PIECE / 8);
            let mut written = Ok(());
            let Self { model, rows: from, shape, chunk, most } = &mut self;
            let each = &mut |row: WithIncluded<E>| {
                if written.is_ok() {
                    written = model.write(&row, shape, &mut piece);
                    piece.push(b'\n');
                }
            };
            let goes_on = from.next(*chunk, each).await?;
            written?;
            // As many as fill a piece, if they are as long as these; eight times as many at most.
            let length = u64::try_from(piece.len().max(PIECE / 8)).unwrap_or(u64::MAX);
            *chunk = (chunk.saturating_mul(PIECE as u64) / length).clamp(1, *most);
            let ready = Bytes::from(piece);
            Ok(Export { ready, rest: goes_on.then(|| self.piece()) })
        })
    }
}

/// The bytes of an export, of which a piece is in memory.
struct Export {
    ready: Bytes,
    rest: Option<Doing<'static, Self>>,
}

impl Stream for Export {
    type Item = Result<Bytes, Problem>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while this.ready.is_empty() {
            let Some(rest) = &mut this.rest else { return Poll::Ready(None) };
            match ready!(rest.as_mut().poll(context)) {
                Ok(next) => *this = next,
                Err(problem) => {
                    // The connection is closed, so that no client takes a part for the whole.
                    this.rest = None;
                    return Poll::Ready(Some(Err(problem)));
                }
            }
        }
        Poll::Ready(Some(Ok(std::mem::take(&mut this.ready))))
    }
}
