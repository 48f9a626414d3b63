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
