//! Random keys under the collations: what SQL by hand says is what each way brings.

use ::relations::Database;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::kinds::{citext, made, text};
use crate::support;

/// Texts that are alike in many ways: in case, in accents, in blanks at the end.
fn texts(runner: &mut TestRunner, number: usize) -> Vec<String> {
    let text = "[aAbBäÄéE]{0,3} {0,2}";
    (0..number).map(|_| text.new_tree(runner).unwrap().current()).collect()
}

/// Fills the tables with random texts; of the parents and tags those that are unique.
async fn filled(db: &Database, runner: &mut TestRunner) {
    for table in ["children", "links", "parents", "tags"] {
        relations::sql(format!("DELETE FROM {table}"), ()).execute(db).await.unwrap();
    }
    let parents = texts(runner, 8);
    for (at, key) in (0_i64..).zip(&parents) {
        for (table, id) in [("parents", 100 + at), ("tags", 200 + at)] {
            let insert = format!("INSERT INTO {table} VALUES ($1, $2) ON CONFLICT DO NOTHING");
            relations::sql(insert, (id, key.as_str())).execute(db).await.unwrap();
        }
    }
    let (ones, others) = (texts(runner, 12), texts(runner, 12));
    let known = (0..12).map(|at| parents[at % parents.len()].to_uppercase());
    for (at, ((one, other), known)) in (0_i64..).zip(ones.iter().zip(&others).zip(known)) {
        let one = if at % 2 == 0 { one } else { &known };
        relations::sql("INSERT INTO children VALUES ($1, $2)", (300 + at, one.as_str()))
            .execute(db)
            .await
            .unwrap();
        let keys = (400 + at, one.as_str(), other.as_str());
        relations::sql("INSERT INTO links VALUES ($1, $2, $3)", keys).execute(db).await.unwrap();
    }
}

const WORLDS: usize = 4;

#[tokio::test]
async fn random_texts_under_collations_of_postgres() {
    for (declared, extra, column) in [
        (true, "CREATE EXTENSION citext", "citext"),
        (
            false,
            "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level1', \
             deterministic = false)",
            "text COLLATE alike",
        ),
        (
            false,
            "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', \
             deterministic = false)",
            "varchar(9) COLLATE alike",
        ),
        (false, "", "char(9)"),
        (false, "", "text"),
    ] {
        let Some(db) = support::postgres().await else { return };
        made(&db, extra, column, column).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..WORLDS {
            filled(&db, &mut runner).await;
            if declared {
                citext::agree(&db).await;
                citext::agree_at_once(&db).await;
            } else {
                text::agree(&db).await;
                text::agree_at_once(&db).await;
            }
        }
    }
}

#[tokio::test]
async fn random_texts_under_collations_of_sqlite() {
    for column in ["text COLLATE NOCASE", "text COLLATE RTRIM", "text"] {
        let db = support::sqlite().await;
        made(&db, "", column, column).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..WORLDS {
            filled(&db, &mut runner).await;
            text::agree(&db).await;
            text::agree_at_once(&db).await;
        }
    }
}
