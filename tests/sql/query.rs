//! Queries of entities, columns, numbers and answers.

use ::relations::Filter;
use ::relations::prelude::*;

use crate::asking::Category;
use crate::support::{Customer, Everything, Line, Order, Part, Tag, sends};

sends! {
    all: db => Order::find().all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
    ];
    by_id: db => Order::find_by_id(1).one(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = ?"#,
    ];
    by_id_first: db => Order::find_by_id(1).first(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = ?"#,
    ];
    by_composite_id: db => Line::find_by_id((1, 2)).optional(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = $1 AND "lines"."number" = $2"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" WHERE "lines"."order_id" = ? AND "lines"."number" = ?"#,
    ];
    in_a_schema: db => Tag::find_by_id("x").one(db) => [
        r#"SELECT "Tags"."name", "Tags"."aliases" FROM "shop"."Tags" WHERE "Tags"."name" = $1"#,
        r#"SELECT "Tags"."name", "Tags"."aliases" FROM "shop"."Tags" WHERE "Tags"."name" = ?"#,
    ];
    one: db => Order::find().one(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LIMIT 2"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LIMIT 2"#,
    ];
    first: db => Line::find().first(db) => [
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" ORDER BY "lines"."order_id" ASC, "lines"."number" ASC LIMIT 1"#,
        r#"SELECT "lines"."order_id", "lines"."number" FROM "lines" ORDER BY "lines"."order_id" ASC, "lines"."number" ASC LIMIT 1"#,
    ];
    first_in_order: db => Order::find().order_by(Order::QUANTITY.desc()).first(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" DESC LIMIT 1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" DESC LIMIT 1"#,
    ];
    compared: db => Order::find()
        .filter(Order::QUANTITY.gt(1).and(Order::ID.le(Order::PAYER_ID)))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."quantity" > $1 AND "orders"."id" <= "orders"."payer_id""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."quantity" > ? AND "orders"."id" <= "orders"."payer_id""#,
    ];
    joined: db => Order::find()
        .filter(Order::QUANTITY.eq(1).or(Order::QUANTITY.ne(2)).and(!Order::PAYER_ID.is_null()))
        .filter(Order::ID.between(3, 4))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE ("orders"."quantity" = $1 OR "orders"."quantity" <> $2) AND (NOT "orders"."payer_id" IS NULL) AND "orders"."id" >= $3 AND "orders"."id" <= $4"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE ("orders"."quantity" = ? OR "orders"."quantity" <> ?) AND (NOT "orders"."payer_id" IS NULL) AND "orders"."id" >= ? AND "orders"."id" <= ?"#,
    ];
    of_its_own_type: db => Customer::find().filter(Customer::NAME.eq("x")).all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."Full Name" = CAST($1 AS varchar)"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."Full Name" = ?"#,
    ];
    read_as_text: db => Category::find().filter(Category::CODE.eq("x")).all(db) => [
        r#"SELECT "categories"."id", "categories"."title", CAST("categories"."code" AS text), "categories"."price", "categories"."parent_id", "categories"."near_id" FROM "categories" WHERE "categories"."code" = CAST($1 AS citext)"#,
        r#"SELECT "categories"."id", "categories"."title", "categories"."code", "categories"."price", "categories"."parent_id", "categories"."near_id" FROM "categories" WHERE "categories"."code" = ?"#,
    ];
    read_as_text_in_an_order: db => Category::find().order_by(Category::CODE.asc()).select(Category::CODE).all(db) => [
        r#"SELECT CAST("categories"."code" AS text) FROM "categories" ORDER BY "categories"."code" ASC"#,
        r#"SELECT "categories"."code" FROM "categories" ORDER BY "categories"."code" ASC"#,
    ];
    read_as_text_and_distinct: db => Category::find().order_by(Category::CODE.asc()).select(Category::CODE).distinct().all(db) => [
        r#"SELECT CAST("rows_1"."column_0" AS text) FROM (SELECT DISTINCT "categories"."code" AS "column_0" FROM "categories" ORDER BY "categories"."code" ASC) AS "rows_1""#,
        r#"SELECT DISTINCT "categories"."code" FROM "categories" ORDER BY "categories"."code" ASC"#,
    ];
    read_as_text_and_distinct_by_another: db => Category::find()
        .order_by(Category::PARENT.column(Category::CODE).asc())
        .distinct().limit(2)
        .all(db) => [
        r#"SELECT "rows_3"."column_0", "rows_3"."column_1", CAST("rows_3"."column_2" AS text), "rows_3"."column_3", "rows_3"."column_4", "rows_3"."column_5", CAST("rows_3"."column_6" AS text) AS "order_1" FROM (SELECT DISTINCT "categories"."id" AS "column_0", "categories"."title" AS "column_1", "categories"."code" AS "column_2", "categories"."price" AS "column_3", "categories"."parent_id" AS "column_4", "categories"."near_id" AS "column_5", "parent_2"."code" AS "column_6" FROM "categories" LEFT JOIN "categories" AS "parent_2" ON "parent_2"."id" = "categories"."parent_id" ORDER BY 7 ASC LIMIT 2) AS "rows_3""#,
        r#"SELECT DISTINCT "categories"."id", "categories"."title", "categories"."code", "categories"."price", "categories"."parent_id", "categories"."near_id", "parent_2"."code" AS "order_1" FROM "categories" LEFT JOIN "categories" AS "parent_2" ON "parent_2"."id" = "categories"."parent_id" ORDER BY 7 ASC NULLS LAST LIMIT 2"#,
    ];
    read_as_text_of_targets: db => Category::find()
        .order_by(Category::CHILDREN.max(Category::CODE).asc())
        .select(Category::CHILDREN.max(Category::CODE))
        .all(db) => [
        r#"SELECT CAST((SELECT MAX("children_1"."code") FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id") AS text) FROM "categories" ORDER BY (SELECT MAX("children_2"."code") FROM "categories" AS "children_2" WHERE "children_2"."parent_id" = "categories"."id") ASC"#,
        r#"SELECT (SELECT MAX("children_1"."code") FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id") FROM "categories" ORDER BY 1 ASC NULLS LAST"#,
    ];
    read_as_text_at_last: db => Category::find().limit(2).max(db, Category::CODE) => [
        r#"SELECT CAST(MAX("categories"."code") AS text) FROM (SELECT "categories"."id", "categories"."title", "categories"."code", "categories"."price", "categories"."parent_id", "categories"."near_id" FROM "categories" LIMIT 2) AS "categories""#,
        r#"SELECT MAX("categories"."code") FROM (SELECT "categories"."id", "categories"."title", "categories"."code", "categories"."price", "categories"."parent_id", "categories"."near_id" FROM "categories" LIMIT 2) AS "categories""#,
    ];
    like: db => Customer::find()
        .filter(Customer::NAME.like("a%").or(Customer::NAME.ilike("b_")).or(Customer::NAME.contains("%")))
        .all(db) => [
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."Full Name" LIKE $1 OR ("customers"."Full Name" ILIKE $2) OR "customers"."Full Name" LIKE $3"#,
        r#"SELECT "customers"."id", "customers"."pk", "customers"."Full Name", "customers"."state" FROM "customers" WHERE "customers"."Full Name" LIKE ? ESCAPE '\' OR relations_fold_case("customers"."Full Name") LIKE ? ESCAPE '\' OR "customers"."Full Name" LIKE ? ESCAPE '\'"#,
    ];
    in_lists: db => Order::find()
        .filter(Order::ID.is_in([1, 2]).and(Order::PAYER_ID.not_in([3])))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" = ANY($1) AND "orders"."payer_id" <> ALL($2)"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" IN (SELECT "value" FROM json_each(?) AS "each") AND "orders"."payer_id" NOT IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    conditions_that_may_be_there: db => Order::find()
        .filter(Some(Order::ID.gt(1)))
        .filter(None::<Filter<Order>>)
        .filter(vec![Order::QUANTITY.eq(2)])
        .filter(Vec::<Filter<Order>>::new())
        .filter(Filter::always())
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > $1 AND "orders"."quantity" = $2"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > ? AND "orders"."quantity" = ?"#,
    ];
    all_conditions: db => Order::find()
        .filter(Filter::all([Some(Order::ID.gt(1)), None, Some(Order::QUANTITY.eq(2))]))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > $1 AND "orders"."quantity" = $2"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > ? AND "orders"."quantity" = ?"#,
    ];
    any_condition: db => Order::find()
        .filter(Filter::any([Some(Order::ID.gt(1)), None, Some(Order::QUANTITY.eq(2))]))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > $1 OR "orders"."quantity" = $2"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE "orders"."id" > ? OR "orders"."quantity" = ?"#,
    ];
    all_of_none: db => Order::find().filter(Filter::all(Vec::<Filter<Order>>::new())).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
    ];
    raw: db => Order::find()
        .filter(Filter::raw("quantity % 2 = 0 OR id = 1", ()).and(Order::ID.gt(1)))
        .filter(Filter::raw(r#""quantity" = $1"#, (3,)))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE (quantity % 2 = 0 OR id = 1) AND "orders"."id" > $1 AND ("quantity" = $2)"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" WHERE (quantity % 2 = 0 OR id = 1) AND "orders"."id" > ? AND ("quantity" = ?)"#,
    ];
    a_page: db => Order::find()
        .order_by(Order::PAYER_ID.asc())
        .order_by(Order::CUSTOMER_ID.desc().nulls_last())
        .limit(10)
        .offset(20)
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."payer_id" ASC, "orders"."customer_id" DESC NULLS LAST LIMIT 10 OFFSET $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" ORDER BY "orders"."payer_id" ASC NULLS LAST, "orders"."customer_id" DESC NULLS LAST LIMIT 10 OFFSET ?"#,
    ];
    an_offset: db => Order::find().offset(20).all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" OFFSET $1"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LIMIT ? OFFSET ?"#,
    ];
    distinct: db => Order::find().distinct().all(db) => [
        r#"SELECT DISTINCT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
        r#"SELECT DISTINCT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders""#,
    ];
    columns: db => Part::find().select((Part::CODE, Part::KIND)).all(db) => [
        r#"SELECT "parts"."code", "parts"."type" FROM "parts""#,
        r#"SELECT "parts"."code", "parts"."type" FROM "parts""#,
    ];
    distinct_column: db => Order::find()
        .order_by(Order::QUANTITY.asc())
        .select(Order::QUANTITY)
        .distinct()
        .all(db) => [
        r#"SELECT DISTINCT "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" ASC"#,
        r#"SELECT DISTINCT "orders"."quantity" FROM "orders" ORDER BY "orders"."quantity" ASC"#,
    ];
    count: db => Order::find().filter(Order::ID.gt(1)).count(db) => [
        r#"SELECT COUNT(*) FROM "orders" WHERE "orders"."id" > $1"#,
        r#"SELECT COUNT(*) FROM "orders" WHERE "orders"."id" > ?"#,
    ];
    count_of_a_page: db => Line::find().limit(3).count(db) => [
        r#"SELECT COUNT(*) FROM (SELECT "lines"."order_id", "lines"."number" FROM "lines" LIMIT 3) AS "lines""#,
        r#"SELECT COUNT(*) FROM (SELECT "lines"."order_id", "lines"."number" FROM "lines" LIMIT 3) AS "lines""#,
    ];
    exists: db => Line::find().filter(Line::NUMBER.eq(1)).exists(db) => [
        r#"SELECT EXISTS(SELECT 1 FROM "lines" WHERE "lines"."number" = $1)"#,
        r#"SELECT EXISTS(SELECT 1 FROM "lines" WHERE "lines"."number" = ?)"#,
    ];
    exists_distinct: db => Line::find().distinct().offset(1).exists(db) => [
        r#"SELECT EXISTS(SELECT DISTINCT "lines"."order_id", "lines"."number" FROM "lines" OFFSET $1)"#,
        r#"SELECT EXISTS(SELECT DISTINCT "lines"."order_id", "lines"."number" FROM "lines" LIMIT ? OFFSET ?)"#,
    ];
    least: db => Order::find().min(db, Order::PAYER_ID) => [
        r#"SELECT MIN("orders"."payer_id") FROM "orders""#,
        r#"SELECT MIN("orders"."payer_id") FROM "orders""#,
    ];
    sum: db => Order::find().sum(db, Order::QUANTITY) => [
        r#"SELECT CAST(SUM("orders"."quantity") AS bigint) FROM "orders""#,
        r#"SELECT CAST(SUM("orders"."quantity") AS INTEGER) FROM "orders""#,
    ];
    sum_of_short_floats: db => Everything::find().sum(db, Everything::SHORT) => [
        r#"SELECT CAST(SUM(CAST("everything"."short" AS double precision)) AS double precision) FROM "everything""#,
        r#"SELECT CAST(SUM("everything"."short") AS REAL) FROM "everything""#,
    ];
    sum_of_decimals: db => Everything::find().sum(db, Everything::DECIMAL) => [
        r#"SELECT CAST(SUM("everything"."decimal") AS numeric) FROM "everything""#,
        r#"SELECT decimal_sum("everything"."decimal") FROM "everything""#,
    ];
    average: db => Order::find().avg(db, Order::QUANTITY) => [
        r#"SELECT CAST(AVG("orders"."quantity") AS double precision) FROM "orders""#,
        r#"SELECT CAST(AVG("orders"."quantity") AS REAL) FROM "orders""#,
    ];
    average_of_a_page: db => Line::find().limit(2).avg(db, Line::NUMBER) => [
        r#"SELECT CAST(AVG("lines"."number") AS double precision) FROM (SELECT "lines"."order_id", "lines"."number" FROM "lines" LIMIT 2) AS "lines""#,
        r#"SELECT CAST(AVG("lines"."number") AS REAL) FROM (SELECT "lines"."order_id", "lines"."number" FROM "lines" LIMIT 2) AS "lines""#,
    ];
    greatest_boolean: db => Everything::find().max(db, Everything::BOOLEAN) => [
        r#"SELECT bool_or("everything"."boolean") FROM "everything""#,
        r#"SELECT MAX("everything"."boolean") FROM "everything""#,
    ];
    least_identifier: db => Everything::find().min(db, Everything::ID) => [
        r#"SELECT CAST(MIN(CAST("everything"."id" AS text)) AS uuid) FROM "everything""#,
        r#"SELECT MIN("everything"."id") FROM "everything""#,
    ];
    least_bytes: db => Everything::find().min(db, Everything::BYTES) => [
        r#"SELECT decode(MIN(encode("everything"."bytes", 'hex')), 'hex') FROM "everything""#,
        r#"SELECT MIN("everything"."bytes") FROM "everything""#,
    ];
}

#[test]
fn the_sql_of_a_query_can_be_asked_for() {
    let query = Order::find().filter(Order::QUANTITY.gt(1)).limit(2);
    let sql = |engine| query.to_sql(engine).unwrap();
    let columns =
        r#""orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity""#;
    assert_eq!(
        sql(::relations::Engine::Postgres),
        format!(r#"SELECT {columns} FROM "orders" WHERE "orders"."quantity" > $1 LIMIT 2"#)
    );
    assert_eq!(
        sql(::relations::Engine::Sqlite),
        format!(r#"SELECT {columns} FROM "orders" WHERE "orders"."quantity" > ? LIMIT 2"#)
    );
}
