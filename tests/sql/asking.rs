//! Asking through relations: columns of targets, whether there are some, and what is made of them.

use ::relations::Filter;
use ::relations::prelude::*;

use crate::support::{Customer, Line, Order, Part, sends};

/// Leads to itself, both ways, and is priced in decimals.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "categories")]
#[has_many(Category, name = "children", key_to = "parent_id")]
pub struct Category {
    #[id]
    pub id: i64,
    pub title: String,
    #[column(type = "citext")]
    pub code: String,
    pub price: rust_decimal::Decimal,
    #[belongs_to(Category, name = "parent")]
    pub parent_id: Option<i64>,
    #[belongs_to(Category, name = "near", constraint = false)]
    pub near_id: i64,
}

/// Its table has the first name that its relation would take.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "Next_1")]
pub struct Link {
    #[id]
    pub id: i64,
    #[belongs_to(Link, name = "next")]
    pub next_id: Option<i64>,
    #[belongs_to(Link, name = "what_comes_a_long_way_behind_this_and_is_named_at_length")]
    pub last_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_one(Passport)]
pub struct Person {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Passport {
    #[id]
    pub number: String,
    #[unique]
    #[belongs_to(Person)]
    pub person_id: i64,
}

fn customer() -> Customer {
    Customer { id: 1, pk: 2, name: "Ada".into(), state: None }
}

sends! {
    filtered: db => Order::find()
        .filter(Order::CUSTOMER.column(Customer::NAME).eq("x"))
        .filter(Order::CUSTOMER.column(Customer::STATE).is_null())
        .filter(Order::PAYER.column(Customer::ID).gt(Order::CUSTOMER.column(Customer::ID)))
        .select(Order::ID)
        .all(db) => [
        r#"SELECT "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" LEFT JOIN "customers" AS "payer_2" ON "payer_2"."id" = "orders"."payer_id" WHERE "customer_1"."Full Name" = CAST($1 AS varchar) AND "customer_1"."state" IS NULL AND "payer_2"."id" > "customer_1"."id""#,
        r#"SELECT "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" LEFT JOIN "customers" AS "payer_2" ON "payer_2"."id" = "orders"."payer_id" WHERE "customer_1"."Full Name" = ? AND "customer_1"."state" IS NULL AND "payer_2"."id" > "customer_1"."id""#,
    ];
    through_several: db => Part::find()
        .filter(Part::OF_LINE.column(Line::ORDER.column(Order::CUSTOMER_ID)).is_in([1, 2]))
        .order_by(Part::OF_LINE.column(Line::ORDER.column(Order::CUSTOMER.column(Customer::NAME))).desc())
        .order_by(Part::CODE.asc())
        .limit(3)
        .select(Part::CODE)
        .all(db) => [
        r#"SELECT "parts"."code" FROM "parts" LEFT JOIN "lines" AS "of_line_1" ON "of_line_1"."order_id" = "parts"."order_id" AND "of_line_1"."number" = "parts"."line" LEFT JOIN "orders" AS "order_2" ON "order_2"."id" = "of_line_1"."order_id" LEFT JOIN "customers" AS "customer_3" ON "customer_3"."pk" = "order_2"."customer_id" WHERE "order_2"."customer_id" = ANY($1) ORDER BY "customer_3"."Full Name" DESC, "parts"."code" ASC LIMIT 3"#,
        r#"SELECT "parts"."code" FROM "parts" LEFT JOIN "lines" AS "of_line_1" ON "of_line_1"."order_id" = "parts"."order_id" AND "of_line_1"."number" = "parts"."line" LEFT JOIN "orders" AS "order_2" ON "order_2"."id" = "of_line_1"."order_id" LEFT JOIN "customers" AS "customer_3" ON "customer_3"."pk" = "order_2"."customer_id" WHERE "order_2"."customer_id" IN (SELECT "value" FROM json_each(?) AS "each") ORDER BY "customer_3"."Full Name" DESC NULLS FIRST, "parts"."code" ASC LIMIT 3"#,
    ];
    through_itself: db => Category::find()
        .filter(Category::PARENT.column(Category::PARENT.column(Category::TITLE)).ilike("A%"))
        .filter(Category::NEAR.column(Category::TITLE).eq(Category::TITLE))
        .select((Category::PARENT.column(Category::TITLE), Category::NEAR.column(Category::ID)))
        .all(db) => [
        r#"SELECT "parent_1"."title", "near_3"."id" FROM "categories" LEFT JOIN "categories" AS "parent_1" ON "parent_1"."id" = "categories"."parent_id" LEFT JOIN "categories" AS "parent_2" ON "parent_2"."id" = "parent_1"."parent_id" LEFT JOIN "categories" AS "near_3" ON "near_3"."id" = "categories"."near_id" WHERE ("parent_2"."title" ILIKE $1) AND "near_3"."title" = "categories"."title""#,
        r#"SELECT "parent_1"."title", "near_3"."id" FROM "categories" LEFT JOIN "categories" AS "parent_1" ON "parent_1"."id" = "categories"."parent_id" LEFT JOIN "categories" AS "parent_2" ON "parent_2"."id" = "parent_1"."parent_id" LEFT JOIN "categories" AS "near_3" ON "near_3"."id" = "categories"."near_id" WHERE relations_fold_case("parent_2"."title") LIKE ? ESCAPE '\' AND "near_3"."title" = "categories"."title""#,
    ];
    under_free_names: db => Link::find()
        .select((Link::NEXT.column(Link::ID), Link::WHAT_COMES_A_LONG_WAY_BEHIND_THIS_AND_IS_NAMED_AT_LENGTH.column(Link::ID)))
        .all(db) => [
        r#"SELECT "next_2"."id", "what_comes_a_long_way_behind_this_and_is_3"."id" FROM "Next_1" LEFT JOIN "Next_1" AS "next_2" ON "next_2"."id" = "Next_1"."next_id" LEFT JOIN "Next_1" AS "what_comes_a_long_way_behind_this_and_is_3" ON "what_comes_a_long_way_behind_this_and_is_3"."id" = "Next_1"."last_id""#,
        r#"SELECT "next_2"."id", "what_comes_a_long_way_behind_this_and_is_3"."id" FROM "Next_1" LEFT JOIN "Next_1" AS "next_2" ON "next_2"."id" = "Next_1"."next_id" LEFT JOIN "Next_1" AS "what_comes_a_long_way_behind_this_and_is_3" ON "what_comes_a_long_way_behind_this_and_is_3"."id" = "Next_1"."last_id""#,
    ];
    whole_rows_distinct: db => Line::find()
        .order_by(Line::ORDER.column(Order::QUANTITY).asc())
        .order_by(Line::NUMBER.desc())
        .distinct()
        .all(db) => [
        r#"SELECT DISTINCT "lines"."order_id", "lines"."number", "order_2"."quantity" AS "order_1" FROM "lines" LEFT JOIN "orders" AS "order_2" ON "order_2"."id" = "lines"."order_id" ORDER BY 3 ASC, "lines"."number" DESC"#,
        r#"SELECT DISTINCT "lines"."order_id", "lines"."number", "order_2"."quantity" AS "order_1" FROM "lines" LEFT JOIN "orders" AS "order_2" ON "order_2"."id" = "lines"."order_id" ORDER BY 3 ASC, "lines"."number" DESC"#,
    ];
    distinct: db => Order::find()
        .order_by(Order::PAYER.column(Customer::NAME).asc())
        .select((Order::ID, Order::PAYER.column(Customer::NAME)))
        .distinct()
        .all(db) => [
        r#"SELECT DISTINCT "orders"."id", "payer_1"."Full Name" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" ORDER BY 2 ASC"#,
        r#"SELECT DISTINCT "orders"."id", "payer_1"."Full Name" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" ORDER BY 2 ASC NULLS LAST"#,
    ];
    distinct_ordered_by_the_namesake: db => Order::find()
        .order_by(Order::PAYER.column(Customer::NAME).asc())
        .select((Order::ID, Order::CUSTOMER.column(Customer::NAME)))
        .distinct()
        .all(db) => [];
    counted: db => Order::find().filter(Order::CUSTOMER.column(Customer::NAME).eq("x")).count(db) => [
        r#"SELECT COUNT(*) FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = CAST($1 AS varchar)"#,
        r#"SELECT COUNT(*) FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = ?"#,
    ];
    exists: db => Order::find().filter(Order::CUSTOMER.column(Customer::NAME).eq("x")).exists(db) => [
        r#"SELECT EXISTS(SELECT 1 FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = CAST($1 AS varchar))"#,
        r#"SELECT EXISTS(SELECT 1 FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = ?)"#,
    ];
    greatest: db => Order::find().max(db, Order::CUSTOMER.column(Customer::ID)) => [
        r#"SELECT MAX("customer_1"."id") FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
        r#"SELECT MAX("customer_1"."id") FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id""#,
    ];
    greatest_of_a_page: db => Order::find()
        .filter(Order::PAYER.column(Customer::NAME).eq("x"))
        .limit(3)
        .max(db, Order::CUSTOMER.column(Customer::ID)) => [
        r#"SELECT MAX("customer_2"."id") FROM (SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "payer_1"."Full Name" = CAST($1 AS varchar) LIMIT 3) AS "orders" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "orders"."customer_id""#,
        r#"SELECT MAX("customer_2"."id") FROM (SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "payer_1"."Full Name" = ? LIMIT 3) AS "orders" LEFT JOIN "customers" AS "customer_2" ON "customer_2"."pk" = "orders"."customer_id""#,
    ];
    changed: db => Order::find()
        .filter(Order::CUSTOMER.column(Customer::NAME).eq("x"))
        .set(Order::QUANTITY, 3)
        .update(db) => [
        r#"UPDATE "orders" SET "quantity" = $1 WHERE "orders"."id" IN (SELECT "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = CAST($2 AS varchar))"#,
        r#"UPDATE "orders" SET "quantity" = ? WHERE "orders"."id" IN (SELECT "orders"."id" FROM "orders" LEFT JOIN "customers" AS "customer_1" ON "customer_1"."pk" = "orders"."customer_id" WHERE "customer_1"."Full Name" = ?)"#,
    ];
    deleted_by_a_composite_id: db => Line::find()
        .filter(Line::ORDER.column(Order::QUANTITY).eq(0))
        .delete(db) => [
        r#"DELETE FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT "lines"."order_id", "lines"."number" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "order_1"."quantity" = $1)"#,
        r#"DELETE FROM "lines" WHERE ("lines"."order_id", "lines"."number") IN (SELECT "lines"."order_id", "lines"."number" FROM "lines" LEFT JOIN "orders" AS "order_1" ON "order_1"."id" = "lines"."order_id" WHERE "order_1"."quantity" = ?)"#,
    ];
    of_a_source: db => Customer::ORDERS
        .of(&customer())
        .filter(Order::PAYER.column(Customer::STATE).eq("open"))
        .all(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "orders"."customer_id" = $1 AND "payer_1"."state" = $2 ORDER BY "orders"."id" ASC"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity" FROM "orders" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "orders"."customer_id" = ? AND "payer_1"."state" = ? ORDER BY "orders"."id" ASC"#,
    ];
    of_an_id: db => Line::ORDER
        .of_id((1, 2))
        .filter(Order::PAYER.column(Customer::STATE).eq("open").or(Order::LINES.is_present()))
        .optional(db) => [
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "source"."order_id", "payer_1"."state" = $1 OR EXISTS(SELECT 1 FROM "lines" AS "lines_2" WHERE "lines_2"."order_id" = "orders"."id") FROM "lines" AS "source" LEFT JOIN "orders" ON "orders"."id" = "source"."order_id" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "source"."order_id" = $2 AND "source"."number" = $3"#,
        r#"SELECT "orders"."id", "orders"."customer_id", "orders"."payer_id", "orders"."quantity", "source"."order_id", "payer_1"."state" = ? OR EXISTS(SELECT 1 FROM "lines" AS "lines_2" WHERE "lines_2"."order_id" = "orders"."id") FROM "lines" AS "source" LEFT JOIN "orders" ON "orders"."id" = "source"."order_id" LEFT JOIN "customers" AS "payer_1" ON "payer_1"."id" = "orders"."payer_id" WHERE "source"."order_id" = ? AND "source"."number" = ?"#,
    ];
    any: db => Customer::find().filter(Customer::ORDERS.any(Order::QUANTITY.gt(1))).select(Customer::ID).all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND "orders_1"."quantity" > $1)"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND "orders_1"."quantity" > ?)"#,
    ];
    none: db => Customer::find().filter(Customer::ORDERS.none(Order::QUANTITY.gt(1).or(Order::ID.eq(1)))).select(Customer::ID).all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND ("orders_1"."quantity" > $1 OR "orders_1"."id" = $2))"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND ("orders_1"."quantity" > ? OR "orders_1"."id" = ?))"#,
    ];
    every_raw: db => Customer::find()
        .filter(Customer::ORDERS.all(Filter::raw("quantity > 1 OR quantity < 0", ())))
        .select(Customer::ID)
        .all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND (quantity > 1 OR quantity < 0) IS NOT TRUE)"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND (quantity > 1 OR quantity < 0) IS NOT TRUE)"#,
    ];
    every: db => Customer::find().filter(Customer::ORDERS.all(Order::QUANTITY.gt(1).or(Order::PAYER_ID.eq(1)))).select(Customer::ID).all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND ("orders_1"."quantity" > $1 OR "orders_1"."payer_id" = $2) IS NOT TRUE)"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk" AND ("orders_1"."quantity" > ? OR "orders_1"."payer_id" = ?) IS NOT TRUE)"#,
    ];
    any_in_any: db => Customer::find()
        .filter(Customer::ORDERS.any(Order::LINES.any(Line::PARTS.none(Part::KIND.eq("x"))).and(Order::PAYER.column(Customer::NAME).eq("y"))))
        .select(Customer::ID)
        .all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE EXISTS(SELECT 1 FROM "orders" AS "orders_1" LEFT JOIN "customers" AS "payer_4" ON "payer_4"."id" = "orders_1"."payer_id" WHERE "orders_1"."customer_id" = "customers"."pk" AND EXISTS(SELECT 1 FROM "lines" AS "lines_2" WHERE "lines_2"."order_id" = "orders_1"."id" AND (NOT EXISTS(SELECT 1 FROM "parts" AS "parts_3" WHERE "parts_3"."order_id" = "lines_2"."order_id" AND "parts_3"."line" = "lines_2"."number" AND "parts_3"."type" = $1))) AND "payer_4"."Full Name" = CAST($2 AS varchar))"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE EXISTS(SELECT 1 FROM "orders" AS "orders_1" LEFT JOIN "customers" AS "payer_4" ON "payer_4"."id" = "orders_1"."payer_id" WHERE "orders_1"."customer_id" = "customers"."pk" AND EXISTS(SELECT 1 FROM "lines" AS "lines_2" WHERE "lines_2"."order_id" = "orders_1"."id" AND (NOT EXISTS(SELECT 1 FROM "parts" AS "parts_3" WHERE "parts_3"."order_id" = "lines_2"."order_id" AND "parts_3"."line" = "lines_2"."number" AND "parts_3"."type" = ?))) AND "payer_4"."Full Name" = ?)"#,
    ];
    any_of_itself: db => Category::find()
        .filter(Category::CHILDREN.any(Category::CHILDREN.any(Category::TITLE.eq("x"))))
        .filter(!Category::PARENT.any(Category::PARENT.column(Category::TITLE).eq("x")))
        .select(Category::ID)
        .all(db) => [
        r#"SELECT "categories"."id" FROM "categories" WHERE EXISTS(SELECT 1 FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id" AND EXISTS(SELECT 1 FROM "categories" AS "children_2" WHERE "children_2"."parent_id" = "children_1"."id" AND "children_2"."title" = $1)) AND (NOT EXISTS(SELECT 1 FROM "categories" AS "parent_3" LEFT JOIN "categories" AS "parent_4" ON "parent_4"."id" = "parent_3"."parent_id" WHERE "parent_3"."id" = "categories"."parent_id" AND "parent_4"."title" = $2))"#,
        r#"SELECT "categories"."id" FROM "categories" WHERE EXISTS(SELECT 1 FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id" AND EXISTS(SELECT 1 FROM "categories" AS "children_2" WHERE "children_2"."parent_id" = "children_1"."id" AND "children_2"."title" = ?)) AND (NOT EXISTS(SELECT 1 FROM "categories" AS "parent_3" LEFT JOIN "categories" AS "parent_4" ON "parent_4"."id" = "parent_3"."parent_id" WHERE "parent_3"."id" = "categories"."parent_id" AND "parent_4"."title" = ?))"#,
    ];
    present: db => Category::find()
        .filter(Category::CHILDREN.is_present().or(Category::PARENT.is_present()).or(Category::NEAR.is_present()))
        .select(Category::ID)
        .all(db) => [
        r#"SELECT "categories"."id" FROM "categories" WHERE EXISTS(SELECT 1 FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id") OR "categories"."parent_id" IS NOT NULL OR EXISTS(SELECT 1 FROM "categories" AS "near_2" WHERE "near_2"."id" = "categories"."near_id")"#,
        r#"SELECT "categories"."id" FROM "categories" WHERE EXISTS(SELECT 1 FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id") OR "categories"."parent_id" IS NOT NULL OR EXISTS(SELECT 1 FROM "categories" AS "near_2" WHERE "near_2"."id" = "categories"."near_id")"#,
    ];
    present_by_a_composite_key: db => Part::find().filter(Part::OF_LINE.is_present()).select(Part::CODE).all(db) => [
        r#"SELECT "parts"."code" FROM "parts" WHERE "parts"."order_id" IS NOT NULL AND "parts"."line" IS NOT NULL"#,
        r#"SELECT "parts"."code" FROM "parts" WHERE "parts"."order_id" IS NOT NULL AND "parts"."line" IS NOT NULL"#,
    ];
    always_present: db => Order::find().filter(Order::CUSTOMER.is_present()).select(Order::ID).all(db) => [
        r#"SELECT "orders"."id" FROM "orders""#,
        r#"SELECT "orders"."id" FROM "orders""#,
    ];
    number: db => Customer::find()
        .filter(Customer::ORDERS.count().ge(2).and(Customer::ORDERS.count().lt(Customer::PK)))
        .order_by(Customer::ORDERS.count().desc())
        .select((Customer::ID, Customer::ORDERS.count()))
        .all(db) => [
        r#"SELECT "customers"."id", (SELECT COUNT(*) FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") FROM "customers" WHERE (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") >= $1 AND (SELECT COUNT(*) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk") < "customers"."pk" ORDER BY 2 DESC"#,
        r#"SELECT "customers"."id", (SELECT COUNT(*) FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") FROM "customers" WHERE (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") >= ? AND (SELECT COUNT(*) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk") < "customers"."pk" ORDER BY 2 DESC"#,
    ];
    values: db => Customer::find()
        .filter(Customer::ORDERS.sum(Order::QUANTITY).between(1, Customer::ORDERS.count()))
        .filter(Customer::ORDERS.max(Order::PAYER.column(Customer::NAME)).gt("x"))
        .filter(Customer::ORDERS.avg(Order::QUANTITY).is_not_null())
        .order_by(Customer::ORDERS.min(Order::QUANTITY).asc())
        .select(Customer::ID)
        .all(db) => [
        r#"SELECT "customers"."id" FROM "customers" WHERE (SELECT CAST(SUM("orders_1"."quantity") AS bigint) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") >= $1 AND (SELECT CAST(SUM("orders_2"."quantity") AS bigint) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk") <= (SELECT COUNT(*) FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") AND (SELECT MAX("payer_5"."Full Name") FROM "orders" AS "orders_4" LEFT JOIN "customers" AS "payer_5" ON "payer_5"."id" = "orders_4"."payer_id" WHERE "orders_4"."customer_id" = "customers"."pk") > CAST($2 AS varchar) AND (SELECT CAST(AVG("orders_6"."quantity") AS double precision) FROM "orders" AS "orders_6" WHERE "orders_6"."customer_id" = "customers"."pk") IS NOT NULL ORDER BY (SELECT MIN("orders_7"."quantity") FROM "orders" AS "orders_7" WHERE "orders_7"."customer_id" = "customers"."pk") ASC"#,
        r#"SELECT "customers"."id" FROM "customers" WHERE (SELECT CAST(SUM("orders_1"."quantity") AS INTEGER) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") >= ? AND (SELECT CAST(SUM("orders_2"."quantity") AS INTEGER) FROM "orders" AS "orders_2" WHERE "orders_2"."customer_id" = "customers"."pk") <= (SELECT COUNT(*) FROM "orders" AS "orders_3" WHERE "orders_3"."customer_id" = "customers"."pk") AND (SELECT MAX("payer_5"."Full Name") FROM "orders" AS "orders_4" LEFT JOIN "customers" AS "payer_5" ON "payer_5"."id" = "orders_4"."payer_id" WHERE "orders_4"."customer_id" = "customers"."pk") > ? AND (SELECT CAST(AVG("orders_6"."quantity") AS REAL) FROM "orders" AS "orders_6" WHERE "orders_6"."customer_id" = "customers"."pk") IS NOT NULL ORDER BY (SELECT MIN("orders_7"."quantity") FROM "orders" AS "orders_7" WHERE "orders_7"."customer_id" = "customers"."pk") ASC NULLS LAST"#,
    ];
    decimals: db => Category::find()
        .filter(Category::CHILDREN.sum(Category::PRICE).gt(Category::PRICE))
        .filter(Category::CHILDREN.min(Category::CODE).eq("x"))
        .order_by(Category::CHILDREN.avg(Category::PRICE).desc().nulls_last())
        .select(Category::CHILDREN.max(Category::PRICE))
        .all(db) => [
        r#"SELECT (SELECT MAX("children_3"."price") FROM "categories" AS "children_3" WHERE "children_3"."parent_id" = "categories"."id") FROM "categories" WHERE (SELECT CAST(SUM("children_1"."price") AS numeric) FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id") > "categories"."price" AND (SELECT MIN("children_2"."code") FROM "categories" AS "children_2" WHERE "children_2"."parent_id" = "categories"."id") = CAST($1 AS citext) ORDER BY (SELECT CAST(AVG("children_4"."price") AS numeric) FROM "categories" AS "children_4" WHERE "children_4"."parent_id" = "categories"."id") DESC NULLS LAST"#,
        r#"SELECT (SELECT MAX("children_3"."price") FROM "categories" AS "children_3" WHERE "children_3"."parent_id" = "categories"."id") COLLATE decimal FROM "categories" WHERE ((SELECT decimal_sum("children_1"."price") FROM "categories" AS "children_1" WHERE "children_1"."parent_id" = "categories"."id") COLLATE decimal) > "categories"."price" AND (SELECT MIN("children_2"."code") FROM "categories" AS "children_2" WHERE "children_2"."parent_id" = "categories"."id") = ? ORDER BY (SELECT decimal_avg("children_4"."price") FROM "categories" AS "children_4" WHERE "children_4"."parent_id" = "categories"."id") COLLATE decimal DESC NULLS LAST"#,
    ];
    distinct_number: db => Customer::find()
        .order_by(Customer::ORDERS.count().desc())
        .select((Customer::NAME, Customer::ORDERS.count()))
        .distinct()
        .all(db) => [
        r#"SELECT DISTINCT "customers"."Full Name", (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") FROM "customers" ORDER BY 2 DESC"#,
        r#"SELECT DISTINCT "customers"."Full Name", (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") FROM "customers" ORDER BY 2 DESC"#,
    ];
    deleted: db => Customer::find().filter(Customer::ORDERS.count().eq(0)).delete(db) => [
        r#"DELETE FROM "customers" WHERE (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") = $1"#,
        r#"DELETE FROM "customers" WHERE (SELECT COUNT(*) FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk") = ?"#,
    ];
    deleted_where_none: db => Customer::find().filter(!Customer::ORDERS.is_present()).delete(db) => [
        r#"DELETE FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk")"#,
        r#"DELETE FROM "customers" WHERE NOT EXISTS(SELECT 1 FROM "orders" AS "orders_1" WHERE "orders_1"."customer_id" = "customers"."pk")"#,
    ];
    of_the_only_one: db => Person::find()
        .filter(Person::PASSPORT.is_present().and(!Person::PASSPORT.any(Passport::NUMBER.like("x%"))))
        .order_by(Person::PASSPORT.column(Passport::NUMBER).asc())
        .all(db) => [
        r#"SELECT "people"."id" FROM "people" LEFT JOIN "passports" AS "passport_3" ON "passport_3"."person_id" = "people"."id" WHERE EXISTS(SELECT 1 FROM "passports" AS "passport_1" WHERE "passport_1"."person_id" = "people"."id") AND (NOT EXISTS(SELECT 1 FROM "passports" AS "passport_2" WHERE "passport_2"."person_id" = "people"."id" AND "passport_2"."number" LIKE $1)) ORDER BY "passport_3"."number" ASC"#,
        r#"SELECT "people"."id" FROM "people" LEFT JOIN "passports" AS "passport_3" ON "passport_3"."person_id" = "people"."id" WHERE EXISTS(SELECT 1 FROM "passports" AS "passport_1" WHERE "passport_1"."person_id" = "people"."id") AND (NOT EXISTS(SELECT 1 FROM "passports" AS "passport_2" WHERE "passport_2"."person_id" = "people"."id" AND "passport_2"."number" LIKE ? ESCAPE '\')) ORDER BY "passport_3"."number" ASC NULLS LAST"#,
    ];
    nothing_is_any: db => Customer::find().filter(Customer::ORDERS.any(Order::ID.is_in(Vec::<i64>::new()))).all(db) => [];
    all_are_deleted_unasked: db => Customer::find().filter(Customer::ORDERS.all(Order::ID.not_in(Vec::<i64>::new()))).delete(db) => [];
}

/// `Debug` shows the query, and never its values.
#[test]
fn questions_are_shown_without_values() {
    let secret = "what nobody may see";
    let named = Order::PAYER.column(Customer::NAME).eq(secret);
    let shown = |filter: Filter<Customer>| format!("{filter:?}");
    assert_eq!(format!("{:?}", Order::PAYER.column(Customer::NAME)), r#"Column("payer.name")"#);
    assert_eq!(
        shown(Customer::ORDERS.any(named.clone())),
        "Filter(any Customer.orders(Order.payer.name Equal Parameter(String(None))))",
    );
    assert_eq!(
        shown(Customer::ORDERS.none(Order::LINES.is_present())),
        "Filter(Not(any Customer.orders(any Order.lines)))",
    );
    assert_eq!(
        shown(Customer::ORDERS.all(named)),
        "Filter(Not(any Customer.orders(Untrue(Order.payer.name Equal Parameter(String(None))))))",
    );
    assert_eq!(
        shown(Customer::ORDERS.count().gt(Customer::ORDERS.max(Order::PAYER.column(Customer::PK)))),
        "Filter(Customer.orders.count Greater Customer.orders.max(Order.payer.pk))",
    );
    assert_eq!(format!("{:?}", Customer::ORDERS.count()), "Count(Customer.orders.count)");
}
