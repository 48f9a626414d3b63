//! Statements that change the session are refused, or run on a connection that is closed afterwards.

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Engine, Result, schema, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Parent {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Child {
    #[id]
    pub id: i64,
    #[belongs_to(Parent)]
    pub parent_id: i64,
}

/// State that a session would pass on, and a query whose answer shows it.
fn changes(engine: Engine) -> &'static [(&'static str, &'static str)] {
    match engine {
        Engine::Postgres => &[
            ("SET search_path TO nowhere", "SELECT current_setting('search_path')"),
            ("SET ROLE pg_monitor", "SELECT current_user::text"),
            ("SET statement_timeout = 7", "SELECT current_setting('statement_timeout')"),
            ("SET client_encoding = latin1", "SELECT current_setting('client_encoding')"),
            ("SET app.tenant = 'x'", "SELECT coalesce(current_setting('app.tenant', true), '')"),
            (
                "SELECT set_config('search_path', 'nowhere', false)",
                "SELECT current_setting('search_path')",
            ),
            (
                "CREATE TEMP TABLE parents (id bigint)",
                "SELECT count(*)::text FROM pg_class WHERE relpersistence = 't'",
            ),
            (
                "SELECT pg_advisory_lock(7)",
                "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND \
                 database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            ),
            ("LISTEN news", "SELECT count(*)::text FROM pg_listening_channels()"),
            (
                "PREPARE mine AS SELECT 1",
                "SELECT count(*)::text FROM pg_prepared_statements WHERE name = 'mine'",
            ),
            (
                "DO $$ BEGIN SET search_path TO nowhere; END $$",
                "SELECT current_setting('search_path')",
            ),
            (
                "DO 'BEGIN SE'\n'T search_path TO nowhere; END'",
                "SELECT current_setting('search_path')",
            ),
            (
                "DO 'BEGIN EXECUTE ''SELECT 1; SET '' || ''search_path TO nowhere''; END'",
                "SELECT current_setting('search_path')",
            ),
            (
                "UPDATE pg_settings SET setting = 'nowhere' WHERE name = 'search_path'",
                "SELECT current_setting('search_path')",
            ),
            (
                "EXPLAIN ANALYZE ((SELECT set_config('search_path', 'nowhere', false)))",
                "SELECT current_setting('search_path')",
            ),
            (
                "SELECT query_to_xml('SELECT set_config(''search_path'', ''a'', false)', true, true, '')",
                "SELECT current_setting('search_path')",
            ),
            (
                "SELECT 1 AS insert INTO TEMP parents",
                "SELECT count(*)::text FROM pg_class WHERE relpersistence = 't'",
            ),
        ],
        Engine::Sqlite => &[
            ("PRAGMA foreign_keys = OFF", "SELECT foreign_keys || '' FROM pragma_foreign_keys"),
            (
                "EXPLAIN PRAGMA foreign_keys = OFF",
                "SELECT foreign_keys || '' FROM pragma_foreign_keys",
            ),
            ("PRAGMA synchronous = OFF", "SELECT synchronous || '' FROM pragma_synchronous"),
            ("ATTACH ':memory:' AS other", "SELECT count(*) || '' FROM pragma_database_list"),
            ("CREATE TEMP TABLE parents (id)", "SELECT count(*) || '' FROM sqlite_temp_schema"),
        ],
    }
}

async fn answer(db: &Database, question: &str) -> String {
    sql(question.to_owned(), ()).one(db).await.expect(question)
}

/// A pool of one connection, which each statement therefore runs on.
async fn one_connection(db: &Database) -> Result<Database> {
    match db.engine() {
        Engine::Sqlite => ConnectOptions::new("sqlite::memory:").pool_size(1).connect().await,
        Engine::Postgres => {
            let url = crate::support::postgres_url().await.expect("there is a server");
            ConnectOptions::new(url).pool_size(1).connect().await
        }
    }
}

use ::relations::Executor as _;

behaviour! {
    async fn what_changes_the_session_is_refused_and_a_session_of_its_own_takes_it(db) {
        let db = &one_connection(db).await.unwrap();
        for (change, question) in changes(db.engine()) {
            let before = answer(db, question).await;
            let error = sql(*change, ()).execute(db).await.expect_err(change);
            assert!(error.is_invalid_request() && error.to_string().contains("sql_session"), "{error}");
            let tx = db.begin().await.unwrap();
            assert!(sql(*change, ()).execute(&tx).await.expect_err(change).is_invalid_request());
            tx.rollback().await.unwrap();
            let session = db.sql_session().await.unwrap();
            match sql(*change, ()).execute(&session).await {
                // A server may have been built without XML.
                Err(error) if error.code() == Some("0A000") => {
                    session.close();
                    continue;
                }
                done => done.expect(change),
            };
            let within: String = sql(*question, ()).one(&session).await.unwrap_or_default();
            session.close();
            if db.engine() == Engine::Postgres {
                // The state of a session ends when the server has seen that the connection is
                // closed.
                for _ in 0..100 {
                    if answer(db, question).await == before {
                        break;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
            assert_eq!(answer(db, question).await, before, "{change}");
            assert_ne!(within, before, "{change}");
        }
    }

    async fn entities_run_on_a_session_and_an_open_transaction_goes_with_it(db) {
        db.create(schema![Parent, Child]).await.unwrap();
        let session = db.sql_session().await.unwrap();
        NewParent { id: 1 }.insert(&session).await.unwrap();
        sql("BEGIN", ()).execute(&session).await.unwrap();
        NewParent { id: 2 }.insert(&session).await.unwrap();
        let ids = Parent::find().order_by(Parent::ID.asc()).select(Parent::ID).all(&session);
        assert_eq!(ids.await.unwrap(), [1, 2]);
        drop(session);
        for _ in 0..100 {
            if Parent::find().count(db).await.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(Parent::find().count(db).await.unwrap(), 1);
    }

    async fn keys_are_enforced_whatever_a_session_did(db) {
        db.create(schema![Parent, Child]).await.unwrap();
        if db.engine() == Engine::Sqlite {
            let session = db.sql_session().await.unwrap();
            sql("PRAGMA foreign_keys = OFF", ()).execute(&session).await.unwrap();
            NewChild { id: 1, parent_id: 9 }.insert(&session).await.unwrap();
            session.close();
        }
        for id in 2..20 {
            let error = NewChild { id, parent_id: 9 }.insert(db).await.unwrap_err();
            assert!(error.is_foreign_key_violation(), "{error}");
        }
    }

    async fn what_ends_with_its_transaction_is_taken(db) {
        if db.engine() == Engine::Sqlite {
            let version: i64 = sql("PRAGMA user_version", ()).one(db).await.unwrap();
            sql(format!("PRAGMA user_version = {}", version + 1), ()).execute(db).await.unwrap();
            assert_eq!(sql("PRAGMA user_version", ()).one::<i64>(db).await.unwrap(), version + 1);
            return;
        }
        let before = answer(db, "SELECT current_setting('search_path')").await;
        let tx = db.begin().await.unwrap();
        for taken in [
            "SET LOCAL search_path TO pg_catalog",
            "SELECT set_config('app.tenant', '7', true)",
            "CREATE TEMP TABLE a (b int) ON COMMIT DROP",
            "SELECT pg_advisory_xact_lock(7)",
            "DECLARE c CURSOR FOR SELECT 1",
        ] {
            sql(taken, ()).execute(&tx).await.expect(taken);
        }
        tx.commit().await.unwrap();
        assert_eq!(answer(db, "SELECT current_setting('search_path')").await, before);
    }

    async fn a_read_only_transaction_stays_so(db) {
        db.create(schema![Parent]).await.unwrap();
        let options = ::relations::TransactionOptions::new().read_only();
        let tx = db.begin_with(options).await.unwrap();
        for lifts in ["SET TRANSACTION READ WRITE", "SET LOCAL transaction_read_only = off", "--\rCOMMIT /*\n SELECT 1 --*/"] {
            if db.engine() == Engine::Postgres {
                assert!(sql(lifts, ()).execute(&tx).await.expect_err(lifts).is_invalid_request(), "{lifts}");
            }
        }
        assert!(NewParent { id: 1 }.insert(&tx).await.is_err());
        drop(tx);
        assert_eq!(Parent::find().count(db).await.unwrap(), 0);
    }
    async fn keys_are_deferred_for_no_one_else(db) {
        db.create(schema![Parent, Child]).await.unwrap();
        if db.engine() != Engine::Sqlite {
            return;
        }
        let db = &one_connection(db).await.unwrap();
        db.create(schema![Parent, Child]).await.unwrap();
        let tx = db.begin().await.unwrap();
        sql("PRAGMA defer_foreign_keys = ON", ()).execute(&tx).await.unwrap();
        NewChild { id: 1, parent_id: 1 }.insert(&tx).await.unwrap();
        NewParent { id: 1 }.insert(&tx).await.unwrap();
        tx.commit().await.unwrap();
        for deferred in ["PRAGMA defer_foreign_keys = ON", "pragma \"Defer_Foreign_Keys\"(1)"] {
            sql(deferred, ()).execute(db).await.unwrap();
            let tx = db.begin().await.unwrap();
            let error = NewChild { id: 2, parent_id: 2 }.insert(&tx).await.unwrap_err();
            assert!(error.is_foreign_key_violation(), "{error}");
        }
    }
}

/// A server that reads a `\` in texts as an escape reads other SQL than what was checked.
#[tokio::test]
async fn a_server_that_reads_texts_otherwise_is_refused() {
    let Some(url) = crate::support::postgres_url().await else { return };
    let mark = if url.contains('?') { '&' } else { '?' };
    let option = "options=-c%20standard_conforming_strings%3D";
    let error = ConnectOptions::new(format!("{url}{mark}{option}off")).connect().await.unwrap_err();
    assert!(error.is_connection(), "{error}");
    assert!(error.to_string().contains("set `standard_conforming_strings` to `on`"), "{error}");
    ConnectOptions::new(format!("{url}{mark}{option}on")).connect().await.unwrap();
}

/// `COPY` speaks another protocol, which is not continued here.
#[tokio::test]
async fn a_copy_leaves_no_connection_that_waits() {
    let Some(url) = crate::support::postgres_url().await else { return };
    let options = ConnectOptions::new(url).pool_size(1);
    let db = options.wait_timeout(std::time::Duration::from_secs(3)).connect().await.unwrap();
    db.create(schema![Parent]).await.unwrap();
    for copy in ["COPY parents FROM STDIN", "COPY parents TO STDOUT", "COPY (SELECT 1) TO STDOUT"] {
        for within in [false, true] {
            let limit = std::time::Duration::from_secs(10);
            let copied = async {
                if within {
                    let tx = db.begin().await?;
                    sql(copy, ()).execute(&tx).await
                } else {
                    sql(copy, ()).execute(&db).await
                }
            };
            let copied = tokio::time::timeout(limit, copied).await.expect(copy);
            let error = copied.expect_err(copy);
            eprintln!("{copy} {within} {error}");
            let asked = tokio::time::timeout(limit, Parent::find().count(&db)).await.expect(copy);
            assert_eq!(asked.expect(copy), 0, "{copy}");
        }
    }
}
