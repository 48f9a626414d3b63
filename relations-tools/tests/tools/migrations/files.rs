//! Files that change, are missing or stop halfway.

use ::relations::Engine;
use ::relations::Executor;
use ::relations::shape::migration::{ApplyOptions, Migrations, Predecessor, State, checksum};

use super::{count, migrations};

/// A file of these lines behind others.
fn push(files: &mut Vec<(String, String)>, engine: Engine, body: &str) {
    let name = format!("{:04}", files.len() + 1);
    let after = match files.last() {
        Some((name, text)) => format!("{name} sha256:{}", checksum(text)),
        None => "nothing".to_owned(),
    };
    let engine = if engine == Engine::Postgres { "postgres" } else { "sqlite" };
    files.push((name, format!("-- engine: {engine}\n-- after: {after}\n\n{body}")));
}

fn three(engine: Engine) -> Vec<(String, String)> {
    let mut files = Vec::new();
    push(
        &mut files,
        engine,
        "-- step: transaction\nCREATE TABLE a (id integer);\nINSERT INTO a VALUES (1);\n\n-- step: transaction\nINSERT INTO a VALUES (2);\n",
    );
    push(&mut files, engine, "-- step: transaction\nINSERT INTO a VALUES (3);\n");
    push(&mut files, engine, "-- step: transaction\nINSERT INTO a VALUES (4);\n");
    files
}

behaviour! {
    async fn each_step_is_run_once(db) {
        let files = three(db.engine());
        let all = migrations(&files);
        let applied = all.apply_with(db, &ApplyOptions::new().to("0002")).await.unwrap();
        assert_eq!((applied.files.len(), applied.steps), (2, 3));
        assert_eq!(count(db, "SELECT count(*) FROM a").await, 3);
        let states: Vec<_> = all.status(db).await.unwrap().files.into_iter().map(|file| file.state).collect();
        assert_eq!(states, [State::Applied, State::Applied, State::Pending]);
        assert_eq!(all.apply(db).await.unwrap().files, ["0003"]);
        assert_eq!(all.apply(db).await.unwrap().steps, 0);
        assert_eq!(count(db, "SELECT count(*) FROM a").await, 4);
        let error = all.apply_with(db, &ApplyOptions::new().to("nope")).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }

    async fn a_changed_file_is_refused_with_its_line(db) {
        let mut files = three(db.engine());
        migrations(&files[..1]).apply(db).await.unwrap();
        // Line ends and blanks are no change.
        files[0].1 = files[0].1.replace('\n', " \r\n");
        migrations(&files).status(db).await.unwrap();
        migrations(&files[..1]).apply(db).await.unwrap();
        files[0].1 = files[0].1.replace("(2)", "(20)");
        let error = migrations(&files[..1]).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("line 9 was `INSERT INTO a VALUES (2);`, and is `INSERT INTO a VALUES (20);`"), "{error}");
        let status = migrations(&files[..1]).status(db).await.unwrap();
        assert!(matches!(&status.files[0].state, State::Changed { line: 9, .. }), "{status:?}");
        migrations(&files[..1]).accept(db, "0001").await.unwrap();
        assert!(migrations(&files[..1]).status(db).await.unwrap().is_up_to_date());
        // A step more is a change as well.
        files[0].1.push_str("\n-- step: transaction\nSELECT 1;\n");
        let error = migrations(&files[..1]).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("has changed since it was applied"), "{error}");
    }

    async fn a_file_names_the_one_before_it(db) {
        let engine = db.engine();
        let mut files = three(engine);
        files[1].1 = files[1].1.replace("(3)", "(30)");
        let error = migrations(&files).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("`0002.sql` has changed since `0003.sql` was written after it"), "{error}");
        let mut files = three(engine);
        // Another branch has added one as well.
        let mut other = three(engine);
        files.insert(2, ("0002_other".to_owned(), other.remove(1).1));
        let error = migrations(&files).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("`0002_other.sql` is written to come after `0001`, and comes after `0002`: two branches"), "{error}");
        let error = migrations(&three(engine)[1..]).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("is written to come after `0001`, and comes after nothing"), "{error}");
        let _ = Predecessor::new("a", "b");
    }

    async fn files_that_are_not_there_are_told(db) {
        let files = three(db.engine());
        migrations(&files).apply(db).await.unwrap();
        // An older program finds a newer database.
        let applied = migrations(&files[..2]).apply(db).await.unwrap();
        assert_eq!((applied.ahead, applied.steps), (vec!["0003".to_owned()], 0));
        let missing = Migrations::read(Vec::new());
        assert_eq!(missing.status(db).await.unwrap().files.len(), 3);
        let mut gap = three(db.engine());
        gap.remove(1);
        let error = migrations(&gap).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("0003.sql` is written to come after `0002`"), "{error}");
        // A file that is gone for good is forgotten by name.
        migrations(&files[..2]).accept(db, "0003").await.unwrap();
        assert!(migrations(&files[..2]).status(db).await.unwrap().is_up_to_date());
        let error = migrations(&files[..2]).accept(db, "0003").await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }

    async fn a_file_that_failed_is_mended_and_goes_on(db) {
        let engine = db.engine();
        let mut files = three(engine);
        files.truncate(1);
        files[0].1 = files[0].1.replace("(2)", "('x', 'y')");
        let error = migrations(&files).apply(db).await.unwrap_err();
        assert!(error.to_string().contains("step 2 of `0001.sql` (line 8) failed"), "{error}");
        let state = migrations(&files).status(db).await.unwrap().files.remove(0).state;
        match engine {
            Engine::Postgres => assert_eq!(state, State::Begun { done: 1, steps: 2 }),
            // All steps are one transaction.
            Engine::Sqlite => assert_eq!(state, State::Pending),
        }
        files[0].1 = files[0].1.replace("('x', 'y')", "(2)");
        migrations(&files).apply(db).await.unwrap();
        assert_eq!(count(db, "SELECT count(*) FROM a").await, 2);
    }

    async fn rows_in_the_way_are_told_before_anything_is_tried(db) {
        let engine = db.engine();
        let mut files = three(engine);
        files.truncate(1);
        migrations(&files).apply(db).await.unwrap();
        push(&mut files, engine, "-- step: transaction\n-- refuse: of `a` are big: SELECT count(*) FROM a WHERE id > 1\n-- refuse: of `a` are small: SELECT count(*) FROM a WHERE id < 9\n-- step: transaction\nDROP TABLE a;\n");
        let error = migrations(&files).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("1 row of `a` are big; 2 rows of `a` are small"), "{error}");
        assert_eq!(count(db, "SELECT count(*) FROM a").await, 2);
    }

    async fn a_step_that_is_done_is_not_run(db) {
        let engine = db.engine();
        let mut files = three(engine);
        files.truncate(1);
        let yes = if engine == Engine::Postgres { "true" } else { "1" };
        push(&mut files, engine, &format!("-- step: transaction\n-- unless: SELECT {yes}\nDROP TABLE a;\n"));
        migrations(&files).apply(db).await.unwrap();
        assert_eq!(count(db, "SELECT count(*) FROM a").await, 2);
    }

    async fn another_engine_is_refused(db) {
        let other = if db.engine() == Engine::Postgres { Engine::Sqlite } else { Engine::Postgres };
        let error = migrations(&three(other)).apply(db).await.unwrap_err().to_string();
        assert!(error.contains("keep the migrations of each engine in a folder of its own"), "{error}");
    }

    async fn steps_alone_and_empty_files_are_kept(db) {
        let engine = db.engine();
        let mut files = Vec::new();
        push(&mut files, engine, "");
        push(&mut files, engine, "-- step: transaction\nCREATE TABLE a (id integer);\n-- step: alone\nVACUUM;\n-- step: transaction\nINSERT INTO a VALUES (1);\n-- step: alone\nVACUUM;\n");
        let applied = migrations(&files).apply(db).await.unwrap();
        assert_eq!((applied.files, applied.steps), (vec!["0001".to_owned(), "0002".to_owned()], 4));
        assert!(migrations(&files).status(db).await.unwrap().is_up_to_date());
        assert_eq!(migrations(&files).apply(db).await.unwrap().steps, 0);
    }

    async fn data_steps_may_be_any_sql(db) {
        let engine = db.engine();
        let mut files = three(engine);
        let body = match engine {
            Engine::Postgres => "-- step: transaction\nDO $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO a VALUES (i * 10); END LOOP; END $$;\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TEMPORARY TABLE t (id integer) ON COMMIT DROP;\nSET LOCAL work_mem = '8MB';\n",
            Engine::Sqlite => "-- step: transaction\nINSERT INTO a VALUES (10), (20), (30);\nCREATE TRIGGER f AFTER INSERT ON a BEGIN UPDATE a SET id = 5; SELECT 1; END;\nCREATE TEMPORARY TABLE t (id integer);\n",
        };
        push(&mut files, engine, body);
        migrations(&files).apply(db).await.unwrap();
        assert_eq!(count(db, "SELECT count(*) FROM a").await, 7);
    }
}
