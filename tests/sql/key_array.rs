//! Relations by an array of keys, as text.

use ::relations::Engine;
use ::relations::definition::KeyArray;
use ::relations::prelude::*;
use ::serde_json::json;

use crate::support::sends;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Label, keys_from = "label_codes", key_to = "code")]
#[has_many(Post, name = "related", keys_from = "related_ids", index = false)]
struct Post {
    #[id]
    id: i64,
    label_codes: Vec<String>,
    #[column(name = "related")]
    related_ids: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Post, keys_to = "label_codes", key_from = "code")]
struct Label {
    #[id]
    id: i64,
    #[unique]
    code: String,
}

fn post() -> Post {
    Post { id: 1, label_codes: vec!["a".into()], related_ids: vec![3] }
}

fn label() -> Label {
    Label { id: 2, code: "a".into() }
}

fn posts() -> [Post; 3] {
    [post(), Post { id: 2, ..post() }, Post { related_ids: vec![4, 3, 4], ..post() }]
}

// Nothing is sent to SQLite.
sends! {
    an_accessor_sends_the_array: db => post().related(db) => [
        r#"SELECT "posts"."id", "posts"."label_codes", "posts"."related" FROM "posts" WHERE "posts"."id" = ANY($1) ORDER BY array_position($2, "posts"."id") ASC, "posts"."id" ASC"#,
    ];
    the_inverse_is_found_by_the_index: db => label().posts(db) => [
        r#"SELECT "posts"."id", "posts"."label_codes", "posts"."related" FROM "posts" WHERE "posts"."label_codes" @> $1 ORDER BY "posts"."id" ASC"#,
    ];
    by_the_id_of_the_source: db => Post::LABELS.of_id(1).all(db) => [
        r#"SELECT "labels"."id", "labels"."code" FROM "labels" WHERE "labels"."code" = ANY(ARRAY((SELECT unnest("source"."label_codes") FROM "posts" AS "source" WHERE "source"."id" = $1))) ORDER BY array_position(ARRAY((SELECT unnest("source"."label_codes") FROM "posts" AS "source" WHERE "source"."id" = $2)), "labels"."code") ASC, "labels"."id" ASC"#,
    ];
    the_inverse_by_the_id_of_the_source: db => Label::POSTS.of_id(1).all(db) => [
        r#"SELECT "posts"."id", "posts"."label_codes", "posts"."related" FROM "posts" WHERE "posts"."label_codes" && ARRAY((SELECT "source"."code" FROM "labels" AS "source" WHERE "source"."id" = $1)) ORDER BY "posts"."id" ASC"#,
    ];
    behind_a_relation: db => Post::RELATED.then(Post::LABELS).of(&post()).all(db) => [
        r#"SELECT "labels"."id", "labels"."code" FROM "labels" WHERE "labels"."code" = ANY(ARRAY((SELECT unnest("source_1"."label_codes") FROM "posts" AS "source_1" WHERE "source_1"."id" = ANY($1)))) ORDER BY "labels"."id" ASC"#,
    ];
    behind_the_inverse: db => Post::LABELS.then(Label::POSTS).of_id(1).all(db) => [
        r#"SELECT "posts"."id", "posts"."label_codes", "posts"."related" FROM "posts" WHERE "posts"."label_codes" && ARRAY((SELECT "source_1"."code" FROM "labels" AS "source_1" WHERE "source_1"."code" = ANY(ARRAY((SELECT unnest("source"."label_codes") FROM "posts" AS "source" WHERE "source"."id" = $1))))) ORDER BY "posts"."id" ASC"#,
    ];
    the_keys_of_many_sources_have_a_number_each: db => Post::RELATED.load(db, &posts()) => [
        r#"WITH "relations_keys_3" AS  MATERIALIZED (SELECT "each_2"."key_0", "each_2"."number", MIN("each_2"."position") AS "position" FROM (SELECT unnest("arrays_1"."keys") AS "key_0", unnest("arrays_1"."numbers") AS "number", generate_subscripts("arrays_1"."keys", 1) AS "position" FROM (SELECT $1 AS "keys", $2 AS "numbers") AS "arrays_1") AS "each_2" GROUP BY "each_2"."key_0", "each_2"."number") SELECT "posts"."id", "posts"."label_codes", "posts"."related", "relations_keys_3"."number" FROM "posts" INNER JOIN "relations_keys_3" ON "posts"."id" = "relations_keys_3"."key_0" ORDER BY "relations_keys_3"."position" ASC, "posts"."id" ASC"#,
    ];
    texts_are_of_the_column_that_they_are_keys_of: db => Post::LABELS.load(db, &posts()) => [
        r#"WITH "relations_keys_3" AS  MATERIALIZED (SELECT "each_2"."key_0", "each_2"."number", MIN("each_2"."position") AS "position" FROM (SELECT unnest("arrays_1"."keys") AS "key_0", unnest("arrays_1"."numbers") AS "number", generate_subscripts("arrays_1"."keys", 1) AS "position" FROM (SELECT COALESCE((SELECT array_agg("labels"."code") FROM "labels" WHERE FALSE), $1) AS "keys", $2 AS "numbers") AS "arrays_1") AS "each_2" GROUP BY "each_2"."key_0", "each_2"."number") SELECT "labels"."id", "labels"."code", "relations_keys_3"."number" FROM "labels" INNER JOIN "relations_keys_3" ON "labels"."code" = "relations_keys_3"."key_0" ORDER BY "relations_keys_3"."position" ASC, "labels"."id" ASC"#,
    ];
    the_inverse_of_many_sources: db => Label::POSTS.load(db, [&label()]) => [
        r#"WITH "relations_keys_3" AS  MATERIALIZED (SELECT "each_2"."key_0", "each_2"."number", MIN("each_2"."position") AS "position" FROM (SELECT unnest("arrays_1"."keys") AS "key_0", unnest("arrays_1"."numbers") AS "number", generate_subscripts("arrays_1"."keys", 1) AS "position" FROM (SELECT COALESCE((SELECT array_agg("labels"."code") FROM "labels" WHERE FALSE), $1) AS "keys", $2 AS "numbers") AS "arrays_1") AS "each_2" GROUP BY "each_2"."key_0", "each_2"."number") SELECT "posts"."id", "posts"."label_codes", "posts"."related", "relations_keys_3"."number" FROM "posts" INNER JOIN "relations_keys_3" ON "posts"."label_codes" @> (ARRAY[ "relations_keys_3"."key_0" ])"#,
    ];
    a_page_of_each_source: db => Post::preload([post()]).include(Post::RELATED.limit(2)).all(db) => [
        r#"SELECT "rows_4"."column_0", "rows_4"."column_1", "rows_4"."column_2", "rows_4"."column_3" FROM (WITH "relations_keys_3" AS  MATERIALIZED (SELECT "each_2"."key_0", "each_2"."number", MIN("each_2"."position") AS "position" FROM (SELECT unnest("arrays_1"."keys") AS "key_0", unnest("arrays_1"."numbers") AS "number", generate_subscripts("arrays_1"."keys", 1) AS "position" FROM (SELECT $1 AS "keys", $2 AS "numbers") AS "arrays_1") AS "each_2" GROUP BY "each_2"."key_0", "each_2"."number") SELECT "posts"."id" AS "column_0", "posts"."label_codes" AS "column_1", "posts"."related" AS "column_2", "relations_keys_3"."number" AS "column_3", row_number() OVER ( PARTITION BY "relations_keys_3"."number" ORDER BY "relations_keys_3"."position" ASC, "posts"."id" ASC ) AS "number" FROM "posts" INNER JOIN "relations_keys_3" ON "posts"."id" = "relations_keys_3"."key_0") AS "rows_4" WHERE "rows_4"."number" > (0) AND "rows_4"."number" <= (2) ORDER BY "rows_4"."number" ASC"#,
    ];
    counts_of_each_source: db => Post::preload([post()]).include(Post::RELATED.count()).all(db) => [
        r#"WITH "relations_keys_3" AS  MATERIALIZED (SELECT "each_2"."key_0", "each_2"."number", MIN("each_2"."position") AS "position" FROM (SELECT unnest("arrays_1"."keys") AS "key_0", unnest("arrays_1"."numbers") AS "number", generate_subscripts("arrays_1"."keys", 1) AS "position" FROM (SELECT $1 AS "keys", $2 AS "numbers") AS "arrays_1") AS "each_2" GROUP BY "each_2"."key_0", "each_2"."number") SELECT "relations_keys_3"."number", COUNT(*) FROM "posts" INNER JOIN "relations_keys_3" ON "posts"."id" = "relations_keys_3"."key_0" GROUP BY "relations_keys_3"."number", "relations_keys_3"."number""#,
    ];
    conditions: db => Post::find().filter(Post::LABELS.any(Label::ID.gt(3))).all(db) => [
        r#"SELECT "posts"."id", "posts"."label_codes", "posts"."related" FROM "posts" WHERE EXISTS(SELECT 1 FROM "labels" AS "labels_1" WHERE "labels_1"."code" = ANY("posts"."label_codes") AND "labels_1"."id" > $1)"#,
    ];
    aggregates: db => Label::find().select(Label::POSTS.count()).all(db) => [
        r#"SELECT (SELECT COUNT(*) FROM "posts" AS "posts_1" WHERE "posts_1"."label_codes" @> (ARRAY[ "labels"."code" ])) FROM "labels""#,
    ];
}

#[test]
fn an_array_of_keys_has_an_index_and_no_foreign_key() {
    let sql = schema![Post, Label].create_sql(Engine::Postgres).unwrap().join("\n");
    assert!(sql.contains(r#"USING gin ("label_codes")"#), "{sql}");
    assert!(!sql.contains("REFERENCES") && !sql.contains(r#"("related")"#), "{sql}");
}

#[test]
fn the_definition_tells_the_side_of_the_array() {
    let labels = Post::LABELS.definition();
    assert_eq!(labels.key_array, Some(KeyArray::Source));
    assert_eq!((labels.key_from, labels.key_to), (&["label_codes"][..], &["code"][..]));
    assert_eq!(Post::RELATED.definition().key_to, ["id"]);
    assert_eq!(Label::POSTS.definition().key_array, Some(KeyArray::Target));
    let told = serde_json::to_value(Label::POSTS.definition()).unwrap();
    assert_eq!(told["key_array"], json!("Target"));
}
