//! Steps on SQLite.

use ::relations::Engine;
use ::relations::shape::Shape;
use ::relations::shape::migration::Consents;

use super::{column, table};

fn text(change: impl Fn(&mut Shape), consents: &Consents) -> String {
    super::text(Engine::Sqlite, change, consents)
}

#[test]
fn a_column_is_added() {
    let change = |shape: &mut Shape| {
        let mut new = column(shape, "orders.note").clone();
        new.name = "remark".into();
        table(shape, "orders").columns.push(new);
    };
    assert_eq!(
        text(change, &Consents::new()),
        r#"-- step: transaction
-- adds the column `orders.remark`
-- unless: SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo('orders') WHERE name = 'remark')
ALTER TABLE "orders" ADD COLUMN "remark" TEXT;
"#
    );
}

#[test]
fn a_table_is_made_anew_for_other_changes() {
    let change = |shape: &mut Shape| {
        column(shape, "orders.note").nullable = false;
        table(shape, "orders")
            .columns
            .retain(|column| column.name != "total" && column.name != "twice");
    };
    let consents =
        Consents::new().drop("orders.total").drop("orders.twice").fill("orders.note", "'none'");
    assert_eq!(
        text(change, &consents),
        r#"-- step: transaction
-- lets `orders.note` be null no longer
-- drops the column `orders.total`
-- drops the column `orders.twice`
-- rebuild: "orders" ("id", "customer_id", "number", "total", "state", "note", "twice")
CREATE TABLE "new_orders" (
    "id" INTEGER NOT NULL CONSTRAINT "orders_pkey" PRIMARY KEY AUTOINCREMENT,
    "customer_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'new',
    "note" TEXT NOT NULL,
    CONSTRAINT "one_number" UNIQUE ("customer_id", "number"),
    CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") ON DELETE CASCADE
) STRICT;
INSERT INTO "new_orders" ("id", "customer_id", "number", "state", "note") SELECT "id", "customer_id", "number", "state", coalesce("note", 'none') FROM "orders";
DELETE FROM sqlite_sequence WHERE name = 'new_orders' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'orders');
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_orders', seq FROM sqlite_sequence WHERE name = 'orders';
DROP TABLE "orders";
ALTER TABLE "new_orders" RENAME TO "orders";
"#
    );
}

#[test]
fn indexes_are_made_and_dropped_by_themselves() {
    let change = |shape: &mut Shape| {
        let mut index = table(shape, "customers").indexes[0].clone();
        index.name = Some("customers_city_idx".into());
        (index.columns, index.unique, index.constraint) = (vec!["city".into()], false, false);
        table(shape, "customers").indexes.push(index);
    };
    let told = text(change, &Consents::new());
    assert!(
        told.ends_with("CREATE INDEX \"customers_city_idx\" ON \"customers\" (\"city\");\n"),
        "{told}"
    );
}
