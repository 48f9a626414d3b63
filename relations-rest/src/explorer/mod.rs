//! The explorer: a page to look at the entities and their rows, embedded and without any other source.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::uri::Authority;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::problem::Problem;

/// The files of the page, with their types.
const FILES: [(&str, &str, &str); 3] = [
    ("/explorer", "text/html; charset=utf-8", include_str!("page.html")),
    ("/explorer/page.css", "text/css; charset=utf-8", include_str!("page.css")),
    ("/explorer/page.js", "text/javascript; charset=utf-8", include_str!("page.js")),
];

/// Nothing but the page's own files, and requests to its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The clients that may open the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Programs of this machine.
    Loopback,
    Everyone,
}

impl Audience {
    /// Whether a request is of a client that may open the page.
    pub(crate) fn admits(self, request: &Request) -> bool {
        self == Self::Everyone || is_local(request)
    }
}

pub(crate) fn router(audience: Audience) -> Router {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        let file = move |request: Request| async move {
            if !audience.admits(&request) {
                return Problem::new(404, "NOT_FOUND", "there is no such resource").into_response();
            }
            page(kind, text)
        };
        router.route(path, get(file))
    })
}

fn page(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// Whether a request comes from this machine: by its address where the server tells it, and by the name that it
/// was sent to. A name of another machine that leads here is refused too.
fn is_local(request: &Request) -> bool {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if address.is_some_and(|ConnectInfo(address)| !address.ip().is_loopback()) {
        return false;
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str));
    let Some(host) = host else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
