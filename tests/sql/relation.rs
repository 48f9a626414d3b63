//! Following relations.

use crate::support::{Customer, Line, Order, Part, sends};

fn order() -> Order {
    Order { id: 1, customer_id: 2, payer_id: None, quantity: 3 }
}

fn part() -> Part {
    Part { code: "x".into(), order_id: Some(1), line: Some(2), kind: None }
}

fn customer() -> Customer {
    Customer { id: 1, pk: 2, name: "Ada".into(), state: None }
}

sends! {
    to_one: db => order().customer(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = $1"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ?"#,
    ];
    to_one_by_a_null: db => order().payer(db) => [];
    to_many: db => customer().orders(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = $1 ORDER BY "orders"."id" ASC"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ? ORDER BY "orders"."id" ASC"#,
    ];
    to_one_by_a_composite_key: db => part().of_line(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = ? AND "lines"."number" = ?"#,
    ];
    to_many_by_a_composite_key: db => Line { order_id: 1, number: 2 }.parts(db) => [
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts" WHERE "parts"."order_id" = $1 AND "parts"."line" = $2 ORDER BY "parts"."code" ASC"#,
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts" WHERE "parts"."order_id" = ? AND "parts"."line" = ? ORDER BY "parts"."code" ASC"#,
    ];
    narrowed: db => Customer::ORDERS
        .of(&customer())
        .filter(Order::QUANTITY.gt(1))
        .order_by(Order::QUANTITY.desc())
        .limit(3)
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = $1 AND "orders"."quantity" > $2 ORDER BY "orders"."quantity" DESC LIMIT 3"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ? AND "orders"."quantity" > ? ORDER BY "orders"."quantity" DESC LIMIT 3"#,
    ];
    counted: db => Customer::ORDERS.of(&customer()).count(db) => [
        r#"SELECT COUNT(*) FROM "orders" WHERE "orders"."customer_id" = $1"#,
        r#"SELECT COUNT(*) FROM "orders" WHERE "orders"."customer_id" = ?"#,
    ];
    to_one_of_an_id: db => Order::CUSTOMER.of_id(1).one(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", "source"."customer_id" FROM "orders" AS "source" LEFT JOIN "customers" ON "customers"."pk" = "source"."customer_id" WHERE "source"."id" = $1"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", "source"."customer_id" FROM "orders" AS "source" LEFT JOIN "customers" ON "customers"."pk" = "source"."customer_id" WHERE "source"."id" = ?"#,
    ];
    to_one_of_an_id_narrowed: db => Order::CUSTOMER
        .of_id(1)
        .filter(Customer::STATE.eq("open"))
        .optional(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", "source"."customer_id", "customers"."state" = $1 FROM "orders" AS "source" LEFT JOIN "customers" ON "customers"."pk" = "source"."customer_id" WHERE "source"."id" = $2"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", "source"."customer_id", "customers"."state" = ? FROM "orders" AS "source" LEFT JOIN "customers" ON "customers"."pk" = "source"."customer_id" WHERE "source"."id" = ?"#,
    ];
    all_to_one_of_an_id: db => Order::CUSTOMER.of_id(1).all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "source"."customer_id" FROM "orders" AS "source" WHERE "source"."id" = $1)"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "source"."customer_id" FROM "orders" AS "source" WHERE "source"."id" = ?)"#,
    ];
    to_one_of_an_id_by_a_composite_key: db => Part::OF_LINE.of_id("x").one(db) => [
        r#"SELECT "lines"."order_id", "lines"."number", "source"."order_id", "source"."line" FROM "parts" AS "source" LEFT JOIN "lines" ON "lines"."order_id" = "source"."order_id" AND "lines"."number" = "source"."line" WHERE "source"."code" = $1"#,
        r#"SELECT "lines"."order_id", "lines"."number", "source"."order_id", "source"."line" FROM "parts" AS "source" LEFT JOIN "lines" ON "lines"."order_id" = "source"."order_id" AND "lines"."number" = "source"."line" WHERE "source"."code" = ?"#,
    ];
    to_many_of_an_id_that_is_the_key: db => Order::LINES.of_id(1).all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = $1 ORDER BY "lines"."order_id" ASC, "lines"."number" ASC"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = ? ORDER BY "lines"."order_id" ASC, "lines"."number" ASC"#,
    ];
    to_many_of_an_id_that_is_not_the_key: db => Customer::ORDERS.of_id(1).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "source"."pk" FROM "customers" AS "source" WHERE "source"."id" = $1) ORDER BY "orders"."id" ASC"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "source"."pk" FROM "customers" AS "source" WHERE "source"."id" = ?) ORDER BY "orders"."id" ASC"#,
    ];
    to_many_of_a_composite_id: db => Line::PARTS.of_id((1, 2)).all(db) => [
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts" WHERE "parts"."order_id" = $1 AND "parts"."line" = $2 ORDER BY "parts"."code" ASC"#,
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts" WHERE "parts"."order_id" = ? AND "parts"."line" = ? ORDER BY "parts"."code" ASC"#,
    ];
    one_for_each: db => Order::CUSTOMER.load(db, &[order(), Order { customer_id: 3, ..order() }]) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    many_for_each: db => Customer::ORDERS.load(db, &[customer(), Customer { id: 2, pk: 3, ..customer() }]) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    one_for_each_composite_key: db => Part::OF_LINE.load(db, &[part(), Part { line: Some(3), ..part() }]) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT * FROM unnest((SELECT $1), (SELECT $2)) AS "key")"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each")"#,
    ];
    many_for_each_composite_key: db => Line::PARTS.load(db, &[Line { order_id: 1, number: 2 }, Line { order_id: 1, number: 3 }]) => [
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts" WHERE ("parts"."order_id", "parts"."line") IN (SELECT * FROM unnest((SELECT $1), (SELECT $2)) AS "key") ORDER BY "parts"."code" ASC"#,
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts" WHERE ("parts"."order_id", "parts"."line") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each") ORDER BY "parts"."code" ASC"#,
    ];
    none_for_none: db => Order::CUSTOMER.load(db, &[]) => [];
    deleted: db => Customer::ORDERS.of(&customer()).delete(db) => [
        r#"DELETE FROM "orders" WHERE "orders"."customer_id" = $1"#,
        r#"DELETE FROM "orders" WHERE "orders"."customer_id" = ?"#,
    ];
    changed_by_id: db => Customer::ORDERS.of_id(1).set(Order::QUANTITY, 1).update(db) => [
        r#"UPDATE "orders" SET "quantity" = $1 WHERE "orders"."customer_id" IN (SELECT "source"."pk" FROM "customers" AS "source" WHERE "source"."id" = $2)"#,
        r#"UPDATE "orders" SET "quantity" = ? WHERE "orders"."customer_id" IN (SELECT "source"."pk" FROM "customers" AS "source" WHERE "source"."id" = ?)"#,
    ];
}
