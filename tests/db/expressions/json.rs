//! Values within JSON, and arrays.

use ::relations::prelude::*;
use ::relations::{Database, Filter, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    city: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Profile {
    #[id]
    pub id: i64,
    pub address: Option<Json<Address>>,
    pub settings: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Post {
    #[id]
    pub id: i64,
    pub labels: Vec<String>,
    pub votes: Option<Vec<i32>>,
}

async fn profiles(db: &Database) {
    db.create(schema![Profile]).await.unwrap();
    let rows = [
        (
            1,
            Some("Oslo"),
            json!({"font": {"size": 12, "bold": true}, "tags": ["a", "b"], "odd key": 1.5}),
        ),
        (2, None, json!({"font": {"size": "12", "bold": null}, "tags": [], "3": 2.0})),
        (3, Some("Bergen"), json!([1, {"font": null}])),
        (4, None, json!("text")),
    ];
    for (id, city, settings) in rows {
        let address = city.map(|city| Json(Address { city: city.into() }));
        NewProfile { id, address, settings }.insert(db).await.unwrap();
    }
}

async fn ids(db: &Database, filter: Filter<Profile>) -> Vec<i64> {
    Profile::find()
        .filter(filter)
        .order_by(Profile::ID.asc())
        .select(Profile::ID)
        .all(db)
        .await
        .unwrap()
}

behaviour! {
    async fn json_is_looked_into(db) {
        profiles(db).await;
        let of = Profile::find().order_by(Profile::ID.asc());
        let city = Profile::ADDRESS.at("city").as_text();
        let some = |text: &str| Some(text.to_owned());
        let cities = of.clone().select(city.clone()).all(db).await.unwrap();
        assert_eq!(cities, [some("Oslo"), None, some("Bergen"), None]);
        assert_eq!(ids(db, city.clone().eq("Oslo")).await, [1]);
        assert_eq!(ids(db, city.clone().ilike("%O")).await, [1]);
        let size = Profile::SETTINGS.at("font").at("size");
        let values = (size.clone().as_integer(), size.clone().as_text(), size.as_number());
        let found = of.clone().select(values).all(db).await.unwrap();
        assert_eq!(found[0], (Some(12), some("12"), Some(12.0)));
        assert_eq!(found[1], (None, some("12"), None));
        assert_eq!(found[2..], [(None, None, None), (None, None, None)]);
        let bold = Profile::SETTINGS.at("font").at("bold").as_boolean();
        assert_eq!(of.clone().select(bold).all(db).await.unwrap(), [Some(true), None, None, None]);
        let tag = Profile::SETTINGS.at("tags").at(-1);
        let found = of.clone().select((tag.clone(), tag.as_text())).all(db).await.unwrap();
        assert_eq!(found[0], (Some(json!("b")), some("b")));
        assert_eq!(found[1], (None, None));
        let odd = Profile::SETTINGS.at("odd key");
        let found = of.clone().select((odd.clone().as_number(), odd.as_integer())).all(db).await.unwrap();
        assert_eq!(found[0], (Some(1.5), None));
        // A position is a name in an object, and 2.0 an integer.
        let three = Profile::SETTINGS.at("3").as_integer();
        assert_eq!(of.clone().select(three).all(db).await.unwrap(), [None, Some(2), None, None]);
        assert_eq!(ids(db, Profile::SETTINGS.at(0).as_integer().eq(1)).await, [3]);
        let font = Profile::SETTINGS.at(1).at("font");
        assert_eq!(of.select((font.clone(), font.as_text())).all(db).await.unwrap()[2], (Some(json!(null)), None));
        let quote = "'; DROP TABLE profiles; --";
        assert_eq!(ids(db, Profile::SETTINGS.at(quote).as_text().is_not_null()).await, [0_i64; 0]);
        let size = Profile::SETTINGS.at("font").at("size").as_text();
        let grouped = Profile::find().group_by(size.clone());
        let grouped = grouped.select((size.clone(), ::relations::expression::count())).order_by(size.asc());
        assert_eq!(grouped.all(db).await.unwrap(), [(some("12"), 2), (None, 2)]);
    }
}

#[tokio::test]
async fn arrays_are_compared_on_postgres() {
    let Some(db) = crate::support::postgres().await else { return };
    let db = &db;
    db.create(schema![Post]).await.unwrap();
    for (id, labels, votes) in
        [(1, vec!["a", "b"], Some(vec![1, 2])), (2, vec!["b"], None), (3, vec![], Some(vec![]))]
    {
        let labels = labels.into_iter().map(ToOwned::to_owned).collect();
        NewPost { id, labels, votes }.insert(db).await.unwrap();
    }
    let ids = async |filter: Filter<Post>| {
        Post::find().filter(filter).order_by(Post::ID.asc()).select(Post::ID).all(db).await.unwrap()
    };
    assert_eq!(ids(Post::LABELS.has("b")).await, [1, 2]);
    assert_eq!(ids(Post::LABELS.has_all(["b", "a"])).await, [1]);
    assert_eq!(ids(Post::LABELS.has_all([""; 0])).await, [1, 2, 3]);
    assert_eq!(ids(Post::LABELS.overlaps(["a", "x"])).await, [1]);
    assert_eq!(ids(Post::LABELS.overlaps([""; 0])).await, [0_i64; 0]);
    assert_eq!(ids(Post::LABELS.is_subset_of(["b", "c"])).await, [2, 3]);
    assert_eq!(ids(Post::VOTES.has(2)).await, [1]);
    assert_eq!(ids(!Post::VOTES.has(2)).await, [3]);
}

#[tokio::test]
async fn arrays_are_refused_on_sqlite() {
    let error =
        Post::find().filter(Post::LABELS.has("b")).all(&crate::support::sqlite().await).await;
    let error = error.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(
        error.to_string().contains("`Post.labels` is an array, which SQLite does not have"),
        "{error}"
    );
}
