//! Statements that are seen through, and statements that only look like others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod refused;
mod taken;

use self::refused::{CONTROL, CONTROL_ON_POSTGRES, SESSION_ON_POSTGRES, SESSION_ON_SQLITE};
use self::taken::{HARMLESS, HARMLESS_ON_POSTGRES, HARMLESS_ON_SQLITE};
use super::*;

fn placeholders(engine: Engine, sql: &str) -> usize {
    Scanned::of(engine, sql).placeholders()
}

const BOTH: [Engine; 2] = [Engine::Postgres, Engine::Sqlite];

#[test]
fn the_highest_number_counts_wherever_a_placeholder_can_stand() {
    let cases = [
        ("", 0),
        ("SELECT 1", 0),
        ("SELECT $1, $2, $1", 2),
        ("SELECT $12", 12),
        ("SELECT a=$1AND b", 1),
        ("SELECT '$1', \"$2\", 'it''s $3', $4", 4),
        ("SELECT $1 -- $2\n, $3", 3),
        ("SELECT $1 /* $2 */ + $3", 3),
        ("SELECT 'é', $1", 1),
        ("SELECT foo$2, $1", 1),
        ("SELECT '$1", 0),
        ("SELECT /* $1", 0),
    ];
    for (sql, expected) in cases {
        for engine in BOTH {
            assert_eq!(placeholders(engine, sql), expected, "{engine:?}: {sql}");
        }
    }
}

#[test]
fn texts_and_comments_end_where_the_engine_says() {
    let cases = [
        (r"SELECT E'\' $1 ', $2", 2, 1),
        (r"SELECT '\', $1, '", 1, 1),
        ("SELECT $$ $2 $$, $1", 1, 2),
        ("SELECT $a$ $2 $$ $3 $a$, $1", 1, 3),
        ("SELECT /* /* $1 */ $2 */ , $1", 1, 2),
        ("SELECT /* /* */ $2", 0, 2),
        ("SELECT [$1]", 1, 0),
        ("SELECT `$1`", 1, 0),
        ("SELECT -- $2\r $1", 1, 0),
        ("SELECT e'a'\n'\\' $2', $1", 1, 2),
        ("SELECT e'a' -- b\n  '\\' $2', $1", 1, 2),
        ("SELECT e'a' '\\', $2", 2, 2),
        ("SELECT U&'a' UESCAPE '!', $2", 2, 2),
        ("SELECT 'a'\n'b', $1", 1, 1),
    ];
    for (sql, on_postgres, on_sqlite) in cases {
        assert_eq!(placeholders(Engine::Postgres, sql), on_postgres, "{sql}");
        assert_eq!(placeholders(Engine::Sqlite, sql), on_sqlite, "{sql}");
    }
}

#[test]
fn a_second_statement_is_seen() {
    let cases = [
        ("SELECT 1", false, false),
        ("SELECT 1;", false, false),
        ("SELECT 1; -- done", false, false),
        ("SELECT ';'; /* ; */ ;", false, false),
        ("SELECT 1; SELECT 2", true, true),
        ("; SELECT 1", true, true),
        ("CREATE TABLE t (a int); DROP TABLE u", true, true),
        ("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT 1; END", true, false),
        ("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; DROP TABLE a", true, true),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", false, true),
        ("SELECT 1 --\r; SELECT 2", true, false),
        ("CREATE TABLE function (a int); DROP TABLE b", true, true),
        ("CREATE TABLE trigger (a); DELETE FROM b; END", true, true),
    ];
    for (sql, on_postgres, on_sqlite) in cases {
        assert_eq!(Scanned::of(Engine::Postgres, sql).is_several(), on_postgres, "{sql}");
        assert_eq!(Scanned::of(Engine::Sqlite, sql).is_several(), on_sqlite, "{sql}");
    }
}

#[test]
fn a_text_without_a_statement_is_refused() {
    for sql in ["", " \n", ";;", "-- nothing", "/* SELECT 1 */ ;", "SELECT '\0'", "SELECT 1\0"] {
        for engine in BOTH {
            assert!(check(engine, sql, 0, true).is_err(), "{sql}");
        }
    }
}

/// Every statement in many disguises that leave its meaning.
fn disguised(engine: Engine, sql: &str) -> Vec<String> {
    let mut all = vec![
        sql.to_owned(),
        sql.to_ascii_lowercase(),
        format!("  \t\n{sql} ;"),
        format!("-- now\n{sql}"),
        format!("/* SELECT */ {sql} -- '"),
        format!("/* ' */{sql}"),
        format!("/* -- */{sql}/* \" */"),
    ];
    if engine == Engine::Postgres {
        all.push(format!("--\r{sql}"));
        all.push(format!("/* /* */ ' */{sql}"));
        all.push(format!("--\r{sql} /*\n SELECT 1 --*/"));
    } else {
        all.push(format!("\u{feff}{sql}"));
        all.push(format!("/* /* */{sql}"));
    }
    all
}

#[test]
fn what_holds_or_changes_transactions_is_refused() {
    for (engine, sql) in CONTROL
        .iter()
        .flat_map(|sql| BOTH.map(|engine| (engine, sql)))
        .chain(CONTROL_ON_POSTGRES.iter().map(|sql| (Engine::Postgres, sql)))
    {
        for sql in disguised(engine, sql) {
            let found = session::left(engine, Scanned::of(engine, &sql).first());
            assert!(matches!(found, Some(Left::Transaction(_))), "{engine:?}: {sql:?}");
            assert!(check(engine, &sql, 0, false).is_err());
        }
    }
}

#[test]
fn what_stays_in_the_session_is_refused_unless_that_is_given_up() {
    let on_postgres = SESSION_ON_POSTGRES.iter().map(|sql| (Engine::Postgres, sql));
    let on_sqlite = SESSION_ON_SQLITE.iter().map(|sql| (Engine::Sqlite, sql));
    for (engine, plain) in on_postgres.chain(on_sqlite) {
        for sql in disguised(engine, plain) {
            // Quoted text keeps its case.
            if plain.contains('"') && sql == plain.to_ascii_lowercase() {
                continue;
            }
            let scanned = Scanned::of(engine, &sql);
            let found = session::left(engine, scanned.first());
            assert!(
                matches!(found, Some(Left::Session(..) | Left::Unseen(..))),
                "{engine:?}: {sql:?}",
            );
            let values = scanned.placeholders();
            let error = check(engine, &sql, values, false).unwrap_err().to_string();
            assert!(error.contains("sql_session"), "{error}");
            assert!(check(engine, &sql, values, true).is_ok(), "{engine:?}: {sql:?}");
        }
    }
}

#[test]
fn what_only_looks_like_that_is_taken() {
    let both = HARMLESS.iter().flat_map(|sql| BOTH.map(|engine| (engine, sql)));
    let on_postgres = HARMLESS_ON_POSTGRES.iter().map(|sql| (Engine::Postgres, sql));
    let on_sqlite = HARMLESS_ON_SQLITE.iter().map(|sql| (Engine::Sqlite, sql));
    for (engine, sql) in both.chain(on_postgres).chain(on_sqlite) {
        for sql in disguised(engine, sql) {
            if sql.contains("\"set_config\"(") {
                continue;
            }
            let values = Scanned::of(engine, &sql).placeholders();
            let taken = check(engine, &sql, values, false);
            assert!(taken.is_ok(), "{engine:?}: {sql:?}: {}", taken.unwrap_err());
        }
    }
}

#[test]
fn statements_in_statements_end() {
    let mut sql = "SET ROLE a".to_owned();
    for depth in 0..500 {
        sql = format!("DO $a{depth}$ BEGIN EXECUTE $b{depth}$ {sql} $b{depth}$; END $a{depth}$");
    }
    assert!(check(Engine::Postgres, &sql, 0, false).is_err());
}

#[test]
fn no_text_is_too_strange() {
    let parts = [
        "'",
        "\"",
        "$",
        "$$",
        "$a$",
        "E'",
        "U&\"",
        "/*",
        "*/",
        "--",
        "\n",
        "\r",
        ";",
        "(",
        ")",
        "\\",
        "SET",
        " ",
        "DO",
        "[",
        "]",
        "`",
        "é",
        "\u{feff}",
        "1",
        "set_config",
        ",",
        "CREATE",
        "PRAGMA",
        "EXECUTE",
        "EXPLAIN",
    ];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut sql = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sql.push_str(parts[(state >> 33) as usize % parts.len()]);
        }
        for engine in BOTH {
            let _ = check(engine, &sql, 0, false);
        }
    }
}
