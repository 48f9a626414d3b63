//! The SQL of queries with includes. Of statements that go one after another the first is seen, as
//! nothing answers it; `preload` sends only further ones.

use ::relations::Engine;
use ::relations::prelude::*;

use crate::support::{Customer, Line, Order, Part, Recording, sends};

fn order() -> Order {
    Order { id: 1, customer_id: 2, payer_id: None, quantity: 3 }
}

fn customer() -> Customer {
    Customer { id: 1, pk: 2, name: "Ada".into(), state: None }
}

fn line() -> Line {
    Line { order_id: 1, number: 2 }
}

fn part() -> Part {
    Part { code: "x".into(), order_id: Some(1), line: Some(2), kind: None }
}

sends! {
    to_one_joined: db => Order::find().include(Order::CUSTOMER.joined()).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
    ];
    to_one_pipelined: db => Order::find()
        .filter(Order::QUANTITY.gt(1))
        .order_by(Order::QUANTITY.desc())
        .include(Order::CUSTOMER.pipelined())
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."quantity" > $1 ORDER BY "orders"."quantity" DESC"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ANY(ARRAY((SELECT "orders"."customer_id" AS "key_0" FROM "orders" WHERE "orders"."quantity" > $1)))"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."quantity" > ? ORDER BY "orders"."quantity" DESC"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "orders"."customer_id" AS "key_0" FROM "orders" WHERE "orders"."quantity" > ?)"#,
    ];
    to_one_batched: db => Order::preload([order(), Order { customer_id: 3, ..order() }]).include(Order::CUSTOMER).all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    to_one_of_one_key: db => Order::preload([order(), order()]).include(Order::CUSTOMER).all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = $1"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ?"#,
    ];
    to_one_of_one_composite_key: db => Part::preload([part()]).include(Part::OF_LINE).all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = ? AND "lines"."number" = ?"#,
    ];
    one_of_few_is_joined: db => Order::find_by_id(1).include(Order::CUSTOMER).one(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "orders"."id" = $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "orders"."id" = ?"#,
    ];
    one_of_many_is_batched: db => Order::find().include(Order::CUSTOMER).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
    ];
    to_one_filtered: db => Order::find()
        .include(Order::CUSTOMER.filter(Customer::STATE.eq("open")).joined())
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN (SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."state" = $1) AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN (SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."state" = ?) AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
    ];
    to_one_required: db => Order::find().include_required(Order::PAYER.joined()).limit(5).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "payer_1"."id", "payer_1"."pk", "payer_1"."Full Name", "payer_1"."state" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "payer_1"."id" IS NOT NULL LIMIT 5"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "payer_1"."id", "payer_1"."pk", "payer_1"."Full Name", "payer_1"."state" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "payer_1"."id" IS NOT NULL LIMIT 5"#,
    ];
    to_one_required_and_pipelined: db => Order::find().include_required(Order::PAYER.pipelined()).limit(5).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE EXISTS(SELECT 1 FROM "customers" AS "payer_1" WHERE "payer_1"."id" = "orders"."payer_id") ORDER BY "orders"."id" ASC LIMIT 5"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."id" = ANY(ARRAY((SELECT "orders"."payer_id" AS "key_0" FROM "orders" WHERE EXISTS(SELECT 1 FROM "customers" AS "payer_1" WHERE "payer_1"."id" = "orders"."payer_id") ORDER BY "orders"."id" ASC LIMIT 5)))"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE EXISTS(SELECT 1 FROM "customers" AS "payer_1" WHERE "payer_1"."id" = "orders"."payer_id") ORDER BY "orders"."id" ASC LIMIT 5"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."id" IN (SELECT "orders"."payer_id" AS "key_0" FROM "orders" WHERE EXISTS(SELECT 1 FROM "customers" AS "payer_1" WHERE "payer_1"."id" = "orders"."payer_id") ORDER BY "orders"."id" ASC LIMIT 5)"#,
    ];
    to_one_of_a_page_pipelined: db => Order::find()
        .order_by(Order::QUANTITY.asc())
        .limit(5)
        .include(Order::CUSTOMER.pipelined())
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 5"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ANY(ARRAY((SELECT "orders"."customer_id" AS "key_0" FROM "orders" ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 5)))"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 5"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "orders"."customer_id" AS "key_0" FROM "orders" ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 5)"#,
    ];
    to_one_by_a_composite_key_joined: db => Part::find().include(Part::OF_LINE.joined()).all(db) => [
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type", "of_line_1"."order_id", "of_line_1"."number" FROM "parts" LEFT JOIN "lines" AS "of_line_1" ON "of_line_1"."order_id" = "parts"."order_id" AND "of_line_1"."number" = "parts"."line""#,
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type", "of_line_1"."order_id", "of_line_1"."number" FROM "parts" LEFT JOIN "lines" AS "of_line_1" ON "of_line_1"."order_id" = "parts"."order_id" AND "of_line_1"."number" = "parts"."line""#,
    ];
    to_one_by_a_composite_key_batched: db => Part::preload([part(), Part { line: Some(3), ..part() }]).include(Part::OF_LINE).all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT * FROM unnest((SELECT $1), (SELECT $2)) AS "key")"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each")"#,
    ];
    to_one_by_a_composite_key_pipelined: db => Part::find().include(Part::OF_LINE.pipelined()).all(db) => [
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts""#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT "parts"."order_id" AS "key_0", "parts"."line" AS "key_1" FROM "parts")"#,
        r#"SELECT "parts"."code", "parts"."order_id", "parts"."line", "parts"."type" FROM "parts""#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT "parts"."order_id" AS "key_0", "parts"."line" AS "key_1" FROM "parts")"#,
    ];
    to_many_batched: db => Customer::preload([customer(), Customer { id: 2, pk: 3, ..customer() }]).include(Customer::ORDERS).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    to_many_pipelined: db => Customer::find_by_id(1).include(Customer::ORDERS.pipelined()).one(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."id" = $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ANY(ARRAY((SELECT "customers"."pk" AS "key_0" FROM "customers" WHERE "customers"."id" = $1)))"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."id" = ?"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "customers"."pk" AS "key_0" FROM "customers" WHERE "customers"."id" = ?)"#,
    ];
    a_page_of_each_batched: db => Customer::preload([customer(), Customer { id: 2, pk: 3, ..customer() }])
        .include(Customer::ORDERS.filter(Order::QUANTITY.gt(1)).order_by(Order::QUANTITY.desc()).limit(3).offset(1))
        .all(db) => [
        r#"SELECT "rows_2"."column_0", "rows_2"."column_1", "rows_2"."column_2", "rows_2"."column_3" FROM (SELECT unnest($1) AS "key_0") AS "keys_1" INNER JOIN LATERAL (SELECT "orders"."id" AS "column_0", "orders"."customer_id" AS "column_1", "orders"."payer_id" AS "column_2", "orders"."quantity" AS "column_3" FROM "orders" WHERE "orders"."quantity" > $2 AND "orders"."customer_id" = "keys_1"."key_0" ORDER BY "orders"."quantity" DESC, "orders"."id" ASC LIMIT 3 OFFSET $3) AS "rows_2" ON TRUE"#,
        r#"SELECT "rows_1"."column_0", "rows_1"."column_1", "rows_1"."column_2", "rows_1"."column_3" FROM (SELECT "orders"."id" AS "column_0", "orders"."customer_id" AS "column_1", "orders"."payer_id" AS "column_2", "orders"."quantity" AS "column_3", row_number() OVER ( PARTITION BY "orders"."customer_id" ORDER BY "orders"."quantity" DESC, "orders"."id" ASC ) AS "number" FROM "orders" WHERE "orders"."quantity" > ? AND "orders"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each")) AS "rows_1" WHERE "rows_1"."number" > (1) AND "rows_1"."number" <= (4) ORDER BY "rows_1"."number" ASC"#,
    ];
    a_page_of_each_pipelined: db => Customer::find()
        .include(Customer::ORDERS.limit(3).pipelined())
        .all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers""#,
        r#"SELECT "rows_2"."column_0", "rows_2"."column_1", "rows_2"."column_2", "rows_2"."column_3" FROM (SELECT DISTINCT "sources_3"."key_0" FROM (SELECT "customers"."pk" AS "key_0" FROM "customers") AS "sources_3") AS "keys_1" INNER JOIN LATERAL (SELECT "orders"."id" AS "column_0", "orders"."customer_id" AS "column_1", "orders"."payer_id" AS "column_2", "orders"."quantity" AS "column_3" FROM "orders" WHERE "orders"."customer_id" = "keys_1"."key_0" ORDER BY "orders"."id" ASC LIMIT 3) AS "rows_2" ON TRUE"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers""#,
        r#"SELECT "rows_1"."column_0", "rows_1"."column_1", "rows_1"."column_2", "rows_1"."column_3" FROM (SELECT "orders"."id" AS "column_0", "orders"."customer_id" AS "column_1", "orders"."payer_id" AS "column_2", "orders"."quantity" AS "column_3", row_number() OVER ( PARTITION BY "orders"."customer_id" ORDER BY "orders"."id" ASC ) AS "number" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "customers"."pk" AS "key_0" FROM "customers")) AS "rows_1" WHERE "rows_1"."number" > (0) AND "rows_1"."number" <= (3) ORDER BY "rows_1"."number" ASC"#,
    ];
    a_page_of_each_composite_key: db => Line::preload([line(), Line { number: 3, ..line() }]).include(Line::PARTS.limit(3)).all(db) => [
        r#"SELECT "rows_2"."column_0", "rows_2"."column_1", "rows_2"."column_2", "rows_2"."column_3" FROM (SELECT unnest($1) AS "key_0", unnest($2) AS "key_1") AS "keys_1" INNER JOIN LATERAL (SELECT "parts"."code" AS "column_0", "parts"."order_id" AS "column_1", "parts"."line" AS "column_2", "parts"."type" AS "column_3" FROM "parts" WHERE "parts"."order_id" = "keys_1"."key_0" AND "parts"."line" = "keys_1"."key_1" ORDER BY "parts"."code" ASC LIMIT 3) AS "rows_2" ON TRUE"#,
        r#"SELECT "rows_1"."column_0", "rows_1"."column_1", "rows_1"."column_2", "rows_1"."column_3" FROM (SELECT "parts"."code" AS "column_0", "parts"."order_id" AS "column_1", "parts"."line" AS "column_2", "parts"."type" AS "column_3", row_number() OVER ( PARTITION BY "parts"."order_id", "parts"."line" ORDER BY "parts"."code" ASC ) AS "number" FROM "parts" WHERE ("parts"."order_id", "parts"."line") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each")) AS "rows_1" WHERE "rows_1"."number" > (0) AND "rows_1"."number" <= (3) ORDER BY "rows_1"."number" ASC"#,
    ];
    a_page_with_what_is_joined_to_it: db => Customer::preload([customer(), Customer { id: 2, pk: 3, ..customer() }])
        .include(Customer::ORDERS.limit(3).include(Order::PAYER.joined()))
        .all(db) => [
        r#"SELECT "rows_3"."column_0", "rows_3"."column_1", "rows_3"."column_2", "rows_3"."column_3", "rows_3"."column_4", "rows_3"."column_5", "rows_3"."column_6", "rows_3"."column_7" FROM (SELECT unnest($1) AS "key_0") AS "keys_2" INNER JOIN LATERAL (SELECT "orders"."id" AS "column_0", "orders"."customer_id" AS "column_1", "orders"."payer_id" AS "column_2", "orders"."quantity" AS "column_3", "payer_1"."id" AS "column_4", "payer_1"."pk" AS "column_5", "payer_1"."Full Name" AS "column_6", "payer_1"."state" AS "column_7" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "orders"."customer_id" = "keys_2"."key_0" ORDER BY "orders"."id" ASC LIMIT 3) AS "rows_3" ON TRUE"#,
        r#"SELECT "rows_2"."column_0", "rows_2"."column_1", "rows_2"."column_2", "rows_2"."column_3", "rows_2"."column_4", "rows_2"."column_5", "rows_2"."column_6", "rows_2"."column_7" FROM (SELECT "orders"."id" AS "column_0", "orders"."customer_id" AS "column_1", "orders"."payer_id" AS "column_2", "orders"."quantity" AS "column_3", "payer_1"."id" AS "column_4", "payer_1"."pk" AS "column_5", "payer_1"."Full Name" AS "column_6", "payer_1"."state" AS "column_7", row_number() OVER ( PARTITION BY "orders"."customer_id" ORDER BY "orders"."id" ASC ) AS "number" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "orders"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each")) AS "rows_2" WHERE "rows_2"."number" > (0) AND "rows_2"."number" <= (3) ORDER BY "rows_2"."number" ASC"#,
    ];
    several_levels_joined: db => Line::find()
        .include(Line::ORDER.joined().include(Order::CUSTOMER.joined()).include_required(Order::PAYER.joined()))
        .all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number", "order_1"."id", "order_1"."customer_id", "order_1"."payer_id", "order_1"."quantity", "customer_2"."id", "customer_2"."pk", "customer_2"."Full Name", "customer_2"."state", "payer_3"."id", "payer_3"."pk", "payer_3"."Full Name", "payer_3"."state" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "order_1"."customer_id" LEFT JOIN "customers" AS "payer_3" ON "payer_3"."id" = "order_1"."payer_id""#,
        r#"SELECT "lines"."order_id", "lines"."number", "order_1"."id", "order_1"."customer_id", "order_1"."payer_id", "order_1"."quantity", "customer_2"."id", "customer_2"."pk", "customer_2"."Full Name", "customer_2"."state", "payer_3"."id", "payer_3"."pk", "payer_3"."Full Name", "payer_3"."state" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "order_1"."customer_id" LEFT JOIN "customers" AS "payer_3" ON "payer_3"."id" = "order_1"."payer_id""#,
    ];
    several_levels_pipelined: db => Customer::find_by_id(1)
        .include(Customer::ORDERS.pipelined().include(Order::LINES.pipelined()))
        .one(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."id" = $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ANY(ARRAY((SELECT "customers"."pk" AS "key_0" FROM "customers" WHERE "customers"."id" = $1)))"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = ANY(ARRAY((SELECT "orders"."id" AS "key_0" FROM "orders" WHERE "orders"."customer_id" = ANY(ARRAY((SELECT "customers"."pk" AS "key_0" FROM "customers" WHERE "customers"."id" = $1))))))"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."id" = ?"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "customers"."pk" AS "key_0" FROM "customers" WHERE "customers"."id" = ?)"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" IN (SELECT "orders"."id" AS "key_0" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "customers"."pk" AS "key_0" FROM "customers" WHERE "customers"."id" = ?))"#,
    ];
    required_through_what_is_required: db => Line::find()
        .include_required(Line::ORDER.batched().include_required(Order::PAYER.batched()))
        .all(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE EXISTS(SELECT 1 FROM "orders" AS "order_1" WHERE "order_1"."id" = "lines"."order_id" AND EXISTS(SELECT 1 FROM "customers" AS "payer_2" WHERE "payer_2"."id" = "order_1"."payer_id"))"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE EXISTS(SELECT 1 FROM "orders" AS "order_1" WHERE "order_1"."id" = "lines"."order_id" AND EXISTS(SELECT 1 FROM "customers" AS "payer_2" WHERE "payer_2"."id" = "order_1"."payer_id"))"#,
    ];
    a_count_joined: db => Customer::find().include(Customer::ORDERS.count().joined()).all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") FROM "customers""#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") FROM "customers""#,
    ];
    a_count_batched: db => Customer::preload([customer(), Customer { id: 2, pk: 3, ..customer() }])
        .include(Customer::ORDERS.count().filter(Order::QUANTITY.gt(1)))
        .all(db) => [
        r#"SELECT "orders"."customer_id", COUNT(*) FROM "orders" WHERE "orders"."quantity" > $1 AND "orders"."customer_id" = ANY(COALESCE((SELECT $2))) GROUP BY "orders"."customer_id""#,
        r#"SELECT "orders"."customer_id", COUNT(*) FROM "orders" WHERE "orders"."quantity" > ? AND "orders"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each") GROUP BY "orders"."customer_id""#,
    ];
    a_count_of_a_composite_key: db => Line::preload([line(), Line { number: 3, ..line() }]).include(Line::PARTS.count()).all(db) => [
        r#"SELECT "parts"."order_id", "parts"."line", COUNT(*) FROM "parts" WHERE ("parts"."order_id", "parts"."line") IN (SELECT * FROM unnest((SELECT $1), (SELECT $2)) AS "key") GROUP BY "parts"."order_id", "parts"."line""#,
        r#"SELECT "parts"."order_id", "parts"."line", COUNT(*) FROM "parts" WHERE ("parts"."order_id", "parts"."line") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each") GROUP BY "parts"."order_id", "parts"."line""#,
    ];
    what_orders_a_query_is_joined_once: db => Order::find()
        .order_by(Order::CUSTOMER.column(Customer::NAME).asc())
        .include(Order::CUSTOMER.joined())
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" ORDER BY "customer_1"."Full Name" ASC"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" ORDER BY "customer_1"."Full Name" ASC"#,
    ];
}

#[test]
fn few_sources_are_joined() {
    let to_one = |rows| Order::find().include(Order::CUSTOMER).limit(rows);
    let below = |rows| Line::find().include(Line::ORDER.include(Order::CUSTOMER)).limit(rows);
    let to_many = |rows| Customer::find().include(Customer::ORDERS).limit(rows);
    let counted = |rows| Customer::find().include(Customer::ORDERS.count()).limit(rows);
    let is_joined = |sql: String| sql.contains("LEFT JOIN") || sql.contains("COUNT(*)");
    let postgres = Engine::Postgres;
    // A page asks for one more than it has.
    for (most, sql) in [
        (101, &(|rows| to_one(rows).to_sql(postgres).unwrap()) as &dyn Fn(u64) -> String),
        (51, &|rows| below(rows).to_sql(postgres).unwrap()),
        (21, &|rows| to_many(rows).to_sql(postgres).unwrap()),
        (101, &|rows| counted(rows).to_sql(postgres).unwrap()),
    ] {
        assert!(is_joined(sql(most)), "{}", sql(most));
        assert!(!is_joined(sql(most + 1)), "{}", sql(most + 1));
    }
}

#[test]
fn up_to_a_thousand_rows_are_a_number_in_the_sql() {
    let sql = |rows| Order::find().limit(rows).to_sql(Engine::Postgres).unwrap();
    assert!(sql(1_000).ends_with(" LIMIT 1000"), "{}", sql(1_000));
    assert!(sql(1_001).ends_with(" LIMIT $1"), "{}", sql(1_001));
}

/// The plan of PostgreSQL for the keys of each call.
fn planned_anew(column: &str) -> String {
    format!(
        "{column} = ANY($1) OR ($1 IS NULL AND (SELECT count(*) FROM generate_series(1, \
         1000000000000)) = 0)",
    )
}

#[tokio::test]
async fn up_to_a_hundred_keys_have_a_plan_that_is_kept() {
    let sent = async |keys: i64| {
        let recording = Recording::new(Engine::Postgres);
        let customers = (0..keys).map(|key| Customer { pk: key * 2, ..customer() });
        let _ = Customer::preload(customers).include(Customer::ORDERS).all(&recording).await;
        recording.statements().remove(0)
    };
    assert!(sent(100).await.ends_with("= ANY(COALESCE((SELECT $1)))"));
    assert!(sent(101).await.ends_with(&planned_anew(r#""orders"."customer_id""#)));
    assert!(sent(1_001).await.ends_with(&planned_anew(r#""orders"."customer_id""#)));
}

#[tokio::test]
async fn up_to_a_thousand_unique_integers_have_a_plan_that_is_kept() {
    let sent = async |keys: i64| {
        let recording = Recording::new(Engine::Postgres);
        let orders =
            (0..keys).map(|key| Order { customer_id: key * 2, payer_id: Some(key * 2), ..order() });
        let query = Order::preload(orders).include(Order::CUSTOMER).include(Order::PAYER);
        let _ = query.all(&recording).await;
        recording.statements()
    };
    for keys in [2, 101, 1_000] {
        for sql in sent(keys).await {
            assert!(sql.ends_with("= ANY(COALESCE((SELECT $1)))"), "{sql}");
        }
    }
    for (sql, key) in sent(1_001).await.iter().zip(["pk", "id"]) {
        assert!(sql.ends_with(&planned_anew(&format!(r#""customers"."{key}""#))), "{sql}");
    }
}

#[tokio::test]
async fn many_keys_with_few_between_them_are_a_range() {
    let to_one = async |engine, keys: i64, last: i64| {
        let recording = Recording::new(engine);
        let keys = (1..keys).rev().chain([last]);
        let orders = keys.map(|key| Order { customer_id: key, ..order() });
        let _ = Order::preload(orders).include(Order::CUSTOMER).all(&recording).await;
        recording.statements().remove(0)
    };
    let postgres = async |keys, last| to_one(Engine::Postgres, keys, last).await;
    let kept = "= ANY(COALESCE((SELECT $1)))";
    assert!(postgres(1_000, 1_000).await.ends_with(kept));
    let range = r#" WHERE "customers"."pk" BETWEEN $1 AND $2"#;
    assert!(postgres(1_001, 1_001).await.ends_with(range));
    assert!(postgres(2_000, 3_000).await.ends_with(range));
    assert!(postgres(2_000, 3_001).await.ends_with(&planned_anew(r#""customers"."pk""#)));
    let sqlite = to_one(Engine::Sqlite, 2_000, 3_000).await;
    assert!(sqlite.ends_with(r#" WHERE "customers"."pk" BETWEEN ? AND ?"#), "{sqlite}");
}

#[tokio::test]
async fn keys_with_many_targets_are_a_range_where_none_lies_between_them() {
    let sent = async |last: i64| {
        let recording = Recording::new(Engine::Postgres);
        let customers = (1..1_500).chain([last]).map(|pk| Customer { pk, ..customer() });
        let all = Customer::preload(customers.clone()).include(Customer::ORDERS);
        let _ = all.all(&recording).await;
        let count = Customer::preload(customers.clone()).include(Customer::ORDERS.count());
        let _ = count.all(&recording).await;
        let page = Customer::preload(customers).include(Customer::ORDERS.limit(1));
        let _ = page.all(&recording).await;
        recording.statements()
    };
    let range = r#" WHERE "orders"."customer_id" BETWEEN $1 AND $2"#;
    let [all, count, page] = sent(1_500).await.try_into().unwrap();
    assert!(all.contains(range), "{all}");
    assert!(count.contains(range), "{count}");
    assert!(page.contains(r#"unnest($1) AS "key_0""#), "{page}");
    for sql in sent(1_501).await {
        assert!(!sql.contains("BETWEEN"), "{sql}");
    }
}

#[tokio::test]
async fn more_than_a_thousand_sources_are_repeated_as_a_set() {
    let sent = async |rows| {
        let recording = Recording::new(Engine::Postgres);
        let query = Order::find().include(Order::CUSTOMER.pipelined()).limit(rows);
        let _ = query.all(&recording).await;
        recording.statements().remove(1)
    };
    assert!(sent(1_000).await.contains("= ANY(ARRAY((SELECT"));
    assert!(sent(1_001).await.contains("IN (SELECT"));
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Visit)]
pub struct Guest {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Visit {
    #[id]
    pub id: i64,
    #[belongs_to(Guest, index = false)]
    pub guest_id: i64,
}

#[tokio::test]
async fn keys_without_an_index_are_never_compared_one_by_one() {
    let guests = || (1..3).map(|id| Guest { id });
    let recording = Recording::new(Engine::Postgres);
    let _ = Guest::preload(guests()).include(Guest::VISITS).all(&recording).await;
    let _ = Guest::preload(guests()).include(Guest::VISITS.limit(3)).all(&recording).await;
    let _ = Guest::find().include(Guest::VISITS.pipelined()).all(&recording).await;
    let _ = Guest::find().include(Guest::VISITS.limit(3).pipelined()).all(&recording).await;
    let [all, page, _, pipelined, _, paged] = recording.statements().try_into().unwrap();
    let anew = planned_anew(r#""visits"."guest_id""#);
    assert!(all.ends_with(&format!("WHERE {anew}")), "{all}");
    for page in [&page, &paged] {
        assert!(page.contains("row_number() OVER") && !page.contains("LATERAL"), "{page}");
    }
    assert!(page.contains(&anew), "{page}");
    let repeated = r#""visits"."guest_id" IN (SELECT "guests"."id" AS "key_0" FROM "guests")"#;
    assert!(pipelined.contains(repeated) && paged.contains(repeated), "{pipelined}\n{paged}");
}

#[test]
fn many_values_of_a_filter_are_planned_for() {
    let sql = |values: i64, negated: bool| {
        let values: Vec<_> = (0..values).collect();
        let filter =
            if negated { Visit::GUEST_ID.not_in(values) } else { Visit::GUEST_ID.is_in(values) };
        let query = Visit::find().filter(filter);
        let sql = query.to_sql(Engine::Postgres).unwrap();
        sql.split_once(" WHERE ").unwrap().1.to_owned()
    };
    assert_eq!(sql(100, false), r#""visits"."guest_id" = ANY($1)"#);
    assert_eq!(sql(101, false), planned_anew(r#""visits"."guest_id""#));
    assert_eq!(sql(100, true), r#""visits"."guest_id" <> ALL($1)"#);
    let negated = r#""visits"."guest_id" <> ALL($1) AND (NOT ($1 IS NULL AND (SELECT"#;
    assert!(sql(101, true).starts_with(negated), "{}", sql(101, true));
}

mod by_list {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "boards")]
    pub struct Board {
        #[id]
        pub id: i64,
        #[unique]
        pub cells: Vec<i32>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "moves")]
    pub struct Move {
        #[id]
        pub id: i64,
        #[belongs_to(Board, key_to = "cells", name = "board")]
        pub cells: Vec<i32>,
    }
}

/// PostgreSQL takes a list of lists for one list.
#[tokio::test]
async fn lists_as_keys_of_several_sources_are_refused() {
    use by_list::Move;

    let moves = || [1, 2].map(|id| Move { id: id.into(), cells: vec![3, id] });
    let recording = Recording::new(Engine::Postgres);
    let error = Move::preload(moves()).include(Move::BOARD).all(&recording).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains("`.joined()`"), "{error}");
    assert!(recording.statements().is_empty());
    let joined = Move::find().include(Move::BOARD.joined()).to_sql(Engine::Postgres).unwrap();
    assert!(joined.contains("LEFT JOIN"), "{joined}");
}
