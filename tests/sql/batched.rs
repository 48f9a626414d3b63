//! Look-ups by many keys, for accessors that are called at the same time.

use std::sync::Arc;

use ::relations::{Batched, Engine, Entity};
use futures_util::future::join;

use crate::support::{Customer, Order, Part, Recording};
use crate::through::Employee;

/// Whether two calls send one statement on each engine.
macro_rules! meet {
    ($($name:ident: $db:ident => ($one:expr, $other:expr) => $expected:expr;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let expected: [&str; 2] = $expected;
                for (engine, expected) in [Engine::Postgres, Engine::Sqlite].into_iter().zip(expected) {
                    let recording = Arc::new(Recording::new(engine));
                    let batched = Batched::new(Arc::clone(&recording));
                    let $db = &batched;
                    let _ = join($one, $other).await;
                    drop(batched);
                    let recording = Arc::into_inner(recording).expect("the task is done");
                    assert_eq!(recording.statements(), [expected]);
                }
            }
        )*
    };
}

fn order(customer_id: i64) -> Order {
    Order { id: 1, customer_id, payer_id: None, quantity: 1 }
}

fn customer(pk: i64) -> Customer {
    Customer { id: 1, pk, name: String::new(), state: None }
}

fn part(line: i32) -> Part {
    Part { code: String::new(), order_id: Some(1), line: Some(line), kind: None }
}

fn employee(id: i16) -> Employee {
    Employee { id, badge: None }
}

meet! {
    accessors_send_one_array: db => (order(1).customer(db), order(2).customer(db)) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    equal_keys_are_one: db => (order(1).customer(db), order(1).customer(db)) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = $1"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."pk" = ?"#,
    ];
    ids_send_one_array: db => (Order::find_by_id(1).one(db), Order::find_by_id(2).one(db)) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    those_of_many_come_by_their_id: db => (customer(1).orders(db), customer(2).orders(db)) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" = ANY(COALESCE((SELECT $1))) ORDER BY "orders"."id" ASC"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each") ORDER BY "orders"."id" ASC"#,
    ];
    keys_of_several_parts_are_an_array_each: db => (part(1).of_line(db), part(2).of_line(db)) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT * FROM unnest((SELECT $1), (SELECT $2)) AS "key")"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]') FROM json_each(?) AS "each")"#,
    ];
    links_bring_the_key_last: db => (employee(1).territories(db), employee(2).territories(db)) => [
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT unnest("arrays_2"."array_0") AS "key_0", CAST(generate_subscripts("arrays_2"."array_0", 1) AS bigint) AS "number" FROM (SELECT $1 AS "array_0") AS "arrays_2") SELECT DISTINCT ON ("link"."country", "link"."number", "relations_keys_1"."number") "link"."country", "link"."number", "relations_keys_1"."number" FROM "sales"."link" INNER JOIN (SELECT "its_link".* FROM "employee_territories" AS "its_link" WHERE ("its_link"."employee_id" IN (SELECT "relations_keys_1"."key_0" FROM "relations_keys_1")) IS TRUE AND "its_link"."employee_id" = ANY(ARRAY((SELECT "relations_keys_1"."key_0" FROM "relations_keys_1"))) OFFSET 0) AS "its_link" ON "link"."number" = "its_link"."territory_number" AND "link"."country" = "its_link"."territory_country" INNER JOIN "relations_keys_1" ON "its_link"."employee_id" = "relations_keys_1"."key_0" ORDER BY "link"."country" ASC, "link"."number" ASC"#,
        r#"WITH "relations_keys_1" AS  MATERIALIZED (SELECT "key" + 1 AS "number", CAST("value" AS integer) AS "key_0" FROM json_each(?) AS "each") SELECT "link"."country", "link"."number", "relations_keys_1"."number" FROM "sales"."link" INNER JOIN (SELECT DISTINCT "relations_keys_1"."number" AS "number", "led_to_2"."country" AS "id_0", "led_to_2"."number" AS "id_1" FROM "relations_keys_1" INNER JOIN "employee_territories" AS "its_link" ON "its_link"."employee_id" = "relations_keys_1"."key_0" INNER JOIN "sales"."link" AS "led_to_2" ON "led_to_2"."number" = "its_link"."territory_number" AND "led_to_2"."country" = "its_link"."territory_country") AS "ways_3" ON "link"."country" = "ways_3"."id_0" AND "link"."number" = "ways_3"."id_1" INNER JOIN "relations_keys_1" ON "relations_keys_1"."number" = "ways_3"."number" ORDER BY "link"."country" ASC, "link"."number" ASC"#,
    ];
}
