//! Entities that do not fit the tables of Northwind: a row that cannot be read says why.

use ::relations::prelude::*;
use ::relations::{Database, Entity, Error};
use chrono::NaiveDateTime;

use super::shared;

/// A text, over `smallint`.
#[derive(Debug, Entity)]
#[entity(table = "orders")]
struct OrderOfText {
    #[id]
    order_id: i16,
    #[belongs_to(EmployeeOfKeys, constraint = "fk_orders_employees", index = false)]
    employee_id: Option<String>,
}

#[derive(Debug, Entity)]
#[entity(table = "employees")]
#[has_many(OrderOfText, name = "orders", key_from = "key", key_to = "employee_id")]
struct EmployeeOfKeys {
    #[id]
    #[column(name = "employee_id")]
    key: String,
}

/// A null that is not expected.
#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct CustomerOfARegion {
    #[id]
    customer_id: String,
    #[column(name = "region")]
    province: String,
}

#[derive(Debug, Clone, PartialEq, Value)]
#[value(rename_all = "PascalCase")]
enum Country {
    Germany,
    #[value(rename = "UK")]
    UnitedKingdom,
}

/// An enum that lacks variants.
#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct CustomerOfACountry {
    #[id]
    customer_id: String,
    country: Option<Country>,
}

/// Other types that are near, and not it.
#[derive(Debug, Entity)]
#[entity(table = "products")]
struct ProductOfNumbers {
    #[id]
    product_id: i16,
    unit_price: Option<i64>,
}

#[derive(Debug, Entity)]
#[entity(table = "products")]
struct ProductOfFlags {
    #[id]
    product_id: i16,
    discontinued: bool,
}

#[derive(Debug, Entity)]
#[entity(table = "orders")]
struct OrderOfTimes {
    #[id]
    order_id: i16,
    order_date: Option<NaiveDateTime>,
}

#[derive(Debug, Entity)]
#[entity(table = "employees")]
struct EmployeeOfText {
    #[id]
    employee_id: i16,
    photo: Option<String>,
}

/// A column that the table does not have.
#[derive(Debug, Entity)]
#[entity(table = "shippers")]
struct ShipperOnline {
    #[id]
    shipper_id: i16,
    homepage: Option<String>,
}

async fn error_of<E: Entity>(db: &Database) -> Error {
    E::find().all(db).await.err().expect("the rows do not fit")
}

fn assert_mismatch(error: &Error, entity: &str, property: &str, says: &str) {
    assert!(error.is_row_mismatch(), "{error}");
    assert_eq!((error.entity(), error.property()), (Some(entity), Some(property)));
    assert_eq!(error.to_string(), says);
}

#[tokio::test]
async fn a_row_that_does_not_fit_names_property_column_and_both_types() {
    let Some(northwind) = shared().await else { return };
    let db = &northwind.db;
    assert_mismatch(
        &error_of::<OrderOfText>(db).await,
        "OrderOfText",
        "employee_id",
        "`OrderOfText.employee_id` is Option<String>, but column `employee_id` holds int2, which is not a text; name its \
         type, as in `#[column(type = \"int2\")]`, or select it as `…::text`",
    );
    assert_mismatch(
        &error_of::<CustomerOfARegion>(db).await,
        "CustomerOfARegion",
        "province",
        "`CustomerOfARegion.province` is String, but column `region` holds null",
    );
    assert_mismatch(
        &error_of::<ProductOfNumbers>(db).await,
        "ProductOfNumbers",
        "unit_price",
        "`ProductOfNumbers.unit_price` is Option<i64>, but column `unit_price` holds float4",
    );
    assert_mismatch(
        &error_of::<ProductOfFlags>(db).await,
        "ProductOfFlags",
        "discontinued",
        "`ProductOfFlags.discontinued` is bool, but column `discontinued` holds int4",
    );
    assert_mismatch(
        &error_of::<OrderOfTimes>(db).await,
        "OrderOfTimes",
        "order_date",
        "`OrderOfTimes.order_date` is Option<NaiveDateTime>, but column `order_date` holds date",
    );
    assert_mismatch(
        &error_of::<EmployeeOfText>(db).await,
        "EmployeeOfText",
        "photo",
        "`EmployeeOfText.photo` is Option<String>, but column `photo` holds bytea, which is not a text; name \
         its type, as in `#[column(type = \"bytea\")]`, or select it as `…::text`",
    );
}

#[tokio::test]
async fn a_text_that_is_no_variant_is_named() {
    let Some(northwind) = shared().await else { return };
    let customers = || CustomerOfACountry::find().order_by(CustomerOfACountry::CUSTOMER_ID.asc());
    // ALFKI is of Germany, the next one of Mexico.
    let alfki = customers().first(&northwind.db).await.unwrap().unwrap();
    assert_eq!(alfki.country, Some(Country::Germany));
    let error = customers().limit(2).all(&northwind.db).await.unwrap_err();
    let says = "`CustomerOfACountry.country` is Option<Country>, but column `country` holds a text \
         that is none of its variants";
    assert_mismatch(&error, "CustomerOfACountry", "country", says);

    let country = CustomerOfACountry::COUNTRY;
    let british = customers().filter(country.eq(Country::UnitedKingdom));
    let right = "SELECT count(*) FROM customers WHERE country = 'UK'";
    let right: i64 = northwind.client.query_one(right, &[]).await.unwrap().get(0);
    assert_eq!(british.count(&northwind.db).await.unwrap(), right);
    let british = CustomerOfACountry::find().filter(country.eq(Country::UnitedKingdom));
    let british = british.select(country).distinct().all(&northwind.db).await.unwrap();
    assert_eq!(british, [Some(Country::UnitedKingdom)]);
}

#[tokio::test]
async fn a_target_that_does_not_fit_names_itself() {
    let Some(northwind) = shared().await else { return };
    let db = &northwind.db;
    let order = || OrderOfText { order_id: 10248, employee_id: Some("5".to_owned()) };
    let says = "`EmployeeOfKeys.key` is String, but column `employee_id` holds int2, which is not a text; name its \
         type, as in `#[column(type = \"int2\")]`, or select it as `…::text`";
    let errors = [
        order().employee(db).await.unwrap_err(),
        OrderOfText::EMPLOYEE.of_id(10248_i16).one(db).await.unwrap_err(),
        OrderOfText::EMPLOYEE.load(db, &[order()]).await.unwrap_err(),
    ];
    for error in errors {
        assert_mismatch(&error, "EmployeeOfKeys", "key", says);
        assert_eq!(error.relation().map(|relation| relation.name), Some("employee"));
    }
    let error = EmployeeOfKeys { key: "5".to_owned() }.orders(db).await.unwrap_err();
    let says = "`OrderOfText.employee_id` is Option<String>, but column `employee_id` holds int2, which is not a text; name its \
         type, as in `#[column(type = \"int2\")]`, or select it as `…::text`";
    assert_mismatch(&error, "OrderOfText", "employee_id", says);
    // Converts a single column.
    let error = OrderOfText::find().select(OrderOfText::EMPLOYEE_ID).first(db).await.unwrap_err();
    assert_mismatch(&error, "OrderOfText", "employee_id", says);
}

#[tokio::test]
async fn a_column_that_is_not_there_is_named() {
    let Some(northwind) = shared().await else { return };
    let error = error_of::<ShipperOnline>(&northwind.db).await;
    assert_eq!(error.entity(), Some("ShipperOnline"));
    let says =
        "the database refused the statement: column shippers.homepage does not exist (42703)";
    assert_eq!(error.to_string(), says);
}
