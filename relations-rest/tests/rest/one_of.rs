//! Relations to one of several entities.

use axum::Router;
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::Api;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{filtered, get, list, patch, post, send};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Post, key_to = "author_id")]
pub struct User {
    #[id(generated)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Comment)]
pub struct Post {
    #[id(generated)]
    pub id: i64,
    pub title: String,
    #[belongs_to(User)]
    pub author_id: i64,
}

/// Its keys are texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Comment, key_to = "photo_code")]
pub struct Photo {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[one_of(post, photo, name = "subject")]
pub struct Comment {
    #[id(generated)]
    pub id: i64,
    pub text: String,
    #[belongs_to(Post, on_delete = "cascade")]
    pub post_id: Option<i64>,
    #[belongs_to(Photo, name = "photo", on_delete = "cascade")]
    pub photo_code: Option<String>,
}

/// Each part of its names is renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
#[one_of(post, photo, name = "liked_thing", optional)]
pub struct Like {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Post)]
    pub post_id: Option<i64>,
    #[belongs_to(Photo, name = "photo")]
    pub photo_code: Option<String>,
}

/// A post by Ada, a photo, and a comment on each; a like of the photo, and one of nothing.
async fn filled(db: &Database) -> Router {
    db.create(schema![User, Post, Photo, Comment, Like]).await.unwrap();
    let author_id = NewUser { name: "Ada".into() }.insert(db).await.unwrap().id;
    for title in ["other", "Pens"] {
        NewPost { title: title.into(), author_id }.insert(db).await.unwrap();
    }
    NewPhoto { code: "p1".into() }.insert(db).await.unwrap();
    for (text, post_id, photo_code) in [("nice", Some(2), None), ("blurred", None, Some("p1"))] {
        let photo_code = photo_code.map(str::to_owned);
        NewComment { text: text.into(), post_id, photo_code }.insert(db).await.unwrap();
    }
    for photo_code in [Some("p1".to_owned()), None] {
        NewLike { post_id: None, photo_code }.insert(db).await.unwrap();
    }
    Api::new(db)
        .serve::<User>(|it| it.all())
        .serve::<Post>(|it| it.all())
        .serve::<Photo>(|it| it.all())
        .serve::<Comment>(|it| it.all())
        .serve::<Like>(|it| it.all())
        .router()
        .unwrap()
}

fn json<T: Serialize>(rows: &T) -> String {
    serde_json::to_string(rows).unwrap()
}

behaviour! {
    async fn the_target_comes_under_its_kind(db) {
        let router = filled(db).await;
        let typed = Comment::find().include(Comment::SUBJECT).order_by(Comment::ID.asc());
        let typed = typed.all(db).await.unwrap();
        assert_eq!(get(&router, "/comments?include=subject").await.is(200).text, json(&typed));
        let with_author = Comment::SUBJECT.with(Comment::POST.include(Post::AUTHOR));
        let typed = Comment::find().include(with_author).order_by(Comment::ID.asc()).all(db).await.unwrap();
        let scope = r#"{"include": [{"relation": "subject", "scope": {"include": [{"relation": "post", "scope": {"include": ["author"]}}]}}]}"#;
        for answer in [get(&router, "/comments?include=subject.post.author").await, filtered(&router, "/comments", scope).await] {
            assert_eq!(answer.is(200).text, json(&typed));
        }
        let typed = Like::find().include(Like::LIKED_THING).order_by(Like::ID.asc()).all(db).await.unwrap();
        assert_eq!(get(&router, "/likes?include=likedThing").await.is(200).text, json(&typed));
        let one = Comment::find_by_id(2).include(Comment::SUBJECT).one(db).await.unwrap();
        assert_eq!(get(&router, "/comments/2?include=subject").await.is(200).text, json(&one));
        // From the other side, and in rows of others.
        let nested = get(&router, "/photos?include=comments.subject").await.is(200).json();
        assert_eq!(nested[0]["comments"][0]["subject"], json!({"photo": {"code": "p1"}}));
        let exported = send(&router, "GET", "/comments?include=subject", &[("accept", "application/x-ndjson")], None).await;
        assert_eq!(exported.is(200).text.matches("\"subject\":{").count(), 2);
        let required = filtered(&router, "/likes", r#"{"include": [{"relation": "likedThing", "required": true}]}"#).await;
        assert_eq!(required.is(200).ids(), [1]);
    }

    async fn the_target_has_a_path(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/comments/2/subject").await.is(200).text, r#"{"photo":{"code":"p1"}}"#);
        let post = get(&router, "/comments/1/subject?include=post.author").await.is(200).json();
        assert_eq!((&post["post"]["title"], &post["post"]["author"]["name"]), (&json!("Pens"), &json!("Ada")));
        assert_eq!(get(&router, "/likes/2/likedThing").await.is(204).text, "");
        assert_eq!(get(&router, "/comments/9/subject").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/comments/1/post").await.is(200).json()["id"], 2);
        assert_eq!(get(&router, "/comments/1/photo").await.is(204).text, "");
        assert_eq!(get(&router, "/comments/1/subject?include=nope").await.is(400).code(), "UNKNOWN_RELATION");
        assert_eq!(get(&router, "/comments/1/subject?where={}").await.is(400).code(), "UNKNOWN_PARAMETER");
    }

    async fn conditions_name_the_kind(db) {
        let router = filled(db).await;
        for (path, condition, found) in [
            ("/comments", r#"{"subject": {"post": {"title": "Pens"}}}"#, [1].as_slice()), ("/comments", r#"{"subject": {"photo": {}}}"#, &[2]),
            ("/comments", r#"{"post": {"author": {"name": "Ada"}}}"#, &[1]), ("/comments", r#"{"subject": null}"#, &[]),
            ("/likes", r#"{"likedThing": null}"#, &[2]), ("/likes", r#"{"not": {"likedThing": null}}"#, &[1]),
            ("/posts", r#"{"comments": {"any": {"subject": {"post": {"id": 2}}}}}"#, &[2]),
        ] {
            assert_eq!(list(&router, path, condition).await.is(200).ids(), found, "{condition}");
        }
        for (path, condition, code) in [
            ("/comments", r#"{"subject": {"user": {}}}"#, "UNKNOWN_RELATION"), ("/comments", r#"{"subject": 1}"#, "WRONG_TYPE"),
            ("/comments", r#"{"subjects": null}"#, "UNKNOWN_PROPERTY"),
        ] {
            assert_eq!(list(&router, path, condition).await.is(400).code(), code, "{condition}");
        }
    }

    async fn mistakes_are_refused(db) {
        let router = filled(db).await;
        for (filter, code) in [
            (r#"{"include": ["subject", "post"]}"#, "DUPLICATE_RELATION"), (r#"{"include": ["photo", "subject"]}"#, "DUPLICATE_RELATION"),
            (r#"{"include": [{"relation": "subject", "count": true}]}"#, "INVALID_INCLUDE"),
            (r#"{"include": [{"relation": "subject", "scope": {"limit": 1}}]}"#, "UNKNOWN_MEMBER"),
            (r#"{"include": [{"relation": "subject", "scope": {"include": ["author"]}}]}"#, "UNKNOWN_RELATION"),
            (r#"{"include": [{"relation": "subject", "scope": {"include": [{"relation": "post", "required": true}]}}]}"#, "INVALID_INCLUDE"),
            (r#"{"include": ["subjct"]}"#, "UNKNOWN_RELATION"),
        ] {
            assert_eq!(filtered(&router, "/comments", filter).await.is(400).code(), code, "{filter}");
        }
        // Each row has one of the keys.
        assert_eq!(post(&router, "/comments", r#"{"text": "t"}"#).await.is(422).code(), "CHECK_VIOLATION");
        assert_eq!(post(&router, "/comments", r#"{"text": "t", "post_id": 1, "photo_code": "p1"}"#).await.is(422).code(), "CHECK_VIOLATION");
        assert_eq!(patch(&router, "/comments/1", r#"{"photo_code": "p1"}"#).await.is(422).code(), "CHECK_VIOLATION");
        patch(&router, "/comments/1", r#"{"photo_code": "p1", "post_id": null}"#).await.is(204);
        assert_eq!(post(&router, "/photos/p1/comments", r#"{"text": "t"}"#).await.is(201).json()["photo_code"], "p1");
        let nested = post(&router, "/comments", r#"{"text": "t", "post": {"title": "new", "author_id": 1}}"#).await;
        assert_eq!(nested.is(201).json()["post"]["title"], "new");
    }

    async fn the_schema_of_rows_has_the_kinds(db) {
        let _ = filled(db).await;
        let api = Api::new(db).serve::<User>(|it| it.read()).serve::<Post>(|it| it.read());
        let api = api.serve::<Photo>(|it| it.read()).serve::<Comment>(|it| it.read());
        let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let kind = |name: &str, target: Value| {
            json!({"type": "object", "properties": {name: target}, "required": [name], "additionalProperties": false})
        };
        let with = |row: &str, relation: &str, target: Value| {
            let relations = json!({"type": "object", "required": [relation], "properties": {relation: target}});
            json!({"allOf": [reference(row), relations]})
        };
        let subject = |post: Value| json!({"oneOf": [kind("post", post), kind("photo", reference("Photo")), {"type": "null"}]});
        let schema = api.row_schema::<Comment>("subject").unwrap();
        assert_eq!(schema, with("Comment", "subject", subject(reference("Post"))));
        let schema = api.row_schema::<Comment>("subject.post.author").unwrap();
        let post = with("Post", "author", reference("User"));
        assert_eq!(schema, with("Comment", "subject", subject(post)));
        // A kind by itself may be missing.
        let schema = api.row_schema::<Comment>("post").unwrap();
        assert_eq!(schema, with("Comment", "post", json!({"oneOf": [reference("Post"), {"type": "null"}]})));
        for (include, meant) in [("subjct", "`subject`"), ("subject.phot", "`photo`")] {
            let why = api.row_schema::<Comment>(include).unwrap_err().to_string();
            assert!(why.contains(meant), "{why}");
        }
    }

    async fn kinds_that_are_not_served_are_not_shown(db) {
        let _ = filled(db).await;
        let api = Api::new(db).serve::<Photo>(|it| it.read()).serve::<Comment>(|it| it.read());
        let router: Router = api.router().unwrap();
        let subjects = get(&router, "/comments?include=subject").await.is(200).all("subject");
        assert_eq!(subjects, [Value::Null, json!({"photo": {"code": "p1"}})]);
        assert_eq!(get(&router, "/comments/1/subject").await.is(204).text, "");
        let refused = list(&router, "/comments", r#"{"subject": {"post": {}}}"#).await.is(400);
        assert!(!refused.json()["expected"].to_string().contains("post"), "{refused:?}");
        let none = Api::new(db).serve::<Comment>(|it| it.read()).router().unwrap();
        assert_eq!(get(&none, "/comments?include=subject").await.is(400).code(), "UNKNOWN_RELATION");
        assert_eq!(get(&none, "/comments/1/subject").await.status, 404);
        let document = api.openapi().unwrap().to_string();
        assert!(!document.contains("Post"), "{document}");
    }
}
