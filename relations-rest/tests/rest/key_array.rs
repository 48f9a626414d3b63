//! Relations by an array of keys, which only PostgreSQL has.

use relations::prelude::*;
use relations_rest::Api;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{filtered, get, list, patch, post};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Label, keys_from = "label_codes", key_to = "code")]
pub struct Post {
    #[id]
    pub id: i64,
    pub label_codes: Vec<String>,
}

/// Its key is not its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Post, keys_to = "label_codes", key_from = "code")]
pub struct Label {
    #[id]
    pub id: i64,
    #[unique]
    pub code: String,
}

#[tokio::test]
async fn targets_are_read_and_the_array_is_written() {
    let Some(db) = &crate::support::postgres().await else { return };
    db.create(relations::schema![Post, Label]).await.unwrap();
    for (id, code) in [(1, "b"), (2, "a")] {
        NewLabel { id, code: code.into() }.insert(db).await.unwrap();
    }
    let api = Api::new(db).serve::<Post>(|it| it.all()).serve::<Label>(|it| it.all());
    let document = api.openapi().unwrap();
    let router = api.router().unwrap();
    let new = r#"{"id": 7, "label_codes": ["a", "none", "b", "a"]}"#;
    post(&router, "/posts", new).await.is(201);
    // A list is a page, which goes by id; an include has the order of the array.
    assert_eq!(get(&router, "/posts/7/labels").await.is(200).ids(), [1, 2]);
    assert_eq!(get(&router, "/posts/7/labels/count").await.is(200).json(), json!({"count": 2}));
    assert_eq!(get(&router, "/labels/1/posts").await.is(200).ids(), [7]);
    let included = get(&router, "/posts?include=labels").await.is(200).json();
    assert_eq!(included[0]["labels"], json!([{"id": 2, "code": "a"}, {"id": 1, "code": "b"}]));
    let counted = r#"{"include": [{"relation": "posts", "count": true}]}"#;
    assert_eq!(filtered(&router, "/labels", counted).await.is(200).all("posts"), [1, 1]);
    let condition = r#"{"labels": {"any": {"code": "b"}}}"#;
    assert_eq!(list(&router, "/posts", condition).await.is(200).ids(), [7]);
    // It has no routes that write, nor is a target nested in a new row.
    assert_eq!(post(&router, "/posts/7/labels", r#"{"id": 3, "code": "c"}"#).await.status, 405);
    let nested = r#"{"id": 8, "label_codes": [], "labels": [{"id": 3, "code": "c"}]}"#;
    assert_eq!(post(&router, "/posts", nested).await.is(422).code(), "READ_ONLY");
    patch(&router, "/posts/7", r#"{"label_codes": ["b"]}"#).await.is(204);
    assert_eq!(get(&router, "/posts/7/labels").await.is(200).ids(), [1]);
    let paths = document["paths"].as_object().unwrap();
    assert!(paths["/posts/{id}/labels"].get("post").is_none());
}
