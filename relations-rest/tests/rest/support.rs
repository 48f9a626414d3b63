//! A database of its own for each test, and requests to a router.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use relations::{ConnectOptions, Database, connect};
use serde_json::Value;
use tower::ServiceExt;

/// Runs each behaviour on SQLite and on PostgreSQL, each time on an empty database.
macro_rules! behaviour {
    ($(async fn $name:ident($db:ident) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn behaviour($db: &::relations::Database) $body

                #[tokio::test]
                async fn on_sqlite() {
                    behaviour(&crate::support::sqlite().await).await;
                }

                #[tokio::test]
                async fn on_postgres() {
                    let Some(fresh) = crate::support::postgres().await else { return };
                    behaviour(&fresh).await;
                }
            }
        )*
    };
}

pub async fn sqlite() -> Database {
    connect("sqlite::memory:").await.expect("SQLite opens in memory")
}

/// An empty database of the PostgreSQL that `scripts/test` starts. Without one the test says so and is
/// skipped; in CI that is a failure.
pub async fn postgres() -> Option<Database> {
    Some(connected(&postgres_url().await?).await)
}

pub async fn connected(url: &str) -> Database {
    ConnectOptions::new(url).high_latency(false).connect().await.expect("the database answers")
}

/// The URL of an empty database.
pub async fn postgres_url() -> Option<String> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);

    let Ok(server) = std::env::var("RELATIONS_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "CI tests on PostgreSQL; run scripts/test");
        eprintln!("skipped: no PostgreSQL; run scripts/test to have one");
        return None;
    };
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("rest_{}_{number}", std::process::id());
    let client = client(&server).await;
    let create = format!("CREATE DATABASE {name} STRATEGY file_copy");
    client.batch_execute(&create).await.expect("a database is created");
    let (address, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{address}/{name}"))
}

pub async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The answer, which has to have a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The code of a problem.
    #[track_caller]
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        self.json()["code"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    #[track_caller]
    pub fn pointer(&self) -> String {
        self.json()["pointer"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The values of a member of the rows of a list.
    #[track_caller]
    pub fn all(&self, member: &str) -> Vec<Value> {
        let json = self.json();
        let rows = json.as_array().unwrap_or_else(|| panic!("{self:?}"));
        rows.iter().map(|row| row[member].clone()).collect()
    }

    /// The ids of a list.
    #[track_caller]
    pub fn ids(&self) -> Vec<i64> {
        self.all("id").iter().map(|id| id.as_i64().unwrap()).collect()
    }
}

pub async fn send(
    router: &Router,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map(|body| Body::from(body.to_owned())).unwrap_or_default();
    let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {uri} {bytes:?}");
    Answer { status: status.as_u16(), headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

pub async fn get(router: &Router, uri: &str) -> Answer {
    send(router, "GET", uri, &[], None).await
}

pub async fn post(router: &Router, uri: &str, body: &str) -> Answer {
    send(router, "POST", uri, &[], Some(body)).await
}

pub async fn patch(router: &Router, uri: &str, body: &str) -> Answer {
    send(router, "PATCH", uri, &[], Some(body)).await
}

pub async fn put(router: &Router, uri: &str, body: &str) -> Answer {
    send(router, "PUT", uri, &[], Some(body)).await
}

pub async fn delete(router: &Router, uri: &str) -> Answer {
    send(router, "DELETE", uri, &[], None).await
}

/// A path with a JSON parameter.
pub fn with(path: &str, name: &str, json: &str) -> String {
    let mut uri = format!("{path}?{name}=");
    for byte in json.bytes() {
        uri.push_str(&format!("%{byte:02X}"));
    }
    uri
}

/// A list by a `where`.
pub async fn list(router: &Router, path: &str, condition: &str) -> Answer {
    get(router, &with(path, "where", condition)).await
}

/// A list by a filter.
pub async fn filtered(router: &Router, path: &str, filter: &str) -> Answer {
    get(router, &with(path, "filter", filter)).await
}
