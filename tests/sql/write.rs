//! Rows that are made, changed and removed.

use ::relations::prelude::*;

use crate::support::{Customer, Line, NewCustomer, NewLine, NewOrder, Order, sends};

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Ticket {
    #[id(generated)]
    pub number: i64,
}

fn customer() -> NewCustomer {
    NewCustomer { pk: 1, name: "Ada".into(), state: None }
}

sends! {
    inserted: db => NewOrder { customer_id: 1, payer_id: None, quantity: 2 }.insert(db) => [
        r#"INSERT INTO "orders" ("customer_id", "payer_id", "quantity") VALUES ($1, $2, $3) RETURNING "id", "customer_id", "payer_id", "quantity""#,
        r#"INSERT INTO "orders" ("customer_id", "payer_id", "quantity") VALUES (?, ?, ?) RETURNING "id", "customer_id", "payer_id", "quantity""#,
    ];
    inserted_with_a_default: db => customer().insert(db) => [
        r#"INSERT INTO "customers" ("pk", "Full Name") VALUES ($1, CAST($2 AS varchar)) RETURNING "id", "pk", "Full Name", "state""#,
        r#"INSERT INTO "customers" ("pk", "Full Name") VALUES (?, ?) RETURNING "id", "pk", "Full Name", "state""#,
    ];
    inserted_without_a_default: db => NewCustomer { state: Some(None), ..customer() }.insert(db) => [
        r#"INSERT INTO "customers" ("pk", "Full Name", "state") VALUES ($1, CAST($2 AS varchar), $3) RETURNING "id", "pk", "Full Name", "state""#,
        r#"INSERT INTO "customers" ("pk", "Full Name", "state") VALUES (?, ?, ?) RETURNING "id", "pk", "Full Name", "state""#,
    ];
    inserted_with_nothing: db => NewTicket {}.insert(db) => [
        r#"INSERT INTO "tickets" VALUES (DEFAULT) RETURNING "number""#,
        r#"INSERT INTO "tickets" DEFAULT VALUES RETURNING "number""#,
    ];
    inserted_composite: db => NewLine { order_id: 1, number: 2 }.insert(db) => [
        r#"INSERT INTO "lines" ("order_id", "number") VALUES ($1, $2) RETURNING "order_id", "number""#,
        r#"INSERT INTO "lines" ("order_id", "number") VALUES (?, ?) RETURNING "order_id", "number""#,
    ];
    written: db => Customer { id: 1, pk: 2, name: "Ada".into(), state: None }.update(db) => [
        r#"UPDATE "customers" SET "pk" = $1, "Full Name" = CAST($2 AS varchar), "state" = $3 WHERE "customers"."id" = $4"#,
        r#"UPDATE "customers" SET "pk" = ?, "Full Name" = ?, "state" = ? WHERE "customers"."id" = ?"#,
    ];
    written_with_nothing: db => Line { order_id: 1, number: 2 }.update(db) => [
        r#"SELECT EXISTS(SELECT 1 FROM "lines" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2)"#,
        r#"SELECT EXISTS(SELECT 1 FROM "lines" WHERE "lines"."order_id" = ? AND "lines"."number" = ?)"#,
    ];
    removed: db => Line { order_id: 1, number: 2 }.delete(db) => [
        r#"DELETE FROM "lines" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2"#,
        r#"DELETE FROM "lines" WHERE "lines"."order_id" = ? AND "lines"."number" = ?"#,
    ];
    changed: db => Order::find()
        .filter(Order::ID.is_in([1, 2]))
        .set(Order::QUANTITY, 3)
        .set(Order::PAYER_ID, None::<i64>)
        .update(db) => [
        r#"UPDATE "orders" SET "quantity" = $1, "payer_id" = $2 WHERE "orders"."id" = ANY($3)"#,
        r#"UPDATE "orders" SET "quantity" = ?, "payer_id" = ? WHERE "orders"."id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    changed_of_its_own_type: db => Customer::find_by_id(1).set(Customer::NAME, "x").update(db) => [
        r#"UPDATE "customers" SET "Full Name" = CAST($1 AS varchar) WHERE "customers"."id" = $2"#,
        r#"UPDATE "customers" SET "Full Name" = ? WHERE "customers"."id" = ?"#,
    ];
    all_changed: db => Order::find().all_rows().set(Order::QUANTITY, 3).update(db) => [
        r#"UPDATE "orders" SET "quantity" = $1"#,
        r#"UPDATE "orders" SET "quantity" = ?"#,
    ];
    deleted: db => Order::find().filter(Order::QUANTITY.eq(1)).delete(db) => [
        r#"DELETE FROM "orders" WHERE "orders"."quantity" = $1"#,
        r#"DELETE FROM "orders" WHERE "orders"."quantity" = ?"#,
    ];
    all_deleted: db => Order::find().all_rows().delete(db) => [
        r#"DELETE FROM "orders""#,
        r#"DELETE FROM "orders""#,
    ];
    all_deleted_unasked: db => Order::find().delete(db) => [];
}
