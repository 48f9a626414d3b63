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
