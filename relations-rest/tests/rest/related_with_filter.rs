//! Relations with a filter are read, included and asked about, and not written through.

use axum::Router;
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::Api;
use serde::{Deserialize, Serialize};

use crate::support::{get, list, post, send};

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_many(Letter)]
#[has_many(Letter, name = "unread", filter = Letter::READ.eq(false))]
#[has_many(Tag, name = "strong_tags", through(Tagging, filter = Tagging::WEIGHT.gt(1)))]
struct Inbox {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Letter {
    #[id(generated)]
    id: i64,
    #[belongs_to(Inbox)]
    inbox_id: i64,
    read: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Tag {
    #[id]
    id: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
struct Tagging {
    #[id]
    #[belongs_to(Inbox)]
    inbox_id: i64,
    #[id]
    #[belongs_to(Tag)]
    tag_id: i64,
    #[column(default = "1")]
    weight: i32,
}

async fn served(db: &Database) -> (Api, Router) {
    db.create(schema![Inbox, Letter, Tag, Tagging]).await.unwrap();
    for name in ["a", "b"] {
        NewInbox { name: name.into() }.insert(db).await.unwrap();
    }
    for (inbox_id, read) in [(1, true), (1, false), (2, true)] {
        NewLetter { inbox_id, read }.insert(db).await.unwrap();
    }
    for id in [5, 6] {
        NewTag { id }.insert(db).await.unwrap();
        let link = NewTagging { inbox_id: 1, tag_id: id, weight: Some(id as i32 - 4) };
        link.insert(db).await.unwrap();
    }
    let api = || {
        Api::new(db)
            .serve::<Inbox>(|it| it.all())
            .serve::<Letter>(|it| it.all())
            .serve::<Tag>(|it| it.all())
    };
    (api(), api().router().unwrap())
}

behaviour! {
    async fn targets_that_match_are_served(db) {
        let (_, router) = served(db).await;
        assert_eq!(get(&router, "/inboxes/1/letters").await.is(200).ids(), [1, 2]);
        assert_eq!(get(&router, "/inboxes/1/unread").await.is(200).ids(), [2]);
        assert_eq!(get(&router, "/inboxes/2/unread").await.is(200).ids(), [0_i64; 0]);
        assert_eq!(get(&router, "/inboxes/1/unread/count").await.is(200).text, r#"{"count":1}"#);
        assert_eq!(get(&router, "/inboxes/1/strong_tags").await.is(200).ids(), [6]);
        let included = get(&router, "/inboxes/1?include=unread,letters,strong_tags").await.is(200);
        let included = included.json();
        let number = |member: &str| included[member].as_array().unwrap().len();
        assert_eq!((number("unread"), number("letters"), number("strong_tags")), (1, 2, 1));
        for (condition, found) in [
            (r#"{"unread": {"any": {}}}"#, &[1_i64][..]),
            (r#"{"unread": {"none": {}}}"#, &[2]),
            (r#"{"letters": {"any": {}}}"#, &[1, 2]),
            (r#"{"strong_tags": {"count": 1}}"#, &[1]),
        ] {
            assert_eq!(list(&router, "/inboxes", condition).await.is(200).ids(), found, "{condition}");
        }
    }

    async fn nothing_is_written_through_it(db) {
        let (api, router) = served(db).await;
        let letter = Some(r#"{"read": false}"#);
        for (method, uri, body) in [
            ("POST", "/inboxes/1/unread", letter),
            ("PATCH", "/inboxes/1/unread", letter),
            ("DELETE", "/inboxes/1/unread", None),
            ("POST", "/inboxes/1/strong_tags", Some(r#"{"id": 7}"#)),
        ] {
            assert_eq!(send(&router, method, uri, &[], body).await.status, 405, "{method} {uri}");
        }
        let answer = post(&router, "/inboxes", r#"{"name": "c", "unread": [{"read": false}]}"#).await;
        assert_eq!((answer.is(422).code(), Inbox::find().count(db).await.unwrap()), ("READ_ONLY".into(), 2));
        let document = api.openapi().unwrap();
        let methods = |path: &str| document["paths"][path].as_object().unwrap().contains_key("post");
        assert!(methods("/inboxes/{id}/letters") && !methods("/inboxes/{id}/unread"));
        let new = &document["components"]["schemas"]["NewInbox"]["properties"];
        assert!(new.get("letters").is_some() && new.get("unread").is_none());
    }
}
