//! Groups of rows, and functions of their columns.

use ::relations::expression::{
    DateUnit, Interval, case, coalesce, concat, count, date_trunc, days, sql_expr,
};
use ::relations::prelude::*;

use crate::support::{Customer, Everything, Line, Order, sends};

sends! {
    grouped: db => Order::find()
        .filter(Order::QUANTITY.gt(1))
        .group_by(Order::CUSTOMER_ID)
        .having(count().ge(2))
        .select((Order::CUSTOMER_ID, Order::QUANTITY.sum(), count().filter(Order::PAYER_ID.is_null())))
        .order_by(Order::QUANTITY.sum().desc())
        .limit(3)
        .all(db) => [
        r#"SELECT "orders"."customer_id", CAST(SUM("orders"."quantity") AS bigint), COUNT(*) FILTER (WHERE "orders"."payer_id" IS NULL) FROM "orders" WHERE "orders"."quantity" > $1 GROUP BY "orders"."customer_id" HAVING COUNT(*) >= $2 ORDER BY 2 DESC LIMIT 3"#,
        r#"SELECT "orders"."customer_id", CAST(SUM("orders"."quantity") AS INTEGER), COUNT(*) FILTER (WHERE "orders"."payer_id" IS NULL) FROM "orders" WHERE "orders"."quantity" > ? GROUP BY "orders"."customer_id" HAVING COUNT(*) >= ? ORDER BY 2 DESC NULLS FIRST LIMIT 3"#,
    ];
    by_what_follows_from_a_key: db => Order::find()
        .group_by(Order::CUSTOMER_ID)
        .select((Order::CUSTOMER.column(Customer::STATE), count()))
        .all(db) => [
        r#"SELECT "customer_1"."state", COUNT(*) FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" GROUP BY "orders"."customer_id", "customer_1"."state""#,
        r#"SELECT "customer_1"."state", COUNT(*) FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" GROUP BY "orders"."customer_id", "customer_1"."state""#,
    ];
    by_what_values_are_sent_with: db => Order::find()
        .group_by(Order::QUANTITY / 10)
        .select((Order::QUANTITY / 10, Order::ID.count_distinct()))
        .order_by((Order::QUANTITY / 10).asc())
        .all(db) => [
        r#"SELECT "computed_1"."value", COUNT(DISTINCT "orders"."id") FROM "orders" INNER JOIN LATERAL (SELECT "orders"."quantity" / $1 AS "value") AS "computed_1" ON TRUE GROUP BY "computed_1"."value" ORDER BY 1 ASC"#,
        r#"SELECT relations_calculate('/', 'integer', "orders"."quantity", ?), COUNT(DISTINCT "orders"."id") FROM "orders" GROUP BY relations_calculate('/', 'integer', "orders"."quantity", ?) ORDER BY 1 ASC"#,
    ];
    by_values_of_several_spellings: db => Everything::find()
        .group_by((Everything::ID, Everything::DECIMAL, Everything::JSON))
        .select((Everything::ID, Everything::DECIMAL, Everything::JSON))
        .all(db) => [
        r#"SELECT "everything"."id", "everything"."decimal", "everything"."json" FROM "everything" GROUP BY "everything"."id", "everything"."decimal", "everything"."json""#,
        r#"SELECT "everything"."id", "everything"."decimal", "everything"."json" FROM "everything" GROUP BY COALESCE(relations_value('uuid', "everything"."id"), "everything"."id"), "everything"."decimal" COLLATE decimal, COALESCE(relations_value('json', "everything"."json"), "everything"."json")"#,
    ];
    all_rows: db => Line::find().aggregate((count(), Line::NUMBER.max())).one(db) => [
        r#"SELECT COUNT(*), MAX("lines"."number") FROM "lines" LIMIT 2"#,
        r#"SELECT COUNT(*), MAX("lines"."number") FROM "lines" LIMIT 2"#,
    ];
    number_of_groups: db => Order::find().group_by(Order::PAYER_ID).count(db) => [
        r#"SELECT COUNT(*) FROM (SELECT 1 FROM "orders" GROUP BY "orders"."payer_id") AS "orders""#,
        r#"SELECT COUNT(*) FROM (SELECT 1 FROM "orders" GROUP BY "orders"."payer_id") AS "orders""#,
    ];
    functions: db => Customer::find()
        .filter(Customer::NAME.lower().eq("ada").and(coalesce(Customer::STATE, "none").ne("open")))
        .select((concat((Customer::NAME, "/", Customer::STATE)), case().when(Customer::PK.gt(1), Customer::STATE).or_null()))
        .all(db) => [
        r#"SELECT ("customers"."Full Name" || $1) || COALESCE("customers"."state", ''), (CASE WHEN ("customers"."pk" > $2) THEN "customers"."state" END) FROM "customers" WHERE lower("customers"."Full Name") = $3 AND COALESCE("customers"."state", $4) <> $5"#,
        r#"SELECT ("customers"."Full Name" || ?) || COALESCE("customers"."state", ''), (CASE WHEN ("customers"."pk" > ?) THEN "customers"."state" END) FROM "customers" WHERE relations_lower("customers"."Full Name") = ? AND COALESCE("customers"."state", ?) <> ?"#,
    ];
    dates: db => Everything::find()
        .filter(date_trunc(DateUnit::Month, Everything::MOMENT).eq(Everything::MOMENT - days(1)))
        .select((Everything::MOMENT.year(), date_trunc(DateUnit::Week, Everything::DATE)))
        .all(db) => [
        r#"SELECT CAST(floor(extract(year FROM ("everything"."moment") AT TIME ZONE 'UTC')) AS integer), CAST((date_trunc('week', CAST("everything"."date" AS timestamp))) AS date) FROM "everything" WHERE ((date_trunc('month', ("everything"."moment") AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC') = (((("everything"."moment") AT TIME ZONE 'UTC') + CAST($1 AS interval)) AT TIME ZONE 'UTC')"#,
        r#"SELECT relations_date_part('timestamptz', "everything"."moment", 'year'), relations_date_trunc('date', "everything"."date", 'week') FROM "everything" WHERE relations_value('timestamptz', relations_date_trunc('timestamptz', "everything"."moment", 'month')) = relations_value('timestamptz', relations_shift('timestamptz', "everything"."moment", ?))"#,
    ];
    sql_of_ones_own: db => Customer::find()
        .filter(sql_expr::<i64>("customers.pk % $1 + $1", (7_i64,)).gt(Customer::ID))
        .order_by(sql_expr::<i64>("customers.pk", ()).desc())
        .select(Customer::ID)
        .all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE ((customers.pk % $1 + $2)) > "customers"."id" ORDER BY (customers.pk) DESC"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE ((customers.pk % ? + ?)) > "customers"."id" ORDER BY (customers.pk) DESC"#,
    ];
    an_update_looks_up_what_it_cannot_join: db => Order::find()
        .all_rows()
        .set_expr(Order::QUANTITY, Order::CUSTOMER.column(Customer::PK).cast::<i32>())
        .update(db) => [
        r#"UPDATE "orders" SET "quantity" = CAST((SELECT "customer_1"."pk" FROM "customers" AS "customer_1" WHERE "customer_1"."pk" = "orders"."customer_id") AS integer)"#,
        r#"WITH "calculated_1" AS  MATERIALIZED (SELECT "orders"."id" AS "id_1", relations_cast('bigint', 'integer', (SELECT "customer_2"."pk" FROM "customers" AS "customer_2" WHERE "customer_2"."pk" = "orders"."customer_id")) AS "value_3" FROM "orders") UPDATE "orders" SET "quantity" = "calculated_1"."value_3" FROM "calculated_1" WHERE "orders"."id" = "calculated_1"."id_1""#,
    ];
}

/// A date, and what is added to it in each row.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Loan {
    #[id]
    id: i64,
    day: chrono::NaiveDate,
    moment: chrono::DateTime<chrono::Utc>,
    due_in: Interval,
    wait: Option<std::time::Duration>,
}

// SQLite has no intervals.
sends! {
    shifted_by_columns: db => Loan::find()
        .filter((Loan::MOMENT - Loan::WAIT).is_null())
        .order_by((Loan::DAY + Loan::DUE_IN + days(1)).asc())
        .select(Loan::ID)
        .all(db) => [
        r#"SELECT "loans"."id" FROM "loans" WHERE (((("loans"."moment") AT TIME ZONE 'UTC') - ("loans"."wait")) AT TIME ZONE 'UTC') IS NULL ORDER BY CAST(((CAST((("loans"."day") + ("loans"."due_in")) AS date)) + CAST($1 AS interval)) AS date) ASC"#,
    ];
    set_to_what_is_shifted_by_a_column: db => Loan::find_by_id(7).set_expr(Loan::DAY, Loan::DAY + Loan::DUE_IN).update(db) => [
        r#"UPDATE "loans" SET "day" = CAST((("loans"."day") + ("loans"."due_in")) AS date) WHERE "loans"."id" = $1"#,
    ];
}
