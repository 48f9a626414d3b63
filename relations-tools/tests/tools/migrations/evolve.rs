//! Thirty changes in a row: after each the database is what all of them make from scratch.

use ::relations::definition::Action;
use ::relations::shape::migration::Consents;
use ::relations::shape::{ColumnShape, ForeignKeyShape, IndexShape, Shape};
use ::relations::{Database, Engine, Executor};
use serde_json::json;

use super::versions::one;
use super::{add, count, fresh, migrations, nothing, run, shape, steps, table};

/// A change of the entities, and the consent that it needs.
pub struct Evolution {
    pub change: fn(&mut Shape, Engine),
    pub consents: fn(Consents, Engine) -> Consents,
}

pub fn column(engine: Engine, name: &str, kind: &str, nullable: bool) -> ColumnShape {
    let sql_type = match (engine, kind) {
        (Engine::Sqlite, "integer" | "bigint" | "smallint") => "INTEGER",
        (Engine::Sqlite, _) => "TEXT",
        (_, kind) => kind,
    };
    serde_json::from_value(json!({
        "name": name, "sql_type": sql_type, "base_type": sql_type, "nullable": nullable, "default": null,
        "generated": null, "numbering": null, "comment": null,
    }))
    .unwrap()
}

fn index(name: &str, columns: &[&str], unique: bool, filter: Option<&str>) -> IndexShape {
    serde_json::from_value(json!({
        "name": name, "columns": columns, "has_expressions": false, "unique": unique,
        "constraint": unique && filter.is_none(), "valid": true, "filter": filter, "method": "btree",
        "deferrable": false, "nulls_equal": false, "definition": null,
    }))
    .unwrap()
}

fn key(name: &str, column: &str, target: &str, to: &str) -> ForeignKeyShape {
    serde_json::from_value(json!({
        "name": name, "columns": [column], "target_schema": null, "target_table": target,
        "target_columns": [to], "on_delete": "NoAction", "on_update": "NoAction", "set_null": [],
        "validated": true, "enforced": true, "deferrable": false, "deferred": false,
    }))
    .unwrap()
}

fn of<'a>(shape: &'a mut Shape, name: &str) -> &'a mut ColumnShape {
    let (of, name) = name.split_once('.').unwrap();
    table(shape, of).columns.iter_mut().find(|column| column.name == name).unwrap()
}

fn none(consents: Consents, _: Engine) -> Consents {
    consents
}

macro_rules! evolutions {
    ($($change:expr $(, $consents:expr)?;)*) => {
        &[$(Evolution { change: $change, consents: evolutions!(@ $($consents)?) },)*]
    };
    (@) => { none };
    (@ $consents:expr) => { $consents };
}

/// The changes that both engines make; the rows of the tests stay in all of them.
pub const EVOLUTIONS: &[Evolution] = evolutions![
    |shape, engine| table(shape, "orders").columns.push(column(engine, "remark", "text", true));
    |shape, engine| {
        let mut new = column(engine, "weight", "integer", false);
        new.default = Some("7".into());
        table(shape, "orders").columns.push(new);
    };
    |shape, engine| table(shape, "orders").columns.push(column(engine, "height", "integer", false)),
        |consents, _| consents.fill("orders.height", "3");
    |shape, _| of(shape, "orders.weight").default = None;
    |shape, _| of(shape, "orders.height").default = Some("4".into());
    |shape, _| of(shape, "orders.note").nullable = false, |consents, _| consents.fill("orders.note", "''");
    |shape, _| of(shape, "orders.number").nullable = true;
    |shape, _| table(shape, "orders").indexes.push(index("orders_state_idx", &["state"], false, None));
    |shape, _| table(shape, "orders").indexes.push(index("orders_full", &["number", "id"], true, None));
    |shape, _| table(shape, "orders").indexes.push(index("orders_some", &["number"], false, Some("total > 0")));
    |shape, _| {
        let customers = table(shape, "customers");
        customers.columns.retain(|column| column.name != "city");
        customers.indexes.retain(|index| index.name.as_deref() != Some("customers_city_idx"));
    }, |consents, _| consents.drop("customers.city");
    |shape, _| table(shape, "orders").foreign_keys[0].on_delete = Action::Restrict;
    |shape, _| table(shape, "orders").foreign_keys[0].name = Some("who_orders".into());
    |shape, engine| {
        let mut new = table(shape, "customers").clone();
        new.name = "payers".into();
        new.columns.truncate(2);
        new.primary_key.as_mut().unwrap().name = Some("payers_pkey".into());
        new.indexes = vec![index("payers_email_key", &["email"], true, None)];
        shape.tables.push(new);
        let _ = engine;
    };
    |shape, engine| table(shape, "orders").columns.push(column(engine, "payer_id", "integer", true));
    |shape, _| table(shape, "orders").foreign_keys.push(key("orders_payer_id_fkey", "payer_id", "payers", "id"));
    |shape, _| table(shape, "orders").indexes.push(index("orders_payer_id_idx", &["payer_id"], false, None));
    |shape, _| {
        let check = json!({ "name": "positive", "definition": "CHECK (total >= 0)" });
        table(shape, "orders").checks.push(serde_json::from_value(check).unwrap());
    };
    |shape, engine| of(shape, "orders.total").sql_type = column(engine, "", "text", true).sql_type,
        |consents, _| consents.rewrite("orders.total").drop("constraint:orders.positive").drop("index:orders.orders_some")
            .drop("index:orders.orders_key_key").drop("orders.twice");
    |shape, _| {
        let indexes = &mut table(shape, "orders").indexes;
        let some = indexes.iter_mut().find(|index| index.name.as_deref() == Some("orders_state_idx")).unwrap();
        some.columns.push("number".into());
    };
    |shape, _| table(shape, "orders").indexes.retain(|index| index.name.as_deref() != Some("orders_state_idx")),
        |consents, _| consents.drop("index:orders.orders_state_idx");
    |shape, _| of(shape, "orders.remark").name = "comment".into(), |consents, _| consents.rename("orders.remark", "comment");
    |shape, _| {
        table(shape, "payers").name = "funders".into();
        table(shape, "orders").foreign_keys.iter_mut().filter(|key| key.target_table == "payers")
            .for_each(|key| key.target_table = "funders".into());
    }, |consents, _| consents.rename("payers", "funders");
    |shape, _| {
        let payers = table(shape, "funders");
        payers.primary_key.as_mut().unwrap().name = Some("funders_pkey".into());
        payers.indexes[0].name = Some("funders_email_key".into());
    };
    |shape, _| table(shape, "orders").foreign_keys.retain(|key| key.target_table != "funders"),
        |consents, _| consents.drop("constraint:orders.orders_payer_id_fkey");
    |shape, _| shape.tables.retain(|table| table.name != "funders"), |consents, _| consents.drop("funders");
    |shape, _| table(shape, "orders").indexes.retain(|index| index.name.as_deref() != Some("orders_full")),
        |consents, _| consents.drop("constraint:orders.orders_full");
    |shape, _| table(shape, "lines").primary_key.as_mut().unwrap().columns.reverse(),
        |consents, _| consents.drop("constraint:lines.lines_pkey");
    |shape, _| of(shape, "lines.price").nullable = true;
    |shape, engine| {
        let mut new = column(engine, "half", "integer", true);
        new.generated = Some("weight / 2".into());
        table(shape, "orders").columns.push(new);
    }, |consents, engine| if engine == Engine::Postgres { consents.rewrite("orders.half") } else { consents };
    |shape, _| of(shape, "orders.half").generated = Some("weight / 3".into()),
        |consents, _| consents.rewrite("orders.half");
];

/// The shape that a change makes.
pub fn evolved(before: &Shape, evolution: &Evolution) -> Shape {
    let mut after = before.clone();
    (evolution.change)(&mut after, before.engine);
    // Before a total is a text, everything that calculates with it is dropped.
    let total =
        table(&mut after, "orders").columns.iter().find(|column| column.name == "total").unwrap();
    if total.sql_type.eq_ignore_ascii_case("text") {
        let orders = table(&mut after, "orders");
        orders.columns.retain(|column| column.name != "twice");
        orders.checks.clear();
        orders.indexes.retain(|index| {
            !["orders_some", "orders_key_key"].contains(&index.name.as_deref().unwrap())
        });
    }
    after
}

pub async fn rows(db: &Database) {
    run(db, [
        "INSERT INTO customers (email, name) VALUES ('ada@x', 'Ada'), ('bo@x', 'Bo')",
        "INSERT INTO orders (customer_id, number, total, note, key) VALUES (1, 10, 5, NULL, 'k'), (2, 20, 6, 'hi', NULL)",
        "INSERT INTO lines (order_id, position, price) VALUES (1, 1, 0.5), (2, 1, 1.5)",
    ])
    .await;
}

behaviour! {
    async fn each_change_makes_what_all_make_from_scratch(db) {
        let engine = db.engine();
        let mut before = one::all().shape(engine).unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
        migrations(&files).apply(db).await.unwrap();
        rows(db).await;
        assert!(EVOLUTIONS.len() >= 30);
        for (at, evolution) in EVOLUTIONS.iter().enumerate() {
            let after = evolved(&before, evolution);
            let consents = (evolution.consents)(Consents::new(), engine);
            let planned = steps(&before, &after, &consents);
            // An index of a dropped column went with it.
            if !planned.is_empty() {
                add(&mut files, engine, &planned);
            }
            let all = migrations(&files);
            let text = || format!("change {at}:\n{}", files.last().unwrap().1);
            all.apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", text()));
            let scratch = fresh(db).await;
            let mut whole = Vec::new();
            add(&mut whole, engine, &steps(&nothing(engine), &after, &Consents::new()));
            migrations(&whole).apply(&scratch).await.unwrap_or_else(|error| panic!("{error}\n{}", whole[0].1));
            assert_eq!(shape(db).await, shape(&scratch).await, "{}", text());
            assert_eq!(count(db, "SELECT count(*) FROM orders").await, 2, "{}", text());
            assert_eq!(count(db, "SELECT count(*) FROM lines").await, 2, "{}", text());
            // To run all steps again does no harm: each finds itself done.
            before = after;
        }
    }
}
