//! Errors as problems: nothing of the database's own text, and a status that tells what to do.

use relations::prelude::*;
use relations::schema;
use relations_rest::{Api, Limits, Problem};
use serde::{Deserialize, Serialize};

use crate::shop::{Customer, api, filled, router};
use crate::support::{get, post, sqlite, with};

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(table = "things")]
struct Thing {
    #[id(generated)]
    id: i64,
    size: i32,
}

#[tokio::test]
async fn an_internal_error_tells_nothing() {
    let router = router(&sqlite().await);
    let request = axum::http::Request::get("/customers").body(axum::body::Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(!body.contains("customers") && !body.contains("table"), "{body}");
    assert!(body.contains("INTERNAL"), "{body}");
}

/// A body that never comes.
struct Never;

impl futures_core::Stream for Never {
    type Item = Result<Vec<u8>, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn a_request_has_a_time_limit() {
    let db = sqlite().await;
    let _ = filled(&db).await;
    let mut limits = Limits::default();
    limits.timeout = std::time::Duration::from_millis(20);
    let router: axum::Router = api(&db).limits(limits).router().unwrap();
    let request =
        axum::http::Request::post("/customers").header("content-type", "application/json");
    let request = request.body(axum::body::Body::from_stream(Never)).unwrap();
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn limits_and_indexes_of_an_entity() {
    let db = sqlite().await;
    let _ = filled(&db).await;
    let router = Api::new(&db)
        .serve::<Customer>(|it| {
            it.read().path("/people/").default_limit(1).max_limit(2).indexed_only()
        })
        .router()
        .unwrap();
    assert_eq!(get(&router, "/people").await.is(200).ids(), [1]);
    assert_eq!(get(&router, "/people?limit=3").await.is(400).code(), "INVALID_LIMIT");
    assert_eq!(get(&router, "/people?order=email%20DESC").await.is(200).ids(), [3]);
    assert_eq!(get(&router, "/people?order=name").await.is(400).code(), "UNKNOWN_PROPERTY");
    let uri = with("/people", "where", r#"{"name": "Ada"}"#);
    assert_eq!(get(&router, &uri).await.is(400).code(), "UNKNOWN_PROPERTY");
}

#[tokio::test]
async fn a_setup_that_cannot_be_served_is_told() {
    let db = sqlite().await;
    let twice = Api::new(&db)
        .serve::<Customer>(|it| it.read().path("things"))
        .serve::<Thing>(|it| it.read());
    let error = twice.router::<()>().unwrap_err().to_string();
    assert_eq!(
        error,
        "`Customer` and `Thing` have the path `things`; give one another by `.path(…)`"
    );
}

behaviour! {
    async fn a_check_is_told_without_its_text(db) {
        db.create(schema![Thing]).await.unwrap();
        let router = Api::new(db).serve::<Thing>(|it| it.all()).router().unwrap();
        post(&router, "/things", r#"{"size": 1}"#).await.is(201);
        let problem: Problem = Thing::find_by_id(9).one(db).await.unwrap_err().into();
        assert_eq!((problem.status(), problem.code()), (404, "NOT_FOUND"));
        assert_eq!(problem.detail(), "there is no such Thing");
    }
}
