//! Relations to one of several entities by a kind and a key, without a foreign key.

use axum::Router;
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::Api;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{filtered, get, list, patch, post, send};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Comment, key_to = "subject_id")]
pub struct Post {
    #[id]
    pub id: i64,
    pub title: String,
}

/// Its key is not its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Comment, key_from = "code", key_to = "subject_id")]
pub struct Photo {
    #[id]
    pub id: i64,
    #[unique]
    pub code: i64,
}

/// The key is before the kind, and something else is between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Comment, name = "replies", key_to = "subject_id")]
#[one_of(
    Post(kind = "article"),
    Photo(key_to = "code"),
    Comment(name = "parent"),
    name = "subject",
    kind = "subject_type",
    key = "subject_id"
)]
pub struct Comment {
    #[id]
    pub id: i64,
    pub subject_id: i64,
    pub text: String,
    pub subject_type: String,
}

/// A post and a photo of one key, a comment on each, a reply, and a comment whose post is gone.
async fn filled(db: &Database) -> Router {
    db.create(schema![Post, Photo, Comment]).await.unwrap();
    NewPost { id: 7, title: "Pens".into() }.insert(db).await.unwrap();
    NewPhoto { id: 1, code: 7 }.insert(db).await.unwrap();
    for (id, subject) in [
        (1, CommentSubject::Post(7)),
        (2, CommentSubject::Photo(7)),
        (3, CommentSubject::Parent(1)),
        (4, CommentSubject::Post(99)),
    ] {
        NewComment { id, subject, text: "article".into() }.insert(db).await.unwrap();
    }
    Api::new(db)
        .serve::<Post>(|it| it.all())
        .serve::<Photo>(|it| it.all())
        .serve::<Comment>(|it| it.all())
        .router()
        .unwrap()
}

behaviour! {
    async fn the_target_comes_under_its_kind(db) {
        let router = filled(db).await;
        let typed = Comment::find().include(Comment::SUBJECT).order_by(Comment::ID.asc()).all(db).await.unwrap();
        let typed = serde_json::to_string(&typed).unwrap();
        assert_eq!(get(&router, "/comments?include=subject").await.is(200).text, typed);
        let subjects = get(&router, "/comments?include=subject").await.json();
        assert_eq!(subjects[0]["subject"], json!({"post": {"id": 7, "title": "Pens"}}));
        assert_eq!(subjects[3]["subject"], json!(null));
        let nested = get(&router, "/comments/3?include=subject.parent.subject").await.is(200).json();
        assert_eq!(nested["subject"]["parent"]["subject"]["post"]["title"], "Pens");
        let lines = send(&router, "GET", "/comments?include=subject", &[("accept", "application/x-ndjson")], None).await;
        assert_eq!(lines.is(200).text.matches("\"subject\":{").count(), 3);
    }

    async fn the_target_has_a_path(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/comments/2/subject").await.is(200).json(), json!({"photo": {"id": 1, "code": 7}}));
        assert_eq!(get(&router, "/comments/3/parent").await.is(200).json()["id"], 1);
        // Of another kind there is none, nor where it is gone.
        for path in ["/comments/1/photo", "/comments/4/subject", "/comments/4/post"] {
            assert_eq!(get(&router, path).await.is(204).text, "", "{path}");
        }
        assert_eq!(get(&router, "/comments/9/subject").await.is(404).code(), "NOT_FOUND");
        // Comments on comments are no tree: a comment may be on something else.
        for path in ["/comments/3/ancestors", "/comments/1/descendants", "/comments/3/parent/ancestors"] {
            assert_eq!(get(&router, path).await.status, 404, "{path}");
        }
    }

    async fn the_inverse_leads_to_its_kind(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/posts/7/comments").await.is(200).ids(), [1]);
        assert_eq!(get(&router, "/photos/1/comments").await.is(200).ids(), [2]);
        assert_eq!(get(&router, "/comments/1/replies").await.is(200).ids(), [3]);
        assert_eq!(get(&router, "/photos?include=comments").await.is(200).json()[0]["comments"][0]["id"], 2);
        let counted = filtered(&router, "/posts", r#"{"include": [{"relation": "comments", "count": true}]}"#).await;
        let text = counted.is(200).text;
        assert!(text.contains(":1"), "{text}");
    }

    async fn conditions_name_the_kind(db) {
        let router = filled(db).await;
        for (path, condition, found) in [
            ("/comments", r#"{"subject": {"post": {"title": "Pens"}}}"#, [1].as_slice()),
            ("/comments", r#"{"subject": {"photo": {}}}"#, &[2]),
            ("/comments", r#"{"subject": null}"#, &[4]),
            ("/comments", r#"{"parent": {"subject_type": "article"}}"#, &[3]),
            ("/posts", r#"{"comments": {"any": {"text": "article"}}}"#, &[7]),
            ("/comments", r#"{"replies": {"any": {}}}"#, &[1]),
        ] {
            assert_eq!(list(&router, path, condition).await.is(200).ids(), found, "{condition}");
        }
    }

    async fn both_columns_are_written(db) {
        let router = filled(db).await;
        let new = r#"{"id": 5, "text": "photo", "subject_type": "article", "subject_id": 7}"#;
        assert_eq!(post(&router, "/comments", new).await.is(201).json()["subject_type"], "article");
        let typed = Comment::find_by_id(5).one(db).await.unwrap();
        assert_eq!((typed.subject_id, &*typed.text, &*typed.subject_type), (7, "photo", "article"));
        // No constraint knows the targets, but one knows the kinds.
        let unknown = r#"{"id": 6, "text": "t", "subject_type": "post", "subject_id": 7}"#;
        assert_eq!(post(&router, "/comments", unknown).await.is(422).code(), "CHECK_VIOLATION");
        let through = post(&router, "/photos/1/comments", r#"{"id": 6, "text": "t"}"#).await.is(201).json();
        assert_eq!((&through["subject_type"], &through["subject_id"]), (&json!("photo"), &json!(7)));
        for other in [r#""subject_type": "article""#, r#""subject_id": 8"#] {
            let body = format!(r#"{{"id": 8, "text": "t", {other}}}"#);
            assert_eq!(post(&router, "/photos/1/comments", &body).await.status / 100, 4, "{other}");
        }
        patch(&router, "/comments/6", r#"{"subject_type": "article"}"#).await.is(204);
        assert_eq!(get(&router, "/comments/6/subject").await.is(200).json()["post"]["title"], "Pens");
        assert_eq!(Comment::find_by_id(8).count(db).await.unwrap(), 0);
    }

    async fn the_document_has_the_kinds(db) {
        let _ = filled(db).await;
        let api = Api::new(db).serve::<Post>(|it| it.read()).serve::<Comment>(|it| it.read());
        let document = api.openapi().unwrap().to_string();
        assert!(document.contains("/comments/{id}/subject") && !document.contains("ancestors"), "{document}");
        let schema = api.row_schema::<Comment>("subject").unwrap().to_string();
        assert!(schema.contains("\"parent\"") && !schema.contains("photo"), "{schema}");
    }
}
