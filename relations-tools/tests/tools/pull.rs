//! Databases that were made elsewhere, and files of SQLite.
//!
//! `RELATIONS_PULL=write` writes the modules again, whose difference is then to be read.

use relations::definition::{RelationDefinition, RelationKind};
use relations::{Database, Schema};
use relations_tools::{Dates, pull};

use crate::{pulled, support};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
const PULLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/pulled");

/// A database with the statements of a dump, without its rows. Where there is no dump or no PostgreSQL,
/// the test says so and is skipped; in CI that is a failure.
pub async fn loaded(dump: &str) -> Option<Database> {
    let Ok(text) = std::fs::read_to_string(format!("{DATA}/{dump}")) else {
        assert!(std::env::var_os("CI").is_none(), "CI pulls {dump}; it is missing");
        eprintln!("skipped: no {dump} in {DATA}");
        return None;
    };
    let url = support::postgres_url().await?;
    let client = support::client(&url).await;
    client.batch_execute(&text).await.expect("the dump loads");
    Some(support::connected(&url).await)
}

/// The relations of a module, and its lines of comments: what no attribute says.
struct Pulled {
    belongs_to: usize,
    inverse: usize,
    comments: usize,
    /// The tables and the like of the database that are not entities.
    unknown: usize,
}

/// The module is the same each time, and its own check finds nothing.
async fn holds(db: &Database, name: &str, schema: Schema, pulled: Pulled) {
    let shape = db.shape().await.unwrap();
    let text = pull(&shape, Dates::Chrono);
    assert_eq!(pull(&db.shape().await.unwrap(), Dates::Chrono), text);
    let path = format!("{PULLED}/{name}.rs");
    if std::env::var_os("RELATIONS_PULL").is_some_and(|told| told == "write") {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    assert_eq!(schema.unlisted().count(), 0);
    // Each foreign key of a table with a key is a relation, and has its way back.
    let relations = || schema.entities().flat_map(|entity| entity.relations);
    let is_belongs_to = |relation: &RelationDefinition| relation.kind == RelationKind::BelongsTo;
    let belongs_to = relations().filter(|one| is_belongs_to(one)).count();
    let inverse = relations().filter(|one| !is_belongs_to(one) && one.through.is_none()).count();
    assert_eq!((belongs_to, inverse), (pulled.belongs_to, pulled.inverse), "{name}");
    let tables =
        shape.tables.iter().filter(|table| schema.entities().any(|one| one.table == table.name));
    assert_eq!(tables.map(|table| table.foreign_keys.len()).sum::<usize>(), belongs_to, "{name}");
    let comments: Vec<_> =
        text.lines().map(str::trim).filter(|line| line.starts_with("// ")).collect();
    // The first one is about the module.
    assert_eq!(comments.len(), pulled.comments + 1, "{name}: {comments:#?}");
    let report = db.check(schema).await.unwrap();
    assert!(report.is_empty(), "{report}");
    let strict = report.strict();
    assert_eq!(strict.findings().count(), pulled.unknown, "{name}: {strict}");
}

#[tokio::test]
async fn northwind_is_pulled() {
    let Some(db) = loaded("northwind/northwind.sql").await else { return };
    holds(
        &db,
        "northwind",
        pulled::northwind::schema(),
        Pulled { belongs_to: 13, inverse: 13, comments: 0, unknown: 0 },
    )
    .await;
}

#[tokio::test]
async fn pagila_is_pulled() {
    let Some(db) = loaded("pagila/pagila-schema.sql").await else { return };
    holds(
        &db,
        "pagila",
        pulled::pagila::schema(),
        Pulled { belongs_to: 18, inverse: 18, comments: 1, unknown: 0 },
    )
    .await;
}

#[tokio::test]
async fn names_deferral_and_expressions_are_pulled() {
    let Some(db) = support::postgres().await else { return };
    let session = db.sql_session().await.unwrap();
    for statement in SHELF {
        relations::sql(*statement, ()).execute(&session).await.unwrap();
    }
    drop(session);
    holds(
        &db,
        "shelf",
        pulled::shelf::schema(),
        Pulled { belongs_to: 2, inverse: 2, comments: 0, unknown: 0 },
    )
    .await;
    // `create` makes the same of the module, but for tables in other orders.
    let created = support::postgres().await.unwrap();
    created.create(pulled::shelf::schema()).await.unwrap();
    let (ours, theirs) = (created.shape().await.unwrap(), db.shape().await.unwrap());
    for (ours, theirs) in ours.tables.iter().zip(&theirs.tables) {
        assert_eq!(ours.primary_key, theirs.primary_key);
        assert_eq!(ours.foreign_keys, theirs.foreign_keys);
        assert_eq!(ours.checks, theirs.checks);
        let names = |table: &relations::shape::TableShape| {
            let indexes = table.indexes.iter();
            let facts = indexes.map(|one| (one.name.clone(), one.elements.clone(), one.deferred));
            facts.collect::<Vec<_>>()
        };
        assert_eq!(names(ours), names(theirs));
    }
}

/// Tables with names of their own, keys that wait, and indexes of expressions.
const SHELF: &[&str] = &[
    "CREATE TABLE authors (id bigint CONSTRAINT pk_authors PRIMARY KEY, email text NOT NULL \
     CONSTRAINT uq_email UNIQUE, name text NOT NULL, born date, place integer NOT NULL, \
     CONSTRAINT one_place UNIQUE (place) DEFERRABLE INITIALLY DEFERRED, favourite_id bigint, \
     pages int4range NOT NULL, pause interval(3), pauses interval[] NOT NULL)",
    "CREATE TABLE books (shelf integer NOT NULL, number integer NOT NULL, author_id bigint NOT NULL \
     CONSTRAINT written_by REFERENCES authors DEFERRABLE, isbn text NOT NULL, title text NOT NULL, \
     price integer NOT NULL, quantity integer NOT NULL, deleted_at timestamptz, sold daterange, lent tstzrange[] NOT NULL, \
     CONSTRAINT pk_books PRIMARY KEY (shelf, number), \
     CONSTRAINT one_title UNIQUE (author_id, title) DEFERRABLE)",
    "ALTER TABLE authors ADD CONSTRAINT likes FOREIGN KEY (favourite_id) REFERENCES authors (id) \
     DEFERRABLE INITIALLY DEFERRED",
    "CREATE INDEX ix_name ON authors (name)",
    "CREATE INDEX ix_favourite ON authors (favourite_id)",
    "CREATE UNIQUE INDEX ux_lower ON authors (lower(email))",
    "CREATE INDEX ix_youngest ON authors (born DESC NULLS LAST, id)",
    "CREATE INDEX ix_begins ON authors (name text_pattern_ops) WHERE born IS NOT NULL",
    "CREATE INDEX ix_value ON books (shelf, (price * quantity), lower(title) DESC)",
    "CREATE INDEX ix_hash ON books USING hash (isbn)",
    "CREATE UNIQUE INDEX ux_isbn ON books (isbn) WHERE deleted_at IS NULL",
];

#[tokio::test]
async fn a_file_of_sqlite_is_pulled() {
    let db = relations::connect("sqlite::memory:").await.unwrap();
    for statement in FILMS {
        relations::sql(*statement, ()).execute(&db).await.unwrap();
    }
    holds(
        &db,
        "films",
        pulled::films::schema(),
        Pulled { belongs_to: 4, inverse: 4, comments: 0, unknown: 1 },
    )
    .await;
}

/// Tables with what SQLite has of its own.
pub const FILMS: &[&str] = &[
    "CREATE TABLE films (id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(80) NOT NULL, \
     \"type\" TEXT NOT NULL DEFAULT 'feature', minutes INT, released DATE, seconds INT AS (minutes * 60) STORED, \
     previous INTEGER REFERENCES films (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, \
     CHECK (minutes > 0))",
    "CREATE TABLE actors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT, UNIQUE (name, country))",
    "CREATE TABLE film_actors (film_id INTEGER NOT NULL, actor_id INTEGER NOT NULL REFERENCES actors, \
     PRIMARY KEY (film_id, actor_id), \
     CONSTRAINT to_film FOREIGN KEY (film_id) REFERENCES films (id) ON DELETE CASCADE) WITHOUT ROWID",
    "CREATE TABLE posters (film_id INTEGER NOT NULL PRIMARY KEY REFERENCES films, image BLOB NOT NULL)",
    "CREATE TABLE \"odd names\" (\"the key\" TEXT NOT NULL PRIMARY KEY, \"1st\" INTEGER, \"self\" TEXT)",
    "CREATE TABLE log (at DATETIME, line TEXT)",
    "CREATE INDEX films_title ON films (title)",
    "CREATE UNIQUE INDEX films_lower ON films (lower(title), [released])",
    "CREATE INDEX films_newest ON films (released DESC, minutes)",
    "CREATE UNIQUE INDEX one_feature ON films (title, released) WHERE \"type\" = 'feature'",
    "CREATE VIEW long_films AS SELECT id, title FROM films WHERE minutes > 120",
];

#[tokio::test]
async fn comments_of_the_database_are_documentation() {
    let Some(db) = support::postgres().await else { return };
    crate::migrations::run(
        &db,
        [
            "CREATE TYPE mood AS ENUM ('sad', 'glad')",
            "CREATE TABLE people (id bigint PRIMARY KEY, mood mood NOT NULL, name text NOT NULL)",
            "COMMENT ON TABLE people IS 'Everybody who came.\n\nAlso those who left.'",
            "COMMENT ON COLUMN people.name IS 'The name, as they say it.'",
            "COMMENT ON TYPE mood IS 'How they feel.'",
        ],
    )
    .await;
    let text = pull(&db.shape().await.unwrap(), Dates::Chrono);
    for docs in [
        "/// Everybody who came.\n///\n/// Also those who left.\n#[derive(",
        "    /// The name, as they say it.\n    pub name: String,",
        "/// How they feel.\n#[derive(",
    ] {
        assert!(text.contains(docs), "{docs}\n{text}");
    }
}

#[tokio::test]
async fn a_shape_of_postgres_is_written_as_json_and_read_again() {
    for dump in ["northwind/northwind.sql", "pagila/pagila-schema.sql"] {
        let Some(db) = loaded(dump).await else { return };
        let shape = db.shape().await.unwrap();
        let text = serde_json::to_string(&shape).unwrap();
        let read: relations::shape::Shape = serde_json::from_str(&text).unwrap();
        assert_eq!(read, shape);
        assert_eq!(pull(&read, Dates::Chrono), pull(&shape, Dates::Chrono));
    }
}
