//! Raw SQL that is put together at run time, streamed, and run as a script.

use ::relations::prelude::*;
use ::relations::value::Parameter;
use ::relations::{Database, Engine, Executor, sql};
use futures_util::StreamExt;

async fn numbers(db: &Database) {
    sql("CREATE TABLE numbers (id BIGINT PRIMARY KEY, name TEXT NOT NULL)", ())
        .execute(db)
        .await
        .unwrap();
    let mut insert = sql("INSERT INTO numbers (id, name) VALUES ", ());
    for id in 1..=2_500_i64 {
        let comma = if id == 1 { "(" } else { ", (" };
        insert = insert.push(comma).push_bind(id).push(",").push_bind(format!("n{id}")).push(")");
    }
    assert_eq!(insert.execute(db).await.unwrap(), 2_500);
}

behaviour! {
    async fn sql_is_put_together(db) {
        numbers(db).await;
        let of = async |least: Option<i64>, names: &[&str]| {
            let mut query = sql("SELECT id FROM numbers WHERE id < ", ()).push_bind(9_i64);
            if let Some(least) = least {
                query = query.push("AND id>=").push_bind(least);
            }
            query = query.push("OR name IN (").push_list(names.iter().copied()).push(")ORDER BY id");
            query.all::<i64>(db).await.unwrap()
        };
        assert_eq!(of(Some(7), &["n20", "'); DROP TABLE numbers; --", "n30"]).await, [7, 8, 20, 30]);
        assert_eq!(of(None, &[]).await, [1, 2, 3, 4, 5, 6, 7, 8]);
        // A digit behind a placeholder is none of its number.
        let sum: i64 = sql("SELECT ", ()).push_bind(4_i64).push("+1").one(db).await.unwrap();
        assert_eq!(sum, 5);
        let values: Vec<Parameter> = vec![Value::to_parameter(&3_i64), Value::to_parameter(&"n3".to_owned())];
        let found = sql("SELECT id FROM numbers WHERE id = $1 AND name = $2", values.clone());
        assert_eq!(found.all::<i64>(db).await.unwrap(), [3]);
        let found = sql("SELECT id FROM numbers WHERE name = ", ()).push_bind(values[1].clone());
        assert_eq!(found.one::<i64>(db).await.unwrap(), 3);
        let more = sql("SELECT id FROM numbers WHERE id = $1", (5_i64,)).push(" AND name = ").push_bind("n5");
        assert_eq!(more.one::<i64>(db).await.unwrap(), 5);
        let quoted = sql("SELECT id FROM numbers WHERE name = '", ()).push_bind("n5").push("' OR id = ");
        let error = quoted.push_bind(5_i64).all::<i64>(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("value 1 stands within a text"), "{error}");
    }

    async fn rows_are_streamed(db) {
        numbers(db).await;
        let mut stream = sql("SELECT id FROM numbers WHERE id > $1 ORDER BY id", (2_i64,)).stream::<i64>(db);
        assert_eq!(stream.try_next().await.unwrap(), Some(3));
        let rest: Vec<i64> = stream.map(Result::unwrap).collect().await;
        assert_eq!(rest.len(), 2_497);
        assert_eq!(rest.last(), Some(&2_500));
        // A stream that is dropped leaves nothing behind.
        for _ in 0..20 {
            let mut stream = sql("SELECT id, name FROM numbers ORDER BY id", ()).stream::<(i64, String)>(db.clone());
            assert_eq!(stream.try_next().await.unwrap(), Some((1, "n1".to_owned())));
        }
        let count: i64 = sql("SELECT count(*) FROM numbers", ()).one(db).await.unwrap();
        assert_eq!(count, 2_500);
        let mut none = sql("SELECT id FROM numbers WHERE id < 0", ()).stream::<i64>(db);
        assert_eq!(none.try_next().await.unwrap(), None);
        assert_eq!(none.try_next().await.unwrap(), None);
        // Rows come before the error.
        let nulls = "SELECT CASE WHEN id < 3 THEN id END FROM numbers ORDER BY id";
        let mut nulls = sql(nulls, ()).stream::<i64>(db);
        assert_eq!(nulls.try_next().await.unwrap(), Some(1));
        assert_eq!(nulls.try_next().await.unwrap(), Some(2));
        assert!(nulls.try_next().await.unwrap_err().is_row_mismatch());
        assert_eq!(nulls.try_next().await.unwrap(), None);
        let mut refused = sql("BEGIN", ()).stream::<i64>(db);
        assert!(refused.try_next().await.unwrap_err().is_invalid_request());
        // In a transaction too.
        let tx = db.begin().await.unwrap();
        sql("DELETE FROM numbers WHERE id > 5", ()).execute(&tx).await.unwrap();
        let mut stream = sql("SELECT id FROM numbers ORDER BY id DESC", ()).stream::<i64>(&tx);
        assert_eq!(stream.try_next().await.unwrap(), Some(5));
        drop(stream);
        tx.rollback().await.unwrap();
    }

    async fn a_script_holds_whole_or_not_at_all(db) {
        let script = "
            -- Fixtures; two tables.
            CREATE TABLE a (id BIGINT PRIMARY KEY, note TEXT);
            CREATE TABLE b (id BIGINT PRIMARY KEY);;
            INSERT INTO a (id, note) VALUES (1, 'x; y'), (2, 'it''s');
            INSERT INTO b /* ; */ SELECT id FROM a
        ";
        assert_eq!(sql(script, ()).execute_script(db).await.unwrap(), 4);
        let notes: Vec<String> = sql("SELECT note FROM a ORDER BY id", ()).all(db).await.unwrap();
        assert_eq!(notes, ["x; y", "it's"]);
        let broken = sql("INSERT INTO a (id) VALUES (3); INSERT INTO b (id) VALUES (1)", ());
        assert!(broken.execute_script(db).await.unwrap_err().is_unique_violation());
        let count = async || sql("SELECT count(*) FROM a", ()).one::<i64>(db).await.unwrap();
        assert_eq!(count().await, 2);
        let refused = sql("INSERT INTO a (id) VALUES (4);\n\nCOMMIT; SELECT 1", ());
        let error = refused.execute_script(db).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("line 3 of the script"), "{error}");
        let session = match db.engine() {
            Engine::Postgres => "SELECT 1; SET search_path TO x",
            Engine::Sqlite => "SELECT 1; PRAGMA foreign_keys = 0",
        };
        assert!(sql(session, ()).execute_script(db).await.unwrap_err().is_invalid_request());
        assert!(sql("SELECT $1", (1_i64,)).execute_script(db).await.unwrap_err().is_invalid_request());
        assert_eq!(sql(" ; -- nothing\n", ()).execute_script(db).await.unwrap(), 0);
        assert_eq!(count().await, 2);
        // Within a transaction it is a part of it.
        let tx = db.begin().await.unwrap();
        sql("DELETE FROM b; DELETE FROM a", ()).execute_script(&tx).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(count().await, 2);
        let body = match db.engine() {
            Engine::Postgres => {
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM b; RETURN NEW; END $$; \
                 CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();"
            }
            Engine::Sqlite => "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT 1; END;",
        };
        sql(format!("{body} INSERT INTO a (id) VALUES (9)"), ()).execute_script(db).await.unwrap();
        assert_eq!(sql("SELECT count(*) FROM b", ()).one::<i64>(db).await.unwrap(), 0);
    }
}
