//! Executors, and the state that cancelled and failed statements leave.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{
    ConnectOptions, Database, Engine, Executor, Filter, Result, Transaction, connect,
};
use deadpool_postgres::{Manager, Pool};
use futures_util::future::join_all;
use tokio_postgres::NoTls;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::cast::{self, Customer, NewCustomer, NewLine, NewOrder, NewProduct, Order};
use crate::support;

/// A file of SQLite that goes when this does.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = format!("relations-{}-{name}.db", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.display())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The options of a small pool over an empty database of each engine that there is.
async fn small(connections: usize) -> Vec<ConnectOptions> {
    let mut urls = vec!["sqlite::memory:".to_owned()];
    urls.extend(support::postgres_url().await);
    let small = |url| ConnectOptions::new(url).pool_size(connections);
    urls.into_iter().map(|url| small(url).wait_timeout(Duration::from_millis(300))).collect()
}

/// Follows relations on whatever runs statements.
async fn walk(db: &impl Executor, id: i64) {
    let customer = NewCustomer { id, pk: id + 100, name: "Ada".into(), email: None };
    let ada = customer.insert(db).await.unwrap();
    let order = NewOrder { customer_id: ada.pk, payer_id: None, quantity: 1 };
    let order = order.insert(db).await.unwrap();
    assert_eq!(order.customer(db).await.unwrap(), ada);
    assert_eq!(ada.orders(db).await.unwrap(), [order.clone()]);
    assert_eq!(Order::CUSTOMER.load(db, [&order]).await.unwrap(), [ada.clone()]);
    assert_eq!(Order::CUSTOMER.of_id(order.id).one(db).await.unwrap(), ada);
    let found = Customer::find().filter(Customer::ID.is_in([id])).count(db).await.unwrap();
    assert_eq!(found, 1);
}

#[tokio::test]
async fn statements_run_on_the_clients_that_users_hold() {
    let Some(url) = support::postgres_url().await else { return };
    cast::create(&connect(&url).await.unwrap()).await;

    let mut client = support::client(&url).await;
    walk(&client, 1).await;
    let transaction = client.transaction().await.unwrap();
    walk(&transaction, 2).await;
    transaction.rollback().await.unwrap();
    walk(&client, 2).await;
    // Its statements are unnamed, so that it keeps none.
    let kept = "SELECT COUNT(*) FROM pg_prepared_statements \
                WHERE statement NOT LIKE '%pg_prepared%'";
    assert_eq!(client.query_one(kept, &[]).await.unwrap().get::<_, i64>(0), 0);
    walk(&Arc::new(client), 3).await;

    let pool = Pool::builder(Manager::new(url.parse().unwrap(), NoTls)).build().unwrap();
    walk(&pool, 4).await;
    walk(&&pool, 5).await;
    let mut client = pool.get().await.unwrap();
    walk(&client, 6).await;
    let transaction = client.transaction().await.unwrap();
    walk(&transaction, 7).await;
    transaction.commit().await.unwrap();
    walk(&Database::from(pool), 8).await;
    assert_eq!(Customer::find().count(&client).await.unwrap(), 8);
}

#[tokio::test]
async fn a_statement_is_prepared_once_a_connection() {
    let Some(url) = support::postgres_url().await else { return };
    cast::create(&connect(&url).await.unwrap()).await;
    let pool = Pool::builder(Manager::new(url.parse().unwrap(), NoTls)).build().unwrap();
    let client = pool.get().await.unwrap();
    for id in 1..=5 {
        walk(&client, id).await;
    }
    let sql = "SELECT COUNT(*), COUNT(DISTINCT statement) FROM pg_prepared_statements \
               WHERE statement NOT LIKE '%pg_prepared%'";
    let row = client.query_one(sql, &[]).await.unwrap();
    let (kept, distinct) = (row.get::<_, i64>(0), row.get::<_, i64>(1));
    // To load the target of one key is what the accessor asks for.
    assert_eq!((kept, distinct), (6, 6));
}

#[tokio::test]
async fn an_exhausted_pool_is_a_typed_error() {
    for options in small(1).await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let transaction = db.begin().await.unwrap();
        let error = Customer::find().count(&db).await.unwrap_err();
        assert!(error.is_connection(), "{error:?}");
        assert!(error.to_string().starts_with("no connection was free in time"), "{error}");
        assert!(db.begin().await.unwrap_err().is_connection());
        drop(transaction);
        assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_pool_that_cannot_be_is_a_typed_error() {
    for connections in [0, usize::MAX] {
        for options in small(connections).await {
            let error = options.connect().await.unwrap_err();
            assert!(error.is_invalid_request(), "{error:?}");
            assert!(error.to_string().contains("1 to 65,535 connections"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_dropped_call_keeps_no_connection() {
    for options in small(1).await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let transaction = db.begin().await.unwrap();
        let waiting = (0..50).map(|_| {
            let find = Customer::find();
            async { tokio::time::timeout(Duration::from_millis(20), find.count(&db)).await }
        });
        assert!(join_all(waiting).await.iter().all(Result::is_err));
        transaction.rollback().await.unwrap();
        for _ in 0..3 {
            assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_a_typed_error() {
    for url in ["", "orders.db", "mysql://localhost/x", "sqlite:", "postgres://localhost:x/y"] {
        let error = connect(url).await.unwrap_err();
        assert!(error.is_invalid_request(), "{url}: {error:?}");
    }
    let no_database = File::new("no-database");
    std::fs::write(&no_database.0, "This is a text and no database.".repeat(100)).unwrap();
    let mut urls = vec![
        "postgres://postgres@127.0.0.1:1/none".to_owned(),
        "sqlite:/no/such/folder/orders.db".to_owned(),
        no_database.url(),
    ];
    if let Some(url) = support::postgres_url().await {
        urls.push(url + "_of_which_there_is_none");
    }
    for url in urls {
        let error =
            ConnectOptions::new(&url).connect_timeout(Duration::from_secs(5)).connect().await;
        let error = error.unwrap_err();
        assert!(error.is_connection(), "{url}: {error:?}");
        assert!(std::error::Error::source(&error).is_some());
    }
}

/// Somebody listens there, and says nothing.
#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_only_so_long() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://postgres@{}/none?sslmode=disable", silent.local_addr().unwrap());
    let connected = ConnectOptions::new(url).connect_timeout(Duration::from_millis(50)).connect();
    let error = tokio::time::timeout(Duration::from_secs(5), connected).await.unwrap().unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    assert_eq!(error.to_string(), "cannot connect: the server does not answer");
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_typed_error_and_replaced() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = ConnectOptions::new(&url).pool_size(1).connect().await.unwrap();
    cast::create(&db).await;
    let transaction = db.begin().await.unwrap();
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.execute(terminate, &[]).await.unwrap();
    let error = Customer::find().count(&transaction).await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    drop(transaction);
    assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_open() {
    for options in small(1).await {
        let db = options.wait_timeout(Duration::from_secs(5)).connect().await.unwrap();
        cast::create(&db).await;
        for id in 1..=3 {
            let transaction = db.begin().await.unwrap();
            walk(&transaction, id).await;
            drop(transaction);
            assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
        }
        // A transaction whose caller stops waiting is never opened.
        for micros in [0, 1, 10, 100, 300, 1000, 3000] {
            let _ = tokio::time::timeout(Duration::from_micros(micros), db.begin()).await;
            let begun = async {
                let transaction = db.begin().await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
                transaction.commit().await
            };
            let _ = tokio::time::timeout(Duration::from_micros(micros), begun).await;
        }
        walk(&db, 9).await;
        let again = db.begin().await.unwrap();
        walk(&again, 10).await;
        again.commit().await.unwrap();
        assert_eq!(Customer::find().count(&db).await.unwrap(), 2);
    }
}

/// A transaction may end where no runtime is left to end it.
#[test]
fn a_database_may_be_dropped_outside_of_a_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for options in runtime.block_on(small(2)) {
        let (db, transaction) = runtime.block_on(async {
            let db = options.connect().await.unwrap();
            cast::create(&db).await;
            let transaction: Transaction = db.begin().await.unwrap();
            (db, transaction)
        });
        drop(transaction);
        drop(db);
    }
    drop(runtime);
}

#[tokio::test]
async fn a_failed_statement_is_told_again_by_the_commit() {
    for options in small(2).await {
        let db = options.connect().await.unwrap();
        cast::create(&db).await;
        let transaction = db.begin().await.unwrap();
        let new = |id| NewCustomer { id, pk: id, name: "Ada".into(), email: None };
        new(1).insert(&transaction).await.unwrap();
        assert!(new(1).insert(&transaction).await.unwrap_err().is_unique_violation());
        let committed = transaction.commit().await;
        match db.engine() {
            // The server has rolled everything back, and would answer the commit as if all were well.
            Engine::Postgres => {
                let error = committed.unwrap_err();
                assert!(error.to_string().contains("rolled back"), "{error}");
                assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
            }
            // Only the statement itself was rolled back.
            Engine::Sqlite => {
                committed.unwrap();
                assert_eq!(Customer::find().count(&db).await.unwrap(), 1);
            }
        }
    }
}

#[tokio::test]
async fn transactions_that_lose_against_others_say_so() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let (mut ada, mut bob) = cast::customers(&db).await;
    let (first, second) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    ada.update(&first).await.unwrap();
    bob.update(&second).await.unwrap();
    let (one, other) = tokio::join!(bob.update(&first), ada.update(&second));
    let error = one.and(other).unwrap_err();
    assert!(error.is_serialization_failure(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tasks_share_a_database() {
    let file = File::new("fifty");
    let mut urls = vec!["sqlite::memory:".to_owned(), file.url()];
    urls.extend(support::postgres_url().await);
    for url in urls {
        let db = ConnectOptions::new(&url)
            .pool_size(8)
            .wait_timeout(Duration::from_mins(1))
            .connect()
            .await
            .unwrap();
        cast::create(&db).await;
        let tasks: Vec<_> = (0..50)
            .map(|id| {
                let db = db.clone();
                tokio::spawn(async move {
                    walk(&db, id).await;
                    let transaction = db.begin().await.unwrap();
                    walk(&transaction, id + 50).await;
                    if id % 2 == 0 {
                        transaction.commit().await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(Customer::find().count(&db).await.unwrap(), 75, "{url}");
        assert_eq!(Order::find().count(&db).await.unwrap(), 75, "{url}");
    }
}

#[tokio::test]
async fn a_file_keeps_what_was_written() {
    let file = File::new("kept");
    let db = connect(&file.url()).await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    drop(db);
    let again = connect(&file.url()).await.unwrap();
    assert_eq!(Customer::find_by_id(1).one(&again).await.unwrap(), ada);
    let memory = connect("sqlite::memory:").await.unwrap();
    assert!(Customer::find().count(&memory).await.is_err());
}

/// The fields of each event.
#[derive(Debug, Clone, Default)]
struct Recorded(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

impl Subscriber for Recorded {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "relations"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Fields(BTreeMap<String, String>);
        impl Visit for Fields {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.0.insert(field.name().to_owned(), format!("{value:?}"));
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                self.0.insert(field.name().to_owned(), value.to_owned());
            }
        }
        let mut fields = Fields(BTreeMap::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_statement_is_one_event_that_tells_no_value() {
    for options in small(1).await {
        let recorded = Recorded::default();
        let _listening = tracing::subscriber::set_default(recorded.clone());
        let events = || std::mem::take(&mut *recorded.0.lock().unwrap());
        let db = options.wait_timeout(Duration::from_secs(5)).connect().await.unwrap();
        cast::create(&db).await;
        // Another test may have come to the first event just now, and noted that nobody listens.
        tracing::callsite::rebuild_interest_cache();
        let (ada, _) = cast::customers(&db).await;
        let order = cast::order(&db, &ada, 1).await;
        assert!(events().len() > 2);

        order.customer(&db).await.unwrap();
        let mut told = events();
        assert_eq!(told.len(), 1);
        let event = told.remove(0);
        let system = if db.engine() == Engine::Postgres { "postgresql" } else { "sqlite" };
        let said = |name: &str| event.get(name).map(String::as_str);
        assert_eq!(said("db.system.name"), Some(system));
        assert_eq!(said("db.operation.name"), Some("SELECT"));
        assert_eq!(said("db.collection.name"), Some("customers"));
        assert_eq!((said("entity"), said("relation")), (Some("Customer"), Some("customer")));
        assert_eq!(said("db.response.returned_rows"), Some("1"));
        assert!(said("db.query.text").unwrap().starts_with("SELECT \"customers\".\"id\""));
        assert!(said("db.client.operation.duration").unwrap().parse::<f64>().unwrap() < 10.0);
        assert_eq!(said("error.type"), None);

        // Concurrent calls are one statement.
        let batched = db.batched();
        let found = Customer::find_by_id;
        let both = futures_util::future::join(found(1).one(&batched), found(2).one(&batched));
        assert_ne!(both.await.0.unwrap(), Customer::find_by_id(2).one(&db).await.unwrap());
        let told = events();
        let rows = told.iter().map(|event| event["db.response.returned_rows"].as_str());
        assert_eq!(rows.collect::<Vec<_>>(), ["2", "1"]);

        let secret = "the secret of the secrets";
        let new = |id| NewCustomer { id, pk: id, name: secret.into(), email: Some(secret.into()) };
        new(7).insert(&db).await.unwrap();
        assert!(new(8).insert(&db).await.is_err());
        let named = || Customer::find().filter(Customer::NAME.eq(secret));
        assert_eq!(named().count(&db).await.unwrap(), 1);
        let like =
            named().filter(Customer::NAME.like(secret)).filter(Customer::EMAIL.is_in([secret]));
        assert_eq!(like.set(Customer::NAME, secret).update(&db).await.unwrap(), 1);
        assert_eq!(named().delete(&db).await.unwrap(), 1);
        let told = events();
        assert_eq!(told.len(), 5);
        assert!(told[1]["error.type"] == "unique_violation");
        assert_eq!(told[1].get("db.response.returned_rows"), None);
        for (event, rows) in told.iter().zip(["1", "", "1", "1", "1"]) {
            assert!(!format!("{event:?}").contains("secret"), "{event:?}");
            let said = event.get("db.response.returned_rows");
            assert_eq!(said.map_or("", String::as_str), rows);
        }

        db.begin().await.unwrap().commit().await.unwrap();
        let told: Vec<_> = events()
            .into_iter()
            .map(|event| {
                (event["db.operation.name"].clone(), event["db.response.returned_rows"].clone())
            })
            .collect();
        let told: Vec<_> = told.iter().map(|(name, rows)| (&**name, &**rows)).collect();
        assert_eq!(told, [("BEGIN", "0"), ("COMMIT", "0")]);

        insert_a_tree(&db).await;
        let told = events();
        let told: Vec<_> = told
            .iter()
            .map(|event| {
                let table = event.get("db.collection.name").map_or("", String::as_str);
                (&*event["db.operation.name"], table)
            })
            .collect();
        let each_kind = ["products", "customers", "orders", "lines"].map(|table| ("INSERT", table));
        let [product, customer, orders, lines] = each_kind;
        assert_eq!(told, [product, ("BEGIN", ""), customer, orders, lines, ("COMMIT", "")]);
    }
}

/// A customer with three orders, each of which has two lines.
async fn insert_a_tree(db: &Database) {
    let tea = NewProduct { code: "tea".into(), price: 5.0 }.insert(db).await.unwrap();
    let eve = NewCustomer { id: 11, pk: 12, name: "Eve".into(), email: None };
    let eve = eve.with(Customer::ORDERS, |customer_id| {
        [1, 2, 3].map(|quantity| {
            let order = NewOrder { customer_id, payer_id: None, quantity };
            order.with(Order::LINES, |order_id| {
                [1, 2].map(|number| NewLine { order_id, number, product_id: tea.code.clone() })
            })
        })
    });
    eve.insert(db).await.unwrap();
}

/// An executor that keeps how its statements look in a log.
#[derive(Debug, Default)]
struct Logging(Mutex<Vec<String>>);

impl Executor for Logging {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.lock().unwrap().push(format!("{statement:?}"));
        connect("nowhere").await.map(|_| unreachable!())
    }
}

#[tokio::test]
async fn nothing_shows_its_values_by_accident() {
    use ::relations::value::Parameter;
    let secret = "secret";
    let number = 424_242;
    let filter = Customer::NAME
        .eq(secret)
        .or(Customer::NAME.like(secret))
        .or(Customer::EMAIL.ilike(secret))
        .or(Customer::EMAIL.contains(secret))
        .or(Customer::NAME.is_in([secret]))
        .and(!Customer::NAME.between(secret, secret))
        .and(Filter::raw("name = $1", (secret,)));
    let update = Customer::find().filter(filter.clone()).set(Customer::EMAIL, secret);
    let log = Logging::default();
    let _ = update.clone().update(&log).await;
    let _ = Customer::find_by_id(number).one(&log).await;
    let _ = Customer::find().filter(filter.clone()).filter(Customer::ID.eq(number)).all(&log).await;
    let shown = [
        format!("{:?}", Parameter::text(secret)),
        format!("{filter:?}"),
        format!("{update:?}"),
        format!("{:?}", Customer::find().filter(filter)),
        format!("{:?}", Customer::find_by_id(number)),
        format!("{:?}", Order::CUSTOMER.of_id(number)),
        log.0.into_inner().unwrap().join("\n"),
    ];
    for shown in shown {
        assert!(!shown.contains(secret) && !shown.contains("424242"), "{shown}");
    }
}
