//! An error, a trace and a log hold no value of a row, and no password.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex};

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Engine, Error, Executor, Filter, sql};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const SECRET: &str = "sentinel-4711";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ::relations::Value)]
enum Mood {
    Good,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Letter)]
struct Person {
    #[id]
    id: i64,
    #[unique]
    email: String,
    secret: String,
    mood: Option<Mood>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Letter {
    #[id]
    id: i64,
    #[belongs_to(Person)]
    person_id: i64,
    text: String,
}

/// All that an error tells, but for the key.
fn told(error: &Error) -> String {
    let mut told = format!("{error}\n{error:?}\n{error:#?}");
    let mut source = error.source();
    while let Some(layer) = source {
        told = format!("{told}\n{layer}\n{layer:?}");
        source = layer.source();
    }
    told
}

/// Errors of each class, of which each has met a secret.
async fn errors(db: &Database) -> Vec<(&'static str, Error)> {
    let is_postgres = db.engine() == Engine::Postgres;
    let statements: &[&str] = if is_postgres {
        &[
            "CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, \
             secret text NOT NULL CHECK (secret <> 'x' || email), mood text)",
            "CREATE TABLE letters (id bigint PRIMARY KEY, \
             person_id bigint NOT NULL REFERENCES people, text varchar(20) NOT NULL)",
            "CREATE TABLE spans (secret text, EXCLUDE USING hash (secret WITH =))",
            "CREATE TYPE mood AS ENUM ('good')",
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no %', NEW.text USING DETAIL = NEW.text, HINT = NEW.text; END $$",
            "CREATE TRIGGER refuse BEFORE UPDATE ON letters FOR EACH ROW EXECUTE FUNCTION refuse()",
        ]
    } else {
        &[
            "CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, \
             secret text NOT NULL CHECK (secret <> 'x' || email), mood text)",
            "CREATE TABLE letters (id bigint PRIMARY KEY, \
             person_id bigint NOT NULL REFERENCES people (id), text text NOT NULL)",
            "CREATE TRIGGER refuse BEFORE UPDATE ON letters \
             BEGIN SELECT RAISE (ABORT, 'no ' || NEW.text); END",
        ]
    };
    for statement in statements {
        sql(*statement, ()).execute(db).await.unwrap();
    }
    let person =
        |id, email: &str| NewPerson { id, email: email.into(), secret: SECRET.into(), mood: None };
    person(1, "one").insert(db).await.unwrap();
    let letter = |id, person_id| NewLetter { id, person_id, text: SECRET.into() };
    letter(1, 1).insert(db).await.unwrap();
    sql("INSERT INTO people VALUES (2, 'two', $1, $1)", (SECRET,)).execute(db).await.unwrap();
    let many = [letter(8, 1), letter(9, 7)];
    let mut errors = vec![
        ("unique", person(3, "one").insert(db).await.unwrap_err()),
        ("id", person(1, "three").insert(db).await.unwrap_err()),
        ("foreign key", letter(2, 7).insert(db).await.unwrap_err()),
        ("many", NewLetter::insert_many(many, db).await.unwrap_err()),
        ("referenced", Person::find_by_id(1).delete(db).await.unwrap_err()),
        ("variant", Person::find_by_id(2).one(db).await.unwrap_err()),
        (
            "trigger",
            Letter::find().all_rows().set(Letter::TEXT, SECRET).update(db).await.unwrap_err(),
        ),
    ];
    let null = "INSERT INTO people (id, secret) VALUES (5, $1)";
    errors.push(("null", sql(null, (SECRET,)).execute(db).await.unwrap_err()));
    let check = "INSERT INTO people VALUES (6, $1, 'x' || $1, NULL)";
    errors.push(("check", sql(check, (SECRET,)).execute(db).await.unwrap_err()));
    let syntax = format!("SELECT 1 WHERE '{SECRET}' '{SECRET}' = ");
    errors.push(("syntax", sql(syntax, ()).execute(db).await.unwrap_err()));
    let json = format!("SELECT json_extract('{{}}', '{SECRET}')");
    let json = if is_postgres { format!("SELECT '{SECRET}'::json") } else { json };
    errors.push(("json", sql(json, ()).execute(db).await.unwrap_err()));
    if is_postgres {
        for (class, query) in [
            ("cast", "SELECT CAST($1 AS text)::integer"),
            ("enum", "SELECT CAST($1 AS text)::mood"),
            ("date", "SELECT CAST($1 AS text)::date"),
            ("uuid", "SELECT CAST($1 AS text)::uuid"),
            ("class", "SELECT CAST($1 AS text)::regclass"),
            ("type", "SELECT CAST($1 AS text)::regtype"),
            ("expression", "SELECT 'a' ~ CAST('(' || $1 AS text)"),
            ("template", "SELECT to_date(CAST($1 AS text), 'YYYY')"),
            ("bytes", "SELECT convert_from(CAST($1 AS text)::bytea || '\\xff', 'UTF8')"),
            ("exclusion", "INSERT INTO spans VALUES ($1), ($1)"),
            ("length", "INSERT INTO letters VALUES (7, 1, $1 || $1)"),
        ] {
            errors.push((class, sql(query, (SECRET,)).execute(db).await.unwrap_err()));
        }
        let raw = Filter::raw(format!("'{SECRET}'::integer = 1"), ());
        errors.push(("raw", Person::find().filter(raw).all(db).await.unwrap_err()));
    }
    errors
}

/// The lines that the library and its driver write to a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // The SQL is the program's own, and told.
        if field.name() != "db.query.text" {
            self.0.lock().unwrap().push_str(&format!("{field}={value:?}\n"));
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

behaviour! {
    async fn no_error_holds_a_value(db) {
        let log = Log::default();
        let _listening = tracing::subscriber::set_default(log.clone());
        for (class, error) in errors(db).await {
            let told = told(&error);
            assert!(!told.contains("4711"), "{class}: {told}");
            // A code, a constraint, or a sentence of our own is left.
            let helps = error.code().is_some() || error.constraint().is_some()
                || error.property().is_some() || error.table().is_some() || error.is_row_mismatch();
            assert!(helps, "{class}: {told}");
        }
        assert!(!log.0.lock().unwrap().contains("4711"));
    }
}

async fn with_details(db: &Database) {
    let mut silent = Vec::new();
    for (class, error) in errors(db).await {
        if !told(&error).contains("4711") {
            silent.push(class);
        }
    }
    // The database itself reports no more here.
    for class in silent {
        let quiet =
            ["unique", "id", "foreign key", "many", "referenced", "null", "check", "length"];
        let quiet = quiet.contains(&class)
            || ["syntax", "json", "bytes", "exclusion", "expression", "template"].contains(&class);
        assert!(quiet, "{class}");
    }
}

#[tokio::test]
async fn details_are_told_where_they_are_asked_for() {
    let sqlite =
        ConnectOptions::new("sqlite::memory:").error_details(true).connect().await.unwrap();
    with_details(&sqlite).await;
    let Some(url) = crate::support::postgres_url().await else { return };
    let db = ConnectOptions::new(url).error_details(true).connect().await.unwrap();
    with_details(&db).await;
    let error = sql("INSERT INTO people (id, secret) VALUES (5, $1)", (SECRET,)).execute(&db).await;
    assert!(told(&error.unwrap_err()).contains(SECRET), "DETAIL is told");
    let tx = db.begin().await.unwrap();
    let error = sql("SELECT CAST($1 AS text)::integer", (SECRET,)).execute(&tx).await.unwrap_err();
    assert!(error.to_string().contains(SECRET), "{error}");
}

/// Each public type that may come to hold a URL or a value, by its `Debug`.
#[tokio::test]
async fn no_debug_shows_a_password() {
    let urls = [
        format!("postgres://bob:{SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob@127.0.0.1:1/db?password={SECRET}"),
        format!("postgres://bob:a?{SECRET}@127.0.0.1:1/db"),
        format!("{SECRET}://x"),
        SECRET.to_owned(),
        // Passwords whose signs are not encoded, so that parts of them are read as something else.
        format!("postgres://bob:p@{SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@h?{SECRET}=x@127.0.0.1:1/db"),
        format!("postgres://bob:p@h?sslmode={SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@h?port={SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@h?hostaddr={SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@h:{SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@h?connect_timeout={SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@h?target_session_attrs={SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:p@127.0.0.1:1/{SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:{SECRET}%ff@127.0.0.1:1/db"),
        format!("postgres://bob:{SECRET}%zz@127.0.0.1:1/db"),
        format!("postgresql://{SECRET}"),
        format!("host=127.0.0.1 password={SECRET}"),
        format!("Postgres://bob:{SECRET}@127.0.0.1:1/db"),
        format!("postgres:bob:{SECRET}@127.0.0.1:1/db"),
        format!("postgres://bob:{SECRET}@127.0.0.1:1/db?sslmode=verify-ca"),
        format!("postgres://bob:{SECRET}@127.0.0.1:1/db?sslrootcert=/no/such/file"),
        format!("postgres://bob:{SECRET}@127.0.0.1:1,127.0.0.1:1/db"),
        format!("sqlite:/no/such/{SECRET}/file"),
        format!("sqlite:file?key={SECRET}"),
        format!("sqlite:file#{SECRET}"),
    ];
    for url in urls {
        let options = ConnectOptions::new(&url);
        assert!(!format!("{options:?} {options:#?}").contains("4711"), "{options:?}");
        let refused = options.connect_timeout(std::time::Duration::from_secs(1)).connect().await;
        let told = told(&refused.unwrap_err());
        // The path of a file is not a secret, but its parameters may be.
        let is_path = url.starts_with("sqlite:/no/such/");
        assert!(is_path || !told.contains("4711"), "{url}: {told}");
    }
    let Some(url) = crate::support::postgres_url().await else { return };
    let db = ConnectOptions::new(&url).application_name("seen").connect().await.unwrap();
    let tx = db.begin().await.unwrap();
    let raw = sql("SELECT $1", (SECRET,));
    let filter = Person::EMAIL.eq(SECRET);
    let query = Person::find().filter(filter.clone()).set(Person::SECRET, SECRET);
    let batched = db.batched();
    let session = db.sql_session().await.unwrap();
    let key = ::relations::query::CursorKey::new(SECRET.repeat(3).into_bytes()).unwrap();
    let found = Person::find().filter(filter.clone());
    let page = found.clone().page(3).signed(&key).context(SECRET).after(SECRET);
    let letters = Person::LETTERS.filter(Letter::TEXT.eq(SECRET));
    for debug in [
        format!("{db:?} {tx:?} {batched:?} {session:?}"),
        format!("{:?}", db.query_stats()),
        format!("{key:?} {page:?} {letters:?}"),
        format!("{:?}", found.clone().include(letters.clone())),
        format!("{:?}", found.clone().page(3).after(1)),
        format!("{:?}", found.select((Person::EMAIL, Person::SECRET))),
        format!("{:?}", Filter::<Person>::raw("secret = $1", (SECRET,))),
        format!("{raw:?}"),
        format!("{filter:?}"),
        format!("{query:?}"),
    ] {
        assert!(!debug.contains("4711"), "{debug}");
        assert!(!debug.contains("postgres://"), "{debug}");
    }
}

/// Somebody has left a connection of their pool in a transaction that has failed.
#[tokio::test]
async fn a_failed_transaction_is_not_lent_again() {
    let Some(url) = crate::support::postgres_url().await else { return };
    let config: tokio_postgres::Config = url.parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
    let client = pool.get().await.unwrap();
    client.batch_execute("BEGIN").await.unwrap();
    client.batch_execute("SELECT 1 / 0").await.unwrap_err();
    drop(client);
    let db = Database::from(pool);
    let failed = sql("SELECT 1", ()).all::<i32>(&db).await.unwrap_err();
    assert_eq!(failed.code(), Some("25P02"));
    assert_eq!(sql("SELECT 1", ()).all::<i32>(&db).await.unwrap(), [1]);
}

/// The lines that the driver writes to the log of the program.
struct Written(Mutex<String>);

impl log::Log for Written {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        if record.level() <= log::Level::Info {
            self.0.lock().unwrap().push_str(&format!("{}: {}\n", record.level(), record.args()));
        }
    }
    fn flush(&self) {}
}

static WRITTEN: Written = Written(Mutex::new(String::new()));

/// A notice of the server may hold the values of a row, and a log is read by many.
#[tokio::test]
async fn no_notice_of_the_server_is_logged() {
    log::set_logger(&WRITTEN).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let Some(url) = crate::support::postgres_url().await else { return };
    let db = ConnectOptions::new(&url).pool_size(1).connect().await.unwrap();
    let raise = "DO $$ BEGIN RAISE NOTICE 'notice of sentinel-4711'; \
                 RAISE WARNING 'warning of sentinel-4711'; RAISE LOG 'sentinel-4711'; \
                 RAISE INFO 'information of sentinel-4711'; END $$";
    let trigger = "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS \
                   $$ BEGIN RAISE WARNING 'a row has %', NEW.secret; RETURN NEW; END $$";
    sql(trigger, ()).execute(&db).await.unwrap();
    for statement in [
        "CREATE TABLE people (id bigint PRIMARY KEY, email text, secret text, mood text)",
        "CREATE TRIGGER tell BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION tell()",
        raise,
    ] {
        sql(statement, ()).execute(&db).await.unwrap();
    }
    let new = |id| NewPerson { id, email: "e".into(), secret: SECRET.into(), mood: None };
    new(1).insert(&db).await.unwrap();
    NewPerson::insert_many([new(2), new(3)], &db).await.unwrap();
    let tx = db.begin().await.unwrap();
    new(4).insert(&tx).await.unwrap();
    sql(raise, ()).execute(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let session = db.sql_session().await.unwrap();
    sql(raise, ()).execute(&session).await.unwrap();
    let written = WRITTEN.0.lock().unwrap().clone();
    assert!(!written.contains("4711"), "{written}");
    // The log is heard: the driver of somebody else writes its notices there.
    let (client, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(driver);
    client.batch_execute(raise).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
    assert!(WRITTEN.0.lock().unwrap().contains("notice of sentinel-4711"));
}
