//! Files of SQLite: opened as their URL says, and by the rules of today.

use ::relations::prelude::*;
use ::relations::{Database, Filter, connect, sql};

use super::Folder;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Note {
    #[id(generated)]
    id: i64,
    text: String,
}

fn note(text: &str) -> NewNote {
    NewNote { text: text.to_owned() }
}

async fn written(folder: &Folder) -> Database {
    let db = connect(&folder.url()).await.unwrap();
    db.create(schema![Note]).await.unwrap();
    note("a").insert(&db).await.unwrap();
    db
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_that_is_read_only_is_read() {
    let folder = Folder::new();
    drop(written(&folder).await);
    for query in ["mode=ro", "mode=ro&immutable=1", "immutable=1"] {
        let db = connect(&format!("{}?{query}", folder.url())).await.unwrap();
        assert_eq!(Note::find().count(&db).await.unwrap(), 1, "{query}");
        let error = note("b").insert(&db).await.unwrap_err();
        assert!(error.is_read_only(), "{query}: {error}");
        let read = db.transaction(async |tx| Note::find().count(tx).await).await;
        assert_eq!(read.unwrap(), 1, "{query}");
        let error = db.transaction(async |tx| note("b").insert(tx).await).await.unwrap_err();
        assert!(error.is_read_only(), "{query}: {error}");
    }
    assert_eq!(names(&folder), ["shop.db"]);
}

#[tokio::test]
async fn a_missing_file_is_made_only_where_the_url_says_so() {
    let folder = Folder::new();
    for query in ["mode=ro", "mode=rw", "mode=ro&immutable=1"] {
        let error = connect(&format!("{}?{query}", folder.url())).await.unwrap_err();
        assert!(error.is_connection(), "{query}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    for query in ["mode=r", "x=1", "mode=ro&mode=ro", "cache=maybe", "vfs=unix"] {
        let error = connect(&format!("{}?{query}", folder.url())).await.unwrap_err();
        assert!(error.is_invalid_request(), "{query}: {error}");
    }
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
    connect(&format!("{}?mode=rwc", folder.url())).await.unwrap();
    connect(&format!("sqlite:file:{}?mode=rw&cache=private", folder.file().display()))
        .await
        .unwrap();
    assert_eq!(names(&folder), ["shop.db"]);
}

#[tokio::test]
async fn names_are_percent_encoded() {
    let folder = Folder::new();
    let at = folder.path().display();
    for (name, file) in [("a%20b.db", "a b.db"), ("what%3f.db", "what?.db"), ("c%25.db", "c%.db")] {
        for url in [format!("sqlite:{at}/{name}"), format!("sqlite:file://localhost{at}/{name}")] {
            let db = connect(&url).await.unwrap();
            db.create_if_missing(schema![Note]).await.unwrap();
            assert!(folder.path().join(file).exists(), "{url}: {:?}", names(&folder));
        }
    }
    assert_eq!(names(&folder), ["a b.db", "c%.db", "what?.db"]);
}

#[tokio::test]
async fn the_connections_of_a_pool_share_one_database_in_memory() {
    for url in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite:file::memory:",
        "sqlite:shop?mode=memory",
        "sqlite:file:acknowledged?mode=memory&cache=shared",
    ] {
        let db = connect(url).await.unwrap();
        db.create(schema![Note]).await.unwrap();
        let new = (0..8).map(|number| {
            let db = db.clone();
            tokio::spawn(async move { note(&number.to_string()).insert(&db).await })
        });
        for inserted in new.collect::<Vec<_>>() {
            inserted.await.unwrap().unwrap_or_else(|error| panic!("{url}: {error}"));
        }
        assert_eq!(Note::find().count(&db).await.unwrap(), 8, "{url}");
    }
    for url in ["sqlite::MEMORY:", "sqlite::memory:?x=1", "sqlite::memory:?mode=ro"] {
        let error = connect(url).await.unwrap_err();
        assert!(error.is_invalid_request(), "{url}: {error}");
    }
}

#[tokio::test]
async fn pools_share_a_database_in_memory_only_by_its_name() {
    let shared = "sqlite:file:between_pools?mode=memory&cache=shared";
    let (first, second) = (connect(shared).await.unwrap(), connect(shared).await.unwrap());
    first.create(schema![Note]).await.unwrap();
    note("a").insert(&second).await.unwrap();
    assert_eq!(Note::find().count(&first).await.unwrap(), 1);
    let other = connect("sqlite:between_pools?mode=memory").await.unwrap();
    other.create(schema![Note]).await.unwrap();
    assert_eq!(Note::find().count(&other).await.unwrap(), 0);
}

#[tokio::test]
async fn a_misspelt_column_is_not_a_text() {
    let folder = Folder::new();
    let db = written(&folder).await;
    let misspelt = Note::find().filter(Filter::raw("\"txet\" = 'txet'", ()));
    assert!(misspelt.delete(&db).await.is_err());
    assert!(sql("SELECT \"txet\" FROM notes", ()).all::<String>(&db).await.is_err());
    let index = "CREATE UNIQUE INDEX misspelt ON notes (text) WHERE \"txet\" = 'txet'";
    assert!(sql(index, ()).execute(&db).await.is_err());
    assert_eq!(Note::find().count(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn the_schema_of_a_file_is_written_by_nobody_and_calls_nothing_harmful() {
    let folder = Folder::new();
    let db = written(&folder).await;
    let _ = sql("PRAGMA writable_schema = ON", ()).execute(&db).await;
    let change = "UPDATE sqlite_schema SET sql = 'CREATE TABLE notes (id)' WHERE name = 'notes'";
    assert!(sql(change, ()).execute(&db).await.is_err());
    assert_eq!(Note::find().count(&db).await.unwrap(), 1);
}
