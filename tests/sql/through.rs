//! Following relations between many and many, and what links them.

use ::relations::prelude::*;

use crate::support::sends;

/// The links of an employee and a territory cannot repeat each other.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Territory, through(EmployeeTerritory))]
#[has_many(Skill, through(Certificate), key_from = "badge")]
#[has_many(Employee, name = "pupils", through(Lesson, from = "teacher", to = "pupil"))]
pub struct Employee {
    #[id]
    pub id: i16,
    #[unique]
    pub badge: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(schema = "sales", table = "link")]
#[has_many(
    Employee,
    through(EmployeeTerritory, from = "territory", to = employee),
    key_from(country, number)
)]
pub struct Territory {
    #[id]
    pub country: String,
    #[id]
    pub number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(
    Territory,
    key_from("territory_number", "territory_country"),
    key_to("number", "country")
)]
pub struct EmployeeTerritory {
    #[id]
    #[belongs_to(Employee)]
    pub employee_id: i16,
    #[id]
    pub territory_country: String,
    #[id]
    pub territory_number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Skill {
    #[id]
    pub id: i64,
    #[unique]
    #[column(name = "Code", type = "varchar(5)")]
    pub code: String,
}

/// Links with an id of their own may repeat each other.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Certificate {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Employee, key_to = "badge", name = "employee")]
    pub badge: Option<String>,
    #[belongs_to(Skill, key_to = "code")]
    #[column(type = "varchar(5)")]
    pub skill_id: String,
    pub note: Option<String>,
    #[column(default = "1")]
    pub level: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Lesson {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Employee)]
    pub teacher_id: i16,
    #[belongs_to(Employee)]
    pub pupil_id: i16,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Topic, through(Tagging))]
pub struct Paper {
    #[id]
    #[column(type = "citext")]
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Topic {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tagging {
    #[id]
    #[belongs_to(Paper, name = "paper")]
    #[column(type = "citext")]
    pub paper_title: String,
    #[id]
    #[belongs_to(Topic)]
    pub topic_id: i64,
}

fn nancy() -> Employee {
    Employee { id: 1, badge: Some("n".into()) }
}

fn boston() -> Territory {
    Territory { country: "us".into(), number: 2116 }
}

fn sailing() -> Skill {
    Skill { id: 7, code: "sail".into() }
}

sends! {
    targets: db => nancy().territories(db) => [
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."employee_id" = $1) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."employee_id" = ?) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    back: db => boston().employees(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = $1 AND "link"."territory_number" = $2) ORDER BY "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = ? AND "link"."territory_number" = ?) ORDER BY "employees"."id" ASC"#,
    ];
    by_another_key: db => nancy().skills(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = $1) ORDER BY "skills"."id" ASC"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?) ORDER BY "skills"."id" ASC"#,
    ];
    by_a_null: db => Employee { id: 1, badge: None }.skills(db) => [];
    to_the_same_entity: db => nancy().pupils(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."pupil_id" FROM "lessons" AS "link" WHERE "link"."teacher_id" = $1) ORDER BY "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."pupil_id" FROM "lessons" AS "link" WHERE "link"."teacher_id" = ?) ORDER BY "employees"."id" ASC"#,
    ];
    narrowed: db => Employee::SKILLS
        .of(&nancy())
        .filter(Skill::ID.gt(1))
        .order_by(Skill::CODE.desc())
        .limit(3)
        .all(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = $1) AND "skills"."id" > $2 ORDER BY "skills"."Code" DESC LIMIT 3"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?) AND "skills"."id" > ? ORDER BY "skills"."Code" DESC LIMIT 3"#,
    ];
    only: db => Employee::SKILLS.of(&nancy()).one(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = $1) LIMIT 2"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?) LIMIT 2"#,
    ];
    counted: db => Employee::SKILLS.of(&nancy()).count(db) => [
        r#"SELECT COUNT(*) FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = $1)"#,
        r#"SELECT COUNT(*) FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?)"#,
    ];
    deleted: db => Employee::SKILLS.of(&nancy()).delete(db) => [
        r#"DELETE FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = $1)"#,
        r#"DELETE FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?)"#,
    ];
    of_an_id_that_is_the_key: db => Employee::TERRITORIES.of_id(1).all(db) => [
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."employee_id" = $1) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."employee_id" = ?) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    of_an_id_that_is_not_the_key: db => Employee::SKILLS.of_id(1).all(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" IN (SELECT "source"."badge" FROM "employees" AS "source" WHERE "source"."id" = $1)) ORDER BY "skills"."id" ASC"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" IN (SELECT "source"."badge" FROM "employees" AS "source" WHERE "source"."id" = ?)) ORDER BY "skills"."id" ASC"#,
    ];
    of_a_composite_id: db => Territory::EMPLOYEES.of_id(("us", 2116)).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = $1 AND "link"."territory_number" = $2) ORDER BY "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = ? AND "link"."territory_number" = ?) ORDER BY "employees"."id" ASC"#,
    ];
    for_each: db => Employee::TERRITORIES.load(db, &[nancy(), Employee { id: 2, badge: Some("a".into()) }]) => [
        r#"SELECT "link"."country", "link"."number", "its_link"."employee_id" FROM "sales"."link" INNER JOIN "employee_territories" AS "its_link" ON "link"."number" = "its_link"."territory_number" AND "link"."country" = "its_link"."territory_country" WHERE "its_link"."employee_id" = ANY(COALESCE((SELECT $1))) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"SELECT "link"."country", "link"."number", "its_link"."employee_id" FROM "sales"."link" INNER JOIN "employee_territories" AS "its_link" ON "link"."number" = "its_link"."territory_number" AND "link"."country" = "its_link"."territory_country" WHERE "its_link"."employee_id" IN (SELECT "value" FROM json_each(?) AS "each") ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    for_each_composite_key: db => Territory::EMPLOYEES.load(db, &[boston(), Territory { number: 2117, ..boston() }]) => [
        r#"SELECT "employees"."id", "employees"."badge", "link"."territory_country", "link"."territory_number" FROM "employees" INNER JOIN "employee_territories" AS "link" ON "employees"."id" = "link"."employee_id" WHERE ("link"."territory_country", "link"."territory_number") IN (SELECT * FROM unnest($1, $2) AS "key") AND "link"."territory_country" = ANY($3) ORDER BY "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge", "link"."territory_country", "link"."territory_number" FROM "employees" INNER JOIN "employee_territories" AS "link" ON "employees"."id" = "link"."employee_id" WHERE ("link"."territory_country", "link"."territory_number") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each") ORDER BY "employees"."id" ASC"#,
    ];
    for_each_where_links_may_repeat: db => Employee::SKILLS.load(db, &[nancy(), Employee { id: 2, badge: Some("a".into()) }]) => [
        r#"SELECT DISTINCT ON ("skills"."id", "link"."badge") "skills"."id", "skills"."Code", "link"."badge" FROM "skills" INNER JOIN "certificates" AS "link" ON "skills"."Code" = "link"."skill_id" WHERE "link"."badge" = ANY(COALESCE((SELECT $1))) ORDER BY "skills"."id" ASC"#,
        r#"SELECT "skills"."id", "skills"."Code", "link"."badge" FROM "skills" INNER JOIN (SELECT DISTINCT "link"."badge", "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" IN (SELECT "value" FROM json_each(?) AS "each")) AS "link" ON "skills"."Code" = "link"."skill_id" ORDER BY "skills"."id" ASC"#,
    ];
    in_an_order_where_links_may_repeat: db => Employee::load_into([nancy(), Employee { id: 2, badge: Some("a".into()) }])
        .include(Employee::SKILLS.order_by(Skill::CODE.desc()))
        .all(db) => [
        r#"SELECT "skills"."id", "skills"."Code", "link"."badge" FROM "skills" INNER JOIN (SELECT DISTINCT "link"."badge", "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ANY(COALESCE((SELECT $1)))) AS "link" ON "skills"."Code" = "link"."skill_id" ORDER BY "skills"."Code" DESC, "skills"."id" ASC"#,
        r#"SELECT "skills"."id", "skills"."Code", "link"."badge" FROM "skills" INNER JOIN (SELECT DISTINCT "link"."badge", "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" IN (SELECT "value" FROM json_each(?) AS "each")) AS "link" ON "skills"."Code" = "link"."skill_id" ORDER BY "skills"."Code" DESC, "skills"."id" ASC"#,
    ];
    for_none: db => Employee::SKILLS.load(db, &[]) => [];
    any: db => Employee::find()
        .filter(Employee::TERRITORIES.any(Territory::NUMBER.gt(1)))
        .all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "sales"."link" AS "territories_1" INNER JOIN "employee_territories" AS "link_2" ON "territories_1"."number" = "link_2"."territory_number" AND "territories_1"."country" = "link_2"."territory_country" WHERE "employees"."id" = "link_2"."employee_id" AND "territories_1"."number" > $1)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "sales"."link" AS "territories_1" INNER JOIN "employee_territories" AS "link_2" ON "territories_1"."number" = "link_2"."territory_number" AND "territories_1"."country" = "link_2"."territory_country" WHERE "employees"."id" = "link_2"."employee_id" AND "territories_1"."number" > ?)"#,
    ];
    any_where_links_may_repeat: db => Employee::find()
        .filter(Employee::SKILLS.any(Skill::ID.gt(1)))
        .all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "employees"."badge" = "link_2"."badge" AND "skills_1"."id" > $1)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "employees"."badge" = "link_2"."badge" AND "skills_1"."id" > ?)"#,
    ];
    none: db => Territory::find().filter(!Territory::EMPLOYEES.is_present()).all(db) => [
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE NOT EXISTS(SELECT 1 FROM "employees" AS "employees_1" INNER JOIN "employee_territories" AS "link_2" ON "employees_1"."id" = "link_2"."employee_id" WHERE "link"."number" = "link_2"."territory_number" AND "link"."country" = "link_2"."territory_country")"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE NOT EXISTS(SELECT 1 FROM "employees" AS "employees_1" INNER JOIN "employee_territories" AS "link_2" ON "employees_1"."id" = "link_2"."employee_id" WHERE "link"."number" = "link_2"."territory_number" AND "link"."country" = "link_2"."territory_country")"#,
    ];
    every: db => Employee::find().filter(Employee::SKILLS.all(Skill::CODE.eq("sail"))).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE NOT EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "employees"."badge" = "link_2"."badge" AND ("skills_1"."Code" = CAST($1 AS varchar)) IS NOT TRUE)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE NOT EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "employees"."badge" = "link_2"."badge" AND ("skills_1"."Code" = ?) IS NOT TRUE)"#,
    ];
    number: db => Employee::find().filter(Employee::TERRITORIES.count().gt(2)).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE (SELECT COUNT(*) FROM "sales"."link" AS "territories_1" INNER JOIN "employee_territories" AS "link_2" ON "territories_1"."number" = "link_2"."territory_number" AND "territories_1"."country" = "link_2"."territory_country" WHERE "employees"."id" = "link_2"."employee_id") > $1"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE (SELECT COUNT(*) FROM "sales"."link" AS "territories_1" INNER JOIN "employee_territories" AS "link_2" ON "territories_1"."number" = "link_2"."territory_number" AND "territories_1"."country" = "link_2"."territory_country" WHERE "employees"."id" = "link_2"."employee_id") > ?"#,
    ];
    number_where_links_may_repeat: db => Employee::find()
        .select((Employee::ID, Employee::SKILLS.count()))
        .all(db) => [
        r#"SELECT "employees"."id", (SELECT COUNT(*) FROM "skills" AS "skills_1" WHERE "skills_1"."Code" IN (SELECT "link_2"."skill_id" FROM "certificates" AS "link_2" WHERE "employees"."badge" = "link_2"."badge")) FROM "employees""#,
        r#"SELECT "employees"."id", (SELECT COUNT(*) FROM "skills" AS "skills_1" WHERE "skills_1"."Code" IN (SELECT "link_2"."skill_id" FROM "certificates" AS "link_2" WHERE "employees"."badge" = "link_2"."badge")) FROM "employees""#,
    ];
    to_many_through_many: db => Employee::find()
        .filter(Employee::PUPILS.any(Employee::PUPILS.any(Employee::ID.eq(1))))
        .all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "employees" AS "pupils_1" INNER JOIN "lessons" AS "link_2" ON "pupils_1"."id" = "link_2"."pupil_id" WHERE "employees"."id" = "link_2"."teacher_id" AND EXISTS(SELECT 1 FROM "employees" AS "pupils_3" INNER JOIN "lessons" AS "link_4" ON "pupils_3"."id" = "link_4"."pupil_id" WHERE "pupils_1"."id" = "link_4"."teacher_id" AND "pupils_3"."id" = $1))"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "employees" AS "pupils_1" INNER JOIN "lessons" AS "link_2" ON "pupils_1"."id" = "link_2"."pupil_id" WHERE "employees"."id" = "link_2"."teacher_id" AND EXISTS(SELECT 1 FROM "employees" AS "pupils_3" INNER JOIN "lessons" AS "link_4" ON "pupils_3"."id" = "link_4"."pupil_id" WHERE "pupils_1"."id" = "link_4"."teacher_id" AND "pupils_3"."id" = ?))"#,
    ];
    linked: db => Employee::TERRITORIES.link(db, &nancy(), &boston()) => [
        r#"INSERT INTO "employee_territories" ("employee_id", "territory_number", "territory_country") VALUES ($1, $2, $3) ON CONFLICT ("employee_id", "territory_number", "territory_country") DO NOTHING"#,
        r#"INSERT INTO "employee_territories" ("employee_id", "territory_number", "territory_country") VALUES (?, ?, ?) ON CONFLICT ("employee_id", "territory_number", "territory_country") DO NOTHING"#,
    ];
    linked_where_links_may_repeat: db => Employee::SKILLS.link(db, &nancy(), &sailing()) => [
        r#"INSERT INTO "certificates" ("badge", "skill_id") SELECT $1, CAST($2 AS varchar) WHERE NOT EXISTS(SELECT 1 FROM "certificates" WHERE "certificates"."badge" = $3 AND "certificates"."skill_id" = CAST($4 AS varchar))"#,
        r#"INSERT INTO "certificates" ("badge", "skill_id") SELECT ?, ? WHERE NOT EXISTS(SELECT 1 FROM "certificates" WHERE "certificates"."badge" = ? AND "certificates"."skill_id" = ?)"#,
    ];
    linked_by_a_null: db => Employee::SKILLS
        .link(db, &Employee { id: 1, badge: None }, &sailing()) => [];
    unlinked: db => Territory::EMPLOYEES.unlink(db, &boston(), &nancy()) => [
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."territory_country" = $1 AND "employee_territories"."territory_number" = $2 AND "employee_territories"."employee_id" = $3"#,
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."territory_country" = ? AND "employee_territories"."territory_number" = ? AND "employee_territories"."employee_id" = ?"#,
    ];
    unlinked_by_a_null: db => Employee::SKILLS
        .unlink(db, &Employee { id: 1, badge: None }, &sailing()) => [];
    a_key_read_as_text: db => Paper::TOPICS.load(db, [&Paper { title: "a".into() }]) => [
        r#"SELECT "topics"."id", CAST("link"."paper_title" AS text) FROM "topics" INNER JOIN "taggings" AS "link" ON "topics"."id" = "link"."topic_id" WHERE "link"."paper_title" = CAST($1 AS citext) ORDER BY "topics"."id" ASC"#,
        r#"SELECT "topics"."id", "link"."paper_title" FROM "topics" INNER JOIN "taggings" AS "link" ON "topics"."id" = "link"."topic_id" WHERE "link"."paper_title" = ? ORDER BY "topics"."id" ASC"#,
    ];
    a_key_of_an_id_read_as_text: db => Tagging::PAPER.of_id(("a", 1)).one(db) => [
        r#"SELECT CAST("papers"."title" AS text), CAST("source"."paper_title" AS text) FROM "taggings" AS "source" LEFT JOIN "papers" ON "papers"."title" = "source"."paper_title" WHERE "source"."paper_title" = CAST($1 AS citext) AND "source"."topic_id" = $2"#,
        r#"SELECT "papers"."title", "source"."paper_title" FROM "taggings" AS "source" LEFT JOIN "papers" ON "papers"."title" = "source"."paper_title" WHERE "source"."paper_title" = ? AND "source"."topic_id" = ?"#,
    ];
    a_page_by_a_key_read_as_text: db => Paper::find()
        .include(Paper::TOPICS.limit(1).pipelined())
        .all(db) => [
        r#"SELECT CAST("papers"."title" AS text) FROM "papers""#,
        r#"SELECT "rows_2"."column_0", CAST("keys_1"."key_0" AS text) FROM (SELECT DISTINCT "sources_3"."key_0" FROM (SELECT "papers"."title" AS "key_0" FROM "papers") AS "sources_3") AS "keys_1" INNER JOIN LATERAL (SELECT "topics"."id" AS "column_0" FROM "topics" WHERE "topics"."id" IN (SELECT "link"."topic_id" FROM "taggings" AS "link" WHERE "link"."paper_title" = "keys_1"."key_0") ORDER BY "topics"."id" ASC LIMIT 1) AS "rows_2" ON TRUE"#,
        r#"SELECT "papers"."title" FROM "papers""#,
        r#"SELECT "rows_1"."column_0", "rows_1"."column_1" FROM (SELECT "topics"."id" AS "column_0", "link"."paper_title" AS "column_1", row_number() OVER ( PARTITION BY "link"."paper_title" ORDER BY "topics"."id" ASC ) AS "number" FROM "topics" INNER JOIN "taggings" AS "link" ON "topics"."id" = "link"."topic_id" WHERE "link"."paper_title" IN (SELECT "papers"."title" AS "key_0" FROM "papers")) AS "rows_1" WHERE "rows_1"."number" > (0) AND "rows_1"."number" <= (1) ORDER BY "rows_1"."number" ASC"#,
    ];
    numbers_by_a_key_read_as_text: db => Paper::find()
        .include(Paper::TOPICS.count().pipelined())
        .all(db) => [
        r#"SELECT CAST("papers"."title" AS text) FROM "papers""#,
        r#"SELECT CAST("link"."paper_title" AS text), COUNT(*) FROM "topics" INNER JOIN "taggings" AS "link" ON "topics"."id" = "link"."topic_id" WHERE "link"."paper_title" = ANY(ARRAY((SELECT "papers"."title" AS "key_0" FROM "papers"))) GROUP BY "link"."paper_title""#,
        r#"SELECT "papers"."title" FROM "papers""#,
        r#"SELECT "link"."paper_title", COUNT(*) FROM "topics" INNER JOIN "taggings" AS "link" ON "topics"."id" = "link"."topic_id" WHERE "link"."paper_title" IN (SELECT "papers"."title" AS "key_0" FROM "papers") GROUP BY "link"."paper_title""#,
    ];
}
