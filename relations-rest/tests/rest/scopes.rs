//! Scopes by request, hidden, read-only and write-once properties, permissions.

use axum::Router;
use axum::http::request::Parts;
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::{Api, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{Answer, send, with};

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Note)]
struct User {
    #[id(generated)]
    id: i64,
    tenant: i64,
    name: String,
    secret: String,
    code: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Note {
    #[id(generated)]
    id: i64,
    tenant: i64,
    #[belongs_to(User)]
    user_id: i64,
    text: String,
}

fn tenant(parts: &Parts) -> Result<i64, Problem> {
    let header = parts.headers.get("tenant").and_then(|value| value.to_str().ok()?.parse().ok());
    header.ok_or_else(|| Problem::new(401, "NO_TENANT", "say who you are"))
}

async fn served(db: &Database) -> Router {
    db.create(schema![User, Note]).await.unwrap();
    for (tenant, name) in [(1, "Ada"), (2, "Bob"), (1, "Eve")] {
        let (name, secret, code) = (name.to_owned(), format!("s{tenant}"), "c".to_owned());
        let user = NewUser { tenant, name, secret, code }.insert(db).await.unwrap();
        NewNote { tenant, user_id: user.id, text: format!("of {}", user.name) }
            .insert(db)
            .await
            .unwrap();
    }
    Api::new(db)
        .serve::<User>(|it| {
            it.all()
                .scope(|parts| Ok(User::TENANT.eq(tenant(parts)?)))
                .fill(User::TENANT, tenant)
                .hidden(User::SECRET)
                .write_once(User::CODE)
        })
        .serve::<Note>(|it| {
            it.read()
                .create()
                .patch()
                .scope(|parts| Ok(Note::TENANT.eq(tenant(parts)?)))
                .fill(Note::TENANT, tenant)
        })
        .router()
        .unwrap()
}

async fn ask(router: &Router, method: &str, uri: &str, body: Option<&str>) -> Answer {
    send(router, method, uri, &[("tenant", "1")], body).await
}

behaviour! {
    async fn a_tenant_sees_its_own_everywhere(db) {
        let router = served(db).await;
        let get = async |uri: &str| ask(&router, "GET", uri, None).await;
        assert_eq!(send(&router, "GET", "/users", &[], None).await.is(401).code(), "NO_TENANT");
        assert_eq!(get("/users").await.is(200).ids(), [1, 3]);
        assert_eq!(get("/users/2").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get("/users/count").await.is(200).text, r#"{"count":2}"#);
        assert_eq!(get("/users/2/notes").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get("/users/2/notes/count").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get("/notes/2/user").await.is(404).code(), "NOT_FOUND");
        // A note of ours that belongs to another tenant's user, as another program has made it.
        NewNote { tenant: 1, user_id: 2, text: "odd".into() }.insert(db).await.unwrap();
        assert_eq!(get("/notes/4/user").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get("/notes?include=user&order=id").await.is(200).all("user")[2], json!(null));
        let list = async |path: &str, condition: &str| get(&with(path, "where", condition)).await.is(200).ids();
        assert_eq!(list("/notes", r#"{"user": {"name": "Bob"}}"#).await, [0; 0]);
        assert_eq!(list("/notes", r#"{"user": null}"#).await, [4]);
        NewNote { tenant: 2, user_id: 1, text: "theirs".into() }.insert(db).await.unwrap();
        assert_eq!(list("/users", r#"{"notes": {"any": {"text": "theirs"}}}"#).await, [0; 0]);
        assert_eq!(list("/users", r#"{"notes": {"count": 1}}"#).await, [1, 3]);
        assert_eq!(list("/users", r#"{"notes": {"all": {"text": {"like": "of%"}}}}"#).await, [1, 3]);
        let counted = get(&with("/users", "filter", r#"{"include": [{"relation": "notes", "count": true}]}"#)).await;
        assert_eq!(counted.is(200).all("notes"), [json!(1), json!(1)]);
        // Nulls are greatest: the user out of reach is one.
        assert_eq!(get("/notes?order=user.name%20DESC,id").await.is(200).ids(), [4, 3, 1]);
    }

    async fn a_tenant_changes_its_own_alone(db) {
        let router = served(db).await;
        let all = with("/users", "where", r#"{"id": {"gt": 0}}"#);
        assert_eq!(ask(&router, "PATCH", &all, Some(r#"{"name": "N"}"#)).await.is(200).text, r#"{"count":2}"#);
        assert_eq!(User::find_by_id(2).one(db).await.unwrap().name, "Bob");
        assert_eq!(ask(&router, "PATCH", "/users/2", Some(r#"{"name": "N"}"#)).await.is(404).code(), "NOT_FOUND");
        assert_eq!(ask(&router, "DELETE", "/users/2", None).await.is(404).code(), "NOT_FOUND");
        let body = r#"{"name": "Mia", "secret": "s", "code": "c"}"#;
        let new = ask(&router, "POST", "/users", Some(body)).await.is(201);
        assert_eq!(new.json()["tenant"], 1);
        let body = r#"{"name": "Mia", "secret": "s", "code": "c", "tenant": 2}"#;
        assert_eq!(ask(&router, "POST", "/users", Some(body)).await.is(422).code(), "READ_ONLY");
        // A reference to a row out of reach is one to a row that is not there.
        let note = r#"{"user_id": 2, "text": "t"}"#;
        assert_eq!(ask(&router, "POST", "/notes", Some(note)).await.is(422).code(), "TARGET_NOT_FOUND");
        let moved = ask(&router, "PATCH", "/notes/1", Some(r#"{"user_id": 2}"#)).await;
        assert_eq!(moved.is(422).code(), "TARGET_NOT_FOUND");
        let uri = with("/notes", "where", r#"{"id": 1}"#);
        assert_eq!(ask(&router, "PATCH", &uri, Some(r#"{"user_id": 2}"#)).await.is(422).code(), "TARGET_NOT_FOUND");
        assert_eq!(Note::find_by_id(1).one(db).await.unwrap().user_id, 1);
        assert_eq!(ask(&router, "POST", "/users/2/notes", Some(r#"{"text": "t"}"#)).await.is(404).code(), "NOT_FOUND");
        assert_eq!(ask(&router, "POST", "/users/1/notes", Some(r#"{"text": "t"}"#)).await.is(201).json()["tenant"], 1);
        assert_eq!(Note::find().count(db).await.unwrap(), 4);
    }

    async fn a_hidden_property_does_not_leak(db) {
        let router = served(db).await;
        let get = async |uri: &str| ask(&router, "GET", uri, None).await;
        for uri in ["/users", "/users/1", "/notes?include=user", "/notes/1/user", "/users?fields=name,id"] {
            let answer = get(uri).await.is(200);
            assert!(!answer.text.contains("secret") && !answer.text.contains("s1"), "{answer:?}");
        }
        for uri in [
            with("/users", "where", r#"{"secret": {"like": "s%"}}"#),
            with("/notes", "where", r#"{"user": {"secret": "s1"}}"#),
            "/users?order=secret".to_owned(),
            "/notes?order=user.secret".to_owned(),
            "/users?fields=secret".to_owned(),
        ] {
            let answer = get(&uri).await.is(400);
            assert_eq!(answer.code(), "UNKNOWN_PROPERTY");
            let expected = answer.json()["expected"].to_string();
            assert!(!expected.contains("secret"), "{answer:?}");
        }
        // It may be written, and is not in the answer.
        let prefer = [("tenant", "1"), ("prefer", "return=representation")];
        let answer = send(&router, "PATCH", "/users/1", &prefer, Some(r#"{"secret": "new"}"#)).await.is(200);
        assert!(!answer.text.contains("secret"), "{answer:?}");
        assert_eq!(User::find_by_id(1).one(db).await.unwrap().secret, "new");
        let refused = ask(&router, "PATCH", "/users/1", Some(r#"{"code": "d"}"#)).await;
        assert_eq!(refused.is(422).code(), "READ_ONLY");
    }

    async fn what_is_not_allowed_has_no_route(db) {
        let router = served(db).await;
        assert_eq!(ask(&router, "DELETE", "/notes/1", None).await.status, 405);
        assert_eq!(ask(&router, "DELETE", &with("/users/1/notes", "where", r#"{"id": 1}"#), None).await.status, 405);
        let read = Api::new(db).serve::<Note>(|it| it.read()).router().unwrap();
        assert_eq!(send(&read, "POST", "/notes", &[], Some("{}")).await.status, 405);
        assert_eq!(send(&read, "GET", "/notes/1/user", &[], None).await.status, 404);
        let nested = Api::new(db).serve::<User>(|it| it.all()).serve::<Note>(|it| it.read());
        let body = r#"{"tenant": 1, "name": "a", "secret": "b", "code": "c", "notes": [{"text": "d"}]}"#;
        let refused = send(&nested.router().unwrap(), "POST", "/users", &[], Some(body)).await.is(403);
        assert_eq!((refused.code(), refused.pointer()), ("NOT_ALLOWED".into(), "/notes/0".into()));
        assert_eq!(User::find().count(db).await.unwrap(), 3);
    }

    async fn what_may_not_be_read_is_not_asked_about(db) {
        let _ = served(db).await;
        let api = Api::new(db).serve::<User>(|it| it.all()).serve::<Note>(|it| it.create());
        let router = api.router().unwrap();
        let get = async |uri: &str| send(&router, "GET", uri, &[], None).await;
        assert_eq!(get("/notes").await.status, 405);
        assert_eq!(get("/users/1/notes").await.status, 405);
        assert_eq!(get("/users?include=notes").await.is(400).code(), "UNKNOWN_RELATION");
        assert_eq!(get("/users?order=notes.count").await.is(400).code(), "UNKNOWN_RELATION");
        let asked = get(&with("/users", "where", r#"{"notes": {"any": {"text": "x"}}}"#)).await;
        assert_eq!(asked.is(400).code(), "UNKNOWN_PROPERTY");
        let body = r#"{"tenant": 1, "name": "a", "secret": "b", "code": "c", "notes": [{"tenant": 1, "text": "d"}]}"#;
        let new = send(&router, "POST", "/users", &[], Some(body)).await.is(201);
        assert!(!new.text.contains("notes"), "{new:?}");
        assert_eq!(Note::find().count(db).await.unwrap(), 4);
    }
}
