//! Rows that are deleted softly are not served, and a `DELETE` deletes softly.

use axum::Router;
use chrono::{DateTime, Utc};
use relations::prelude::*;
use relations::{Database, Engine, Executor, schema};
use relations_rest::Api;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{delete, get, list, patch, post, put, send, with};

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Page)]
#[has_many(Note)]
#[has_many(Tag, through(Tagging))]
struct Book {
    #[id(generated)]
    id: i64,
    #[unique]
    title: String,
    #[version]
    version: i64,
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

/// Goes with its book.
#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Note {
    #[id(generated)]
    id: i64,
    #[belongs_to(Book, on_delete = "cascade")]
    book_id: i64,
    /// Is seen even if it is deleted.
    #[belongs_to(Book, name = "source", unscoped)]
    source_id: Option<i64>,
    text: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Book, through(Tagging))]
struct Tag {
    #[id]
    word: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Tagging {
    #[id]
    #[belongs_to(Book, on_delete = "cascade")]
    book_id: i64,
    #[id]
    #[belongs_to(Tag)]
    tag_id: String,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Shelf, name = "parts", key_to = "within_id")]
struct Shelf {
    #[id(generated)]
    id: i64,
    #[belongs_to(Shelf, name = "within", on_delete = "set null")]
    within_id: Option<i64>,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Two books with a page, a note and a tag each; the note of each has the other book as its source. Three shelves,
/// each within the one before.
async fn served(db: &Database) -> Router {
    db.create(schema![Book, Page, Note, Tag, Tagging, Shelf]).await.unwrap();
    NewTag { word: "new".into() }.insert(db).await.unwrap();
    for title in ["one", "two"] {
        NewBook { title: title.into() }.insert(db).await.unwrap();
    }
    for (book_id, source) in [(1, 2), (2, 1)] {
        let (text, source_id) = (format!("of {book_id}"), Some(source));
        NewPage { book_id, text: text.clone() }.insert(db).await.unwrap();
        NewNote { book_id, source_id, text }.insert(db).await.unwrap();
        NewTagging { book_id, tag_id: "new".into() }.insert(db).await.unwrap();
    }
    for within_id in [None, Some(1), Some(2)] {
        NewShelf { within_id }.insert(db).await.unwrap();
    }
    Api::new(db)
        .serve::<Book>(|it| it.all())
        .serve::<Page>(|it| it.all())
        .serve::<Note>(|it| it.all())
        .serve::<Tag>(|it| it.all())
        .serve::<Shelf>(|it| it.all())
        .router()
        .unwrap()
}

/// Deletes the first book.
async fn without_the_first(router: &Router) {
    assert_eq!(delete(router, "/books/1").await.is(409).code(), "STILL_REFERENCED");
    delete(router, "/pages/1").await.is(204);
    delete(router, "/books/1").await.is(204);
}

behaviour! {
    async fn a_deleted_row_is_not_found(db) {
        let router = served(db).await;
        without_the_first(&router).await;
        assert_eq!(Book::find().with_deleted().count(db).await.unwrap(), 2);
        assert_eq!(Page::find().only_deleted().count(db).await.unwrap(), 1);
        assert_eq!(Note::find().only_deleted().count(db).await.unwrap(), 1);
        assert_eq!(get(&router, "/books").await.is(200).ids(), [2]);
        for uri in ["/books/1", "/books/1/pages", "/books/1/pages/count", "/books/1/tags", "/pages/1", "/notes/1/source"] {
            assert_eq!(get(&router, uri).await.is(404).code(), "NOT_FOUND", "{uri}");
        }
        for (uri, text) in [("/books/count", r#"{"count":1}"#), ("/books/exists", r#"{"exists":true}"#), ("/tags/new/books/count", r#"{"count":1}"#)] {
            assert_eq!(get(&router, uri).await.is(200).text, text, "{uri}");
        }
        assert_eq!(get(&router, "/pages?include=book").await.is(200).ids(), [2]);
        let exported = send(&router, "GET", "/books", &[("accept", "application/x-ndjson")], None).await.is(200);
        assert_eq!(exported.text.lines().count(), 1);
        assert_eq!(get(&router, "/tags/new/books").await.is(200).ids(), [2]);
        for (path, condition, found) in [
            ("/tags", r#"{"books": {"any": {"title": "one"}}}"#, 0), ("/tags", r#"{"books": {"count": 1}}"#, 1),
            ("/books", r#"{"title": "one"}"#, 0), ("/books", r#"{"deleted_at": {"neq": null}}"#, 0),
            ("/notes", r#"{"source": {"title": "one"}}"#, 1),
        ] {
            assert_eq!(list(&router, path, condition).await.is(200).json().as_array().unwrap().len(), found, "{condition}");
        }
        let title = Some(r#"{"title": "new"}"#);
        for (method, uri, body) in [
            ("DELETE", "/books/1", None), ("PATCH", "/books/1", title), ("PUT", "/books/1", title),
            ("POST", "/books/1/pages", Some(r#"{"text": "t"}"#)), ("PUT", "/books/1/tags/new", None), ("DELETE", "/books/1/tags/new", None),
        ] {
            assert_eq!(send(&router, method, uri, &[], body).await.is(404).code(), "NOT_FOUND", "{method} {uri}");
        }
        // A relation that is `unscoped` leads to it.
        assert_eq!(get(&router, "/notes/2/source").await.is(200).json()["title"], "one");
        assert_eq!(get(&router, "/notes/2?include=source").await.is(200).json()["source"]["title"], "one");
    }

    async fn a_deleted_target_is_no_target(db) {
        let router = served(db).await;
        NewPage { book_id: 1, text: "late".into() }.insert(db).await.unwrap();
        // As another program deletes it: with no thought of its pages.
        let update = match db.engine() {
            Engine::Postgres => "UPDATE books SET deleted_at = now() WHERE id = 1",
            Engine::Sqlite => "UPDATE books SET deleted_at = '2026-01-01 00:00:00+00:00' WHERE id = 1",
        };
        relations::sql(update, ()).execute(db).await.unwrap();
        assert_eq!(get(&router, "/pages/1/book").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/pages?include=book&order=id").await.is(200).all("book")[0], json!(null));
        assert_eq!(list(&router, "/pages", r#"{"book": null}"#).await.is(200).ids(), [1, 3]);
        let required = r#"{"include": [{"relation": "book", "required": true}]}"#;
        assert_eq!(get(&router, &with("/pages", "filter", required)).await.is(200).ids(), [2]);
        // A page of it can be changed, and none becomes one of it.
        patch(&router, "/pages/1", r#"{"text": "new"}"#).await.is(204);
        put(&router, "/pages/1", r#"{"text": "newer", "book_id": 1}"#).await.is(204);
        for (method, uri) in [("POST", "/pages".to_owned()), ("PATCH", "/pages/2".to_owned()), ("PATCH", with("/pages", "where", r#"{"id": 2}"#))] {
            let answer = send(&router, method, &uri, &[], Some(r#"{"text": "t", "book_id": 1}"#)).await;
            assert_eq!(answer.is(422).code(), "TARGET_NOT_FOUND", "{method} {uri}");
        }
        post(&router, "/notes", r#"{"text": "t", "book_id": 2, "source_id": 1}"#).await.is(201);
    }

    async fn a_delete_says_what_it_deleted(db) {
        let router = served(db).await;
        let stale = send(&router, "DELETE", "/books/2", &[("if-match", "\"7\"")], None).await;
        assert_eq!(stale.is(412).code(), "STALE");
        delete(&router, &with("/pages", "where", r#"{"book_id": {"gt": 0}}"#)).await.is(200);
        let prefer = [("prefer", "return=representation"), ("if-match", "\"1\"")];
        let gone = send(&router, "DELETE", "/books/2", &prefer, None).await.is(200).json();
        assert!(gone["deleted_at"].is_string(), "{gone}");
        let row = Book::find().only_deleted().one(db).await.unwrap();
        assert_eq!((row.title.as_str(), row.version), ("two", 2));
        // Its unique key is free again, and no client sets the time.
        post(&router, "/books", r#"{"title": "two"}"#).await.is(201);
        assert_eq!(post(&router, "/books", r#"{"title": "one"}"#).await.is(409).code(), "CONFLICT");
        for body in [r#"{"title": "x", "deleted_at": null}"#, r#"{"title": "x", "deleted_at": "2020-01-01T00:00:00Z"}"#] {
            assert_eq!(post(&router, "/books", body).await.is(422).code(), "READ_ONLY", "{body}");
        }
        let answer = patch(&router, "/books/1", r#"{"deleted_at": "2020-01-01T00:00:00Z"}"#).await;
        assert_eq!(answer.is(422).code(), "READ_ONLY");
    }

    async fn trees_leave_deleted_rows_out(db) {
        let router = served(db).await;
        assert_eq!(get(&router, "/shelves/3/ancestors").await.is(200).ids(), [2, 1]);
        delete(&router, "/shelves/2").await.is(204);
        assert_eq!(get(&router, "/shelves/2/ancestors").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/shelves/3/ancestors").await.is(200).text, "[]");
        assert_eq!(get(&router, "/shelves/1/descendants?nested=true").await.is(200).text, "[]");
        assert_eq!(get(&router, "/shelves/3").await.is(200).json()["within_id"], json!(null));
    }

    async fn an_unlink_is_soft_too(db) {
        let router = served(db).await;
        delete(&router, "/books/1/tags/new").await.is(204);
        assert_eq!(delete(&router, "/books/1/tags/new").await.is(404).code(), "NOT_LINKED");
        assert_eq!(Tagging::find().only_deleted().count(db).await.unwrap(), 1);
        assert_eq!(get(&router, "/tags/new/books").await.is(200).ids(), [2]);
    }
}
