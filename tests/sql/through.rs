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
#[has_many(Paper, through(Tagging))]
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
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."country", "link"."number") IN (SELECT "led_to_1"."country", "led_to_1"."number" FROM "employee_territories" AS "its_link" INNER JOIN "sales"."link" AS "led_to_1" ON "led_to_1"."number" = "its_link"."territory_number" AND "led_to_1"."country" = "its_link"."territory_country" WHERE "its_link"."employee_id" = $1) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."employee_id" = ?) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    back: db => boston().employees(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = COALESCE((SELECT "link"."country" FROM "sales"."link" WHERE FALSE), $1) AND "link"."territory_number" = $2) ORDER BY "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = ? AND "link"."territory_number" = ?) ORDER BY "employees"."id" ASC"#,
    ];
    by_another_key: db => nancy().skills(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."id" IN (SELECT "led_to_1"."id" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."badge" = COALESCE((SELECT "employees"."badge" FROM "employees" WHERE FALSE), $1)) ORDER BY "skills"."id" ASC"#,
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
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."id" IN (SELECT "led_to_1"."id" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."badge" = COALESCE((SELECT "employees"."badge" FROM "employees" WHERE FALSE), $1)) AND "skills"."id" > $2 ORDER BY "skills"."Code" DESC LIMIT 3"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?) AND "skills"."id" > ? ORDER BY "skills"."Code" DESC LIMIT 3"#,
    ];
    only: db => Employee::SKILLS.of(&nancy()).one(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."id" IN (SELECT "led_to_1"."id" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."badge" = COALESCE((SELECT "employees"."badge" FROM "employees" WHERE FALSE), $1)) LIMIT 2"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?) LIMIT 2"#,
    ];
    counted: db => Employee::SKILLS.of(&nancy()).count(db) => [
        r#"SELECT COUNT(*) FROM "skills" WHERE "skills"."id" IN (SELECT "led_to_1"."id" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."badge" = COALESCE((SELECT "employees"."badge" FROM "employees" WHERE FALSE), $1))"#,
        r#"SELECT COUNT(*) FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?)"#,
    ];
    deleted: db => Employee::SKILLS.of(&nancy()).delete(db) => [
        r#"DELETE FROM "skills" WHERE "skills"."id" IN (SELECT "led_to_1"."id" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."badge" = COALESCE((SELECT "employees"."badge" FROM "employees" WHERE FALSE), $1))"#,
        r#"DELETE FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" = ?)"#,
    ];
    of_an_id_that_is_the_key: db => Employee::TERRITORIES.of_id(1).all(db) => [
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."country", "link"."number") IN (SELECT "led_to_1"."country", "led_to_1"."number" FROM "employee_territories" AS "its_link" INNER JOIN "sales"."link" AS "led_to_1" ON "led_to_1"."number" = "its_link"."territory_number" AND "led_to_1"."country" = "its_link"."territory_country" WHERE "its_link"."employee_id" = $1) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."employee_id" = ?) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    of_an_id_that_is_not_the_key: db => Employee::SKILLS.of_id(1).all(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."id" IN (SELECT "led_to_1"."id" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."badge" IN (SELECT "source"."badge" FROM "employees" AS "source" WHERE "source"."id" = $1)) ORDER BY "skills"."id" ASC"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" WHERE "skills"."Code" IN (SELECT "link"."skill_id" FROM "certificates" AS "link" WHERE "link"."badge" IN (SELECT "source"."badge" FROM "employees" AS "source" WHERE "source"."id" = ?)) ORDER BY "skills"."id" ASC"#,
    ];
    of_a_composite_id: db => Territory::EMPLOYEES.of_id(("us", 2116)).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = COALESCE((SELECT "link"."country" FROM "sales"."link" WHERE FALSE), $1) AND "link"."territory_number" = $2) ORDER BY "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE "employees"."id" IN (SELECT "link"."employee_id" FROM "employee_territories" AS "link" WHERE "link"."territory_country" = ? AND "link"."territory_number" = ?) ORDER BY "employees"."id" ASC"#,
    ];
    for_each: db => Employee::TERRITORIES.load(db, &[nancy(), Employee { id: 2, badge: Some("a".into()) }]) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT $1 AS "array_0") AS "arrays_2") SELECT DISTINCT ON ("link"."country", "link"."number", "relations_keys_1"."number") "link"."country", "link"."number", "relations_keys_1"."number" FROM "sales"."link" INNER JOIN (SELECT "its_link".* FROM "employee_territories" AS "its_link" WHERE ("its_link"."employee_id" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "its_link"."employee_id" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "its_link" ON "link"."number" = "its_link"."territory_number" AND "link"."country" = "its_link"."territory_country" INNER JOIN "relations_keys_1" ON "its_link"."employee_id" = "relations_keys_1"."key_0" ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS integer) AS "key_0" FROM json_each(?) AS "each") SELECT "link"."country", "link"."number", "relations_keys_1"."number" FROM "sales"."link" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_2"."country" AS "id_0", "led_to_2"."number" AS "id_1" FROM "relations_keys_1" INNER JOIN "employee_territories" AS "its_link" ON "its_link"."employee_id" = "relations_keys_1"."key_0" INNER JOIN "sales"."link" AS "led_to_2" ON "led_to_2"."number" = "its_link"."territory_number" AND "led_to_2"."country" = "its_link"."territory_country") AS "ways_3" ON "link"."country" = "ways_3"."id_0" AND "link"."number" = "ways_3"."id_1" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    for_each_composite_key: db => Territory::EMPLOYEES.load(db, &[boston(), Territory { number: 2117, ..boston() }]) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number", unnest("arrays_2"."array_1") AS "key_1" FROM (SELECT COALESCE((SELECT array_agg("link"."country") FROM "sales"."link" WHERE FALSE), $1) AS "array_0", $2 AS "array_1") AS "arrays_2") SELECT DISTINCT ON ("employees"."id", "relations_keys_1"."number") "employees"."id", "employees"."badge", "relations_keys_1"."number" FROM "employees" INNER JOIN "employee_territories" AS "link" ON "employees"."id" = "link"."employee_id" INNER JOIN "relations_keys_1" ON "link"."territory_country" = "relations_keys_1"."key_0" AND "link"."territory_number" = "relations_keys_1"."key_1" ORDER BY "employees"."id" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST(json_extract("value", '$[0]') AS text) AS "key_0", CAST(json_extract("value", '$[1]') AS integer) AS "key_1" FROM json_each(?) AS "each") SELECT "employees"."id", "employees"."badge", "relations_keys_1"."number" FROM "employees" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_2"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN "employee_territories" AS "link" ON "link"."territory_country" = "relations_keys_1"."key_0" AND "link"."territory_number" = "relations_keys_1"."key_1" INNER JOIN "employees" AS "led_to_2" ON "led_to_2"."id" = "link"."employee_id") AS "ways_3" ON "employees"."id" = "ways_3"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "employees"."id" ASC"#,
    ];
    for_each_where_links_may_repeat: db => Employee::SKILLS.load(db, &[nancy(), Employee { id: 2, badge: Some("a".into()) }]) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT COALESCE((SELECT array_agg("employees"."badge") FROM "employees" WHERE FALSE), $1) AS "array_0") AS "arrays_2") SELECT DISTINCT ON ("skills"."id", "relations_keys_1"."number") "skills"."id", "skills"."Code", "relations_keys_1"."number" FROM "skills" INNER JOIN (SELECT "link".* FROM "certificates" AS "link" WHERE ("link"."badge" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "link"."badge" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "link" ON "skills"."Code" = "link"."skill_id" INNER JOIN "relations_keys_1" ON "link"."badge" = "relations_keys_1"."key_0" ORDER BY "skills"."id" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS text) AS "key_0" FROM json_each(?) AS "each") SELECT "skills"."id", "skills"."Code", "relations_keys_1"."number" FROM "skills" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_2"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN "certificates" AS "link" ON "link"."badge" = "relations_keys_1"."key_0" INNER JOIN "skills" AS "led_to_2" ON "led_to_2"."Code" = "link"."skill_id") AS "ways_3" ON "skills"."id" = "ways_3"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "skills"."id" ASC"#,
    ];
    in_an_order_where_links_may_repeat: db => Employee::preload([nancy(), Employee { id: 2, badge: Some("a".into()) }])
        .include(Employee::SKILLS.order_by(Skill::CODE.desc()))
        .all(db) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT COALESCE((SELECT array_agg("employees"."badge") FROM "employees" WHERE FALSE), $1) AS "array_0") AS "arrays_2") SELECT "skills"."id", "skills"."Code", "relations_keys_1"."number" FROM "skills" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_3"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN (SELECT "link".* FROM "certificates" AS "link" WHERE ("link"."badge" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "link"."badge" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "link" ON "link"."badge" = "relations_keys_1"."key_0" INNER JOIN "skills" AS "led_to_3" ON "led_to_3"."Code" = "link"."skill_id") AS "ways_4" ON "skills"."id" = "ways_4"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_4"."number" ORDER BY "skills"."Code" DESC, "skills"."id" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS text) AS "key_0" FROM json_each(?) AS "each") SELECT "skills"."id", "skills"."Code", "relations_keys_1"."number" FROM "skills" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_2"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN "certificates" AS "link" ON "link"."badge" = "relations_keys_1"."key_0" INNER JOIN "skills" AS "led_to_2" ON "led_to_2"."Code" = "link"."skill_id") AS "ways_3" ON "skills"."id" = "ways_3"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "skills"."Code" DESC, "skills"."id" ASC"#,
    ];
    for_none: db => Employee::SKILLS.load(db, &[]) => [];
    any: db => Employee::find()
        .filter(Employee::TERRITORIES.any(Territory::NUMBER.gt(1)))
        .all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "sales"."link" AS "territories_1" INNER JOIN "employee_territories" AS "link_2" ON "territories_1"."number" = "link_2"."territory_number" AND "territories_1"."country" = "link_2"."territory_country" WHERE "link_2"."employee_id" = "employees"."id" AND "territories_1"."number" > $1)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "sales"."link" AS "territories_1" INNER JOIN "employee_territories" AS "link_2" ON "territories_1"."number" = "link_2"."territory_number" AND "territories_1"."country" = "link_2"."territory_country" WHERE "link_2"."employee_id" = "employees"."id" AND "territories_1"."number" > ?)"#,
    ];
    any_where_links_may_repeat: db => Employee::find()
        .filter(Employee::SKILLS.any(Skill::ID.gt(1)))
        .all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "link_2"."badge" = "employees"."badge" AND "skills_1"."id" > $1)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "link_2"."badge" = "employees"."badge" AND "skills_1"."id" > ?)"#,
    ];
    none: db => Territory::find().filter(!Territory::EMPLOYEES.is_present()).all(db) => [
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE NOT EXISTS(SELECT 1 FROM "employees" AS "employees_1" INNER JOIN "employee_territories" AS "link_2" ON "employees_1"."id" = "link_2"."employee_id" WHERE "link_2"."territory_number" = "link"."number" AND "link_2"."territory_country" = "link"."country")"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE NOT EXISTS(SELECT 1 FROM "employees" AS "employees_1" INNER JOIN "employee_territories" AS "link_2" ON "employees_1"."id" = "link_2"."employee_id" WHERE "link_2"."territory_number" = "link"."number" AND "link_2"."territory_country" = "link"."country")"#,
    ];
    every: db => Employee::find().filter(Employee::SKILLS.all(Skill::CODE.eq("sail"))).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE NOT EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "link_2"."badge" = "employees"."badge" AND ("skills_1"."Code" = CAST($1 AS varchar)) IS NOT TRUE)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE NOT EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" WHERE "link_2"."badge" = "employees"."badge" AND ("skills_1"."Code" = ?) IS NOT TRUE)"#,
    ];
    number: db => Employee::find().filter(Employee::TERRITORIES.count().gt(2)).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE (SELECT COUNT(*) FROM "sales"."link" AS "territories_1" WHERE ("territories_1"."country", "territories_1"."number") IN (SELECT "led_to_3"."country", "led_to_3"."number" FROM "employee_territories" AS "link_2" INNER JOIN "sales"."link" AS "led_to_3" ON "led_to_3"."number" = "link_2"."territory_number" AND "led_to_3"."country" = "link_2"."territory_country" WHERE "link_2"."employee_id" = "employees"."id")) > $1"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE (SELECT COUNT(*) FROM "sales"."link" AS "territories_1" WHERE ("territories_1"."number", "territories_1"."country") IN (SELECT "link_2"."territory_number", "link_2"."territory_country" FROM "employee_territories" AS "link_2" WHERE "link_2"."employee_id" = "employees"."id")) > ?"#,
    ];
    number_where_links_may_repeat: db => Employee::find()
        .select((Employee::ID, Employee::SKILLS.count()))
        .all(db) => [
        r#"SELECT "employees"."id", (SELECT COUNT(*) FROM "skills" AS "skills_1" WHERE "skills_1"."id" IN (SELECT "led_to_3"."id" FROM "certificates" AS "link_2" INNER JOIN "skills" AS "led_to_3" ON "led_to_3"."Code" = "link_2"."skill_id" WHERE "link_2"."badge" = "employees"."badge")) FROM "employees""#,
        r#"SELECT "employees"."id", (SELECT COUNT(*) FROM "skills" AS "skills_1" WHERE "skills_1"."Code" IN (SELECT "link_2"."skill_id" FROM "certificates" AS "link_2" WHERE "link_2"."badge" = "employees"."badge")) FROM "employees""#,
    ];
    to_many_through_many: db => Employee::find()
        .filter(Employee::PUPILS.any(Employee::PUPILS.any(Employee::ID.eq(1))))
        .all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "employees" AS "pupils_1" INNER JOIN "lessons" AS "link_2" ON "pupils_1"."id" = "link_2"."pupil_id" WHERE "link_2"."teacher_id" = "employees"."id" AND EXISTS(SELECT 1 FROM "employees" AS "pupils_3" INNER JOIN "lessons" AS "link_4" ON "pupils_3"."id" = "link_4"."pupil_id" WHERE "link_4"."teacher_id" = "pupils_1"."id" AND "pupils_3"."id" = $1))"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "employees" AS "pupils_1" INNER JOIN "lessons" AS "link_2" ON "pupils_1"."id" = "link_2"."pupil_id" WHERE "link_2"."teacher_id" = "employees"."id" AND EXISTS(SELECT 1 FROM "employees" AS "pupils_3" INNER JOIN "lessons" AS "link_4" ON "pupils_3"."id" = "link_4"."pupil_id" WHERE "link_4"."teacher_id" = "pupils_1"."id" AND "pupils_3"."id" = ?))"#,
    ];
    by_some_links: db => Employee::TERRITORIES.filter_link(EmployeeTerritory::TERRITORY_NUMBER.gt(3)).of(&nancy()).all(db) => [
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."country", "link"."number") IN (SELECT "led_to_1"."country", "led_to_1"."number" FROM "employee_territories" AS "its_link" INNER JOIN "sales"."link" AS "led_to_1" ON "led_to_1"."number" = "its_link"."territory_number" AND "led_to_1"."country" = "its_link"."territory_country" WHERE "its_link"."territory_number" > $1 AND "its_link"."employee_id" = $2) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"SELECT "link"."country", "link"."number" FROM "sales"."link" WHERE ("link"."number", "link"."country") IN (SELECT "its_link"."territory_number", "its_link"."territory_country" FROM "employee_territories" AS "its_link" WHERE "its_link"."territory_number" > ? AND "its_link"."employee_id" = ?) ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
    in_an_order_of_links: db => Territory::EMPLOYEES.order_by_link(EmployeeTerritory::EMPLOYEE_ID.desc()).of(&boston()).limit(3).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" INNER JOIN (SELECT "led_to_1"."id" AS "id_0", "link"."employee_id" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_1"."id" ORDER BY "link"."employee_id" DESC, "link"."employee_id" ASC, "link"."territory_country" ASC, "link"."territory_number" ASC ) AS "relations_nth" FROM "employee_territories" AS "link" INNER JOIN "employees" AS "led_to_1" ON "led_to_1"."id" = "link"."employee_id" WHERE "link"."territory_country" = COALESCE((SELECT "link"."country" FROM "sales"."link" WHERE FALSE), $1) AND "link"."territory_number" = $2) AS "ways_2" ON "employees"."id" = "ways_2"."id_0" AND "ways_2"."relations_nth" = (1) ORDER BY "ways_2"."relations_order_0" DESC, "employees"."id" ASC LIMIT 3"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" INNER JOIN (SELECT "led_to_1"."id" AS "id_0", "link"."employee_id" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_1"."id" ORDER BY "link"."employee_id" DESC, "link"."employee_id" ASC, "link"."territory_country" ASC, "link"."territory_number" ASC ) AS "relations_nth" FROM "employee_territories" AS "link" INNER JOIN "employees" AS "led_to_1" ON "led_to_1"."id" = "link"."employee_id" WHERE "link"."territory_country" = ? AND "link"."territory_number" = ?) AS "ways_2" ON "employees"."id" = "ways_2"."id_0" AND "ways_2"."relations_nth" = (1) ORDER BY "ways_2"."relations_order_0" DESC, "employees"."id" ASC LIMIT 3"#,
    ];
    in_an_order_of_links_that_may_repeat: db => Employee::PUPILS.order_by_link(Lesson::ID.asc()).of(&nancy()).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" INNER JOIN (SELECT "led_to_1"."id" AS "id_0", "link"."id" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_1"."id" ORDER BY "link"."id" ASC, "link"."id" ASC ) AS "relations_nth" FROM "lessons" AS "link" INNER JOIN "employees" AS "led_to_1" ON "led_to_1"."id" = "link"."pupil_id" WHERE "link"."teacher_id" = $1) AS "ways_2" ON "employees"."id" = "ways_2"."id_0" AND "ways_2"."relations_nth" = (1) ORDER BY "ways_2"."relations_order_0" ASC, "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" INNER JOIN (SELECT "led_to_1"."id" AS "id_0", "link"."id" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_1"."id" ORDER BY "link"."id" ASC, "link"."id" ASC ) AS "relations_nth" FROM "lessons" AS "link" INNER JOIN "employees" AS "led_to_1" ON "led_to_1"."id" = "link"."pupil_id" WHERE "link"."teacher_id" = ?) AS "ways_2" ON "employees"."id" = "ways_2"."id_0" AND "ways_2"."relations_nth" = (1) ORDER BY "ways_2"."relations_order_0" ASC, "employees"."id" ASC"#,
    ];
    in_an_order_of_links_of_text: db => Employee::SKILLS.order_by_link(Certificate::LEVEL.desc()).filter_link(Certificate::NOTE.is_not_null()).of_id(1).all(db) => [
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" INNER JOIN (SELECT "led_to_1"."id" AS "id_0", "link"."level" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_1"."id" ORDER BY "link"."level" DESC, "link"."id" ASC ) AS "relations_nth" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."note" IS NOT NULL AND "link"."badge" IN (SELECT "source"."badge" FROM "employees" AS "source" WHERE "source"."id" = $1)) AS "ways_2" ON "skills"."id" = "ways_2"."id_0" AND "ways_2"."relations_nth" = (1) ORDER BY "ways_2"."relations_order_0" DESC, "skills"."id" ASC"#,
        r#"SELECT "skills"."id", "skills"."Code" FROM "skills" INNER JOIN (SELECT "led_to_1"."id" AS "id_0", "link"."level" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_1"."id" ORDER BY "link"."level" DESC, "link"."id" ASC ) AS "relations_nth" FROM "certificates" AS "link" INNER JOIN "skills" AS "led_to_1" ON "led_to_1"."Code" = "link"."skill_id" WHERE "link"."note" IS NOT NULL AND "link"."badge" IN (SELECT "source"."badge" FROM "employees" AS "source" WHERE "source"."id" = ?)) AS "ways_2" ON "skills"."id" = "ways_2"."id_0" AND "ways_2"."relations_nth" = (1) ORDER BY "ways_2"."relations_order_0" DESC, "skills"."id" ASC"#,
    ];
    for_each_in_an_order_of_links: db => Employee::PUPILS.order_by_link(Lesson::ID.asc()).load(db, &[nancy(), Employee { id: 2, badge: None }]) => [
        r#"SELECT "employees"."id", "employees"."badge", "link"."teacher_id" FROM "employees" INNER JOIN (SELECT "link"."teacher_id", "link"."pupil_id", "link"."id" AS "relations_order_0", row_number() OVER ( PARTITION BY "link"."teacher_id", "link"."pupil_id" ORDER BY "link"."id" ASC, "link"."id" ASC ) AS "relations_nth" FROM "lessons" AS "link" WHERE "link"."teacher_id" = ANY(COALESCE((SELECT $1)))) AS "link" ON "employees"."id" = "link"."pupil_id" AND "link"."relations_nth" = (1) ORDER BY "link"."relations_order_0" ASC, "employees"."id" ASC"#,
        r#"SELECT "employees"."id", "employees"."badge", "link"."teacher_id" FROM "employees" INNER JOIN (SELECT "link"."teacher_id", "link"."pupil_id", "link"."id" AS "relations_order_0", row_number() OVER ( PARTITION BY "link"."teacher_id", "link"."pupil_id" ORDER BY "link"."id" ASC, "link"."id" ASC ) AS "relations_nth" FROM "lessons" AS "link" WHERE "link"."teacher_id" IN (SELECT "value" FROM json_each(?) AS "each")) AS "link" ON "employees"."id" = "link"."pupil_id" AND "link"."relations_nth" = (1) ORDER BY "link"."relations_order_0" ASC, "employees"."id" ASC"#,
    ];
    for_each_in_an_order_of_links_of_text: db => Employee::SKILLS.order_by_link(Certificate::LEVEL.desc()).load(db, &[nancy(), Employee { id: 2, badge: Some("a".into()) }]) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT COALESCE((SELECT array_agg("employees"."badge") FROM "employees" WHERE FALSE), $1) AS "array_0") AS "arrays_2") SELECT "skills"."id", "skills"."Code", "relations_keys_1"."number" FROM "skills" INNER JOIN (SELECT "relations_keys_1"."number" AS "number", "led_to_3"."id" AS "id_0", "link"."level" AS "relations_order_0", row_number() OVER ( PARTITION BY "relations_keys_1"."number", "led_to_3"."id" ORDER BY "link"."level" DESC, "link"."id" ASC ) AS "relations_nth" FROM "relations_keys_1" INNER JOIN (SELECT "link".* FROM "certificates" AS "link" WHERE ("link"."badge" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "link"."badge" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "link" ON "link"."badge" = "relations_keys_1"."key_0" INNER JOIN "skills" AS "led_to_3" ON "led_to_3"."Code" = "link"."skill_id") AS "ways_4" ON "skills"."id" = "ways_4"."id_0" AND "ways_4"."relations_nth" = (1) INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_4"."number" ORDER BY "ways_4"."relations_order_0" DESC, "skills"."id" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS text) AS "key_0" FROM json_each(?) AS "each") SELECT "skills"."id", "skills"."Code", "relations_keys_1"."number" FROM "skills" INNER JOIN (SELECT "relations_keys_1"."number" AS "number", "led_to_2"."id" AS "id_0", "link"."level" AS "relations_order_0", row_number() OVER ( PARTITION BY "relations_keys_1"."number", "led_to_2"."id" ORDER BY "link"."level" DESC, "link"."id" ASC ) AS "relations_nth" FROM "relations_keys_1" INNER JOIN "certificates" AS "link" ON "link"."badge" = "relations_keys_1"."key_0" INNER JOIN "skills" AS "led_to_2" ON "led_to_2"."Code" = "link"."skill_id") AS "ways_3" ON "skills"."id" = "ways_3"."id_0" AND "ways_3"."relations_nth" = (1) INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "ways_3"."relations_order_0" DESC, "skills"."id" ASC"#,
    ];
    a_page_for_each_in_an_order_of_links: db => Topic::preload([Topic { id: 1 }]).include(Topic::PAPERS.filter_link(Tagging::PAPER_TITLE.ne("x")).order_by_link(Tagging::PAPER_TITLE.desc()).limit(1)).all(db) => [
        r#"SELECT CAST("rows_3"."column_0" AS text), "relations_keys_1"."number" FROM (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT $1 AS "array_0") AS "arrays_2") AS "relations_keys_1" INNER JOIN LATERAL (SELECT "papers"."title" AS "column_0" FROM "papers" INNER JOIN (SELECT "led_to_4"."title" AS "id_0", "link"."paper_title" AS "relations_order_0", row_number() OVER ( PARTITION BY "led_to_4"."title" ORDER BY "link"."paper_title" DESC, "link"."paper_title" ASC, "link"."topic_id" ASC ) AS "relations_nth" FROM "taggings" AS "link" INNER JOIN "papers" AS "led_to_4" ON "led_to_4"."title" = "link"."paper_title" WHERE "link"."paper_title" <> CAST($2 AS citext) AND "link"."topic_id" = "relations_keys_1"."key_0") AS "ways_5" ON "papers"."title" = "ways_5"."id_0" AND "ways_5"."relations_nth" = (1) ORDER BY "ways_5"."relations_order_0" DESC, "papers"."title" ASC LIMIT 1) AS "rows_3" ON TRUE"#,
        r#"SELECT "rows_4"."column_0", "rows_4"."column_1" FROM (WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS integer) AS "key_0" FROM json_each(?) AS "each") SELECT "papers"."title" AS "column_0", "relations_keys_1"."number" AS "column_1", row_number() OVER ( PARTITION BY "relations_keys_1"."number" ORDER BY "ways_3"."relations_order_0" DESC, "papers"."title" ASC ) AS "number" FROM "papers" INNER JOIN (SELECT "relations_keys_1"."number" AS "number", "led_to_2"."title" AS "id_0", "link"."paper_title" AS "relations_order_0", row_number() OVER ( PARTITION BY "relations_keys_1"."number", "led_to_2"."title" ORDER BY "link"."paper_title" DESC, "link"."paper_title" ASC, "link"."topic_id" ASC ) AS "relations_nth" FROM "relations_keys_1" INNER JOIN "taggings" AS "link" ON "link"."topic_id" = "relations_keys_1"."key_0" AND "link"."paper_title" <> ? INNER JOIN "papers" AS "led_to_2" ON "led_to_2"."title" = "link"."paper_title") AS "ways_3" ON "papers"."title" = "ways_3"."id_0" AND "ways_3"."relations_nth" = (1) INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number") AS "rows_4" WHERE "rows_4"."number" > (0) AND "rows_4"."number" <= (1) ORDER BY "rows_4"."number" ASC"#,
    ];
    any_by_some_links: db => Employee::find().filter(Employee::SKILLS.filter_link(Certificate::LEVEL.gt(1)).any(Skill::ID.eq(2))).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" AND "link_2"."level" > $1 WHERE "link_2"."badge" = "employees"."badge" AND "skills_1"."id" = $2)"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE EXISTS(SELECT 1 FROM "skills" AS "skills_1" INNER JOIN "certificates" AS "link_2" ON "skills_1"."Code" = "link_2"."skill_id" AND "link_2"."level" > ? WHERE "link_2"."badge" = "employees"."badge" AND "skills_1"."id" = ?)"#,
    ];
    number_by_some_links: db => Employee::find().filter(Employee::PUPILS.count().filter_link(Lesson::ID.lt(9)).gt(2)).all(db) => [
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE (SELECT COUNT(*) FROM "employees" AS "pupils_1" WHERE "pupils_1"."id" IN (SELECT "link_2"."pupil_id" FROM "lessons" AS "link_2" WHERE "link_2"."id" < $1 AND "link_2"."teacher_id" = "employees"."id")) > $2"#,
        r#"SELECT "employees"."id", "employees"."badge" FROM "employees" WHERE (SELECT COUNT(*) FROM "employees" AS "pupils_1" WHERE "pupils_1"."id" IN (SELECT "link_2"."pupil_id" FROM "lessons" AS "link_2" WHERE "link_2"."id" < ? AND "link_2"."teacher_id" = "employees"."id")) > ?"#,
    ];
    counted_in_an_order_of_links: db => Employee::PUPILS.order_by_link(Lesson::ID.asc()).of(&nancy()).count(db) => [
        r#"SELECT COUNT(*) FROM "employees" WHERE "employees"."id" IN (SELECT "link"."pupil_id" FROM "lessons" AS "link" WHERE "link"."teacher_id" = $1)"#,
        r#"SELECT COUNT(*) FROM "employees" WHERE "employees"."id" IN (SELECT "link"."pupil_id" FROM "lessons" AS "link" WHERE "link"."teacher_id" = ?)"#,
    ];
    many_linked: db => Employee::TERRITORIES.link_many(db, &nancy(), [&boston()]) => [
        r#"INSERT INTO "employee_territories" ("employee_id", "territory_number", "territory_country") SELECT "given_1"."value_1", "given_1"."value_2", "given_1"."value_3" FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2", unnest($3) AS "value_3") AS "given_1" ON CONFLICT ("employee_id", "territory_number", "territory_country") DO NOTHING"#,
        r#"INSERT INTO "employee_territories" ("employee_id", "territory_number", "territory_country") VALUES (?, ?, ?) ON CONFLICT ("employee_id", "territory_number", "territory_country") DO NOTHING"#,
    ];
    many_unlinked: db => Employee::TERRITORIES.unlink_many(db, &nancy(), [&boston()]) => [
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."employee_id" = $1 AND ("employee_territories"."territory_number", "employee_territories"."territory_country") IN (SELECT unnest($2) AS "value_1", unnest($3) AS "value_2")"#,
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."employee_id" = ? AND ("employee_territories"."territory_number", "employee_territories"."territory_country") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each")"#,
    ];
    many_unlinked_by_a_key_of_a_type_of_its_own: db => Topic::PAPERS.unlink_many(db, &Topic { id: 1 }, [&Paper { title: "a".into() }]) => [
        r#"DELETE FROM "taggings" WHERE "taggings"."topic_id" = $1 AND "taggings"."paper_title" = ANY(CAST($2 AS citext[]))"#,
        r#"DELETE FROM "taggings" WHERE "taggings"."topic_id" = ? AND "taggings"."paper_title" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    all_unlinked: db => Employee::TERRITORIES.unlink_all(db, &nancy()) => [
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."employee_id" = $1"#,
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."employee_id" = ?"#,
    ];
    none_linked: db => Employee::TERRITORIES.link_many(db, &nancy(), []) => [];
    linked: db => Employee::TERRITORIES.link(db, &nancy(), &boston()) => [
        r#"INSERT INTO "employee_territories" ("employee_id", "territory_number", "territory_country") VALUES ($1, $2, $3) ON CONFLICT ("employee_id", "territory_number", "territory_country") DO NOTHING"#,
        r#"INSERT INTO "employee_territories" ("employee_id", "territory_number", "territory_country") VALUES (?, ?, ?) ON CONFLICT ("employee_id", "territory_number", "territory_country") DO NOTHING"#,
    ];
    unlinked: db => Territory::EMPLOYEES.unlink(db, &boston(), &nancy()) => [
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."territory_country" = COALESCE((SELECT "link"."country" FROM "sales"."link" WHERE FALSE), $1) AND "employee_territories"."territory_number" = $2 AND "employee_territories"."employee_id" = $3"#,
        r#"DELETE FROM "employee_territories" WHERE "employee_territories"."territory_country" = ? AND "employee_territories"."territory_number" = ? AND "employee_territories"."employee_id" = ?"#,
    ];
    unlinked_by_a_null: db => Employee::SKILLS
        .unlink(db, &Employee { id: 1, badge: None }, &sailing()) => [];
    a_key_read_as_text: db => Paper::TOPICS.load(db, [&Paper { title: "a".into() }]) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT COALESCE((SELECT array_agg("papers"."title") FROM "papers" WHERE FALSE), $1) AS "array_0") AS "arrays_2") SELECT DISTINCT ON ("topics"."id", "relations_keys_1"."number") "topics"."id", "relations_keys_1"."number" FROM "topics" INNER JOIN (SELECT "link".* FROM "taggings" AS "link" WHERE ("link"."paper_title" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "link"."paper_title" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "link" ON "topics"."id" = "link"."topic_id" INNER JOIN "relations_keys_1" ON "link"."paper_title" = "relations_keys_1"."key_0" ORDER BY "topics"."id" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS text) AS "key_0" FROM json_each(?) AS "each") SELECT "topics"."id", "relations_keys_1"."number" FROM "topics" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_2"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN "taggings" AS "link" ON "link"."paper_title" = "relations_keys_1"."key_0" INNER JOIN "topics" AS "led_to_2" ON "led_to_2"."id" = "link"."topic_id") AS "ways_3" ON "topics"."id" = "ways_3"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "topics"."id" ASC"#,
    ];
    a_key_of_an_id_read_as_text: db => Tagging::PAPER.of_id(("a", 1)).one(db) => [
        r#"SELECT CAST("papers"."title" AS text), CAST("source"."paper_title" AS text) FROM "taggings" AS "source" LEFT JOIN "papers" ON "papers"."title" = "source"."paper_title" WHERE "source"."paper_title" = CAST($1 AS citext) AND "source"."topic_id" = $2"#,
        r#"SELECT "papers"."title", "source"."paper_title" FROM "taggings" AS "source" LEFT JOIN "papers" ON "papers"."title" = "source"."paper_title" WHERE "source"."paper_title" = ? AND "source"."topic_id" = ?"#,
    ];
    a_page_by_a_key_read_as_text: db => Paper::find()
        .include(Paper::TOPICS.limit(1).pipelined())
        .all(db) => [
        r#"SELECT CAST("papers"."title" AS text) FROM "papers""#,
        r#"SELECT "rows_4"."column_0", CAST("relations_keys_1"."key_0" AS text) FROM (SELECT "once_3"."key_0", row_number() OVER (  ) AS "number" FROM (SELECT DISTINCT "sources_2"."key_0", CAST("sources_2"."key_0" AS text) COLLATE "C" AS "written_0" FROM (SELECT "papers"."title" AS "key_0" FROM "papers") AS "sources_2") AS "once_3") AS "relations_keys_1" INNER JOIN LATERAL (SELECT "topics"."id" AS "column_0" FROM "topics" WHERE "topics"."id" IN (SELECT "link"."topic_id" FROM "taggings" AS "link" WHERE "link"."paper_title" = "relations_keys_1"."key_0") ORDER BY "topics"."id" ASC LIMIT 1) AS "rows_4" ON TRUE"#,
        r#"SELECT "papers"."title" FROM "papers""#,
        r#"SELECT "rows_6"."column_0", "rows_6"."column_1" FROM (WITH "relations_keys_1" AS  MATERIALIZED (SELECT "once_3"."key_0", row_number() OVER (  ) AS "number" FROM (SELECT DISTINCT "sources_2"."key_0", CAST("sources_2"."key_0" AS text) COLLATE BINARY AS "written_0" FROM (SELECT "papers"."title" AS "key_0" FROM "papers") AS "sources_2") AS "once_3") SELECT "topics"."id" AS "column_0", "relations_keys_1"."key_0" AS "column_1", row_number() OVER ( PARTITION BY "relations_keys_1"."number" ORDER BY "topics"."id" ASC ) AS "number" FROM "topics" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_4"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN "taggings" AS "link" ON "link"."paper_title" = "relations_keys_1"."key_0" INNER JOIN "topics" AS "led_to_4" ON "led_to_4"."id" = "link"."topic_id") AS "ways_5" ON "topics"."id" = "ways_5"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_5"."number") AS "rows_6" WHERE "rows_6"."number" > (0) AND "rows_6"."number" <= (1) ORDER BY "rows_6"."number" ASC"#,
    ];
    numbers_by_a_key_read_as_text: db => Paper::find()
        .include(Paper::TOPICS.count().pipelined())
        .all(db) => [
        r#"SELECT CAST("papers"."title" AS text) FROM "papers""#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "once_3"."key_0", row_number() OVER (  ) AS "number" FROM (SELECT DISTINCT "sources_2"."key_0", CAST("sources_2"."key_0" AS text) COLLATE "C" AS "written_0" FROM (SELECT "papers"."title" AS "key_0" FROM "papers") AS "sources_2") AS "once_3") SELECT CAST("relations_keys_1"."key_0" AS text), COUNT(*) FROM "topics" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_4"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN (SELECT "link".* FROM "taggings" AS "link" WHERE ("link"."paper_title" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "link"."paper_title" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "link" ON "link"."paper_title" = "relations_keys_1"."key_0" INNER JOIN "topics" AS "led_to_4" ON "led_to_4"."id" = "link"."topic_id") AS "ways_5" ON "topics"."id" = "ways_5"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_5"."number" GROUP BY "relations_keys_1"."key_0", "relations_keys_1"."number""#,
        r#"SELECT "papers"."title" FROM "papers""#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "once_3"."key_0", row_number() OVER (  ) AS "number" FROM (SELECT DISTINCT "sources_2"."key_0", CAST("sources_2"."key_0" AS text) COLLATE BINARY AS "written_0" FROM (SELECT "papers"."title" AS "key_0" FROM "papers") AS "sources_2") AS "once_3") SELECT "relations_keys_1"."key_0", COUNT(*) FROM "topics" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_4"."id" AS "id_0" FROM "relations_keys_1" INNER JOIN "taggings" AS "link" ON "link"."paper_title" = "relations_keys_1"."key_0" INNER JOIN "topics" AS "led_to_4" ON "led_to_4"."id" = "link"."topic_id") AS "ways_5" ON "topics"."id" = "ways_5"."id_0" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_5"."number" GROUP BY "relations_keys_1"."key_0", "relations_keys_1"."number""#,
    ];
}
