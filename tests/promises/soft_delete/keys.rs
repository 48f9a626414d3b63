//! Unique keys of an entity with soft delete hold for the rows that are not deleted.

use ::relations::Executor;
use ::relations::prelude::*;

use super::world::*;

behaviour! {
    async fn a_deleted_row_gives_its_key_free(db) {
        let World { ada, mut bob, .. } = world(db).await;
        let again = NewCustomer { email: bob.email.clone(), name: "Bob again".to_owned() };
        let again = again.insert(db).await.unwrap();
        let twice = NewCustomer { email: ada.email.clone(), name: "Ada again".to_owned() };
        assert!(twice.insert(db).await.unwrap_err().is_unique_violation());
        // Only one of both can be there.
        let refused = bob.restore(db).await.unwrap_err();
        assert!(refused.is_unique_violation(), "{refused}");
        assert_eq!(refused.entity(), Some("Customer"));
        again.delete(db).await.unwrap();
        bob.restore(db).await.unwrap();
        let code = Product::find().only_deleted().first(db).await.unwrap().unwrap().code;
        assert!(NewProduct { code }.insert(db).await.unwrap_err().is_unique_violation());
    }

    async fn the_schema_is_as_it_is_declared(db) {
        tables(db).await;
        let schema = || schema![
            Customer, Order, Line, Product, Invoice, Note, Card, Club, Membership, Category
        ];
        let report = db.check(schema()).await.unwrap();
        assert!(report.is_empty(), "{report}");
        let shape = schema().shape(db.engine()).unwrap();
        let customers = shape.tables.iter().find(|table| table.name == "customers").unwrap();
        let filters: Vec<_> = customers.indexes.iter().filter_map(|one| one.filter.as_deref()).collect();
        assert_eq!(filters, ["deleted_at IS NULL"]);
    }
}

/// Customers before they were deleted softly.
mod before {
    use ::chrono::{DateTime, Utc};
    use ::relations::prelude::*;

    #[derive(Debug, Entity)]
    #[entity(table = "customers")]
    pub struct Customer {
        #[id(generated)]
        pub pk: i64,
        #[unique]
        pub email: String,
        pub name: String,
        #[updated_at]
        pub updated_at: DateTime<Utc>,
    }
}

behaviour! {
    async fn a_migration_makes_keys_partial(db) {
        use ::relations::shape::migration::{Consents, plan};

        db.create(schema![before::Customer]).await.unwrap();
        let new = before::NewCustomer { email: "a".to_owned(), name: "Ada".to_owned() };
        let ada = new.insert(db).await.unwrap();
        let shape = |schema: ::relations::Schema| schema.shape(db.engine()).unwrap();
        let (from, to) = (shape(schema![before::Customer]), shape(schema![Customer]));
        // The key no longer holds for all rows.
        let refused = plan(&from, &to, &Consents::new()).unwrap_err();
        assert!(refused.to_string().contains("customers_email_key"), "{refused}");
        let consents = Consents::new().drop("constraint:customers.customers_email_key");
        let steps = plan(&from, &to, &consents).unwrap_or_else(|refusal| panic!("{refusal}")).steps;
        let session = db.sql_session().await.unwrap();
        for statement in steps.iter().flat_map(|step| &step.statements) {
            let ran = ::relations::sql(&**statement, ()).execute(&session).await;
            ran.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        drop(session);
        let mut found = db.shape().await.unwrap();
        let customers = found.tables.iter_mut().find(|table| table.name == "customers").unwrap();
        let partial: Vec<_> = customers.indexes.iter().filter(|one| one.filter.is_some()).collect();
        assert_eq!(partial.len(), 1, "{customers:?}");
        let ada = Customer::find_by_id(ada.pk).one(db).await.unwrap();
        let again = || NewCustomer { email: "a".to_owned(), name: "Ada".to_owned() };
        assert!(again().insert(db).await.unwrap_err().is_unique_violation());
        // Its orders have no table here.
        mark(db, "customers", "deleted_at", "pk", ada.pk).await;
        again().insert(db).await.unwrap();
    }
}

/// A key that SQLite may hold in several spellings, and one whose filter has a word like that of the column.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(place, filter = "removed_by = 1 OR place = 'removed'")]
#[unique(name, filter = "REMOVED IS NULL AND name > ''")]
struct Device {
    #[id(generated)]
    id: i64,
    #[unique]
    serial: Option<uuid::Uuid>,
    place: String,
    name: String,
    removed_by: Option<i64>,
    #[deleted_at]
    removed: Option<::chrono::DateTime<::chrono::Utc>>,
}

fn device(serial: Option<uuid::Uuid>, place: &str) -> NewDevice {
    let (place, name) = (place.to_owned(), String::new());
    NewDevice { serial, place, name, removed_by: None }
}

behaviour! {
    async fn an_upsert_finds_its_row_after_one_without_a_key(db) {
        db.create(schema![Device]).await.unwrap();
        let serial = uuid::Uuid::from_u128(0xabcd_ef01);
        let there = device(Some(serial), "cellar").insert(db).await.unwrap();
        if db.engine() == ::relations::Engine::Sqlite {
            ::relations::sql("UPDATE devices SET serial = upper(serial)", ()).execute(db).await.unwrap();
        }
        for _ in 0..2 {
            let upsert = device(None, "attic").on_conflict(Device::SERIAL).update((Device::PLACE,));
            assert!(upsert.insert(db).await.unwrap().is_inserted());
            let upsert = device(Some(serial), "hall").on_conflict(Device::SERIAL).update((Device::PLACE,));
            let found = upsert.insert(db).await.unwrap();
            assert!(!found.is_inserted());
            assert_eq!(found.into_inner().id, there.id);
            let found = device(Some(serial), "loft").on_conflict(Device::SERIAL).do_nothing().insert(db).await;
            assert_eq!(found.unwrap().into_inner().place, "hall");
        }
        assert_eq!(Device::find().filter(Device::SERIAL.is_not_null()).count(db).await.unwrap(), 1);
    }
}

#[test]
fn a_filter_that_names_the_column_stands_for_itself() {
    let filters = Device::DEFINITION.unique_keys.iter().map(|key| key.filter.unwrap());
    assert_eq!(
        filters.collect::<Vec<_>>(),
        [
            "removed IS NULL",
            "removed IS NULL AND (removed_by = 1 OR place = 'removed')",
            "REMOVED IS NULL AND name > ''",
        ]
    );
}

#[test]
fn definitions_tell_keys_and_times() {
    let customer = Customer::DEFINITION;
    assert_eq!(customer.deleted_at().map(|one| one.name), Some("deleted_at"));
    assert!(customer.hides_rows() && !Invoice::DEFINITION.hides_rows());
    let key = customer.unique_keys[0];
    assert_eq!((key.properties, key.filter), (&["email"][..], Some("deleted_at IS NULL")));
    assert!(!customer.property("email").unwrap().unique);
    assert!(Product::DEFINITION.property("code").unwrap().unique);
    assert!(Order::DEFINITION.relation("customer").unwrap().optional);
    assert!(!Line::DEFINITION.relation("product").unwrap().optional);
}
