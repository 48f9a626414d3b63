//! Rows that are made, changed and removed.

use ::relations::Engine;
use ::relations::prelude::*;

use crate::support::{Customer, Line, NewCustomer, NewLine, NewOrder, NewTag, Order, sends};
use crate::through::{NewPaper, Paper};

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Ticket {
    #[id(generated)]
    pub number: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Page {
    #[id]
    pub id: i64,
    pub title: String,
    #[version]
    pub version: i16,
    #[created_at]
    pub made: time::OffsetDateTime,
    #[updated_at]
    pub changed: chrono::NaiveDateTime,
}

fn new_page(id: i64) -> NewPage {
    NewPage { id, title: "One".into() }
}

fn page() -> Page {
    let moment = time::OffsetDateTime::UNIX_EPOCH;
    let changed = chrono::NaiveDateTime::default();
    Page { id: 1, title: "One".into(), version: 3, made: moment, changed }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(row, number, filter = "name <> ''")]
pub struct Seat {
    #[id]
    pub id: i64,
    pub row: i32,
    pub number: i32,
    pub name: String,
}

fn seat() -> NewSeat {
    NewSeat { id: 1, row: 2, number: 3, name: "a".into() }
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
    inserted_and_read_as_text: db => NewPaper { title: "a".into() }.insert(db) => [
        r#"INSERT INTO "papers" ("title") VALUES (CAST($1 AS citext)) RETURNING CAST("title" AS text)"#,
        r#"INSERT INTO "papers" ("title") VALUES (?) RETURNING "title""#,
    ];
    inserted_or_found_and_read_as_text: db => NewPaper { title: "a".into() }
        .on_conflict(Paper::TITLE)
        .do_nothing()
        .insert(db) => [
        r#"WITH "inserted_1" AS (INSERT INTO "papers" ("title") VALUES (CAST($1 AS citext)) ON CONFLICT ("title") DO NOTHING RETURNING "title") SELECT CAST("title" AS text), TRUE FROM "inserted_1" UNION ALL (SELECT CAST("papers"."title" AS text), FALSE FROM "papers" WHERE "papers"."title" = CAST($2 AS citext) AND (NOT EXISTS(SELECT 1 FROM "inserted_1")))"#,
        r#"INSERT INTO "papers" ("title") VALUES (?) ON CONFLICT ("title") DO NOTHING RETURNING "title", TRUE"#,
    ];
    inserted_with_nothing: db => NewTicket {}.insert(db) => [
        r#"INSERT INTO "tickets" VALUES (DEFAULT) RETURNING "number""#,
        r#"INSERT INTO "tickets" DEFAULT VALUES RETURNING "number""#,
    ];
    inserted_composite: db => NewLine { order_id: 1, number: 2 }.insert(db) => [
        r#"INSERT INTO "lines" ("order_id", "number") VALUES ($1, $2) RETURNING "order_id", "number""#,
        r#"INSERT INTO "lines" ("order_id", "number") VALUES (?, ?) RETURNING "order_id", "number""#,
    ];
    many_inserted: db => NewOrder::insert_many(
        [1, 2].map(|quantity| NewOrder { customer_id: 1, payer_id: None, quantity }), db) => [
        r#"INSERT INTO "orders" ("customer_id", "payer_id", "quantity") SELECT unnest($1), unnest($2), unnest($3) RETURNING "id", "customer_id", "payer_id", "quantity""#,
        r#"INSERT INTO "orders" ("customer_id", "payer_id", "quantity") SELECT ?, ?, ? RETURNING "id", "customer_id", "payer_id", "quantity""#,
    ];
    many_inserted_with_a_default: db => NewCustomer::insert_many([customer()], db) => [
        r#"INSERT INTO "customers" ("pk", "Full Name") SELECT unnest($1), unnest(CAST($2 AS varchar[])) RETURNING "id", "pk", "Full Name", "state""#,
        r#"INSERT INTO "customers" ("pk", "Full Name") SELECT ?, ? RETURNING "id", "pk", "Full Name", "state""#,
    ];
    many_inserted_some_with_a_default: db => NewCustomer::insert_many(
        [customer(), NewCustomer { state: Some(None), ..customer() }], db) => [
        r#"INSERT INTO "customers" ("pk", "Full Name", "state") SELECT "given"."value_1", "given"."value_2", (CASE WHEN ("given"."is_given_3") THEN "given"."value_3" ELSE 'open' END) FROM (SELECT unnest($1) AS "value_1", unnest(CAST($2 AS varchar[])) AS "value_2", unnest($3) AS "value_3", unnest($4) AS "is_given_3") AS "given" RETURNING "id", "pk", "Full Name", "state""#,
        r#"INSERT INTO "customers" ("pk", "Full Name", "state") SELECT "given"."value_1", "given"."value_2", (CASE WHEN ("given"."is_given_3") THEN "given"."value_3" ELSE 'open' END) FROM (SELECT ? AS "value_1", ? AS "value_2", ? AS "value_3", ? AS "is_given_3") AS "given" RETURNING "id", "pk", "Full Name", "state""#,
    ];
    many_inserted_with_arrays: db => NewTag::insert_many(
        [NewTag { name: "a".into(), aliases: vec!["b".into()] }], db) => [
        r#"INSERT INTO "shop"."Tags" ("name", "aliases") SELECT unnest($1), CAST(unnest($2) AS text[]) RETURNING "name", "aliases""#,
    ];
    many_inserted_with_nothing: db => NewTicket::insert_many([NewTicket {}, NewTicket {}], db) => [
        r#"INSERT INTO "tickets" VALUES (DEFAULT), (DEFAULT) RETURNING "number""#,
        r#"INSERT INTO "tickets" DEFAULT VALUES RETURNING "number""#,
    ];
    none_inserted: db => NewOrder::insert_many([], db) => [];
    many_inserted_and_not_read_back: db => NewOrder::insert_many(
        [1, 2].map(|quantity| NewOrder { customer_id: 1, payer_id: None, quantity }), db).execute() => [
        r#"INSERT INTO "orders" ("customer_id", "payer_id", "quantity") SELECT unnest($1), unnest($2), unnest($3)"#,
        r#"INSERT INTO "orders" ("customer_id", "payer_id", "quantity") SELECT ?, ?, ?"#,
    ];
    none_inserted_and_none_read_back: db => NewOrder::insert_many([], db).execute() => [];
    upserted: db => customer().on_conflict(Customer::PK).update((Customer::NAME, Customer::STATE)).insert(db) => [
        r#"INSERT INTO "customers" ("pk", "Full Name") VALUES ((CASE WHEN (set_config('relations.upsert', 'inserted', TRUE) IS NOT NULL) THEN $1 END), CAST($2 AS varchar)) ON CONFLICT ("pk") DO UPDATE SET "Full Name" = (CASE WHEN (set_config('relations.upsert', 'updated', TRUE) IS NOT NULL) THEN "excluded"."Full Name" END), "state" = "excluded"."state" RETURNING "id", "pk", "Full Name", "state", (current_setting('relations.upsert') = 'inserted')"#,
        r#"INSERT INTO "customers" ("pk", "Full Name") VALUES (?, ?) ON CONFLICT ("pk") DO NOTHING RETURNING "id", "pk", "Full Name", "state", TRUE"#,
    ];
    many_upserted: db => NewPage::insert_many([new_page(1)], db)
        .on_conflict(Page::ID).update(Page::TITLE) => [
        r#"INSERT INTO "pages" ("id", "title") SELECT (CASE WHEN (set_config('relations.upsert', 'inserted', TRUE) IS NOT NULL) THEN "given"."value_1" END), "given"."value_2" FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2") AS "given" ON CONFLICT ("id") DO UPDATE SET "title" = (CASE WHEN (set_config('relations.upsert', 'updated', TRUE) IS NOT NULL) THEN "excluded"."title" END), "version" = "pages"."version" + 1, "changed" = now() AT TIME ZONE 'UTC' RETURNING "id", "title", "version", "made", "changed", (current_setting('relations.upsert') = 'inserted')"#,
        r#"INSERT INTO "pages" ("id", "title") SELECT "given"."value_1", "given"."value_2" FROM (SELECT ? AS "value_1", ? AS "value_2") AS "given" WHERE TRUE ON CONFLICT ("id") DO NOTHING RETURNING "id", "title", "version", "made", "changed", TRUE"#,
    ];
    many_upserted_and_not_read_back: db => NewSeat::insert_many([seat()], db)
        .on_conflict((Seat::ROW, Seat::NUMBER))
        .set_expr(Seat::NUMBER, Seat::NUMBER + Seat::NUMBER.excluded())
        .filter(Seat::NAME.ne("b"))
        .execute() => [
        r#"INSERT INTO "seats" ("id", "row", "number", "name") SELECT "given"."value_1", "given"."value_2", "given"."value_3", "given"."value_4" FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2", unnest($3) AS "value_3", unnest($4) AS "value_4") AS "given" ON CONFLICT ("row", "number") WHERE name <> '' DO UPDATE SET "number" = "seats"."number" + "excluded"."number" WHERE "seats"."name" <> $5"#,
        r#"INSERT INTO "seats" ("id", "row", "number", "name") SELECT "given"."value_1", "given"."value_2", "given"."value_3", "given"."value_4" FROM (SELECT ? AS "value_1", ? AS "value_2", ? AS "value_3", ? AS "value_4") AS "given" WHERE TRUE ON CONFLICT ("row", "number") WHERE name <> '' DO NOTHING RETURNING "id", "row", "number", "name", TRUE"#,
    ];
    many_found: db => NewSeat::insert_many([seat()], db)
        .on_conflict((Seat::ROW, Seat::NUMBER)).do_nothing() => [
        r#"WITH "given_1" AS (SELECT *, (SELECT name <> '' FROM (SELECT "values_3"."value_1" AS "id", "values_3"."value_2" AS "row", "values_3"."value_3" AS "number", "values_3"."value_4" AS "name") AS "seats") AS "is_held" FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2", unnest($3) AS "value_3", unnest($4) AS "value_4", unnest($5) AS "number") AS "values_3") , "written_2" AS (INSERT INTO "seats" ("id", "row", "number", "name") SELECT "given_1"."value_1", "given_1"."value_2", "given_1"."value_3", "given_1"."value_4" FROM "given_1" ON CONFLICT ("row", "number") WHERE name <> '' DO NOTHING RETURNING "id", "row", "number", "name", TRUE AS "is_new_4") SELECT "seats"."id", "seats"."row", "seats"."number", "seats"."name", "seats"."is_new_4", "given_1"."number" FROM "written_2" AS "seats" LEFT JOIN "given_1" ON "seats"."row" = "given_1"."value_2" AND "seats"."number" = "given_1"."value_3" AND "given_1"."is_held" AND (name <> '') UNION ALL (SELECT "seats"."id", "seats"."row", "seats"."number", "seats"."name", FALSE, "given_1"."number" FROM "seats" INNER JOIN "given_1" ON "seats"."row" = "given_1"."value_2" AND "seats"."number" = "given_1"."value_3" AND "given_1"."is_held" WHERE name <> '')"#,
        r#"INSERT INTO "seats" ("id", "row", "number", "name") SELECT "given"."value_1", "given"."value_2", "given"."value_3", "given"."value_4" FROM (SELECT ? AS "value_1", ? AS "value_2", ? AS "value_3", ? AS "value_4") AS "given" WHERE TRUE ON CONFLICT ("row", "number") WHERE name <> '' DO NOTHING RETURNING "id", "row", "number", "name", TRUE"#,
    ];
    many_updated: db => async { Page::update_many(&mut [page()], db).await } => [
        r#"UPDATE "pages" SET "title" = "given_1"."value_1", "version" = "pages"."version" + 1, "changed" = now() AT TIME ZONE 'UTC' FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2", unnest($3) AS "value_3", unnest($4) AS "number") AS "given_1" WHERE "pages"."id" = "given_1"."value_2" AND "pages"."version" = "given_1"."value_3" RETURNING "pages"."version", "pages"."made", "pages"."changed", "given_1"."number""#,
        r#"UPDATE "pages" SET "title" = ?, "version" = relations_calculate('+', 'smallint', "pages"."version", 1), "changed" = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE "pages"."id" = ? AND "pages"."version" = ? RETURNING "version", "made", "changed""#,
    ];
    many_updated_that_are_nothing_but_values: db => async { Seat::update_many(&mut [Seat { id: 1, row: 2, number: 3, name: "a".into() }], db).await } => [
        r#"UPDATE "seats" SET "row" = "given_1"."value_1", "number" = "given_1"."value_2", "name" = "given_1"."value_3" FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2", unnest($3) AS "value_3", unnest($4) AS "value_4") AS "given_1" WHERE "seats"."id" = "given_1"."value_4""#,
        r#"UPDATE "seats" SET "row" = ?, "number" = ?, "name" = ? WHERE "seats"."id" = ?"#,
    ];
    none_updated: db => Page::update_many(&mut [], db) => [];
    upserted_with_nothing_to_do: db => customer().on_conflict(Customer::PK).do_nothing().insert(db) => [
        r#"WITH "inserted_1" AS (INSERT INTO "customers" ("pk", "Full Name") VALUES ($1, CAST($2 AS varchar)) ON CONFLICT ("pk") DO NOTHING RETURNING "id", "pk", "Full Name", "state") SELECT "id", "pk", "Full Name", "state", TRUE FROM "inserted_1" UNION ALL (SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state", FALSE FROM "customers" WHERE "customers"."pk" = $3 AND (NOT EXISTS(SELECT 1 FROM "inserted_1")))"#,
        r#"INSERT INTO "customers" ("pk", "Full Name") VALUES (?, ?) ON CONFLICT ("pk") DO NOTHING RETURNING "id", "pk", "Full Name", "state", TRUE"#,
    ];
    upserted_by_a_key_of_some_rows: db => seat().on_conflict((Seat::ROW, Seat::NUMBER)).update(Seat::NAME).insert(db) => [
        r#"INSERT INTO "seats" ("id", "row", "number", "name") VALUES ((CASE WHEN (set_config('relations.upsert', 'inserted', TRUE) IS NOT NULL) THEN $1 END), $2, $3, $4) ON CONFLICT ("row", "number") WHERE name <> '' DO UPDATE SET "name" = (CASE WHEN (set_config('relations.upsert', 'updated', TRUE) IS NOT NULL) THEN "excluded"."name" END) RETURNING "id", "row", "number", "name", (current_setting('relations.upsert') = 'inserted')"#,
        r#"INSERT INTO "seats" ("id", "row", "number", "name") VALUES (?, ?, ?, ?) ON CONFLICT ("row", "number") WHERE name <> '' DO NOTHING RETURNING "id", "row", "number", "name", TRUE"#,
    ];
    upserted_by_a_key_of_some_rows_with_nothing_to_do: db => seat().on_conflict((Seat::NUMBER, Seat::ROW)).do_nothing().insert(db) => [
        r#"WITH "inserted_1" AS (INSERT INTO "seats" ("id", "row", "number", "name") VALUES ($1, $2, $3, $4) ON CONFLICT ("number", "row") WHERE name <> '' DO NOTHING RETURNING "id", "row", "number", "name") SELECT "id", "row", "number", "name", TRUE FROM "inserted_1" UNION ALL (SELECT "seats"."id", "seats"."row", "seats"."number", "seats"."name", FALSE FROM "seats" WHERE (name <> '') AND "seats"."row" = $5 AND "seats"."number" = $6 AND (NOT EXISTS(SELECT 1 FROM "inserted_1")))"#,
        r#"INSERT INTO "seats" ("id", "row", "number", "name") VALUES (?, ?, ?, ?) ON CONFLICT ("number", "row") WHERE name <> '' DO NOTHING RETURNING "id", "row", "number", "name", TRUE"#,
    ];
    upserted_by_no_key: db => customer().on_conflict(Customer::NAME).do_nothing().insert(db) => [];
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
    deleted_and_brought_back: db => Line::find_by_id((1, 2)).delete_returning(db) => [
        r#"DELETE FROM "lines" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2 RETURNING "order_id", "number""#,
        r#"DELETE FROM "lines" WHERE "lines"."order_id" = ? AND "lines"."number" = ? RETURNING "order_id", "number""#,
    ];
    changed_and_brought_back: db => Order::find_by_id(1).set(Order::QUANTITY, 3).update_returning(db) => [
        r#"UPDATE "orders" SET "quantity" = $1 WHERE "orders"."id" = $2 RETURNING "id", "customer_id", "payer_id", "quantity""#,
        r#"UPDATE "orders" SET "quantity" = ? WHERE "orders"."id" = ? RETURNING "id", "customer_id", "payer_id", "quantity""#,
    ];
    calculated: db => Order::find_by_id(1)
        .set_expr(Order::QUANTITY, Order::QUANTITY * 2)
        .set(Order::PAYER_ID, 3)
        .update(db) => [
        r#"UPDATE "orders" SET "payer_id" = $1, "quantity" = "orders"."quantity" * $2 WHERE "orders"."id" = $3"#,
        r#"UPDATE "orders" SET "payer_id" = ?, "quantity" = relations_calculate('*', 'integer', "orders"."quantity", ?) WHERE "orders"."id" = ?"#,
    ];
    calculated_in_the_order_that_is_written: db => Order::find_by_id(1)
        .set_expr(Order::QUANTITY, (Order::QUANTITY + 1) * (Order::QUANTITY - (Order::QUANTITY - 2)) / 3)
        .update(db) => [
        r#"UPDATE "orders" SET "quantity" = (("orders"."quantity" + $1) * ("orders"."quantity" - ("orders"."quantity" - $2))) / $3 WHERE "orders"."id" = $4"#,
        r#"UPDATE "orders" SET "quantity" = relations_calculate('/', 'integer', relations_calculate('*', 'integer', relations_calculate('+', 'integer', "orders"."quantity", ?), relations_calculate('-', 'integer', "orders"."quantity", relations_calculate('-', 'integer', "orders"."quantity", ?))), ?) WHERE "orders"."id" = ?"#,
    ];
    set_to_another_column: db => Order::find_by_id(1).set_expr(Order::PAYER_ID, Order::CUSTOMER_ID).update(db) => [
        r#"UPDATE "orders" SET "payer_id" = "orders"."customer_id" WHERE "orders"."id" = $1"#,
        r#"UPDATE "orders" SET "payer_id" = "orders"."customer_id" WHERE "orders"."id" = ?"#,
    ];
    set_to_what_is_computed: db => Customer::find_by_id(1).set_expr(Customer::PK, Customer::ORDERS.count()).update(db) => [
        r#"UPDATE "customers" SET "pk" = (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") WHERE "customers"."id" = $1"#,
        r#"WITH "calculated_1" AS  MATERIALIZED (SELECT "customers"."id" AS "id_1", (SELECT COUNT(*) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk") AS "value_3" FROM "customers" WHERE "customers"."id" = ?) UPDATE "customers" SET "pk" = "calculated_1"."value_3" FROM "calculated_1" WHERE "customers"."id" = "calculated_1"."id_1""#,
    ];
    set_twice_is_set_once: db => Order::find_by_id(1)
        .set(Order::QUANTITY, 1)
        .set_expr(Order::QUANTITY, Order::QUANTITY + 1)
        .set(Order::QUANTITY, 2)
        .update(db) => [
        r#"UPDATE "orders" SET "quantity" = $1 WHERE "orders"."id" = $2"#,
        r#"UPDATE "orders" SET "quantity" = ? WHERE "orders"."id" = ?"#,
    ];
    asked_of_what_is_calculated: db => Order::find()
        .filter((Order::PAYER_ID - Order::CUSTOMER_ID).gt(0))
        .order_by((Order::QUANTITY * 2).desc())
        .select(Order::QUANTITY + Order::QUANTITY)
        .all(db) => [
        r#"SELECT "orders"."quantity" + "orders"."quantity" FROM "orders" WHERE "orders"."payer_id" - "orders"."customer_id" > $1 ORDER BY "orders"."quantity" * $2 DESC"#,
        r#"SELECT relations_calculate('+', 'integer', "orders"."quantity", "orders"."quantity") FROM "orders" WHERE relations_calculate('-', 'bigint', "orders"."payer_id", "orders"."customer_id") > ? ORDER BY relations_calculate('*', 'integer', "orders"."quantity", ?) DESC"#,
    ];
    edited: db => async {
        let mut order = Order { id: 1, customer_id: 2, payer_id: None, quantity: 3 }.edit();
        order.quantity = 4;
        order.save(db).await
    } => [
        r#"UPDATE "orders" SET "quantity" = $1 WHERE "orders"."id" = $2"#,
        r#"UPDATE "orders" SET "quantity" = ? WHERE "orders"."id" = ?"#,
    ];
    edited_into_what_it_was: db => async {
        let mut order = Order { id: 1, customer_id: 2, payer_id: None, quantity: 3 }.edit();
        order.quantity = 4;
        order.quantity = 3;
        order.save(db).await
    } => [];
    edited_with_its_id: db => async {
        let mut line = Line { order_id: 1, number: 2 }.edit();
        line.number = 3;
        line.save(db).await
    } => [
        r#"UPDATE "lines" SET "number" = $1 WHERE "lines"."order_id" = $2 AND "lines"."number" = $3"#,
        r#"UPDATE "lines" SET "number" = ? WHERE "lines"."order_id" = ? AND "lines"."number" = ?"#,
    ];
    written_of_a_version: db => page().update(db) => [
        r#"UPDATE "pages" SET "title" = $1, "version" = "pages"."version" + 1, "changed" = now() AT TIME ZONE 'UTC' WHERE "pages"."id" = $2 AND "pages"."version" = $3 RETURNING "version", "made", "changed""#,
        r#"UPDATE "pages" SET "title" = ?, "version" = relations_calculate('+', 'smallint', "pages"."version", 1), "changed" = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE "pages"."id" = ? AND "pages"."version" = ? RETURNING "version", "made", "changed""#,
    ];
    edited_of_a_version: db => async {
        let mut page = page().edit();
        page.title = "Two".into();
        page.save(db).await
    } => [
        r#"UPDATE "pages" SET "title" = $1, "version" = "pages"."version" + 1, "changed" = now() AT TIME ZONE 'UTC' WHERE "pages"."id" = $2 AND "pages"."version" = $3 RETURNING "version", "made", "changed""#,
        r#"UPDATE "pages" SET "title" = ?, "version" = relations_calculate('+', 'smallint', "pages"."version", 1), "changed" = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE "pages"."id" = ? AND "pages"."version" = ? RETURNING "version", "made", "changed""#,
    ];
    removed_of_a_version: db => page().delete(db) => [
        r#"DELETE FROM "pages" WHERE "pages"."id" = $1 AND "pages"."version" = $2"#,
        r#"DELETE FROM "pages" WHERE "pages"."id" = ? AND "pages"."version" = ?"#,
    ];
    changed_with_its_stamps: db => Page::find().filter(Page::ID.gt(1)).set(Page::TITLE, "x").update(db) => [
        r#"UPDATE "pages" SET "title" = $1, "version" = "pages"."version" + 1, "changed" = now() AT TIME ZONE 'UTC' WHERE "pages"."id" > $2"#,
        r#"UPDATE "pages" SET "title" = ?, "version" = relations_calculate('+', 'smallint', "pages"."version", 1), "changed" = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE "pages"."id" > ?"#,
    ];
    a_stamp_that_is_set_by_name_is_that: db => Page::find_by_id(1).set(Page::VERSION, 7).update(db) => [
        r#"UPDATE "pages" SET "version" = $1, "changed" = now() AT TIME ZONE 'UTC' WHERE "pages"."id" = $2"#,
        r#"UPDATE "pages" SET "version" = ?, "changed" = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE "pages"."id" = ?"#,
    ];
    inserted_without_its_stamps: db => NewPage { id: 1, title: "One".into() }.insert(db) => [
        r#"INSERT INTO "pages" ("id", "title") VALUES ($1, $2) RETURNING "id", "title", "version", "made", "changed""#,
        r#"INSERT INTO "pages" ("id", "title") VALUES (?, ?) RETURNING "id", "title", "version", "made", "changed""#,
    ];
}

#[test]
fn stamps_are_made_by_the_table() {
    let created = |engine| schema![Page].create_sql(engine).unwrap();
    assert_eq!(
        created(Engine::Postgres),
        [
            r#"CREATE TABLE "pages" ( "id" bigint NOT NULL, "title" text NOT NULL, "version" smallint NOT NULL DEFAULT (1), "made" timestamptz NOT NULL DEFAULT (now()), "changed" timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'), CONSTRAINT "pages_pkey" PRIMARY KEY ("id") )"#
        ],
    );
    assert_eq!(
        created(Engine::Sqlite),
        [
            r#"CREATE TABLE "pages" ( "id" INTEGER NOT NULL, "title" TEXT NOT NULL, "version" INTEGER NOT NULL DEFAULT (1), "made" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now')), "changed" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000', 'now')), CONSTRAINT "pages_pkey" PRIMARY KEY ("id") ) STRICT"#
        ],
    );
}
