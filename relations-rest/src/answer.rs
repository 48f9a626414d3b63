//! Answers: rows as JSON, lists with their links, and exports.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, LINK};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_core::Stream;
use relations::include::WithIncluded;
use relations::query::Streaming;
use relations::query::reflect;
use relations::{Entity, Page, Query};

use crate::call::{Call, id};
use crate::filter::{Criteria, Shape};
use crate::model::EntityModel;
use crate::node::Pointer;
use crate::problem::Problem;

pub(crate) const NDJSON: &str = "application/x-ndjson";

/// Bytes of a piece of an export.
const PIECE: usize = 32 << 10;

/// Rows that an export holds in memory, with what is included.
const CHUNK: u64 = 1_000;

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
    let links = ends.into_iter().filter_map(|(relation, parameter, cursor)| {
        let cursor = cursor.as_ref()?;
        let query = call.parts.uri.query().unwrap_or_default();
        let others = query.split('&').filter(|one| {
            !one.is_empty() && !one.starts_with("after=") && !one.starts_with("before=")
        });
        let mut query: Vec<String> = others.map(str::to_owned).collect();
        query.push(format!("{parameter}={}", encoded(cursor)));
        let (mount, path) = (call.mounted_at(), call.parts.uri.path());
        Some(format!("<{mount}{path}?{}>; rel=\"{relation}\"", query.join("&")))
    });
    let links: Vec<String> = links.collect();
    if links.is_empty() { None } else { HeaderValue::from_str(&links.join(", ")).ok() }
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
    let chunk = (call.served.limits.total_rows / rows_each.max(1)).clamp(1, CHUNK);
    let mut rows = reflect::stream(query, call.db.clone()).chunk(chunk);
    // The first rows are awaited, so that an error of the query is an answer of its own.
    let ready =
        poll_fn(|context| reflect::poll_ready(&mut rows, context).map_ok(|rows| rows.len()));
    let is_empty = ready.await? == 0;
    let model = Arc::clone(call.served.model::<E>().ok_or_else(Problem::internal)?);
    let export = Export { model, rows, shape, is_over: is_empty };
    let mut response = Response::new(Body::from_stream(export));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    Ok(Listed { response, is_empty })
}

/// The bytes of an export, of which a piece is in memory.
struct Export<E: Entity> {
    model: Arc<dyn EntityModel<E>>,
    rows: Streaming<'static, WithIncluded<E>>,
    shape: Shape<E>,
    is_over: bool,
}

impl<E: Entity> Unpin for Export<E> {}

impl<E: Entity> Export<E> {
    /// Writes rows up to the end of a piece; whether there are further ones.
    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        piece: &mut Vec<u8>,
    ) -> Poll<Result<bool, Problem>> {
        while piece.len() < PIECE {
            let ready = ready!(reflect::poll_ready(&mut self.rows, context))?;
            let mut written = 0;
            for row in ready.as_slice() {
                self.model.write(row, &self.shape, piece)?;
                piece.push(b'\n');
                written += 1;
                if piece.len() >= PIECE {
                    break;
                }
            }
            if written == 0 {
                return Poll::Ready(Ok(false));
            }
            ready.by_ref().take(written).for_each(drop);
        }
        Poll::Ready(Ok(true))
    }
}

impl<E: Entity> Stream for Export<E> {
    type Item = Result<Bytes, Problem>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let mut piece = Vec::with_capacity(PIECE + 1024);
        match this.poll_piece(context, &mut piece) {
            Poll::Pending if piece.is_empty() => return Poll::Pending,
            // What is written goes out while the next rows are awaited.
            Poll::Pending => {}
            Poll::Ready(Ok(goes_on)) => this.is_over = !goes_on,
            Poll::Ready(Err(problem)) => {
                // The connection is closed, so that no client takes a part for the whole.
                this.is_over = true;
                return Poll::Ready(Some(Err(problem)));
            }
        }
        Poll::Ready((!piece.is_empty()).then(|| Ok(Bytes::from(piece))))
    }
}
