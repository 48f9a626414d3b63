//! Problems: errors as `application/problem+json` (RFC 9457).

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use relations::Error;
use serde_json::{Map, Value, json};

/// An error as `application/problem+json`.
///
/// A handler returns `Result<_, Problem>`; `?` makes a `Problem` of a [`relations::Error`], with the status
/// that fits and nothing of the database's own text.
///
/// ```
/// use relations_rest::Problem;
///
/// let problem = Problem::new(403, "FORBIDDEN", "this tenant may not read orders");
/// assert_eq!(problem.status(), 403);
/// ```
///
/// | error | status and `code` |
/// |---|---|
/// | not found | 404 `NOT_FOUND` |
/// | invalid input, unknown name, wrong type | 400, or 422 in a body that is written |
/// | unique key | 409 `CONFLICT`, with the properties |
/// | rows still reference it | 409 `STILL_REFERENCED`, with the relation and the number of rows |
/// | the foreign key's target is missing | 422 `TARGET_NOT_FOUND`, with the relation |
/// | check, not null | 422 `CHECK_VIOLATION`, `NOT_NULL` |
/// | stale version | 412 `STALE` |
/// | time-out, connection, serialization failure | 503 with `Retry-After` |
/// | anything else | 500 `INTERNAL`, without details |
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a problem is returned from a handler"]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    status: StatusCode,
    code: &'static str,
    detail: String,
    members: Map<String, Value>,
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem with a status, a code for programs and a sentence for people. A status that HTTP does not have
    /// becomes 500.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (detail, members) = (detail.into(), Map::new());
        Self(Box::new(Inner { status, code, detail, members, retry_after: None }))
    }

    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(400, code, detail)
    }

    pub(crate) fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(422, code, detail)
    }

    pub(crate) fn not_found(entity: &str) -> Self {
        Self::new(404, "NOT_FOUND", format!("there is no such {entity}"))
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "INTERNAL", "the request could not be answered")
    }

    /// Adds the place in the filter or in the body, as a JSON pointer.
    pub fn pointer(self, pointer: impl Into<String>) -> Self {
        self.with("pointer", pointer.into())
    }

    /// Adds what would have been accepted.
    pub fn expected(self, expected: impl Into<Value>) -> Self {
        self.with("expected", expected)
    }

    /// Adds a member.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(member.to_owned(), value.into());
        self
    }

    /// Asks the client to try again after some seconds.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The body of the response.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Inner { status, code, detail, members, .. } = &*self.0;
        let title = status.canonical_reason().unwrap_or("Error");
        let mut body = json!({
            "type": "about:blank",
            "title": title,
            "status": status.as_u16(),
            "code": code,
            "detail": detail,
        });
        if let Value::Object(body) = &mut body {
            body.extend(members.clone());
        }
        body
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}: {}", self.0.status.as_u16(), self.0.code, self.0.detail)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json().to_string()));
        *response.status_mut() = self.0.status;
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        of_database(&error)
    }
}

/// The problem that a database error is to a client.
fn of_database(error: &Error) -> Problem {
    let entity = error.entity().unwrap_or("row");
    let relation = error.relation().map(|relation| relation.name);
    let related = |problem: Problem| match relation {
        Some(relation) => problem.with("relation", relation).with("entity", entity),
        None => problem,
    };
    if error.is_not_found() {
        return Problem::not_found(entity);
    }
    if error.is_stale() {
        let detail = format!("this {entity} has changed since it was read");
        return Problem::new(412, "STALE", detail);
    }
    if error.is_unique_violation() {
        let (detail, key) = (format!("another {entity} has this key"), error.key_properties());
        return Problem::new(409, "CONFLICT", detail).with("entity", entity).with("key", key);
    }
    if error.is_foreign_key_violation() {
        return related(match error.referencing_rows() {
            Some(rows) => {
                let detail = format!("{rows} {entity} rows still reference it");
                Problem::new(409, "STILL_REFERENCED", detail).with("rows", rows)
            }
            None if error.is_still_referenced() => {
                let detail = format!("{entity} rows still reference it");
                Problem::new(409, "STILL_REFERENCED", detail)
            }
            None => {
                let to = relation.unwrap_or("foreign key");
                let detail = format!("the `{to}` of this {entity} does not exist");
                Problem::unprocessable("TARGET_NOT_FOUND", detail)
                    .with("key", error.key_properties())
            }
        });
    }
    if error.is_not_null_violation() {
        let property = error.property().unwrap_or("a property");
        let detail = format!("`{property}` of {entity} may not be null");
        return Problem::unprocessable("NOT_NULL", detail);
    }
    if error.is_check_violation() {
        let detail = format!("a check constraint of {entity} rejects a value");
        return Problem::unprocessable("CHECK_VIOLATION", detail);
    }
    if error.is_invalid_input() {
        return Problem::bad_request("INVALID_INPUT", error.to_string());
    }
    if error.is_invalid_request() {
        return Problem::bad_request("INVALID_REQUEST", "the request asks for what cannot be done");
    }
    if error.is_row_suppressed() {
        let detail = format!("the database did not accept this {entity}");
        return Problem::new(409, "ROW_SUPPRESSED", detail);
    }
    if error.is_locked() || error.is_serialization_failure() || error.is_retryable() {
        return Problem::new(503, "BUSY", "the database is busy; try again").retry_after(1);
    }
    if error.is_timeout() {
        return timeout();
    }
    if error.is_connection() {
        let detail = "the database cannot be reached at the moment";
        return Problem::new(503, "UNAVAILABLE", detail).retry_after(5);
    }
    // A promise of the database that does not hold: the client can do nothing, and the relation tells where.
    if error.is_target_missing() {
        return related(Problem::new(
            500,
            "TARGET_MISSING",
            "a target that has to be there is not",
        ));
    }
    if error.is_not_unique() {
        return related(Problem::new(
            500,
            "NOT_UNIQUE",
            "there are several rows where one is promised",
        ));
    }
    of_code(error.code()).unwrap_or_else(Problem::internal)
}

/// The problem of a request that takes longer than it may.
pub(crate) fn timeout() -> Problem {
    Problem::new(503, "TIMEOUT", "the request takes longer than it may").retry_after(1)
}

/// The problem of a value that the database itself does not accept, by its SQLSTATE.
fn of_code(code: Option<&str>) -> Option<Problem> {
    let detail = match code? {
        "22001" => "a text is longer than its column",
        "22003" => "a number is out of the range of its column",
        "22007" | "22008" => "a date or time is out of range",
        "22021" | "22P05" => "a text has a character that the database does not store",
        "22P02" => "a value is not one of the type of its column",
        "22025" => "a pattern ends with its escape character",
        _ => return None,
    };
    Some(Problem::unprocessable("INVALID_VALUE", detail))
}
