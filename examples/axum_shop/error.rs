//! Errors of the service, and the HTTP status of each.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error of a handler. `?` makes one of a database error.
#[derive(Debug)]
pub(crate) enum ApiError {
    BadRequest(String),
    Conflict(String),
    Database(relations::Error),
}

impl From<relations::Error> for ApiError {
    fn from(error: relations::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, message),
            Self::Conflict(message) => (StatusCode::CONFLICT, message),
            Self::Database(error) => of_database(&error),
        };
        (status, Json(json!({ "error": message }))).into_response()
    }
}

/// The status of a database error, and a message for the client. Names of tables and constraints stay in
/// the log.
fn of_database(error: &relations::Error) -> (StatusCode, String) {
    let entity = error.entity().unwrap_or("row");
    let (status, message) = if error.is_not_found() {
        (StatusCode::NOT_FOUND, format!("no such {entity}"))
    } else if error.is_stale() {
        (StatusCode::CONFLICT, format!("this {entity} has changed; load it again"))
    } else if error.is_unique_violation() {
        (StatusCode::CONFLICT, format!("this {entity} already exists"))
    } else if let (true, Some(rows)) = (error.is_foreign_key_violation(), error.referencing_rows())
    {
        (StatusCode::CONFLICT, format!("still used by {rows} {entity}"))
    } else if error.is_foreign_key_violation() {
        (StatusCode::UNPROCESSABLE_ENTITY, format!("this {entity} refers to something unknown"))
    } else if error.is_retryable() || error.is_timeout() || error.is_connection() {
        (StatusCode::SERVICE_UNAVAILABLE, "try again later".to_owned())
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "internal error".to_owned())
    };
    if status.is_server_error() {
        eprintln!("{error}");
    }
    (status, message)
}
