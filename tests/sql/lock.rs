//! Rows that are locked as they are read.

use ::relations::Engine;
use ::relations::prelude::*;

use crate::support::{Customer, Line, Order, Tag, sends};

sends! {
    locked: db => Order::find_by_id(1).for_update().one(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = $1 FOR UPDATE OF "orders""#,
    ];
    // It is not mixed up with the one that is kept.
    not_locked: db => async {
        let _ = Order::find_by_id(1).for_update().one(db).await;
        Order::find_by_id(1).one(db).await
    } => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = $1 FOR UPDATE OF "orders""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = ?"#,
    ];
    locked_where_free: db => Line::find().order_by(Line::NUMBER.asc()).limit(1).for_update().skip_locked().all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" ORDER BY "lines"."number" ASC LIMIT 1 FOR UPDATE OF "lines" SKIP LOCKED"#,
    ];
    shared_at_once: db => Line::find().no_wait().for_share().first(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" ORDER BY "lines"."order_id" ASC, "lines"."number" ASC LIMIT 1 FOR SHARE OF "lines" NOWAIT"#,
    ];
    locked_in_a_schema: db => Tag::find_by_id("a").for_update().select(Tag::NAME).one(db) => [
        r#"SELECT "Tags"."name" FROM "shop"."Tags" WHERE "Tags"."name" = $1 LIMIT 2 FOR UPDATE OF "Tags""#,
    ];
    locked_with_what_is_joined: db => Line::find().filter(Line::ORDER.column(Order::QUANTITY).gt(1)).for_share().all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "order_1"."quantity" > $1 FOR SHARE OF "lines""#,
    ];
    locked_with_what_is_included: db => Line::find_by_id((1, 2)).include(Line::ORDER).for_update().one(db) => [
        r#"SELECT "lines"."order_id", "lines"."number", "order_1"."id", "order_1"."customer_id", "order_1"."payer_id", "order_1"."quantity" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2 FOR UPDATE OF "lines""#,
    ];
    included_without_a_lock: db => async {
        let _ = Line::find_by_id((1, 2)).include(Line::ORDER).for_update().one(db).await;
        Line::find_by_id((1, 2)).include(Line::ORDER).one(db).await
    } => [
        r#"SELECT "lines"."order_id", "lines"."number", "order_1"."id", "order_1"."customer_id", "order_1"."payer_id", "order_1"."quantity" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2 FOR UPDATE OF "lines""#,
        r#"SELECT "lines"."order_id", "lines"."number", "order_1"."id", "order_1"."customer_id", "order_1"."payer_id", "order_1"."quantity" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2"#,
        r#"SELECT "lines"."order_id", "lines"."number", "order_1"."id", "order_1"."customer_id", "order_1"."payer_id", "order_1"."quantity" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "lines"."order_id" = ? AND "lines"."number" = ?"#,
    ];
    target_of_an_id: db => Order::CUSTOMER.of_id(1).for_update().one(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "source"."customer_id" FROM "orders" AS "source" WHERE "source"."id" = $1) LIMIT 2 FOR UPDATE OF "customers""#,
    ];
    counted: db => Order::find().for_update().count(db) => [];
    asked_whether_there_are: db => Order::find().for_update().exists(db) => [];
    summed: db => Order::find().for_update().sum(db, Order::QUANTITY) => [];
    distinct: db => Order::find().distinct().for_update().all(db) => [];
    distinct_in_what_is_selected: db => Order::find().for_update().select(Order::QUANTITY).distinct().all(db) => [];
    changed: db => Order::find_by_id(1).for_update().set(Order::QUANTITY, 1).update(db) => [];
    deleted: db => Order::find_by_id(1).for_update().delete(db) => [];
    skipped_without_a_lock: db => Order::find().skip_locked().all(db) => [];
    not_waited_for_without_a_lock: db => Order::find().no_wait().all(db) => [];
    pipelined: db => Customer::find().include(Customer::ORDERS.pipelined()).for_update().all(db) => [];
}

#[test]
fn a_lock_that_cannot_be_says_why() {
    let refused = |query: ::relations::Query<Order>, engine| {
        let error = query.to_sql(engine).unwrap_err();
        assert!(error.is_invalid_request() && error.entity() == Some("Order"));
        error.to_string()
    };
    let find = Order::find;
    assert_eq!(
        refused(find().for_update(), Engine::Sqlite),
        "SQLite locks no rows, and a transaction that writes is alone from its beginning; leave \
         out `for_update` and its kin",
    );
    assert_eq!(
        refused(find().skip_locked(), Engine::Postgres),
        "`skip_locked` and `no_wait` say how rows are locked, which `for_update` and `for_share` \
         ask for; add one of these",
    );
    assert_eq!(
        refused(find().for_share().distinct(), Engine::Postgres),
        "a row that is `distinct` stands for several, and none of them is locked; leave out \
         `for_update` and its kin, or `distinct`",
    );
}
