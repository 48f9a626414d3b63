//! Rows that are deleted softly are not served.

use axum::Router;
use chrono::{DateTime, Utc};
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::Api;
use serde::{Deserialize, Serialize};

use crate::support::{get, send, with};

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Page)]
struct Book {
    #[id(generated)]
    id: i64,
    title: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Page {
    #[id(generated)]
    id: i64,
    #[belongs_to(Book)]
    book_id: i64,
    text: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

async fn served(db: &Database) -> Router {
    db.create(schema![Book, Page]).await.unwrap();
    for title in ["one", "two"] {
        let book = NewBook { title: title.to_owned() }.insert(db).await.unwrap();
        NewPage { book_id: book.id, text: title.to_owned() }.insert(db).await.unwrap();
    }
    Api::new(db).serve::<Book>(|it| it.all()).serve::<Page>(|it| it.all()).router().unwrap()
}

behaviour! {
    async fn a_deleted_row_is_not_found(db) {
        let router = served(db).await;
        let kept = send(&router, "DELETE", "/books/1", &[], None).await;
        assert!((400..500).contains(&kept.status), "{kept:?}");
        assert_eq!(send(&router, "DELETE", "/pages/1", &[], None).await.status, 204);
        assert_eq!(send(&router, "DELETE", "/books/1", &[], None).await.status, 204);
        assert_eq!(Book::find().with_deleted().count(db).await.unwrap(), 2);
        assert_eq!(Page::find().only_deleted().count(db).await.unwrap(), 1);
        assert_eq!(get(&router, "/books").await.is(200).ids(), [2]);
        assert_eq!(get(&router, "/books/1").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/books/1/pages").await.status, 404);
        assert_eq!(get(&router, "/books/count").await.is(200).text, r#"{"count":1}"#);
        assert_eq!(get(&router, &with("/pages", "include", "book")).await.is(200).ids(), [2]);
        let body = Some(r#"{"title": "new"}"#);
        for (method, body) in [("DELETE", None), ("PATCH", body)] {
            let answer = send(&router, method, "/books/1", &[], body).await;
            assert_eq!(answer.is(404).code(), "NOT_FOUND");
        }
        let given = r#"{"title": "new", "deleted_at": "2020-01-01T00:00:00Z"}"#;
        let answer = send(&router, "POST", "/books", &[], Some(given)).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
}
