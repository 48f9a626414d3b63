//! Statements that are seen through, and statements that only look like others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

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

const CONTROL: &[&str] = &[
    "BEGIN",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ROLLBACK TO a",
    "SAVEPOINT a",
    "RELEASE a",
];

const CONTROL_ON_POSTGRES: &[&str] = &[
    "START TRANSACTION",
    "ABORT",
    "COMMIT AND CHAIN",
    "COMMIT PREPARED 'a'",
    "ROLLBACK PREPARED 'a'",
    "PREPARE TRANSACTION 'a'",
    "SET TRANSACTION READ WRITE",
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET TRANSACTION SNAPSHOT 'a'",
    "SET LOCAL TRANSACTION READ WRITE",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "SET LOCAL SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "SET LOCAL transaction_read_only = off",
    "SET LOCAL \"transaction_read_only\" = off",
    "SET LOCAL transaction_isolation TO 'read committed'",
];

const SESSION_ON_POSTGRES: &[&str] = &[
    "SET search_path TO a",
    "SET SESSION search_path = a",
    "SET role = a",
    "SET ROLE a",
    "SET ROLE NONE",
    "SET SESSION ROLE a",
    "SET SESSION AUTHORIZATION a",
    "SET SESSION AUTHORIZATION DEFAULT",
    "SET TIME ZONE 'UTC'",
    "SET NAMES 'latin1'",
    "SET client_encoding = latin1",
    "SET LOCAL client_encoding = latin1",
    "SET LOCAL \"Client_Encoding\" = latin1",
    "SET LOCAL NAMES 'latin1'",
    "SET \"search_path\" = a",
    "SET app.tenant = 7",
    "SET local.tenant = 7",
    "SET constraints.a = 7",
    "SET transaction.a = 7",
    "SET statement_timeout = 0",
    "SET default_transaction_read_only = on",
    "SET XML OPTION DOCUMENT",
    "SET SCHEMA 'a'",
    "RESET ALL",
    "RESET search_path",
    "RESET ROLE",
    "RESET SESSION AUTHORIZATION",
    "DISCARD ALL",
    "DISCARD TEMP",
    "LISTEN a",
    "UNLISTEN *",
    "LOAD 'a'",
    "PREPARE a AS SELECT 1",
    "PREPARE a (int) AS SELECT $1",
    "DEALLOCATE a",
    "DEALLOCATE ALL",
    "EXECUTE a",
    "DECLARE a CURSOR WITH HOLD FOR SELECT 1",
    "DECLARE a BINARY SCROLL CURSOR WITH /* */ HOLD FOR SELECT 1",
    "DECLARE \"for\" CURSOR WITH HOLD FOR SELECT 1",
    "CREATE TEMP TABLE a (b int)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS a (b int)",
    "CREATE LOCAL TEMP TABLE a (b int)",
    "CREATE GLOBAL TEMPORARY TABLE a (b int)",
    "CREATE TEMP TABLE a (b int) ON COMMIT DELETE ROWS",
    "CREATE TEMP TABLE a (b int DEFAULT (1)) ON COMMIT PRESERVE ROWS",
    "CREATE TEMP TABLE a AS SELECT 1 AS b",
    "CREATE TEMP TABLE a AS SELECT ' ON COMMIT DROP '",
    "CREATE TEMP TABLE a AS SELECT 1 FROM b JOIN c ON commit.drop",
    "CREATE TEMP SEQUENCE a",
    "CREATE TEMP VIEW a AS SELECT 1",
    "CREATE OR REPLACE TEMP VIEW a AS SELECT 1",
    "CREATE TEMP RECURSIVE VIEW a (b) AS SELECT 1",
    "CREATE TABLE pg_temp.a (b int)",
    "CREATE TABLE \"pg_temp\".a (b int)",
    "CREATE TABLE U&\"pg\\005ftemp\".a (b int)",
    "CREATE TABLE pg_temp_3.a (b int)",
    "CREATE FUNCTION pg_temp.a() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE VIEW pg_temp.a AS SELECT 1",
    "ALTER TABLE a SET SCHEMA pg_temp",
    "SELECT 1 AS a INTO TEMP b",
    "SELECT 1 AS a INTO TEMPORARY TABLE b FROM c",
    "SELECT 1 AS a INTO LOCAL TEMP b",
    "SELECT 1 AS a INTO pg_temp.b",
    "SELECT 1 AS a INTO TABLE pg_temp.b",
    "WITH a AS (SELECT 1) SELECT * INTO TEMP b FROM a",
    "(SELECT 1 AS a INTO TEMP b)",
    "SELECT 1INTO TEMP b",
    "EXPLAIN ANALYZE CREATE TEMP TABLE a AS SELECT 1",
    "EXPLAIN (ANALYZE, COSTS off) CREATE TEMP TABLE a AS SELECT 1",
    "EXPLAIN ANALYZE VERBOSE EXECUTE a",
    "SELECT set_config('search_path', 'a', false)",
    "SELECT set_config('search_path', 'a', FALSE)",
    "SELECT set_config('search_path', 'a', $1)",
    "SELECT set_config('search_path', 'a', 'f')",
    "SELECT set_config('search_path', 'a', NOT true)",
    "SELECT set_config('search_path', 'a', true AND false)",
    "SELECT set_config('search_path', (SELECT 'true, true'), false)",
    "SELECT set_config('role', (SELECT a FROM b WHERE c = (1, 2, true)), false)",
    "SELECT set_config('client_encoding', 'latin1', true)",
    "SELECT set_config(is_local => false, setting_name => 'a.b', new_value => 'true')",
    "SELECT set_config /* true */ ('search_path', 'a', false)",
    "SELECT pg_catalog.set_config('search_path', 'a', false)",
    "SELECT pg_catalog . \"set_config\" ('search_path', 'a', false)",
    "SELECT \"set_config\"('search_path', 'a', false)",
    "SELECT U&\"set_c\\006fnfig\"('search_path', 'a', false)",
    "SELECT U&\"set_c!006fnfig\" UESCAPE '!' ('search_path', 'a', false)",
    "SELECT E'\\'', set_config('search_path', E'\\', true)', false)",
    "SELECT 'a' FROM b WHERE set_config('role', 'a', false) = 'a'",
    "SELECT * FROM set_config('role', 'a', false)",
    "WITH a AS (SELECT set_config('role', 'a', false)) SELECT 1 FROM a",
    "UPDATE a SET b = set_config('role', 'a', false)",
    "INSERT INTO a SELECT set_config('role', 'a', false)",
    "INSERT INTO a VALUES (set_config('role', 'a', false))",
    "DELETE FROM a RETURNING set_config('role', 'a', false)",
    "CREATE TABLE a AS SELECT set_config('role', 'a', false)",
    "CREATE MATERIALIZED VIEW a AS SELECT pg_advisory_lock(1)",
    "VALUES (set_config('role', 'a', false))",
    "CALL a(set_config('role', 'a', false))",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_lock(1, 2)",
    "SELECT pg_advisory_lock_shared(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_try_advisory_lock_shared(1)",
    "SELECT pg_catalog.pg_advisory_lock(1)",
    "SELECT count(*) FROM a WHERE pg_try_advisory_lock(b)",
    "SELECT setseed(0.5)",
    "DO $$ BEGIN SET search_path TO a; END $$",
    "DO $$ BEGIN RESET ROLE; END $$",
    "DO $a$ BEGIN IF true THEN SET ROLE a; END IF; END $a$",
    "DO $$ BEGIN LOOP DISCARD TEMP; END LOOP; END $$",
    "DO LANGUAGE plpgsql $$ BEGIN PERFORM set_config('role', 'a', false); END $$",
    "DO $$ BEGIN PERFORM pg_advisory_lock(1); END $$",
    "DO $$ BEGIN CREATE TEMP TABLE a (b int); END $$",
    "DO $$ BEGIN EXECUTE 'SET ROLE a'; END $$",
    "DO $$ BEGIN EXECUTE $a$ SET ROLE a $a$; END $$",
    "DO 'BEGIN SET ROLE a; END'",
    "DO E'BEGIN\\n SET ROLE a; END'",
    "DO $$ << a >> BEGIN NULL; /* */ LISTEN a; END $$",
    "DO E'BEGIN \\x53ET ROLE a; END'",
];

const SESSION_ON_SQLITE: &[&str] = &[
    "PRAGMA foreign_keys = OFF",
    "PRAGMA foreign_keys=0",
    "PRAGMA foreign_keys(OFF)",
    "PRAGMA main.foreign_keys = OFF",
    "PRAGMA \"foreign_keys\" = OFF",
    "PRAGMA [foreign_keys] = OFF",
    "PRAGMA `foreign_keys` = OFF",
    "PRAGMA 'foreign_keys' = OFF",
    "PRAGMA /* */ foreign_keys /* */ = /* */ OFF",
    "PRAGMA case_sensitive_like = 0",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA journal_mode(OFF)",
    "PRAGMA writable_schema = ON",
    "PRAGMA writable_schema = RESET",
    "PRAGMA trusted_schema = 1",
    "PRAGMA recursive_triggers = 1",
    "PRAGMA ignore_check_constraints = 1",
    "PRAGMA legacy_alter_table = 1",
    "PRAGMA query_only = 1",
    "PRAGMA busy_timeout = 1",
    "PRAGMA busy_timeout(1)",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA read_uncommitted = 1",
    "PRAGMA cache_size = 1",
    "PRAGMA temp_store = 2",
    "PRAGMA mmap_size = 1",
    "PRAGMA reverse_unordered_selects = 1",
    "PRAGMA encoding = 'UTF-16'",
    "PRAGMA schema_version = 1",
    "PRAGMA unknown_to_us = 1",
    "PRAGMA temp.cache_size = 1",
    "ATTACH 'a' AS b",
    "ATTACH DATABASE 'a' AS b",
    "DETACH b",
    "DETACH DATABASE b",
    "CREATE TEMP TABLE a (b)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS a (b)",
    "CREATE TEMP VIEW a AS SELECT 1",
    "CREATE TEMP TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; END",
    "CREATE TABLE temp.a (b)",
    "CREATE TABLE \"temp\".a (b)",
    "CREATE TABLE [TEMP] . a (b)",
    "CREATE TABLE IF NOT EXISTS temp.a AS SELECT 1",
    "CREATE VIEW temp.a AS SELECT 1",
    "CREATE UNIQUE INDEX temp.a ON b (c)",
    "CREATE VIRTUAL TABLE temp.a USING fts5(b)",
    "CREATE TRIGGER temp.a AFTER INSERT ON b BEGIN SELECT 1; END",
];

const HARMLESS: &[&str] = &[
    "SELECT 1 AS begin",
    "SELECT 'COMMIT'",
    "SELECT \"commit\" FROM a",
    "SELECT 1 -- COMMIT",
    "SELECT 1 /* ; COMMIT */",
    "SELECT '; COMMIT; --'",
    "SELECT 'SET ROLE a', 'it''s; RESET ALL'",
    "SELECT set, reset, temp FROM a",
    "SELECT begin, \"end\" FROM a",
    "UPDATE a SET b = 1",
    "UPDATE a SET \"set\" = 1, local = 2, session = 3, role = 4",
    "INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 2",
    "INSERT INTO a (b) VALUES (1) ON CONFLICT DO NOTHING",
    "INSERT INTO temp (a) VALUES (1)",
    "INSERT INTO \"pragma\" (attach) VALUES ('PRAGMA foreign_keys = OFF')",
    "SELECT CASE WHEN a THEN 1 ELSE 2 END FROM b",
    "WITH hold AS (SELECT 1) SELECT * FROM hold",
    "DELETE FROM listen WHERE discard = 1",
    "SELECT a.set_config FROM a",
    "SELECT set_config FROM a",
    "SELECT 'set_config(''a'', ''b'', false)'",
    "SELECT \"pg_advisory_lock\" FROM a",
    "CREATE TABLE a (b int)",
    "CREATE TABLE temporary_things (a int)",
    "CREATE TABLE set_config (a int)",
    "INSERT INTO set_config (a) VALUES (1)",
    "INSERT INTO pg_advisory_lock (a, b) VALUES (1, 2)",
    "CREATE INDEX a ON b (c)",
    "DROP TABLE a",
    "ALTER TABLE a RENAME TO b",
    "ALTER TABLE a ADD COLUMN temp int",
    "ALTER TABLE a DROP COLUMN reset",
    "SELECT e.a FROM e",
    "SELECT x'00'",
    "VALUES (1), (2)",
    "ANALYZE",
    "VACUUM",
    "REINDEX TABLE a",
    "EXPLAIN SELECT 1",
    "(SELECT 1) UNION (SELECT 2)",
];

const HARMLESS_ON_POSTGRES: &[&str] = &[
    "SET LOCAL search_path TO a",
    "SET LOCAL ROLE a",
    "SET LOCAL SESSION AUTHORIZATION a",
    "SET LOCAL TIME ZONE 'UTC'",
    "SET LOCAL app.tenant = 7",
    "SET LOCAL local.tenant = 7",
    "SET LOCAL statement_timeout = '5s'",
    "SET CONSTRAINTS ALL DEFERRED",
    "SET CONSTRAINTS a IMMEDIATE",
    "SHOW search_path",
    "SELECT current_setting('search_path')",
    "SELECT set_config('app.tenant', $1, true)",
    "SELECT set_config('app.tenant', '7', TRUE)",
    "SELECT pg_catalog.set_config('app.tenant', (SELECT max(a, 2)::text FROM b), true)",
    "SELECT set_config(setting_name => 'a.b', new_value => '1', is_local => true)",
    "SELECT mine.set_config('search_path', 'a', false)",
    "SELECT mine.pg_advisory_lock(1)",
    "SELECT \"SET_CONFIG\"('search_path', 'a', false)",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT pg_advisory_xact_lock_shared(1)",
    "SELECT $$ SET ROLE a; COMMIT $$",
    "SELECT $a$ ; $$ COMMIT $a$",
    "SELECT E'\\'; COMMIT; --'",
    "SELECT E'a\\\\', 'b'",
    "SELECT U&'\\0041; COMMIT'",
    "SELECT a[1:2] FROM b",
    "SELECT ARRAY['SET', 'RESET']",
    "SELECT a::text, b -> 'c' ->> 'd' FROM e",
    "SELECT a$b FROM c",
    "SELECT 1 /* /* ; */ COMMIT */",
    "ALTER TABLE a SET (fillfactor = 70)",
    "ALTER TABLE a RESET (fillfactor)",
    "ALTER TABLE a ALTER COLUMN b SET DEFAULT 1",
    "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
    "ALTER TABLE a SET SCHEMA b",
    "ALTER ROLE a SET search_path = b",
    "ALTER ROLE a RESET ALL",
    "ALTER DATABASE a SET timezone = 'UTC'",
    "ALTER FUNCTION set_config(text, text, boolean) OWNER TO a",
    "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO a",
    "COMMENT ON FUNCTION pg_advisory_lock(bigint) IS 'a'",
    "DROP FUNCTION set_config(text, text, boolean)",
    "CREATE FUNCTION a() RETURNS int LANGUAGE sql SET search_path = b AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION a() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET ROLE a; END $$",
    "CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; END",
    "CREATE PROCEDURE a() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$",
    "CREATE VIEW a AS SELECT pg_advisory_lock(1)",
    "CREATE TEMP TABLE a (b int) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE a ON COMMIT DROP AS SELECT 1",
    "CREATE TABLE a.temp (b int)",
    "CREATE UNLOGGED TABLE a (b int)",
    "CREATE TABLE a AS SELECT 1",
    "CREATE SEQUENCE temp",
    "SELECT 1 INTO a",
    "SELECT 1 AS a INTO temp FROM b",
    "WITH a AS (INSERT INTO temp SELECT 1 RETURNING 1) SELECT * FROM a",
    "WITH a AS (INSERT INTO temp VALUES (1) RETURNING 1) SELECT * FROM a",
    "MERGE INTO temp USING a ON temp.b = a.b WHEN MATCHED THEN DELETE",
    "SELECT * FROM pg_temp.a",
    "DECLARE a CURSOR FOR SELECT 1",
    "DECLARE a CURSOR WITHOUT HOLD FOR SELECT 1",
    "DECLARE a CURSOR FOR WITH hold AS (SELECT 1) SELECT * FROM hold",
    "FETCH 10 FROM a",
    "CLOSE a",
    "NOTIFY a, 'SET'",
    "LOCK TABLE a IN SHARE MODE",
    "TABLE a",
    "CALL a(1)",
    "REFRESH MATERIALIZED VIEW a",
    "TRUNCATE a RESTART IDENTITY",
    "EXPLAIN (ANALYZE, FORMAT json) SELECT 1",
    "EXPLAIN ANALYZE UPDATE a SET b = 1",
    "EXPLAIN (SELECT 1)",
    "DO $$ BEGIN UPDATE a SET b = 1; END $$",
    "DO $$ BEGIN SET LOCAL search_path TO a; END $$",
    "DO $$ BEGIN COMMIT; END $$",
    "DO $$ DECLARE a int; BEGIN SELECT 1 INTO a; END $$",
    "DO $$ BEGIN ALTER TABLE a SET (fillfactor = 70); END $$",
    "DO $$ BEGIN RAISE NOTICE 'SET ROLE a'; -- SET ROLE a\n END $$",
    "DO $$ BEGIN EXECUTE 'UPDATE a SET b = 1'; END $$",
    "INSERT INTO a (set, reset) VALUES ('listen', 'discard') RETURNING set",
    "SELECT 1 WHERE EXISTS (SELECT 1)",
    "SELECT 'a' 'b'",
    "SELECT U&\"d\\0061ta\" FROM a",
    "SELECT \u{a0}a FROM b",
];

const HARMLESS_ON_SQLITE: &[&str] = &[
    "PRAGMA foreign_keys",
    "PRAGMA main.foreign_keys",
    "PRAGMA table_info(a)",
    "PRAGMA table_info('a')",
    "PRAGMA table_info = a",
    "PRAGMA main.table_xinfo(a)",
    "PRAGMA index_list(a)",
    "PRAGMA index_info(a)",
    "PRAGMA foreign_key_list(a)",
    "PRAGMA foreign_key_check(a)",
    "PRAGMA foreign_key_check",
    "PRAGMA integrity_check(10)",
    "PRAGMA quick_check",
    "PRAGMA user_version",
    "PRAGMA user_version = 3",
    "PRAGMA application_id = 3",
    "PRAGMA defer_foreign_keys = ON",
    "PRAGMA journal_mode",
    "PRAGMA compile_options",
    "PRAGMA database_list",
    "PRAGMA optimize",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA incremental_vacuum(10)",
    "PRAGMA page_count;",
    "SELECT * FROM pragma_table_info('a')",
    "EXPLAIN QUERY PLAN SELECT 1",
    "EXPLAIN COMMIT",
    "EXPLAIN PRAGMA foreign_keys = OFF",
    "CREATE TABLE main.a (b)",
    "CREATE TABLE temp (a)",
    "CREATE TABLE a (temp, b REFERENCES c (d))",
    "CREATE VIEW a AS SELECT temp.b FROM temp",
    "CREATE TRIGGER a AFTER INSERT ON b BEGIN UPDATE c SET d = CASE WHEN 1 THEN 2 END; END",
    "CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; DELETE FROM c; END;",
    "SELECT [COMMIT] FROM a",
    "SELECT `COMMIT` FROM a",
    "SELECT '\\'",
    "SELECT set_config('a', 'b', 0)",
    "SELECT /* /* */ 1",
    "REPLACE INTO a VALUES (1)",
    "SELECT iif(a, b, c) FROM d",
    "SELECT a -> '$.b' FROM c",
];

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
            // What is quoted keeps its case.
            if plain.contains('"') && sql == plain.to_ascii_lowercase() {
                continue;
            }
            let scanned = Scanned::of(engine, &sql);
            let found = session::left(engine, scanned.first());
            assert!(matches!(found, Some(Left::Session(..))), "{engine:?}: {sql:?}");
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
