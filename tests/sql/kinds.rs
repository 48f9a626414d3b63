//! Relations to one of several entities by a kind and a key, as text.

use ::relations::Engine;
use ::relations::prelude::*;
use ::serde_json::json;

use crate::support::sends;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Comment, key_to = "subject_id")]
struct Post {
    #[id]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Comment, key_from = "code", key_to = "subject_id")]
struct Photo {
    #[id]
    id: i64,
    #[unique]
    code: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(
    Post,
    Photo(kind = "it's", key_to = "code"),
    name = "subject",
    kind = "subject_type",
    key = "subject_id"
)]
struct Comment {
    #[id]
    id: i64,
    #[column(name = "type")]
    subject_type: String,
    subject_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(Post, Photo(key_to = "code"), name = "about", kind = "kind", key = "about_id")]
struct Note {
    #[id]
    id: i64,
    kind: Option<String>,
    about_id: Option<i64>,
}

/// Its kind and its key are apart, and the key is first.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(Post, Photo(key_to = "code"), name = "owner", kind = "kind", key = "owner_id")]
struct Attachment {
    #[id]
    id: i64,
    owner_id: i64,
    path: String,
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(open, hidden, name = "target", optional)]
struct Link {
    #[id]
    id: i64,
    #[belongs_to(Post, name = "open")]
    post_id: Option<i64>,
    #[belongs_to(Hidden, name = "hidden")]
    hidden_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Link)]
struct Hidden {
    #[id]
    id: i64,
    #[deleted_at]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

fn post() -> Post {
    Post { id: 1 }
}

fn comment(id: i64, subject_type: &str) -> Comment {
    Comment { id, subject_type: subject_type.into(), subject_id: 7 }
}

sends! {
    the_accessor_asks_the_entity_of_the_kind: db => comment(1, "it's").subject(db) => [
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" = $1"#,
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" = ?"#,
    ];
    the_inverse_has_the_kind: db => post().comments(db) => [
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE "comments"."type" = 'post' AND "comments"."subject_id" = $1 ORDER BY "comments"."id" ASC"#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE "comments"."type" = 'post' AND "comments"."subject_id" = ? ORDER BY "comments"."id" ASC"#,
    ];
    by_the_id_of_the_source: db => Comment::PHOTO.of_id(3).optional(db) => [
        r#"SELECT "photos"."id", "photos"."code", (CASE WHEN ("source"."type" = E'it\'s') THEN "source"."subject_id" END) FROM "comments" AS "source" LEFT JOIN "photos" ON "photos"."code" = "source"."subject_id" AND "source"."type" = E'it\'s' WHERE "source"."id" = $1"#,
        r#"SELECT "photos"."id", "photos"."code", (CASE WHEN ("source"."type" = 'it''s') THEN "source"."subject_id" END) FROM "comments" AS "source" LEFT JOIN "photos" ON "photos"."code" = "source"."subject_id" AND "source"."type" = 'it''s' WHERE "source"."id" = ?"#,
    ];
    by_the_id_of_the_source_as_rows: db => Comment::PHOTO.of_id(3).all(db) => [
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" IN (SELECT "source"."subject_id" FROM "comments" AS "source" WHERE "source"."type" = E'it\'s' AND "source"."id" = $1)"#,
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" IN (SELECT "source"."subject_id" FROM "comments" AS "source" WHERE "source"."type" = 'it''s' AND "source"."id" = ?)"#,
    ];
    kinds_joined: db => Comment::find().include(Comment::SUBJECT.joined()).all(db) => [
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id", "post_1"."id", "photo_2"."id", "photo_2"."code" FROM "comments" LEFT JOIN "posts" AS "post_1" ON "post_1"."id" = "comments"."subject_id" AND "comments"."type" = 'post' LEFT JOIN "photos" AS "photo_2" ON "photo_2"."code" = "comments"."subject_id" AND "comments"."type" = E'it\'s'"#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id", "post_1"."id", "photo_2"."id", "photo_2"."code" FROM "comments" LEFT JOIN "posts" AS "post_1" ON "post_1"."id" = "comments"."subject_id" AND "comments"."type" = 'post' LEFT JOIN "photos" AS "photo_2" ON "photo_2"."code" = "comments"."subject_id" AND "comments"."type" = 'it''s'"#,
    ];
    kinds_batched: db => Comment::preload([comment(1, "post"), comment(2, "it's")]).include(Comment::SUBJECT).all(db) => [
        r#"SELECT "posts"."id" FROM "posts" WHERE "posts"."id" = $1"#,
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" = $1"#,
        r#"SELECT "posts"."id" FROM "posts" WHERE "posts"."id" = ?"#,
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" = ?"#,
    ];
    kinds_pipelined: db => Comment::find().include(Comment::SUBJECT.pipelined()).all(db) => [
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments""#,
        r#"SELECT "posts"."id" FROM "posts" WHERE "posts"."id" = ANY(ARRAY((SELECT (CASE WHEN ("comments"."type" = 'post') THEN "comments"."subject_id" END) AS "key_0" FROM "comments")))"#,
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" = ANY(ARRAY((SELECT (CASE WHEN ("comments"."type" = E'it\'s') THEN "comments"."subject_id" END) AS "key_0" FROM "comments")))"#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments""#,
        r#"SELECT "posts"."id" FROM "posts" WHERE "posts"."id" IN (SELECT (CASE WHEN ("comments"."type" = 'post') THEN "comments"."subject_id" END) AS "key_0" FROM "comments")"#,
        r#"SELECT "photos"."id", "photos"."code" FROM "photos" WHERE "photos"."code" IN (SELECT (CASE WHEN ("comments"."type" = 'it''s') THEN "comments"."subject_id" END) AS "key_0" FROM "comments")"#,
    ];
    rows_of_a_kind: db => Comment::find().filter(Comment::SUBJECT.is(Comment::PHOTO)).all(db) => [
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE "comments"."type" = $1"#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE "comments"."type" = ?"#,
    ];
    rows_with_a_target: db => Comment::find().filter(Comment::PHOTO.is_present()).all(db) => [
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE EXISTS(SELECT 1 FROM "photos" AS "photo_1" WHERE "photo_1"."code" = "comments"."subject_id" AND "comments"."type" = E'it\'s')"#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE EXISTS(SELECT 1 FROM "photos" AS "photo_1" WHERE "photo_1"."code" = "comments"."subject_id" AND "comments"."type" = 'it''s')"#,
    ];
    the_inverse_pipelined: db => Post::find().include(Post::COMMENTS.pipelined()).all(db) => [
        r#"SELECT "posts"."id" FROM "posts""#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE "comments"."type" = 'post' AND "comments"."subject_id" = ANY(ARRAY((SELECT "posts"."id" AS "key_0" FROM "posts")))"#,
        r#"SELECT "posts"."id" FROM "posts""#,
        r#"SELECT "comments"."id", "comments"."type", "comments"."subject_id" FROM "comments" WHERE "comments"."type" = 'post' AND "comments"."subject_id" IN (SELECT "posts"."id" AS "key_0" FROM "posts")"#,
    ];
    counts_of_a_kind: db => Photo::find().select(Photo::COMMENTS.count()).all(db) => [
        r#"SELECT (SELECT COUNT(*) FROM "comments" AS "comments_1" WHERE "comments_1"."type" = E'it\'s' AND "comments_1"."subject_id" = "photos"."code") FROM "photos""#,
        r#"SELECT (SELECT COUNT(*) FROM "comments" AS "comments_1" WHERE "comments_1"."type" = 'it''s' AND "comments_1"."subject_id" = "photos"."code") FROM "photos""#,
    ];
    both_are_set: db => Comment::find_by_id(1).set_one_of(Comment::SUBJECT, CommentSubject::Photo(3)).update(db) => [
        r#"UPDATE "comments" SET "type" = $1, "subject_id" = $2 WHERE "comments"."id" = $3"#,
        r#"UPDATE "comments" SET "type" = ?, "subject_id" = ? WHERE "comments"."id" = ?"#,
    ];
    both_are_inserted: db => NewComment { id: 1, subject: CommentSubject::Photo(3) }.insert(db) => [
        r#"INSERT INTO "comments" ("id", "type", "subject_id") VALUES ($1, $2, $3) RETURNING "id", "type", "subject_id""#,
        r#"INSERT INTO "comments" ("id", "type", "subject_id") VALUES (?, ?, ?) RETURNING "id", "type", "subject_id""#,
    ];
    columns_are_in_the_order_of_the_properties: db => NewAttachment {
        id: 1,
        owner: AttachmentOwner::Photo(3),
        path: "a".into(),
    }
    .insert(db) => [
        r#"INSERT INTO "attachments" ("id", "owner_id", "path", "kind") VALUES ($1, $2, $3, $4) RETURNING "id", "owner_id", "path", "kind""#,
        r#"INSERT INTO "attachments" ("id", "owner_id", "path", "kind") VALUES (?, ?, ?, ?) RETURNING "id", "owner_id", "path", "kind""#,
    ];
    a_foreign_key_is_there_though_its_target_is_hidden: db =>
        Link::find().filter(Link::TARGET.is(Link::HIDDEN)).count(db) => [
        r#"SELECT COUNT(*) FROM "links" WHERE "links"."hidden_id" IS NOT NULL"#,
        r#"SELECT COUNT(*) FROM "links" WHERE "links"."hidden_id" IS NOT NULL"#,
    ];
    both_are_moved: db => Post::COMMENTS.reparent(db, Comment::find_by_id(1), &post()) => [
        r#"UPDATE "comments" SET "subject_id" = $1, "type" = $2 WHERE "comments"."id" = $3"#,
        r#"UPDATE "comments" SET "subject_id" = ?, "type" = ? WHERE "comments"."id" = ?"#,
    ];
    nothing_is_set: db => Note::find_by_id(1).set_one_of(Note::ABOUT, None).update(db) => [
        r#"UPDATE "notes" SET "kind" = $1, "about_id" = $2 WHERE "notes"."id" = $3"#,
        r#"UPDATE "notes" SET "kind" = ?, "about_id" = ? WHERE "notes"."id" = ?"#,
    ];
}

#[test]
fn the_schema_holds_the_kinds() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let sql = schema![Post, Photo, Comment, Note].create_sql(engine).unwrap().join("\n");
        for expected in [
            r#"CHECK ("type" IN ('post', 'it''s'))"#,
            r#"CHECK (("kind" IS NULL AND "about_id" IS NULL) OR ("kind" IS NOT NULL AND "kind" IN ('post', 'photo') AND "about_id" IS NOT NULL))"#,
            r#"("subject_id", "type")"#,
            r#"("about_id", "kind")"#,
        ] {
            assert!(sql.contains(expected), "{sql}");
        }
        assert!(!sql.contains("REFERENCES"), "{sql}");
    }
}

#[test]
fn the_definition_tells_a_kind_and_a_key() {
    let comment = serde_json::to_value(Comment::DEFINITION).unwrap();
    let subject = json!({
        "name": "subject", "relations": ["post", "photo"], "optional": true,
        "kind": "subject_type", "key": "subject_id",
    });
    assert_eq!(comment["one_of"], json!([subject]));
    let photo = &comment["relations"][1];
    let kind = json!({
        "property": "subject_type", "key": "subject_id", "word": "it's", "words": ["post", "it's"],
    });
    assert_eq!((&photo["name"], &photo["key_kind"]), (&json!("photo"), &kind));
    assert_eq!((&photo["foreign_key"], &photo["optional"]), (&json!(null), &json!(true)));
    assert_eq!(Photo::COMMENTS.definition().key_kind, Comment::PHOTO.definition().key_kind);
    assert_eq!(Comment::SUBJECT_ID.definition().references.map(|one| one.name), None);
}
