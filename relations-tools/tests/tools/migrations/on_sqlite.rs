//! Tables of SQLite that are made anew keep what nobody asked to drop.

use ::relations::Engine;
use ::relations::shape::migration::Consents;

use super::evolve::rows;
use super::versions::one;
use super::{add, count, migrations, nothing, run, shape, steps, table};
use crate::command::Folder;
use crate::support;

/// Files that make the orders, and then make them anew.
fn rebuilt() -> Vec<(String, String)> {
    let engine = Engine::Sqlite;
    let before = one::all().shape(engine).unwrap();
    let mut after = before.clone();
    table(&mut after, "orders").columns.retain(|column| column.name != "note");
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
    add(&mut files, engine, &steps(&before, &after, &Consents::new().drop("orders.note")));
    files
}

#[tokio::test]
async fn triggers_indexes_and_numbers_stay() {
    let db = support::sqlite().await;
    let files = rebuilt();
    migrations(&files[..1]).apply(&db).await.unwrap();
    rows(&db).await;
    run(
        &db,
        [
            "CREATE TABLE log (id INTEGER)",
            "CREATE TRIGGER logs AFTER INSERT ON orders BEGIN INSERT INTO log VALUES (NEW.id); END",
            "CREATE INDEX mine ON orders (total, state)",
            "DELETE FROM lines WHERE order_id = 2",
            "DELETE FROM orders WHERE id = 2",
        ],
    )
    .await;
    migrations(&files).apply(&db).await.unwrap();
    assert_eq!(
        count(&db, "SELECT count(*) FROM sqlite_schema WHERE name IN ('logs', 'mine')").await,
        2
    );
    run(&db, ["INSERT INTO orders (customer_id, number, total) VALUES (1, 30, 9)"]).await;
    // The number of the deleted order is not given again.
    assert_eq!(count(&db, "SELECT id FROM log").await, 3);
    assert_eq!(count(&db, "SELECT count(*) FROM lines").await, 1, "lines of an order that stays");
}

#[tokio::test]
async fn a_column_that_nobody_knows_is_not_lost() {
    let db = support::sqlite().await;
    let files = rebuilt();
    migrations(&files[..1]).apply(&db).await.unwrap();
    run(&db, ["ALTER TABLE orders ADD mine TEXT"]).await;
    let before = shape(&db).await;
    let error = migrations(&files).apply(&db).await.unwrap_err().to_string();
    assert!(
        error.contains("would lose its column `mine`, which the migrations do not know"),
        "{error}"
    );
    assert_eq!(shape(&db).await, before);
}

#[tokio::test]
async fn a_trigger_of_a_dropped_column_is_told() {
    let db = support::sqlite().await;
    let files = rebuilt();
    migrations(&files[..1]).apply(&db).await.unwrap();
    run(&db, ["CREATE INDEX mine ON orders (note)"]).await;
    let before = shape(&db).await;
    let error = migrations(&files).apply(&db).await.unwrap_err().to_string();
    assert!(
        error.contains("`mine` cannot be made again behind step 1 of `0002_change.sql`"),
        "{error}"
    );
    assert_eq!(shape(&db).await, before);
}

#[tokio::test]
async fn foreign_keys_hold_in_the_end() {
    let db = support::sqlite().await;
    let engine = Engine::Sqlite;
    let mut files = rebuilt();
    files.truncate(1);
    migrations(&files).apply(&db).await.unwrap();
    rows(&db).await;
    let step = "-- step: transaction\nDELETE FROM customers WHERE id = 2;\n";
    let (name, text) = files.last().unwrap().clone();
    let header = format!(
        "-- engine: sqlite\n-- after: {name} sha256:{}\n\n",
        ::relations::shape::migration::checksum(&text)
    );
    files.push(("0002_by_hand".into(), format!("{header}{step}")));
    let error = migrations(&files).apply(&db).await.unwrap_err().to_string();
    assert!(
        error.contains("1 row of `orders` leads to a row of `customers` that does not exist"),
        "{error}"
    );
    assert_eq!(count(&db, "SELECT count(*) FROM customers").await, 2);
    // Rows that led nowhere before are not the fault of a migration.
    run(&db, ["PRAGMA foreign_keys = OFF", "DELETE FROM customers WHERE id = 2"]).await;
    migrations(&files).apply(&db).await.unwrap();
    assert_eq!(count(&db, "PRAGMA foreign_keys").await, 1);
    let _ = engine;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runners_on_a_file_one_waits_and_does_nothing() {
    let folder = Folder::new("two-runners");
    let files = rebuilt();
    let url = format!("sqlite:{}?mode=rwc", folder.path("shop.db"));
    let (one, other) =
        (::relations::connect(&url).await.unwrap(), ::relations::connect(&url).await.unwrap());
    let all = migrations(&files);
    let (first, second) = tokio::join!(all.apply(&one), all.apply(&other));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.steps + second.steps, 4, "{first:?} {second:?}");
    assert!(all.status(&one).await.unwrap().is_up_to_date());
}
