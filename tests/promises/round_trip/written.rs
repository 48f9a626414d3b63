//! An update writes nothing that nobody changed.

use ::relations::prelude::*;
use ::relations::{Engine, Executor};
use rust_decimal::Decimal;

use crate::support::Counting;

#[derive(Debug, Clone, Entity)]
#[entity(table = "samples")]
struct Sample {
    #[id]
    id: i64,
    short: f32,
    long: f64,
    price: Decimal,
    facts: serde_json::Value,
    note: String,
}

fn new() -> NewSample {
    let facts = serde_json::json!({ "a": 1 });
    NewSample { id: 1, short: 0.0, long: 0.0, price: Decimal::new(15, 1), facts, note: "a".into() }
}

behaviour! {
    async fn an_edit_writes_what_differs_by_its_bits(db) {
        db.create(schema![Sample]).await.unwrap();
        new().insert(db).await.unwrap();
        let mut edit = Sample::find_by_id(1).one(db).await.unwrap().edit();
        let counting = Counting::new(db);
        edit.save(&counting).await.unwrap();
        assert_eq!(counting.count(), 0);
        edit.long = -0.0;
        edit.short = -0.0;
        assert_eq!(edit.changed().map(|one| one.name).collect::<Vec<_>>(), ["short", "long"]);
        edit.price = Decimal::new(150, 2);
        assert_eq!(edit.changed().count(), 3);
        edit.save(db).await.unwrap();
        let found = Sample::find_by_id(1).one(db).await.unwrap();
        // SQLite keeps no sign of a zero.
        let keeps_sign = db.engine() == Engine::Postgres;
        assert_eq!(found.long.is_sign_negative(), keeps_sign);
        assert_eq!(found.short.is_sign_negative(), keeps_sign);
        assert_eq!(found.price.to_string(), "1.50");
    }

    async fn json_stays_as_it_is_where_nothing_was_changed(db) {
        db.create(schema![Sample]).await.unwrap();
        new().insert(db).await.unwrap();
        let mut sample = Sample::find_by_id(1).one(db).await.unwrap();
        let found = Sample::find().filter(Sample::FACTS.eq(sample.facts.clone()));
        assert_eq!(found.count(db).await.unwrap(), 1);
        sample.update(db).await.unwrap();
        let other = Sample::find().filter(Sample::FACTS.ne(serde_json::json!({ "a": 2 })));
        assert_eq!(other.count(db).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_row_that_holds_no_number_is_not_changed_by_reading_it() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(schema![Sample]).await.unwrap();
    let new = NewSample { long: f64::NAN, short: f32::NAN, ..new() };
    let mut edit = new.insert(&db).await.unwrap().edit();
    assert_eq!(edit.changed().count(), 0);
    edit.note = "b".into();
    let counting = Counting::new(&db);
    edit.save(&counting).await.unwrap();
    assert!(!counting.statements()[0].contains("long"));
    edit.save(&counting).await.unwrap();
    assert_eq!(counting.count(), 0);
    let found = Sample::find().filter(Sample::LONG.eq(f64::NAN));
    assert_eq!(found.count(&db).await.unwrap(), 1);
}
