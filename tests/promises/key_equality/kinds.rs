//! One table for each kind of equality.

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database};

use crate::support;

world!(text, String);
world!(citext, String, parent: "citext", child: "citext");
world!(uuid_text, String, parent: "uuid", child: "uuid");
world!(padded, String, parent: "char(5)", child: "varchar(5)");
world!(decimal, rust_decimal::Decimal);
world!(numeric_text, String, parent: "numeric", child: "numeric");
world!(bytes, Vec<u8>);
world!(mood, super::Mood, parent: "mood", child: "mood");
world!(mood_as_text, super::Mood);
world!(json, ::serde_json::Value);
world!(weight, super::Weight);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
pub enum Mood {
    Happy,
    VerySad,
    Calm,
}

/// A float as a key: two are equal where the database says so, and a hash that all share agrees with it.
#[derive(Debug, Clone, Copy, PartialEq, Value)]
pub struct Weight(f64);

impl Eq for Weight {}

impl std::hash::Hash for Weight {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// Makes the four tables, with keys of parents and tags in one type and those of children and links in
/// another.
pub(super) async fn made(db: &Database, extra: &str, parent: &str, child: &str) {
    for sql in extra.split(';').filter(|sql| !sql.trim().is_empty()) {
        relations::sql(sql, ()).execute(db).await.unwrap();
    }
    for sql in [
        format!("CREATE TABLE parents (id bigint PRIMARY KEY, key {parent} NOT NULL UNIQUE)"),
        format!("CREATE TABLE tags (id bigint PRIMARY KEY, key {parent} NOT NULL UNIQUE)"),
        format!("CREATE TABLE children (id bigint PRIMARY KEY, parent_key {child})"),
        format!(
            "CREATE TABLE links (id bigint PRIMARY KEY, parent_key {child} NOT NULL, \
             tag_key {child} NOT NULL)"
        ),
    ] {
        relations::sql(sql, ()).execute(db).await.unwrap();
    }
}

/// Fills them: keys as SQL writes them.
async fn filled(db: &Database, parents: &[&str], children: &[&str]) {
    let mut statements = Vec::new();
    for (at, key) in parents.iter().enumerate() {
        statements.push(format!("INSERT INTO parents VALUES ({}, {key})", 100 + at));
        statements.push(format!("INSERT INTO tags VALUES ({}, {key})", 200 + at));
    }
    for (at, key) in children.iter().enumerate() {
        statements.push(format!("INSERT INTO children VALUES ({}, {key})", 300 + at));
        let other = children[(at + 1) % children.len()];
        if *key != "NULL" && other != "NULL" {
            statements.push(format!("INSERT INTO links VALUES ({}, {key}, {other})", 400 + at));
            statements.push(format!("INSERT INTO links VALUES ({}, {key}, {key})", 500 + at));
        }
    }
    for sql in statements {
        relations::sql(sql, ()).execute(db).await.unwrap();
    }
}

const LETTERS: ([&str; 5], [&str; 9]) = (
    ["'Ab'", "'c'", "'D '", "'e\"\\{,}'", "'x'"],
    ["'aB'", "'AB'", "'Ab'", "'C'", "'D'", "'E\"\\{,}'", "'e\"\\{,}'", "'none'", "NULL"],
);

/// A database on PostgreSQL, whose statements are prepared, and a pool of the same whose are not.
async fn postgres() -> Option<(Database, Database)> {
    let url = support::postgres_url().await?;
    let prepared = relations::connect(&url).await.unwrap();
    let unnamed = ConnectOptions::new(url).unnamed_statements(true).connect().await.unwrap();
    Some((prepared, unnamed))
}

/// Runs a kind of equality on PostgreSQL, by prepared and by unnamed statements.
macro_rules! on_postgres {
    ($name:ident, $world:ident, $extra:literal, $parent:literal, $child:literal, $keys:expr) => {
        #[tokio::test]
        async fn $name() {
            let Some((db, unnamed)) = postgres().await else { return };
            made(&db, $extra, $parent, $child).await;
            let (parents, children) = $keys;
            filled(&db, &parents, &children).await;
            $world::agree(&db).await;
            $world::agree_at_once(&db).await;
            $world::agree_by(&db, &unnamed).await;
        }
    };
}

on_postgres!(text_on_postgres, text, "", "text", "text", LETTERS);
on_postgres!(citext_on_postgres, citext, "CREATE EXTENSION citext", "citext", "citext", LETTERS);
on_postgres!(
    icu_collation_on_postgres,
    text,
    "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    "text COLLATE alike",
    "text COLLATE alike",
    LETTERS
);
on_postgres!(
    icu_collation_of_the_parent_alone_on_postgres,
    text,
    "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    "text COLLATE alike",
    "text",
    LETTERS
);
on_postgres!(
    icu_collation_of_the_child_alone_on_postgres,
    text,
    "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    "varchar(20)",
    "varchar(20) COLLATE alike",
    LETTERS
);
on_postgres!(
    padded_on_postgres,
    padded,
    "",
    "char(5)",
    "varchar(5)",
    (["'ab'", "'c'"], ["'ab'", "'ab '", "'c'", "'d'"])
);
on_postgres!(
    padded_undeclared_on_postgres,
    text,
    "",
    "char(5)",
    "varchar(5)",
    (["'ab'", "'c'"], ["'ab'", "'ab '", "'c'", "'d'"])
);
on_postgres!(
    padded_child_on_postgres,
    text,
    "",
    "varchar(5)",
    "char(5)",
    (["'ab'", "'c '"], ["'ab'", "'ab '", "'c'", "'d'"])
);
on_postgres!(
    domain_on_postgres,
    text,
    "CREATE DOMAIN code AS char(5)",
    "code",
    "text",
    (["'ab'", "'c'"], ["'ab'", "'ab '", "'c'", "'d'"])
);
on_postgres!(
    uuid_as_text_on_postgres,
    uuid_text,
    "",
    "uuid",
    "uuid",
    (
        ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'"],
        [
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12'",
            "NULL"
        ]
    )
);
on_postgres!(
    scale_on_postgres,
    decimal,
    "",
    "numeric",
    "numeric(12,4)",
    (["1", "2.50", "-0.0"], ["1.00", "2.5", "0", "7", "NULL"])
);
on_postgres!(
    numbers_of_many_digits_as_text_on_postgres,
    numeric_text,
    "",
    "numeric",
    "numeric",
    (
        ["0.12345678901234567890123456789012345", "0.12345678901234567890123456789012346", "1"],
        [
            "0.12345678901234567890123456789012346",
            "0.12345678901234567890123456789012345",
            "0.12345678901234567890123456789012347",
            "1.000",
            "NULL"
        ]
    )
);
on_postgres!(
    bytes_on_postgres,
    bytes,
    "",
    "bytea",
    "bytea",
    (["'\\x00ff'", "''"], ["'\\x00ff'", "'\\x00'", "''", "NULL"])
);
on_postgres!(
    enum_on_postgres,
    mood,
    "CREATE TYPE mood AS ENUM ('happy', 'calm', 'very_sad')",
    "mood",
    "mood",
    (["'very_sad'", "'happy'"], ["'happy'", "'calm'", "'very_sad'", "NULL"])
);
on_postgres!(
    enum_as_text_on_postgres,
    mood_as_text,
    "",
    "text",
    "varchar(20)",
    (["'very_sad'", "'happy'"], ["'happy'", "'calm'", "'very_sad'", "NULL"])
);
on_postgres!(
    json_on_postgres,
    json,
    "",
    "jsonb",
    "jsonb",
    (
        ["'{\"a\": 1, \"b\": 2}'", "'1.0'", "'null'", "'[1]'"],
        ["'{\"b\": 2, \"a\": 1.00}'", "'1'", "'null'", "'[1.0]'", "'\"1\"'", "NULL"]
    )
);
on_postgres!(
    float_on_postgres,
    weight,
    "",
    "double precision",
    "double precision",
    (["0.1", "-0.0", "'infinity'"], ["0.1", "0.0", "-0.0", "'infinity'", "'-infinity'", "NULL"])
);

/// In a prepared statement the driver asks for the type once, so it need not be declared.
#[tokio::test]
async fn citext_undeclared_on_postgres() {
    let Some((db, _)) = postgres().await else { return };
    made(&db, "CREATE EXTENSION citext", "citext", "citext").await;
    let (parents, children) = LETTERS;
    filled(&db, &parents, &children).await;
    text::agree(&db).await;
    text::agree_at_once(&db).await;
    let found = text::Parent::find().filter(text::Parent::KEY.eq("AB")).all(&db).await.unwrap();
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [100]);
    let found = text::Parent::find().filter(text::Parent::KEY.is_in(["AB", "C"])).count(&db).await;
    assert_eq!(found.unwrap(), 2);
}

/// A key in hand that was written otherwise than the database writes it.
#[tokio::test]
async fn a_uuid_in_upper_case_in_hand_finds_its_target() {
    let Some((db, unnamed)) = postgres().await else { return };
    made(&db, "", "uuid", "uuid").await;
    filled(&db, &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"], &[]).await;
    let key = |key: &str| uuid_text::Child { id: 1, parent_key: Some(key.to_owned()) };
    let children = [
        key("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
        key("a0eebc999c0b4ef8bb6d6bb9bd380a11"),
        key("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12"),
    ];
    for db in [&db, &unnamed] {
        let found = uuid_text::Child::PARENT.load(db, &children).await.unwrap();
        let found: Vec<_> = found.iter().map(Option::is_some).collect();
        assert_eq!(found, [true, true, false]);
    }
}

/// Runs a kind of equality on SQLite.
macro_rules! on_sqlite {
    ($name:ident, $world:ident, $parent:literal, $child:literal, $keys:expr) => {
        #[tokio::test]
        async fn $name() {
            let db = support::sqlite().await;
            made(&db, "", $parent, $child).await;
            let (parents, children) = $keys;
            filled(&db, &parents, &children).await;
            $world::agree(&db).await;
            $world::agree_at_once(&db).await;
        }
    };
}

on_sqlite!(text_on_sqlite, text, "text", "text", LETTERS);
on_sqlite!(nocase_on_sqlite, text, "text COLLATE NOCASE", "text COLLATE NOCASE", LETTERS);
on_sqlite!(nocase_of_the_parent_alone_on_sqlite, text, "text COLLATE NOCASE", "text", LETTERS);
on_sqlite!(nocase_of_the_child_alone_on_sqlite, text, "text", "text COLLATE NOCASE", LETTERS);
on_sqlite!(rtrim_on_sqlite, text, "text COLLATE RTRIM", "varchar(5) COLLATE RTRIM", LETTERS);
on_sqlite!(
    scale_on_sqlite,
    decimal,
    "text COLLATE decimal",
    "text COLLATE decimal",
    (["'1'", "'2.50'"], ["'1.00'", "'2.5'", "'7'", "NULL"])
);
on_sqlite!(
    bytes_on_sqlite,
    bytes,
    "blob",
    "blob",
    (["x'00ff'", "x''"], ["x'00ff'", "x'00'", "x''", "NULL"])
);
on_sqlite!(
    enum_on_sqlite,
    mood_as_text,
    "text",
    "text",
    (["'very_sad'", "'happy'"], ["'happy'", "'calm'", "'very_sad'", "NULL"])
);
on_sqlite!(
    float_on_sqlite,
    weight,
    "real",
    "real",
    (["0.1", "-0.0", "1e300"], ["0.1", "0.0", "-0.0", "1e300", "7", "NULL"])
);
on_sqlite!(
    json_on_sqlite,
    json,
    "text",
    "text",
    (["'{\"a\":1}'", "'[1,2]'"], ["'{\"a\":1}'", "'[1,2]'", "'[2,1]'", "NULL"])
);

/// An existing row is found by the equality of its key, not inserted again.
async fn an_equal_key_is_there_already(db: &Database) {
    let (parents, children) = LETTERS;
    filled(db, &parents, &children).await;
    let new = text::NewParent { id: 999, key: "AB".to_owned() };
    let found = new.on_conflict(text::Parent::KEY).do_nothing().insert(db).await.unwrap();
    assert!(
        matches!(&found, ::relations::repository::Upserted::Existing(one) if one.id == 100),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_equal_citext_is_there_already() {
    let Some((db, _)) = postgres().await else { return };
    made(&db, "CREATE EXTENSION citext", "citext", "citext").await;
    an_equal_key_is_there_already(&db).await;
}

#[tokio::test]
async fn an_equal_text_is_there_already_on_sqlite() {
    let db = support::sqlite().await;
    made(&db, "", "text COLLATE NOCASE", "text COLLATE NOCASE").await;
    an_equal_key_is_there_already(&db).await;
}

/// A key that Rust cannot hold is an error, and never another key's row.
#[tokio::test]
async fn a_number_of_too_many_digits_is_refused_as_a_key() {
    use self::decimal::{Child, Parent};

    let Some((db, _)) = postgres().await else { return };
    made(&db, "", "numeric", "numeric").await;
    let (one, other) =
        ("0.12345678901234567890123456789012345", "0.12345678901234567890123456789012346");
    filled(&db, &[one, other], &[other, one]).await;
    let refused = |error: ::relations::Error| assert!(error.is_row_mismatch(), "{error}");
    refused(Child::find().include(Child::PARENT.joined()).all(&db).await.unwrap_err());
    refused(Child::find().include(Child::PARENT.batched()).all(&db).await.unwrap_err());
    refused(Child::find().include(Child::PARENT.pipelined()).all(&db).await.unwrap_err());
    refused(Parent::find().include(Parent::CHILDREN.batched()).all(&db).await.unwrap_err());
    refused(Parent::find().include(Parent::TAGS.count()).all(&db).await.unwrap_err());
    // A key in hand is exact, and finds what equals it.
    let key = "0.1234567890123456789012345678".parse().unwrap();
    let child = Child { id: 1, parent_key: Some(key) };
    assert_eq!(Child::PARENT.load(&db, [&child]).await.unwrap(), [None]);
    assert_eq!(child.parent(&db).await.unwrap(), None);
}
