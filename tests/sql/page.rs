//! Pages and streams: the rows behind one of them.

use ::relations::prelude::*;

use crate::support::{Customer, Line, Order, sends};

sends! {
    a_first_page: db => Order::find().page(20).fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."id" ASC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_by_the_id: db => Order::find().page(20).after(7).fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > $1 ORDER BY "orders"."id" ASC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > ? ORDER BY "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_before: db => Order::find().order_by(Order::ID.desc()).page(20).before(7).fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > $1 ORDER BY "orders"."id" ASC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > ? ORDER BY "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_by_a_composite_id: db => Line::find().order_by(Line::NUMBER.desc()).page(20).after((7, 1)).fetch(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."number", "lines"."order_id") < ($1, $2) ORDER BY "lines"."number" DESC, "lines"."order_id" DESC LIMIT 21"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE ("lines"."number", "lines"."order_id") < (?, ?) ORDER BY "lines"."number" DESC, "lines"."order_id" DESC LIMIT 21"#,
    ];
    a_page_by_a_column: db => Order::find().order_by(Order::QUANTITY.asc()).page(20).after(7).fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE ("orders"."quantity", "orders"."id") > (SELECT "orders"."quantity", "orders"."id" FROM "orders" WHERE "orders"."id" = $1) ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE ("orders"."quantity", "orders"."id") > (SELECT "orders"."quantity", "orders"."id" FROM "orders" WHERE "orders"."id" = ?) ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_back_by_a_column: db => Order::find().order_by(Order::QUANTITY.asc()).page(20).before(7).fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE ("orders"."quantity", "orders"."id") < (SELECT "orders"."quantity", "orders"."id" FROM "orders" WHERE "orders"."id" = $1) ORDER BY "orders"."quantity" DESC, "orders"."id" DESC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE ("orders"."quantity", "orders"."id") < (SELECT "orders"."quantity", "orders"."id" FROM "orders" WHERE "orders"."id" = ?) ORDER BY "orders"."quantity" DESC, "orders"."id" DESC LIMIT 21"#,
    ];
    a_page_by_columns_up_and_down: db => Order::find()
        .order_by(Order::QUANTITY.desc())
        .order_by(Order::ID.asc())
        .page(20)
        .after(7)
        .fetch(db) => [
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "orders"."quantity" AS "value_1", "orders"."id" AS "value_2" FROM "orders" WHERE "orders"."id" = $1) SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."quantity" <= (SELECT "anchor_1"."value_1" FROM "anchor_1") AND ("orders"."quantity" < (SELECT "anchor_1"."value_1" FROM "anchor_1") OR "orders"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1")) ORDER BY "orders"."quantity" DESC, "orders"."id" ASC LIMIT 21"#,
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "orders"."quantity" AS "value_1", "orders"."id" AS "value_2" FROM "orders" WHERE "orders"."id" = ?) SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."quantity" <= (SELECT "anchor_1"."value_1" FROM "anchor_1") AND ("orders"."quantity" < (SELECT "anchor_1"."value_1" FROM "anchor_1") OR "orders"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1")) ORDER BY "orders"."quantity" DESC, "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_by_a_column_that_may_be_null: db => Order::find().order_by(Order::PAYER_ID.asc()).page(20).after(7).fetch(db) => [
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "orders"."payer_id" AS "value_1", "orders"."id" AS "value_2" FROM "orders" WHERE "orders"."id" = $1) SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."payer_id" > (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NULL AND (SELECT "anchor_1"."value_1" IS NOT NULL FROM "anchor_1")) OR (("orders"."payer_id" = (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1"))) AND "orders"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1")) ORDER BY "orders"."payer_id" ASC, "orders"."id" ASC LIMIT 21"#,
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "orders"."payer_id" AS "value_1", "orders"."id" AS "value_2" FROM "orders" WHERE "orders"."id" = ?) SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."payer_id" > (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NULL AND (SELECT "anchor_1"."value_1" IS NOT NULL FROM "anchor_1")) OR (("orders"."payer_id" = (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1"))) AND "orders"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1")) ORDER BY "orders"."payer_id" ASC NULLS LAST, "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_by_a_column_with_nulls_first: db => Order::find()
        .order_by(Order::PAYER_ID.asc().nulls_first())
        .page(20)
        .after(7)
        .fetch(db) => [
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "orders"."payer_id" AS "value_1", "orders"."id" AS "value_2" FROM "orders" WHERE "orders"."id" = $1) SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."payer_id" > (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NOT NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1")) OR (("orders"."payer_id" = (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1"))) AND "orders"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1")) ORDER BY "orders"."payer_id" ASC NULLS FIRST, "orders"."id" ASC LIMIT 21"#,
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "orders"."payer_id" AS "value_1", "orders"."id" AS "value_2" FROM "orders" WHERE "orders"."id" = ?) SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."payer_id" > (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NOT NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1")) OR (("orders"."payer_id" = (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ("orders"."payer_id" IS NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1"))) AND "orders"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1")) ORDER BY "orders"."payer_id" ASC NULLS FIRST, "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_by_a_column_of_a_target: db => Order::find()
        .order_by(Order::CUSTOMER.column(Customer::NAME).asc())
        .page(20)
        .after(7)
        .fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE ("customer_1"."Full Name", "orders"."id") > (SELECT "customer_2"."Full Name", "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "orders"."customer_id" WHERE "orders"."id" = $1) ORDER BY "customer_1"."Full Name" ASC, "orders"."id" ASC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE ("customer_1"."Full Name", "orders"."id") > (SELECT "customer_2"."Full Name", "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "orders"."customer_id" WHERE "orders"."id" = ?) ORDER BY "customer_1"."Full Name" ASC, "orders"."id" ASC LIMIT 21"#,
    ];
    a_page_by_a_number_of_targets: db => Customer::find()
        .order_by(Customer::ORDERS.count().desc())
        .page(20)
        .after(7)
        .fetch(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE ((SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk"), "customers"."id") < (SELECT (SELECT COUNT(*) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk"), "customers"."id" FROM "customers" WHERE "customers"."id" = $1) ORDER BY (SELECT COUNT(*) FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") DESC, "customers"."id" DESC LIMIT 21"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE ((SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk"), "customers"."id") < (SELECT (SELECT COUNT(*) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk"), "customers"."id" FROM "customers" WHERE "customers"."id" = ?) ORDER BY (SELECT COUNT(*) FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") DESC, "customers"."id" DESC LIMIT 21"#,
    ];
    a_page_with_a_filter_and_an_include: db => Order::find()
        .include(Order::CUSTOMER)
        .filter(Order::CUSTOMER.column(Customer::NAME).eq("Ada"))
        .order_by(Order::QUANTITY.asc())
        .page(20)
        .after(7)
        .fetch(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = CAST($1 AS varchar) AND ("orders"."quantity", "orders"."id") > (SELECT "orders"."quantity", "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "orders"."customer_id" WHERE "orders"."id" = $2 AND "customer_2"."Full Name" = CAST($3 AS varchar)) ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 21"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = ? AND ("orders"."quantity", "orders"."id") > (SELECT "orders"."quantity", "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "orders"."customer_id" WHERE "orders"."id" = ? AND "customer_2"."Full Name" = ?) ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 21"#,
    ];
    what_comes_behind_the_whole_id_tells_nothing_apart: db => Line::find()
        .order_by(Line::ORDER_ID.asc())
        .order_by(Line::NUMBER.asc())
        .order_by(Line::ORDER_ID.desc())
        .page(2)
        .fetch(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" ORDER BY "lines"."order_id" ASC, "lines"."number" ASC LIMIT 3"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" ORDER BY "lines"."order_id" ASC, "lines"."number" ASC LIMIT 3"#,
    ];
    a_page_by_several_values_of_targets: db => Customer::find()
        .order_by(Customer::ORDERS.max(Order::QUANTITY).desc())
        .order_by(Customer::ORDERS.min(Order::PAYER_ID).asc())
        .page(2)
        .after(7)
        .fetch(db) => [
        r#"WITH "anchor_5" AS  MATERIALIZED (SELECT (SELECT MAX("orders_6"."quantity") FROM "orders" AS "orders_6" WHERE "orders_6"."customer_id" = "customers"."pk") AS "value_1", (SELECT MIN("orders_7"."payer_id") FROM "orders" AS "orders_7" WHERE "orders_7"."customer_id" = "customers"."pk") AS "value_2", "customers"."id" AS "value_3" FROM "customers" WHERE "customers"."id" = $1) SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" INNER JOIN LATERAL (SELECT (SELECT MAX("orders_1"."quantity") FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") AS "value" OFFSET 0) AS "computed_2" ON TRUE INNER JOIN LATERAL (SELECT (SELECT MIN("orders_3"."payer_id") FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") AS "value" OFFSET 0) AS "computed_4" ON TRUE WHERE "computed_2"."value" < (SELECT "anchor_5"."value_1" FROM "anchor_5") OR ("computed_2"."value" IS NOT NULL AND (SELECT "anchor_5"."value_1" IS NULL FROM "anchor_5")) OR (("computed_2"."value" = (SELECT "anchor_5"."value_1" FROM "anchor_5") OR ("computed_2"."value" IS NULL AND (SELECT "anchor_5"."value_1" IS NULL FROM "anchor_5"))) AND ("computed_4"."value" > (SELECT "anchor_5"."value_2" FROM "anchor_5") OR ("computed_4"."value" IS NULL AND (SELECT "anchor_5"."value_2" IS NOT NULL FROM "anchor_5")) OR (("computed_4"."value" = (SELECT "anchor_5"."value_2" FROM "anchor_5") OR ("computed_4"."value" IS NULL AND (SELECT "anchor_5"."value_2" IS NULL FROM "anchor_5"))) AND "customers"."id" > (SELECT "anchor_5"."value_3" FROM "anchor_5")))) ORDER BY "computed_2"."value" DESC, "computed_4"."value" ASC, "customers"."id" ASC LIMIT 3"#,
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT (SELECT MAX("orders_2"."quantity") FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk") AS "value_1", (SELECT MIN("orders_3"."payer_id") FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") AS "value_2", "customers"."id" AS "value_3" FROM "customers" WHERE "customers"."id" = ?) SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE (SELECT MAX("orders_5"."quantity") FROM "orders" AS "orders_5" WHERE "orders_5"."customer_id" = "customers"."pk") < (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ((SELECT MAX("orders_5"."quantity") FROM "orders" AS "orders_5" WHERE "orders_5"."customer_id" = "customers"."pk") IS NOT NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1")) OR (((SELECT MAX("orders_5"."quantity") FROM "orders" AS "orders_5" WHERE "orders_5"."customer_id" = "customers"."pk") = (SELECT "anchor_1"."value_1" FROM "anchor_1") OR ((SELECT MAX("orders_5"."quantity") FROM "orders" AS "orders_5" WHERE "orders_5"."customer_id" = "customers"."pk") IS NULL AND (SELECT "anchor_1"."value_1" IS NULL FROM "anchor_1"))) AND ((SELECT MIN("orders_4"."payer_id") FROM "orders" AS "orders_4" WHERE "orders_4"."customer_id" = "customers"."pk") > (SELECT "anchor_1"."value_2" FROM "anchor_1") OR ((SELECT MIN("orders_4"."payer_id") FROM "orders" AS "orders_4" WHERE "orders_4"."customer_id" = "customers"."pk") IS NULL AND (SELECT "anchor_1"."value_2" IS NOT NULL FROM "anchor_1")) OR (((SELECT MIN("orders_4"."payer_id") FROM "orders" AS "orders_4" WHERE "orders_4"."customer_id" = "customers"."pk") = (SELECT "anchor_1"."value_2" FROM "anchor_1") OR ((SELECT MIN("orders_4"."payer_id") FROM "orders" AS "orders_4" WHERE "orders_4"."customer_id" = "customers"."pk") IS NULL AND (SELECT "anchor_1"."value_2" IS NULL FROM "anchor_1"))) AND "customers"."id" > (SELECT "anchor_1"."value_3" FROM "anchor_1")))) ORDER BY (SELECT MAX("orders_6"."quantity") FROM "orders" AS "orders_6" WHERE "orders_6"."customer_id" = "customers"."pk") DESC NULLS FIRST, (SELECT MIN("orders_7"."payer_id") FROM "orders" AS "orders_7" WHERE "orders_7"."customer_id" = "customers"."pk") ASC NULLS LAST, "customers"."id" ASC LIMIT 3"#,
    ];
    a_stream: db => Order::find().order_by(Order::QUANTITY.asc()).stream(db).try_next() => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 1000"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" ASC, "orders"."id" ASC LIMIT 1000"#,
    ];
    a_stream_tells_what_its_rows_do_not_hold: db => Order::find()
        .include(Order::CUSTOMER.joined())
        .order_by(Order::CUSTOMER.column(Customer::NAME).asc())
        .order_by(Order::LINES.count().asc())
        .limit(5)
        .offset(2)
        .stream(db)
        .try_next() => [
        r#"SELECT "customer_1"."Full Name", (SELECT COUNT(*) FROM "lines" AS "lines_2" WHERE "lines_2"."order_id" = "orders"."id"), "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" ORDER BY "customer_1"."Full Name" ASC, (SELECT COUNT(*) FROM "lines" AS "lines_3" WHERE "lines_3"."order_id" = "orders"."id") ASC, "orders"."id" ASC LIMIT 5 OFFSET $1"#,
        r#"SELECT "customer_1"."Full Name", (SELECT COUNT(*) FROM "lines" AS "lines_2" WHERE "lines_2"."order_id" = "orders"."id"), "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "customer_1"."id", "customer_1"."pk", "customer_1"."Full Name", "customer_1"."state" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" ORDER BY "customer_1"."Full Name" ASC, (SELECT COUNT(*) FROM "lines" AS "lines_3" WHERE "lines_3"."order_id" = "orders"."id") ASC, "orders"."id" ASC LIMIT 5 OFFSET ?"#,
    ];
}
