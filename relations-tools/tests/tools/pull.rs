//! Databases that were made elsewhere, and files of SQLite.
//!
//! `RELATIONS_PULL=write` writes the modules again, whose difference is then to be read.

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

/// The module is the same each time, and its own check finds nothing.
async fn holds(db: &Database, name: &str, schema: Schema) {
    let shape = db.shape().await.unwrap();
    let text = pull(&shape, Dates::Chrono);
    assert_eq!(pull(&db.shape().await.unwrap(), Dates::Chrono), text);
    let path = format!("{PULLED}/{name}.rs");
    if std::env::var_os("RELATIONS_PULL").is_some_and(|told| told == "write") {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    assert_eq!(schema.unlisted().count(), 0);
    let report = db.check(schema).await.unwrap();
    assert!(report.is_empty(), "{report}");
}

#[tokio::test]
async fn northwind_is_pulled() {
    let Some(db) = loaded("northwind/northwind.sql").await else { return };
    holds(&db, "northwind", pulled::northwind::schema()).await;
}

#[tokio::test]
async fn pagila_is_pulled() {
    let Some(db) = loaded("pagila/pagila-schema.sql").await else { return };
    holds(&db, "pagila", pulled::pagila::schema()).await;
}

#[tokio::test]
async fn a_file_of_sqlite_is_pulled() {
    let db = relations::connect("sqlite::memory:").await.unwrap();
    for statement in FILMS {
        relations::sql(*statement, ()).execute(&db).await.unwrap();
    }
    holds(&db, "films", pulled::films::schema()).await;
}

/// Tables with what SQLite has of its own.
pub const FILMS: &[&str] = &[
    "CREATE TABLE films (id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(80) NOT NULL, \
     \"type\" TEXT NOT NULL DEFAULT 'feature', minutes INT, released DATE, seconds INT AS (minutes * 60) STORED, \
     previous INTEGER REFERENCES films (id) ON DELETE SET NULL, CHECK (minutes > 0))",
    "CREATE TABLE actors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT, UNIQUE (name, country))",
    "CREATE TABLE film_actors (film_id INTEGER NOT NULL, actor_id INTEGER NOT NULL REFERENCES actors, \
     PRIMARY KEY (film_id, actor_id), \
     CONSTRAINT to_film FOREIGN KEY (film_id) REFERENCES films (id) ON DELETE CASCADE) WITHOUT ROWID",
    "CREATE TABLE posters (film_id INTEGER NOT NULL PRIMARY KEY REFERENCES films, image BLOB NOT NULL)",
    "CREATE TABLE \"odd names\" (\"the key\" TEXT NOT NULL PRIMARY KEY, \"1st\" INTEGER, \"self\" TEXT)",
    "CREATE TABLE log (at DATETIME, line TEXT)",
    "CREATE INDEX films_title ON films (title)",
    "CREATE INDEX films_lower ON films (lower(title))",
    "CREATE UNIQUE INDEX one_feature ON films (title, released) WHERE \"type\" = 'feature'",
    "CREATE VIEW long_films AS SELECT id, title FROM films WHERE minutes > 120",
];
