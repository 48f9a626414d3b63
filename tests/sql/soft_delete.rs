//! Soft delete and default scopes as SQL.

use ::chrono::{DateTime, Utc};
use ::relations::Filter;
use ::relations::prelude::*;
use ::relations::query::Scope;

use crate::support::sends;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Member)]
#[has_many(Bill)]
#[has_many(Remark)]
pub struct Club {
    #[id]
    pub id: i64,
    #[unique]
    pub name: String,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Member {
    #[id]
    pub id: i64,
    #[belongs_to(Club, on_delete = "cascade")]
    pub club_id: i64,
    #[deleted_at]
    pub left_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Bill {
    #[id]
    pub id: i64,
    #[belongs_to(Club)]
    pub club_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Remark {
    #[id]
    pub id: i64,
    #[belongs_to(Club, on_delete = "set null")]
    pub club_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
pub struct Post {
    #[id]
    pub id: i64,
    pub state: String,
}

impl Scope for Post {
    fn filter() -> Filter<Self> {
        Self::STATE.eq("it's out")
    }
}

sends! {
    deleted_rows_are_left_out: db => Member::find_by_id(7).optional(db) => [
        r#"SELECT "members"."id", "members"."club_id", "members"."left_at" FROM "members" WHERE "members"."left_at" IS NULL AND "members"."id" = $1"#,
        r#"SELECT "members"."id", "members"."club_id", "members"."left_at" FROM "members" WHERE "members"."left_at" IS NULL AND "members"."id" = ?"#,
    ];
    deleted_targets_are_left_out: db => Bill::find().include(Bill::CLUB.joined()).all(db) => [
        r#"SELECT "bills"."id", "bills"."club_id", "club_1"."id", "club_1"."name", "club_1"."deleted_at" FROM "bills" LEFT JOIN "clubs" AS "club_1" ON "club_1"."id" = "bills"."club_id" AND "club_1"."deleted_at" IS NULL"#,
        r#"SELECT "bills"."id", "bills"."club_id", "club_1"."id", "club_1"."name", "club_1"."deleted_at" FROM "bills" LEFT JOIN "clubs" AS "club_1" ON "club_1"."id" = "bills"."club_id" AND "club_1"."deleted_at" IS NULL"#,
    ];
    deleted_targets_are_seen: db => Bill::find().include(Bill::CLUB.unscoped().joined()).all(db) => [
        r#"SELECT "bills"."id", "bills"."club_id", "club_1"."id", "club_1"."name", "club_1"."deleted_at" FROM "bills" LEFT JOIN (SELECT "clubs"."id", "clubs"."name", "clubs"."deleted_at" FROM "clubs") AS "club_1" ON "club_1"."id" = "bills"."club_id""#,
        r#"SELECT "bills"."id", "bills"."club_id", "club_1"."id", "club_1"."name", "club_1"."deleted_at" FROM "bills" LEFT JOIN (SELECT "clubs"."id", "clubs"."name", "clubs"."deleted_at" FROM "clubs") AS "club_1" ON "club_1"."id" = "bills"."club_id""#,
    ];
    deleted_rows_alone: db => Member::find().only_deleted().count(db) => [
        r#"SELECT COUNT(*) FROM "members" WHERE "members"."left_at" IS NOT NULL"#,
        r#"SELECT COUNT(*) FROM "members" WHERE "members"."left_at" IS NOT NULL"#,
    ];
    a_row_is_marked: db => Member::find_by_id(7).delete(db) => [
        r#"UPDATE "members" SET "left_at" = now() WHERE "members"."left_at" IS NULL AND "members"."id" = $1"#,
        r#"UPDATE "members" SET "left_at" = strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now') WHERE "members"."left_at" IS NULL AND "members"."id" = ?"#,
    ];
    a_row_is_restored: db => Member::find_by_id(7).restore(db) => [
        r#"UPDATE "members" SET "left_at" = NULL WHERE "members"."left_at" IS NOT NULL AND "members"."id" = $1"#,
        r#"UPDATE "members" SET "left_at" = NULL WHERE "members"."left_at" IS NOT NULL AND "members"."id" = ?"#,
    ];
    a_row_is_removed: db => Member::find_by_id(7).delete_permanently(db) => [
        r#"DELETE FROM "members" WHERE "members"."left_at" IS NULL AND "members"."id" = $1"#,
        r#"DELETE FROM "members" WHERE "members"."left_at" IS NULL AND "members"."id" = ?"#,
    ];
    a_row_is_marked_with_others: db => Club::find_by_id(7).delete(db) => [
        r#"WITH "gone_1" AS (SELECT "clubs"."id" AS "id" FROM "clubs" WHERE "clubs"."deleted_at" IS NULL AND "clubs"."id" = $1 FOR NO KEY UPDATE OF "clubs") , "gone_2" AS (SELECT "row_3"."id" AS "id" FROM "members" AS "row_3" WHERE "row_3"."left_at" IS NULL AND "row_3"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1") FOR NO KEY UPDATE OF "row_3") , "changed_6" AS (UPDATE "remarks" SET "club_id" = (CASE WHEN ("remarks"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1")) THEN NULL ELSE "remarks"."club_id" END) WHERE "remarks"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1") AND (NOT EXISTS(SELECT 1 FROM "bills" AS "source_4" WHERE "source_4"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1")))) , "changed_7" AS (UPDATE "members" SET "left_at" = now() WHERE "members"."left_at" IS NULL AND "members"."id" IN (SELECT "gone_2"."id" FROM "gone_2") AND (NOT EXISTS(SELECT 1 FROM "bills" AS "source_5" WHERE "source_5"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1")))) UPDATE "clubs" SET "deleted_at" = now() WHERE "clubs"."deleted_at" IS NULL AND "clubs"."id" IN (SELECT "gone_1"."id" FROM "gone_1") AND (NOT EXISTS(SELECT 1 FROM "bills" AS "source_8" WHERE "source_8"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1")))"#,
        r#"WITH "gone_1" AS (SELECT "clubs"."id" AS "id", "clubs"."_rowid_" AS "row_number" FROM "clubs" WHERE "clubs"."deleted_at" IS NULL AND "clubs"."id" = ?) , "gone_2" AS (SELECT "row_4"."id" AS "id" FROM "members" AS "row_4" WHERE "row_4"."left_at" IS NULL AND "row_4"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1")) SELECT (CASE WHEN (EXISTS(SELECT 1 FROM "bills" AS "source_3" WHERE "source_3"."club_id" IN (SELECT "gone_1"."id" FROM "gone_1"))) THEN '[]' ELSE json_group_array("row_number") END) FROM "gone_1""#,
    ];
    a_key_of_some_rows: db => NewClub { id: 1, name: "a".to_owned() }
        .on_conflict(Club::NAME)
        .do_nothing()
        .insert(db) => [
        r#"WITH "inserted_1" AS (INSERT INTO "clubs" ("id", "name") VALUES ($1, $2) ON CONFLICT ("name") WHERE deleted_at IS NULL DO NOTHING RETURNING "id", "name", "deleted_at") SELECT "id", "name", "deleted_at", TRUE FROM "inserted_1" UNION ALL (SELECT "clubs"."id", "clubs"."name", "clubs"."deleted_at", FALSE FROM "clubs" WHERE "clubs"."deleted_at" IS NULL AND (deleted_at IS NULL) AND "clubs"."name" = $3 AND (NOT EXISTS(SELECT 1 FROM "inserted_1")))"#,
        r#"INSERT INTO "clubs" ("id", "name") VALUES (?, ?) ON CONFLICT ("name") WHERE deleted_at IS NULL DO NOTHING RETURNING "id", "name", "deleted_at", TRUE"#,
    ];
    a_scope_holds_its_values: db => Post::find().filter(Post::ID.gt(3)).all(db) => [
        r#"SELECT "posts"."id", "posts"."state" FROM "posts" WHERE (("posts"."state" = E'it\'s out')) AND "posts"."id" > $1"#,
        r#"SELECT "posts"."id", "posts"."state" FROM "posts" WHERE (("posts"."state" = 'it''s out')) AND "posts"."id" > ?"#,
    ];
    no_scope: db => Post::find().unscoped().all(db) => [
        r#"SELECT "posts"."id", "posts"."state" FROM "posts""#,
        r#"SELECT "posts"."id", "posts"."state" FROM "posts""#,
    ];
}
