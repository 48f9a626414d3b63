//! The command line on PostgreSQL, and a runner that tells its progress.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::relations::Engine;
use ::relations::shape::migration::{ApplyOptions, Consents, Progress};

use super::command::{json, schema};
use super::{add, count, migrations, run, steps};
use crate::command::Folder;
use crate::support;

/// A file with one step.
fn slow(statement: &str) -> Vec<(String, String)> {
    let text =
        format!("-- engine: postgres\n-- after: nothing\n\n-- step: transaction\n{statement};\n");
    vec![("0001_slow".to_owned(), text)]
}

#[tokio::test]
async fn from_an_empty_folder_to_a_second_version() {
    let Some(url) = support::postgres_url().await else { return };
    let folder = Folder::new("project-postgres");
    let db = support::connected(&url).await;
    let one = |arguments: &[&str]| schema("1", &folder, arguments);
    let two = |arguments: &[&str]| schema("2", &folder, arguments);
    let missing = one(&["check", "--url", &url]);
    assert_eq!(missing.code, 1);
    assert!(missing.out.contains("CREATE TABLE \"customers\""), "{}", missing.out);
    // The URL says the engine.
    let first = one(&["generate", "--from", &url]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    let applied = one(&["apply", "--url", &url, "--json"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert_eq!(json(&applied)["files"].as_array().unwrap().len(), 1);
    assert!(applied.err.contains(": step 1 of "), "progress, a line a step: {}", applied.err);
    assert_eq!(one(&["status", "--url", &url]).code, 0);
    assert_eq!(one(&["check", "--url", &url, "--strict"]).code, 0);
    run(&db, super::versions::ROWS).await;

    let mut arguments = vec![
        "generate",
        "--rename",
        "Order=invoices",
        "--rename",
        "orders.note=remark",
        "--drop",
        "invoices.key",
        "--drop",
        "index:customers.customers_city_idx",
        "--allow",
        "rewrite:invoices.total",
        "--fill",
        "lines.weight=7",
        "--fill",
        "invoices.remark='none'",
    ];
    let refused = two(&arguments);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("add `--allow rewrite:invoices.twice`"), "{}", refused.err);
    arguments.extend(["--allow", "rewrite:invoices.twice"]);
    let second = two(&arguments);
    assert_eq!(second.code, 0, "{}", second.err);
    let dry = two(&["apply", "--url", &url, "--dry-run"]);
    assert!(dry.code == 0 && dry.out.contains("VALIDATE CONSTRAINT"), "{}", dry.out);
    assert_eq!(two(&["apply", "--url", &url]).code, 0);
    let check = two(&["check", "--url", &url, "--strict", "--json"]);
    assert_eq!((check.code, check.out.as_str()), (0, "[]\n"));
    assert_eq!(count(&db, "SELECT count(*) FROM invoices WHERE remark = 'none'").await, 1);
    let again = two(&["generate", "--from", &url, "--dry-run"]);
    assert_eq!((again.code, again.out.as_str()), (0, "nothing has changed\n"), "{}", again.err);

    let drawn = two(&["diagram", "--url", &url, "--around", "invoices"]);
    assert!(drawn.code == 0 && drawn.out.contains("invoices {"), "{}", drawn.err);
    let pulled = two(&["pull", "--url", &url]);
    assert!(pulled.code == 0 && pulled.out.contains("pub struct Invoice {"), "{}", pulled.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_tells_that_it_waits_and_that_it_works() {
    let Some(url) = support::postgres_url().await else { return };
    let (one, other) = (support::connected(&url).await, support::connected(&url).await);
    let told = Arc::new(Mutex::new(Vec::new()));
    let options = || {
        let told = Arc::clone(&told);
        ApplyOptions::new().progress(move |progress| {
            let kind = match progress {
                Progress::Waiting => "waiting",
                Progress::Working { elapsed, .. } => {
                    assert!(*elapsed >= Duration::from_secs(1), "{elapsed:?}");
                    "working"
                }
                _ => return,
            };
            told.lock().unwrap().push(kind);
        })
    };
    let files = slow("SELECT pg_sleep(2.5)");
    let all = migrations(&files);
    let (options_of_one, options_of_other) = (options(), options());
    let (first, second) = tokio::join!(
        all.apply_with(&one, &options_of_one),
        all.apply_with(&other, &options_of_other)
    );
    assert_eq!(first.unwrap().steps + second.unwrap().steps, 1);
    let told = told.lock().unwrap();
    let times = |kind: &str| told.iter().filter(|told| **told == kind).count();
    // Each second, by the one that works; once, by the one that waits.
    assert_eq!(times("waiting"), 1, "{told:?}");
    assert!((1..=3).contains(&times("working")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_loses_its_lock_stops() {
    let Some(url) = support::postgres_url().await else { return };
    let (db, other) = (support::connected(&url).await, support::connected(&url).await);
    run(&db, ["CREATE TABLE a (id integer)"]).await;
    let files = slow("SELECT pg_sleep(60);\nINSERT INTO a VALUES (1)");
    let all = migrations(&files);
    let begun = Instant::now();
    let (applied, ()) = tokio::join!(all.apply(&db), async {
        let killed = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' \
                      AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                       AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()";
        while count(&other, at_work).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(count(&other, killed).await > 0);
    });
    let error = applied.unwrap_err();
    assert!(
        error.to_string().contains("held the lock of the migrations is gone, so they were stopped"),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(count(&other, "SELECT count(*) FROM a").await, 0);
}

#[tokio::test]
async fn an_enum_loses_a_word_while_columns_of_it_go() {
    let Some(db) = support::postgres().await else { return };
    run(
        &db,
        [
            "CREATE TYPE mood AS ENUM ('sad', 'glad')",
            "CREATE TABLE people (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'glad', \
             past mood[], first mood DEFAULT 'sad')",
            "CREATE TABLE pets (id bigint PRIMARY KEY, mood mood NOT NULL)",
            "INSERT INTO people (id, past) VALUES (7, '{sad,glad}')",
            "INSERT INTO pets VALUES (8, 'sad')",
        ],
    )
    .await;
    let before = db.shape().await.unwrap();
    let mut after = before.clone();
    after.enums[0].words = vec!["glad".to_owned()];
    after.tables.retain(|table| table.name != "pets");
    after.tables[0].columns.retain(|column| !["past", "first"].contains(&column.name.as_str()));
    let consents = Consents::new()
        .drop("word:mood.sad")
        .rewrite("mood")
        .drop("public.people.first")
        .drop("public.pets");
    let mut with_list = after.clone();
    with_list.tables[0].columns.clone_from(&before.tables[0].columns);
    with_list.tables[0].columns.retain(|column| column.name != "first");
    let mut files = Vec::new();
    add(&mut files, Engine::Postgres, &steps(&before, &with_list, &consents));
    let refused = migrations(&files).apply(&db).await.unwrap_err().to_string();
    assert!(
        refused.contains("1 row of `public.people` with a dropped word in `past`;"),
        "{refused}"
    );
    let consents = consents.drop("public.people.past");
    let mut files = Vec::new();
    add(&mut files, Engine::Postgres, &steps(&before, &after, &consents));
    let all = migrations(&files);
    all.apply(&db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[0].1));
    assert_eq!(db.shape().await.unwrap(), after, "{}", files[0].1);
    assert_eq!(count(&db, "SELECT count(*) FROM people WHERE mood = 'glad'").await, 1);
}

#[tokio::test]
async fn an_enum_loses_a_word_below_a_generated_column() {
    let Some(db) = support::postgres().await else { return };
    run(
        &db,
        [
            "CREATE TYPE mood AS ENUM ('sad', 'glad')",
            "CREATE TABLE people (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'glad', \
         is_glad boolean GENERATED ALWAYS AS (mood = 'glad') STORED, \
         CONSTRAINT told CHECK (is_glad OR id > 0))",
            "CREATE INDEX by_gladness ON people (is_glad, id)",
            "INSERT INTO people (id) VALUES (7)",
        ],
    )
    .await;
    let before = db.shape().await.unwrap();
    let mut after = before.clone();
    after.enums[0].words = vec!["glad".to_owned()];
    let consents =
        Consents::new().drop("word:mood.sad").rewrite("mood").rewrite("public.people.is_glad");
    let mut files = Vec::new();
    add(&mut files, Engine::Postgres, &steps(&before, &after, &consents));
    let all = migrations(&files);
    all.apply(&db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[0].1));
    assert_eq!(db.shape().await.unwrap(), after, "{}", files[0].1);
    assert_eq!(count(&db, "SELECT count(*) FROM people WHERE is_glad").await, 1);
}

#[tokio::test]
async fn a_foreign_key_keeps_its_name_and_becomes_another() {
    let Some(db) = support::postgres().await else { return };
    let tables = [
        "CREATE TABLE people (id bigint PRIMARY KEY, boss bigint)",
        "CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint, keeper bigint)",
        "INSERT INTO people VALUES (7, NULL)",
        "INSERT INTO pets VALUES (8, 7, 7)",
    ];
    run(&db, tables).await;
    let versions = [
        "(owner) REFERENCES people",
        "(keeper) REFERENCES people",
        "(keeper) REFERENCES pets",
        "(keeper, owner) REFERENCES people (id, boss) ON DELETE SET NULL",
        "(keeper, owner) REFERENCES people (id, boss) ON DELETE SET NULL (owner)",
        "(owner) REFERENCES people DEFERRABLE",
        "(keeper) REFERENCES people DEFERRABLE INITIALLY DEFERRED",
    ];
    run(&db, ["ALTER TABLE people ADD UNIQUE (id, boss)", "UPDATE pets SET keeper = NULL"]).await;
    let mut shapes = Vec::new();
    for key in versions {
        let add = format!("ALTER TABLE pets ADD CONSTRAINT belongs FOREIGN KEY {key}");
        run(&db, [&*add]).await;
        shapes.push(db.shape().await.unwrap());
        run(&db, ["ALTER TABLE pets DROP CONSTRAINT belongs"]).await;
    }
    run(&db, [format!("ALTER TABLE pets ADD CONSTRAINT belongs FOREIGN KEY {}", versions[0])])
        .await;
    let mut files = Vec::new();
    for pair in shapes.windows(2) {
        add(&mut files, Engine::Postgres, &steps(&pair[0], &pair[1], &Consents::everything()));
        let all = migrations(&files);
        all.apply(&db).await.unwrap_or_else(|error| panic!("{error}\n{}", files.last().unwrap().1));
        assert_eq!(db.shape().await.unwrap(), pair[1], "{}", files.last().unwrap().1);
    }
}
