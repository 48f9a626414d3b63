//! Changes of a schema: the consent that they need, and the steps that make them, as text.

mod consent;
mod kinds;
mod postgres;
mod sqlite;

use ::relations::prelude::*;
use ::relations::shape::migration::{Consents, Plan, Refusal, plan};
use ::relations::shape::{ColumnShape, EnumShape, Shape, TableShape};
use ::relations::{Engine, schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
pub struct Customer {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub email: String,
    #[column(type = "varchar(40)")]
    pub name: String,
    pub city: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
#[unique(customer_id, number, name = "one_number")]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, on_delete = "cascade")]
    pub customer_id: i64,
    pub number: i32,
    pub total: i32,
    #[column(default = "'new'")]
    pub state: String,
    pub note: Option<String>,
    #[column(generated = "total * 2")]
    pub twice: i32,
}

/// The shape before a change.
pub fn shape(engine: Engine) -> Shape {
    let mut shape = schema![Customer, Order].shape(engine).unwrap();
    if engine == Engine::Postgres {
        let new = serde_json::json!({ "name": "mood", "words": ["sad", "glad"], "comment": null });
        shape.enums.push(serde_json::from_value::<EnumShape>(new).unwrap());
    }
    shape
}

pub fn table<'a>(shape: &'a mut Shape, name: &str) -> &'a mut TableShape {
    shape.tables.iter_mut().find(|table| table.name == name).unwrap()
}

pub fn column<'a>(shape: &'a mut Shape, name: &str) -> &'a mut ColumnShape {
    let (of, name) = name.split_once('.').unwrap();
    table(shape, of).columns.iter_mut().find(|column| column.name == name).unwrap()
}

/// The plan of a change.
pub fn planned(
    engine: Engine,
    change: impl Fn(&mut Shape),
    consents: &Consents,
) -> Result<Plan, Refusal> {
    let (before, mut after) = (shape(engine), shape(engine));
    change(&mut after);
    plan(&before, &after, consents)
}

/// The steps of a change as the text of a file, without its header.
pub fn text(engine: Engine, change: impl Fn(&mut Shape), consents: &Consents) -> String {
    let plan = planned(engine, change, consents).unwrap();
    let text = ::relations::shape::migration::render(engine, None, &plan.steps);
    text.split_once("\n\n").map_or_else(String::new, |(_, steps)| steps.to_owned())
}

#[test]
fn the_order_of_a_schema_is_no_matter() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let (one, other) = (schema![Customer, Order], schema![Order, Customer]);
        let (one, other) = (one.shape(engine).unwrap(), other.shape(engine).unwrap());
        assert_eq!(one, other);
        let nothing = schema![].shape(engine).unwrap();
        let text = |shape: &Shape| {
            let steps = plan(&nothing, shape, &Consents::new()).unwrap().steps;
            ::relations::shape::migration::render(engine, None, &steps)
        };
        assert_eq!(text(&one), text(&other));
    }
}

#[test]
fn no_change_has_no_steps() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let plan = planned(engine, |_| (), &Consents::new()).unwrap();
        assert!(plan.steps.is_empty() && plan.changes.is_empty(), "{plan:?}");
    }
}

#[test]
fn another_spelling_is_no_change() {
    let change = |shape: &mut Shape| {
        column(shape, "customers.name").sql_type = "CHARACTER VARYING (40)".into();
        column(shape, "orders.state").default = Some("('new')".into());
        column(shape, "orders.twice").generated = Some("total  *  2".into());
    };
    let plan = planned(Engine::Postgres, change, &Consents::new()).unwrap();
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
}

#[test]
fn two_hundred_tables_are_planned_in_less_than_a_second() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let nothing = schema![].shape(engine).unwrap();
        let mut all = nothing.clone();
        for number in 0..100 {
            for mut table in shape(engine).tables {
                let named = |name: &mut String| name.extend(["_", &number.to_string()]);
                named(&mut table.name);
                table.foreign_keys.iter_mut().for_each(|key| named(&mut key.target_table));
                all.tables.push(table);
            }
        }
        let begun = std::time::Instant::now();
        let first = plan(&nothing, &all, &Consents::new()).unwrap();
        let mut later = all.clone();
        later.tables.iter_mut().for_each(|table| table.columns[1].nullable ^= true);
        let second = plan(&all, &later, &Consents::new()).unwrap();
        let text = ::relations::shape::migration::render(engine, None, &second.steps);
        assert!(first.steps.len() == 200 && !text.is_empty());
        assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
    }
}
