//! Steps on PostgreSQL.

use ::relations::Engine;
use ::relations::shape::Shape;
use ::relations::shape::migration::Consents;

use super::{column, table};

fn text(change: impl Fn(&mut Shape), consents: &Consents) -> String {
    super::text(Engine::Postgres, change, consents)
}

fn lines(change: impl Fn(&mut Shape), consents: &Consents) -> Vec<String> {
    let text = text(change, consents);
    let statement = |line: &&str| !line.starts_with("--") && !line.is_empty();
    text.lines().filter(statement).map(str::to_owned).collect()
}

#[test]
fn a_column_is_added() {
    let change = |shape: &mut Shape| {
        let mut new = column(shape, "orders.note").clone();
        new.name = "remark".into();
        table(shape, "orders").columns.push(new);
    };
    assert_eq!(
        text(change, &Consents::new()),
        r#"-- step: transaction
-- adds the column `orders.remark`
-- unless: SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"orders"') AND attname = 'remark' AND NOT attisdropped)
ALTER TABLE "orders" ADD COLUMN "remark" text;
"#
    );
}

#[test]
fn a_column_that_is_not_null_is_filled_by_a_default_that_goes_again() {
    let change = |shape: &mut Shape| {
        let mut new = column(shape, "orders.total").clone();
        new.name = "weight".into();
        table(shape, "orders").columns.push(new);
    };
    assert_eq!(
        lines(change, &Consents::new().fill("orders.weight", "7")),
        [
            r#"ALTER TABLE "orders" ADD COLUMN "weight" integer NOT NULL DEFAULT 7;"#,
            r#"ALTER TABLE "orders" ALTER COLUMN "weight" DROP DEFAULT;"#,
        ]
    );
}

#[test]
fn a_foreign_key_is_validated_by_a_later_step() {
    let change = |shape: &mut Shape| {
        let mut key = table(shape, "orders").foreign_keys[0].clone();
        key.name = Some("orders_payer".into());
        key.columns = vec!["number".into()];
        table(shape, "orders").foreign_keys.push(key);
    };
    assert_eq!(
        text(change, &Consents::new()),
        r#"-- step: transaction
-- looks for rows that stand in the way
-- refuse: of `orders` without a row of `customers` for (number): SELECT count(*) FROM "orders" AS s WHERE s."number" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS t WHERE t."id" = s."number")

-- step: transaction
-- adds the foreign key `orders_payer` to `orders`, for new rows
-- unless: SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('"orders"') AND conname = 'orders_payer' AND confdeltype = 'c' AND confupdtype = 'a' AND NOT condeferrable)
ALTER TABLE "orders" ADD CONSTRAINT "orders_payer" FOREIGN KEY ("number") REFERENCES "customers" ("id") ON DELETE CASCADE NOT VALID;

-- step: transaction
-- validates the foreign key `orders_payer` of `orders` for all rows
-- unless: SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('"orders"') AND conname = 'orders_payer' AND convalidated)
ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_payer";
"#
    );
}

#[test]
fn an_index_is_built_while_others_write() {
    let change = |shape: &mut Shape| {
        let mut index = table(shape, "customers").indexes[0].clone();
        index.name = Some("customers_city_idx".into());
        (index.unique, index.constraint) = (false, false);
        (index.columns, index.filter) = (vec!["city".into()], Some("city <> ''".into()));
        table(shape, "customers").indexes.push(index);
    };
    assert_eq!(
        text(change, &Consents::new()),
        r#"-- step: alone
-- adds the index `customers_city_idx` to `customers`
-- unless: SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('"customers_city_idx"') AND indrelid = to_regclass('"customers"') AND indisvalid)
DROP INDEX CONCURRENTLY IF EXISTS "customers_city_idx";
CREATE INDEX CONCURRENTLY "customers_city_idx" ON "customers" ("city") WHERE city <> '';
"#
    );
}

#[test]
fn a_unique_key_takes_an_index_that_is_built_before() {
    let change = |shape: &mut Shape| {
        let mut index = table(shape, "customers").indexes[0].clone();
        (index.name, index.columns) = (Some("customers_city_key".into()), vec!["city".into()]);
        table(shape, "customers").indexes.push(index);
    };
    assert_eq!(
        lines(change, &Consents::new()),
        [
            r#"DROP INDEX CONCURRENTLY IF EXISTS "customers_city_key";"#,
            r#"CREATE UNIQUE INDEX CONCURRENTLY "customers_city_key" ON "customers" ("city");"#,
            r#"ALTER TABLE "customers" ADD CONSTRAINT "customers_city_key" UNIQUE USING INDEX "customers_city_key";"#,
        ]
    );
}

#[test]
fn a_column_becomes_not_null_by_a_check() {
    let change = |shape: &mut Shape| column(shape, "orders.note").nullable = false;
    let expected = [
        r#"ALTER TABLE "orders" ADD CONSTRAINT "orders_note_not_null" CHECK ("note" IS NOT NULL) NOT VALID;"#,
        r#"ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_note_not_null";"#,
        r#"ALTER TABLE "orders" ALTER COLUMN "note" SET NOT NULL;"#,
        r#"ALTER TABLE "orders" DROP CONSTRAINT IF EXISTS "orders_note_not_null";"#,
    ];
    assert_eq!(lines(change, &Consents::new()), expected);
    let told = text(change, &Consents::new());
    assert!(told.contains(r#"-- refuse: of `orders` with a null in `note`: SELECT count(*) FROM "orders" WHERE "note" IS NULL"#), "{told}");
    let filled = lines(change, &Consents::new().fill("orders.note", "''"));
    assert_eq!(filled[0], r#"UPDATE "orders" SET "note" = '' WHERE "note" IS NULL;"#);
    assert_eq!(filled[1..], expected);
}

#[test]
fn a_new_table_has_its_keys_inside() {
    let change = |shape: &mut Shape| {
        let mut lines = table(shape, "orders").clone();
        lines.name = "lines".into();
        lines.columns.truncate(3);
        lines.primary_key.as_mut().unwrap().name = Some("lines_pkey".into());
        for index in &mut lines.indexes {
            let name = index.name.as_ref().unwrap().replace("orders", "lines");
            index.name = Some(name.replace("one_number", "one_line"));
        }
        lines.foreign_keys[0].name = Some("lines_customer_id_fkey".into());
        shape.tables.push(lines);
    };
    assert_eq!(
        text(change, &Consents::new()),
        r#"-- step: transaction
-- creates the table `lines`
-- unless: SELECT to_regclass('"lines"') IS NOT NULL
CREATE TABLE "lines" (
    "id" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    "customer_id" bigint NOT NULL,
    "number" integer NOT NULL,
    CONSTRAINT "lines_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "one_line" UNIQUE ("customer_id", "number"),
    CONSTRAINT "lines_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") ON DELETE CASCADE
);
"#
    );
}

#[test]
fn a_foreign_key_with_another_action_is_exchanged_at_once() {
    let change = |shape: &mut Shape| {
        table(shape, "orders").foreign_keys[0].on_delete =
            ::relations::definition::Action::NoAction;
    };
    assert_eq!(
        lines(change, &Consents::new()),
        [
            r#"ALTER TABLE "orders" DROP CONSTRAINT "orders_customer_id_fkey";"#,
            r#"ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") NOT VALID;"#,
            r#"ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_customer_id_fkey";"#,
        ]
    );
}

#[test]
fn types_widen_in_place_and_are_written_anew_by_consent() {
    let wider = |shape: &mut Shape| column(shape, "customers.name").sql_type = "text".into();
    let told = text(wider, &Consents::new());
    assert!(
        told.ends_with("ALTER TABLE \"customers\" ALTER COLUMN \"name\" TYPE text;\n"),
        "{told}"
    );
    assert!(!told.contains("written anew"), "{told}");
    let other = |shape: &mut Shape| column(shape, "orders.state").sql_type = "mood".into();
    assert_eq!(
        lines(other, &Consents::new().rewrite("orders.state")),
        [
            r#"ALTER TABLE "orders" ALTER COLUMN "state" DROP DEFAULT;"#,
            r#"ALTER TABLE "orders" ALTER COLUMN "state" TYPE mood USING "state"::text::mood;"#,
            r#"ALTER TABLE "orders" ALTER COLUMN "state" SET DEFAULT 'new';"#,
        ]
    );
    let bigger = |shape: &mut Shape| column(shape, "orders.total").sql_type = "bigint".into();
    let consents = Consents::new().rewrite("orders.total").rewrite("orders.twice");
    let told = text(bigger, &consents);
    assert!(
        told.contains(
            "-- all rows of `orders` are written anew: nobody reads or writes it meanwhile"
        ),
        "{told}"
    );
}

/// A column, an index, a key and a check over a generated column of the orders.
fn over_twice(shape: &mut Shape) {
    let orders = table(shape, "orders");
    let one_number = orders.indexes.iter().find(|index| index.unique).unwrap().clone();
    let mut by_twice = one_number.clone();
    (by_twice.name, by_twice.columns) = (Some("by_twice".into()), vec!["twice".into()]);
    (by_twice.unique, by_twice.constraint) = (false, false);
    let mut one_twice = one_number;
    (one_twice.name, one_twice.columns) =
        (Some("one_twice".into()), vec!["number".into(), "twice".into()]);
    orders.indexes.extend([by_twice, one_twice]);
    let check = serde_json::json!({ "name": "even", "definition": "CHECK (twice % 2 = 0)" });
    orders.checks.push(serde_json::from_value(check).unwrap());
}

#[test]
fn a_generated_column_is_made_anew_with_all_that_is_over_it() {
    let mut before = super::shape(Engine::Postgres);
    over_twice(&mut before);
    let mut after = before.clone();
    column(&mut after, "orders.total").sql_type = "bigint".into();
    // A part of another name is found by it.
    let indexes = &mut table(&mut after, "orders").indexes;
    let by_twice = indexes.iter_mut().find(|index| index.name.as_deref() == Some("by_twice"));
    by_twice.unwrap().name = Some("by_double".into());
    let plan = |consents: &Consents| ::relations::shape::migration::plan(&before, &after, consents);
    let refused = plan(&Consents::new().rewrite("orders.total")).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`orders.twice` would be dropped and calculated for all rows anew, as `orders.total` gets \
         another type; add `--allow rewrite:orders.twice`\n"
    );
    let consents = Consents::new().rewrite("orders.total").rewrite("orders.twice");
    let steps = plan(&consents).unwrap().steps;
    let statements: Vec<_> = steps.iter().flat_map(|step| &step.statements).collect();
    assert_eq!(
        statements,
        [
            r#"ALTER INDEX "by_twice" RENAME TO "by_double""#,
            r#"ALTER TABLE "orders" DROP COLUMN "twice""#,
            r#"ALTER TABLE "orders" ALTER COLUMN "total" TYPE bigint"#,
            r#"ALTER TABLE "orders" ADD COLUMN "twice" integer GENERATED ALWAYS AS (total * 2) STORED NOT NULL"#,
            r#"DROP INDEX CONCURRENTLY IF EXISTS "by_double""#,
            r#"CREATE INDEX CONCURRENTLY "by_double" ON "orders" ("twice")"#,
            r#"DROP INDEX CONCURRENTLY IF EXISTS "one_twice""#,
            r#"CREATE UNIQUE INDEX CONCURRENTLY "one_twice" ON "orders" ("number", "twice")"#,
            r#"ALTER TABLE "orders" ADD CONSTRAINT "one_twice" UNIQUE USING INDEX "one_twice""#,
            r#"ALTER TABLE "orders" ADD CONSTRAINT "even" CHECK (twice % 2 = 0) NOT VALID"#,
            r#"ALTER TABLE "orders" VALIDATE CONSTRAINT "even""#,
        ]
    );
}

#[test]
fn a_generated_column_that_becomes_a_plain_one_keeps_its_values() {
    let change = |shape: &mut Shape| {
        column(shape, "orders.total").sql_type = "bigint".into();
        column(shape, "orders.twice").generated = None;
    };
    assert_eq!(
        lines(change, &Consents::new().rewrite("orders.total")),
        [
            r#"ALTER TABLE "orders" ALTER COLUMN "twice" DROP EXPRESSION;"#,
            r#"ALTER TABLE "orders" ALTER COLUMN "total" TYPE bigint;"#,
        ]
    );
}

#[test]
fn a_new_generated_column_comes_behind_the_types_that_it_is_calculated_from() {
    let change = |shape: &mut Shape| {
        column(shape, "orders.number").sql_type = "bigint".into();
        let mut half = column(shape, "orders.twice").clone();
        (half.name, half.generated) = ("half".into(), Some("number / 2".into()));
        table(shape, "orders").columns.push(half);
    };
    assert_eq!(
        lines(change, &Consents::new().rewrite("orders.number").rewrite("orders.half")),
        [
            r#"ALTER TABLE "orders" ALTER COLUMN "number" TYPE bigint;"#,
            r#"ALTER TABLE "orders" ADD COLUMN "half" integer GENERATED ALWAYS AS (number / 2) STORED NOT NULL;"#,
        ]
    );
}

#[test]
fn a_counter_goes_on() {
    let change = |shape: &mut Shape| {
        column(shape, "orders.id").numbering = Some(::relations::shape::Numbering::AlwaysIdentity);
    };
    assert_eq!(
        lines(change, &Consents::new()),
        [r#"ALTER TABLE "orders" ALTER COLUMN "id" SET GENERATED ALWAYS;"#]
    );
}

#[test]
fn words_of_an_enum_are_added_in_their_order() {
    let change = |shape: &mut Shape| {
        shape.enums[0].words = vec!["so-so".into(), "sad".into(), "glad".into(), "it's".into()];
    };
    assert_eq!(
        lines(change, &Consents::new()),
        ["ALTER TYPE mood ADD VALUE 'so-so' BEFORE 'sad';", "ALTER TYPE mood ADD VALUE 'it''s';"]
    );
}

#[test]
fn a_word_is_dropped_by_another_type() {
    let change = |shape: &mut Shape| {
        column(shape, "orders.state").sql_type = "mood".into();
        shape.enums[0].words.pop();
    };
    let mut before = super::shape(Engine::Postgres);
    column(&mut before, "orders.state").sql_type = "mood".into();
    let mut after = super::shape(Engine::Postgres);
    change(&mut after);
    let consents = Consents::new().drop("word:mood.glad").rewrite("mood");
    let plan = ::relations::shape::migration::plan(&before, &after, &consents).unwrap();
    assert_eq!(
        plan.steps[0].refuse[0].1,
        r#"SELECT count(*) FROM "orders" WHERE "state"::text IN ('glad')"#
    );
    assert_eq!(
        plan.steps[1].statements,
        [
            r#"ALTER TYPE mood RENAME TO "mood_before""#,
            "CREATE TYPE mood AS ENUM ('sad')",
            r#"ALTER TABLE "orders" ALTER COLUMN "state" DROP DEFAULT"#,
            r#"ALTER TABLE "orders" ALTER COLUMN "state" TYPE mood USING "state"::text::mood"#,
            r#"ALTER TABLE "orders" ALTER COLUMN "state" SET DEFAULT 'new'"#,
            r#"DROP TYPE "mood_before""#,
        ]
    );
}

#[test]
fn a_renamed_table_renames_what_is_named_after_it() {
    let change = |shape: &mut Shape| {
        let orders = table(shape, "orders");
        orders.name = "invoices".into();
        orders.primary_key.as_mut().unwrap().name = Some("invoices_pkey".into());
        orders.foreign_keys[0].name = Some("invoices_customer_id_fkey".into());
        column_of(orders, "note").name = "remark".into();
    };
    let consents = Consents::new().rename("orders", "invoices").rename("orders.note", "remark");
    assert_eq!(
        lines(change, &consents),
        [
            r#"ALTER TABLE "orders" RENAME TO "invoices";"#,
            r#"ALTER TABLE "invoices" RENAME COLUMN "note" TO "remark";"#,
            r#"ALTER TABLE "invoices" RENAME CONSTRAINT "orders_pkey" TO "invoices_pkey";"#,
            r#"ALTER TABLE "invoices" RENAME CONSTRAINT "orders_customer_id_fkey" TO "invoices_customer_id_fkey";"#,
        ]
    );
}

fn column_of<'a>(
    table: &'a mut ::relations::shape::TableShape,
    name: &str,
) -> &'a mut ::relations::shape::ColumnShape {
    table.columns.iter_mut().find(|column| column.name == name).unwrap()
}

#[test]
fn a_primary_key_is_exchanged_for_one_that_is_built_before() {
    let change = |shape: &mut Shape| {
        table(shape, "orders").primary_key.as_mut().unwrap().columns = vec!["number".into()];
    };
    assert_eq!(
        lines(change, &Consents::new().drop("constraint:orders.orders_pkey")),
        [
            r#"DROP INDEX CONCURRENTLY IF EXISTS "orders_pkey_new";"#,
            r#"CREATE UNIQUE INDEX CONCURRENTLY "orders_pkey_new" ON "orders" ("number");"#,
            r#"ALTER TABLE "orders" DROP CONSTRAINT "orders_pkey";"#,
            r#"ALTER TABLE "orders" ADD CONSTRAINT "orders_pkey" PRIMARY KEY USING INDEX "orders_pkey_new";"#,
        ]
    );
}

#[test]
fn tables_that_name_each_other_are_made_and_dropped() {
    let both = |shape: &mut Shape| {
        for (one, other) in [("a", "b"), ("b", "a")] {
            let mut new = table(shape, "customers").clone();
            new.name = one.into();
            new.columns.truncate(1);
            new.indexes.clear();
            new.primary_key.as_mut().unwrap().name = Some(format!("{one}_pkey"));
            let mut key = table(shape, "orders").foreign_keys[0].clone();
            key.name = Some(format!("{one}_fkey"));
            (key.columns, key.target_table) = (vec!["id".into()], other.into());
            new.foreign_keys = vec![key];
            shape.tables.push(new);
        }
    };
    let told = lines(both, &Consents::new()).join(" ");
    let made = told.split("CREATE TABLE").collect::<Vec<_>>();
    assert!(!made[1].contains("FOREIGN KEY"), "{told}");
    assert!(
        made[2].contains(r#"CONSTRAINT "b_fkey" FOREIGN KEY ("id") REFERENCES "a" ("id")"#),
        "{told}"
    );
    assert!(told.ends_with(r#"ALTER TABLE "a" ADD CONSTRAINT "a_fkey" FOREIGN KEY ("id") REFERENCES "b" ("id") ON DELETE CASCADE;"#), "{told}");

    let mut before = super::shape(Engine::Postgres);
    both(&mut before);
    let consents = Consents::new().drop("a").drop("b");
    let after = super::shape(Engine::Postgres);
    let plan = ::relations::shape::migration::plan(&before, &after, &consents).unwrap();
    let steps: Vec<_> = plan.steps.iter().map(|step| step.statements.clone()).collect();
    assert_eq!(steps, [[r#"DROP TABLE "a", "b""#]]);
}
