//! Northwind is changed by the library, and its constraints refuse what they should.

use ::relations::{Entity, Error, NewEntity};

use super::entities::*;
use super::{Northwind, fresh};

/// The constraint, entity, relation and key of a foreign key error.
fn about(error: &Error) -> (&str, &str, String, Option<&str>) {
    assert!(error.is_foreign_key_violation(), "{error}");
    let relation = error.relation().expect("it names the relation");
    (
        error.constraint().expect("it names the constraint"),
        error.entity().expect("it names the entity"),
        format!("{}.{}", relation.source, relation.name),
        error.key(),
    )
}

async fn count(northwind: &Northwind, sql: &str) -> i64 {
    northwind.client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn customer(northwind: &Northwind, id: &str) -> Customer {
    Customer::find_by_id(id).one(&northwind.db).await.unwrap()
}

async fn order(northwind: &Northwind, id: i16) -> Order {
    Order::find_by_id(id).one(&northwind.db).await.unwrap()
}

#[tokio::test]
async fn a_customer_with_orders_stays() {
    let Some(northwind) = fresh().await else { return };
    let alfki = customer(&northwind, "ALFKI").await;
    let error = alfki.delete(&northwind.db).await.unwrap_err();
    let (constraint, entity, relation, key) = about(&error);
    assert_eq!((constraint, entity), ("fk_orders_customers", "Order"));
    assert_eq!((relation.as_str(), key), ("Order.customer", Some("\"ALFKI\"")));
    let says = "cannot delete Customer \"ALFKI\": ";
    assert!(error.to_string().starts_with(says), "{error}");

    let french = Customer::find().filter(Customer::COUNTRY.eq("France"));
    let error = french.delete(&northwind.db).await.unwrap_err();
    assert_eq!(about(&error).2, "Order.customer");
    assert_eq!(count(&northwind, "SELECT count(*) FROM customers").await, 91);

    // Two customers never ordered.
    for id in ["FISSA", "PARIS"] {
        customer(&northwind, id).await.delete(&northwind.db).await.unwrap();
    }
    assert_eq!(count(&northwind, "SELECT count(*) FROM customers").await, 89);
}

#[tokio::test]
async fn an_orphan_is_refused_and_its_relation_named() {
    let Some(northwind) = fresh().await else { return };
    let db = &northwind.db;
    let vinet = order(&northwind, 10248).await;

    let orphan = NewOrder { id: 1, customer_id: Some("NOONE".into()), ..vinet.to_new() };
    let error = orphan.insert(db).await.unwrap_err();
    let right = ("fk_orders_customers", "Order", "Order.customer".to_owned(), Some("\"NOONE\""));
    assert_eq!(about(&error), right);

    let mut orphan = Order { ship_via: Some(99), ..vinet.clone() };
    let error = orphan.update(db).await.unwrap_err();
    let right = ("fk_orders_shippers", "Order", "Order.shipper".to_owned(), Some("99"));
    assert_eq!(about(&error), right);

    let update = Order::find().filter(Order::ID.eq(10248)).set(Order::EMPLOYEE_ID, 99);
    let error = update.update(db).await.unwrap_err();
    let right = ("fk_orders_employees", "Order", "Order.employee".to_owned(), Some("99"));
    assert_eq!(about(&error), right);

    let orphan = NewEmployeeTerritory { employee_id: 1, territory_id: "00000".into() };
    let error = orphan.insert(db).await.unwrap_err();
    let (constraint, _, relation, key) = about(&error);
    assert_eq!(constraint, "fk_employee_territories_territories");
    assert_eq!((relation.as_str(), key), ("EmployeeTerritory.territory", Some("\"00000\"")));

    // A state is not a key of another country's region, and nothing holds it to be one.
    let mut elsewhere = Order { ship_region: Some("Bretagne".into()), ..vinet.clone() };
    elsewhere.update(db).await.unwrap();
    assert_eq!(elsewhere.ship_state(db).await.unwrap(), None);

    assert_eq!(order(&northwind, 10248).await, elsewhere);
}

#[tokio::test]
async fn a_manager_with_reports_stays() {
    let Some(northwind) = fresh().await else { return };
    let db = &northwind.db;
    let template = Employee::find_by_id(1_i16).one(db).await.unwrap();
    let new = |id, reports_to| NewEmployee { id, reports_to, ..template.to_new() };

    let error = new(10, Some(99)).insert(db).await.unwrap_err();
    let manager = "Employee.manager".to_owned();
    let right = ("fk_employees_employees", "Employee", manager.clone(), Some("99"));
    assert_eq!(about(&error), right);

    // One may report to oneself.
    let boss = new(10, Some(10)).insert(db).await.unwrap();
    assert_eq!(boss.manager(db).await.unwrap(), Some(boss.clone()));
    let report = new(11, Some(10)).insert(db).await.unwrap();
    assert_eq!(boss.reports(db).await.unwrap(), [boss.clone(), report.clone()]);

    let error = boss.delete(db).await.unwrap_err();
    let (constraint, _, relation, _) = about(&error);
    assert_eq!((constraint, relation), ("fk_employees_employees", manager));
    report.delete(db).await.unwrap();
    boss.delete(db).await.unwrap();
    assert_eq!(count(&northwind, "SELECT count(*) FROM employees").await, 9);
}

#[tokio::test]
async fn an_order_goes_after_its_details() {
    let Some(northwind) = fresh().await else { return };
    let db = &northwind.db;
    let mut vinet = order(&northwind, 10248).await;
    assert_eq!(about(&vinet.delete(db).await.unwrap_err()).0, "fk_order_details_orders");
    assert_eq!(Order::DETAILS.of(&vinet).delete(db).await.unwrap(), 3);
    vinet.delete(db).await.unwrap();
    assert_eq!(count(&northwind, "SELECT count(*) FROM order_details").await, 2152);
    assert_eq!(count(&northwind, "SELECT count(*) FROM orders").await, 829);

    for gone in [vinet.update(db).await, vinet.delete(db).await] {
        let error = gone.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!((error.entity(), error.key()), (Some("Order"), Some("10248")));
    }
}

#[tokio::test]
async fn a_composite_id_names_one_row() {
    let Some(northwind) = fresh().await else { return };
    let db = &northwind.db;
    let mut detail = OrderDetail::find_by_id((10248_i16, 11_i16)).one(db).await.unwrap();
    (detail.quantity, detail.discount) = (13, 0.25);
    detail.update(db).await.unwrap();
    let sql = "SELECT * FROM order_details WHERE quantity = 13 AND discount = 0.25 \
         AND order_id = 10248";
    let rows = northwind.client.query(sql, &[]).await.unwrap();
    let found: Vec<_> = rows.iter().filter_map(|row| OrderDetail::by_hand(row, 0)).collect();
    assert_eq!(found, [detail.clone()]);

    let error = detail.to_new().insert(db).await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
    assert_eq!(error.constraint(), Some("pk_order_details"));
    assert_eq!(error.entity(), Some("OrderDetail"));

    detail.delete(db).await.unwrap();
    assert_eq!(count(&northwind, "SELECT count(*) FROM order_details").await, 2154);
}

#[tokio::test]
async fn many_rows_change_at_once() {
    let Some(northwind) = fresh().await else { return };
    let db = &northwind.db;
    let changed = Product::find()
        .filter(Product::DISCONTINUED.ne(0))
        .set(Product::UNITS_ON_ORDER, None)
        .set(Product::REORDER_LEVEL, 0)
        .update(db)
        .await
        .unwrap();
    let changed = i64::try_from(changed).unwrap();
    let sql = "SELECT count(*) FROM products WHERE discontinued <> 0";
    assert_eq!(changed, count(&northwind, sql).await);
    let sql = "SELECT count(*) FROM products WHERE units_on_order IS NULL AND reorder_level = 0";
    assert_eq!(changed, count(&northwind, sql).await);

    let error = OrderDetail::find().delete(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert_eq!(OrderDetail::find().all_rows().delete(db).await.unwrap(), 2155);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_and_not_cut() {
    let Some(northwind) = fresh().await else { return };
    let alfki = customer(&northwind, "ALFKI").await;
    let mut long = Customer { city: Some("Llanfairpwllgwyngyll".into()), ..alfki.clone() };
    let error = long.update(&northwind.db).await.unwrap_err();
    assert_eq!(error.entity(), Some("Customer"));
    assert!(error.to_string().contains("character varying(15)"), "{error}");
    assert_eq!(customer(&northwind, "ALFKI").await, alfki);
}

#[tokio::test]
async fn a_transaction_sees_its_rows_and_takes_them_back() {
    let Some(northwind) = fresh().await else { return };
    let db = &northwind.db;
    let vinet = order(&northwind, 10248).await;
    let transaction = db.begin().await.unwrap();
    let region = NewRegion { id: 5, description: "Central".into() };
    let region = region.insert(&transaction).await.unwrap();
    let westboro = Territory::find_by_id("01581").one(&transaction).await.unwrap();
    let mut moved = Territory { region_id: 5, ..westboro.clone() };
    moved.update(&transaction).await.unwrap();
    assert_eq!(moved.region(&transaction).await.unwrap(), region);
    assert_eq!(region.territories(&transaction).await.unwrap(), [moved]);
    assert_eq!(vinet.customer(&transaction).await.unwrap().map(|one| one.id), vinet.customer_id);
    drop(transaction);
    assert_eq!(Territory::find_by_id("01581").one(db).await.unwrap(), westboro);
    assert_eq!(count(&northwind, "SELECT count(*) FROM region").await, 4);
}

/// A definition promises a constraint that somebody has dropped.
#[tokio::test]
async fn a_promise_that_the_database_breaks_is_an_error() {
    let Some(northwind) = fresh().await else { return };
    let Northwind { db, client } = &northwind;
    client
        .batch_execute(
            "ALTER TABLE employees DROP CONSTRAINT fk_employees_employees; \
             UPDATE employees SET reports_to = 99 WHERE employee_id = 3",
        )
        .await
        .unwrap();
    let employees = Employee::find().all(db).await.unwrap();
    let janet = employees.iter().find(|employee| employee.id == 3).unwrap();
    let errors = [
        janet.manager(db).await.unwrap_err(),
        Employee::MANAGER.of(janet).one(db).await.unwrap_err(),
        Employee::MANAGER.of_id(3_i16).one(db).await.unwrap_err(),
        Employee::MANAGER.of_id(3_i16).optional(db).await.unwrap_err(),
        Employee::MANAGER.load(db, &employees).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.key(), Some("99"), "{error}");
        assert!(error.is_target_missing(), "{error}");
        let relation = error.relation().unwrap();
        assert_eq!((relation.source, relation.name), ("Employee", "manager"));
    }
}
