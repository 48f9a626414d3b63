//! Northwind written by the library: every row is inserted, and read back as it was.

use ::relations::{Database, Entity, NewEntity};

use super::entities::*;
use super::follow;

/// Copies every row into new tables of the same definitions.
pub async fn all(from: &Database, to: &Database) -> usize {
    to.create(schema()).await.unwrap();
    let rows = [
        entities::<State>(from, to).await,
        entities::<Region>(from, to).await,
        entities::<Territory>(from, to).await,
        employees(from, to).await,
        entities::<EmployeeTerritory>(from, to).await,
        entities::<Customer>(from, to).await,
        entities::<CustomerDemographic>(from, to).await,
        entities::<CustomerCustomerDemo>(from, to).await,
        entities::<Shipper>(from, to).await,
        entities::<Supplier>(from, to).await,
        entities::<Category>(from, to).await,
        entities::<Product>(from, to).await,
        entities::<Order>(from, to).await,
        entities::<OrderDetail>(from, to).await,
    ];
    rows.into_iter().sum()
}

async fn entities<E: ByHand<Id: IdByHand>>(from: &Database, to: &Database) -> usize {
    let entities = follow::all::<E>(from).await;
    let transaction = to.begin().await.unwrap();
    for entity in &entities {
        assert_eq!(&entity.to_new().insert(&transaction).await.unwrap(), entity);
    }
    transaction.commit().await.unwrap();
    assert_eq!(follow::all::<E>(to).await, entities);
    entities.len()
}

/// Copies the employees; who they report to comes when all are there.
async fn employees(from: &Database, to: &Database) -> usize {
    let mut employees = follow::all::<Employee>(from).await;
    for employee in &employees {
        let new = NewEmployee { reports_to: None, ..employee.to_new() };
        new.insert(to).await.unwrap();
    }
    for employee in &mut employees {
        employee.update(to).await.unwrap();
    }
    assert_eq!(follow::all::<Employee>(to).await, employees);
    employees.len()
}
