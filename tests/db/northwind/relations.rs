//! Every relation of Northwind, from every row.

use ::relations::{Database, NewEntity};

use super::entities::*;
use super::{Northwind, copy, follow};
use crate::support::{self, Counting};

/// Makes a check of each relation, a test that runs it on Northwind as it was loaded, and a
/// function that runs all of them.
macro_rules! relations {
    ($($check:ident: $kind:ident($source:ident::$relation:ident $(, $inverse:expr)?; $accessor:ident)
        = $sql:expr;)*) => {
        $(
            async fn $check(northwind: &Northwind) -> usize {
                let accessor = async |source: &$source, db: &Counting<'_, Database>| {
                    source.$accessor(db).await
                };
                follow::$kind(northwind, $source::$relation, $($inverse,)? accessor, $sql).await
            }
        )*

        mod on_postgres {
            $(
                #[tokio::test]
                async fn $check() {
                    let Some(northwind) = super::super::shared().await else { return };
                    super::$check(&northwind).await;
                }
            )*
        }

        /// Checks every relation, and tells from how many sources in all.
        async fn all(northwind: &Northwind) -> usize {
            let mut sources = 0;
            $(sources += $check(northwind).await;)*
            sources
        }

        /// The relations that are checked, by source and name.
        fn checked() -> Vec<(&'static str, &'static str)> {
            let definitions = [$($source::$relation.definition()),*];
            definitions.iter().map(|relation| (relation.source, relation.name)).collect()
        }
    };
}

relations! {
    order_customer: belongs_to(Order::CUSTOMER; customer) =
        "SELECT source.order_id, target.* FROM orders source \
         LEFT JOIN customers target ON target.customer_id = source.customer_id";
    order_employee: belongs_to(Order::EMPLOYEE; employee) =
        "SELECT source.order_id, target.* FROM orders source \
         LEFT JOIN employees target ON target.employee_id = source.employee_id";
    order_shipper: belongs_to(Order::SHIPPER; shipper) =
        "SELECT source.order_id, target.* FROM orders source \
         LEFT JOIN shippers target ON target.shipper_id = source.ship_via";
    order_ship_state: belongs_to(Order::SHIP_STATE; ship_state) =
        "SELECT source.order_id, target.* FROM orders source \
         LEFT JOIN us_states target ON target.state_abbr = source.ship_region";
    detail_order: belongs_to(OrderDetail::ORDER; order) =
        "SELECT source.order_id, source.product_id, target.* FROM order_details source \
         LEFT JOIN orders target ON target.order_id = source.order_id";
    detail_product: belongs_to(OrderDetail::PRODUCT; product) =
        "SELECT source.order_id, source.product_id, target.* FROM order_details source \
         LEFT JOIN products target ON target.product_id = source.product_id";
    product_supplier: belongs_to(Product::SUPPLIER; supplier) =
        "SELECT source.product_id, target.* FROM products source \
         LEFT JOIN suppliers target ON target.supplier_id = source.supplier_id";
    product_category: belongs_to(Product::CATEGORY; category) =
        "SELECT source.product_id, target.* FROM products source \
         LEFT JOIN categories target ON target.category_id = source.category_id";
    territory_region: belongs_to(Territory::REGION; region) =
        "SELECT source.territory_id, target.* FROM territories source \
         LEFT JOIN region target ON target.region_id = source.region_id";
    employee_territory_employee: belongs_to(EmployeeTerritory::EMPLOYEE; employee) =
        "SELECT source.employee_id, source.territory_id, target.* FROM employee_territories source \
         LEFT JOIN employees target ON target.employee_id = source.employee_id";
    employee_territory_territory: belongs_to(EmployeeTerritory::TERRITORY; territory) =
        "SELECT source.employee_id, source.territory_id, target.* FROM employee_territories source \
         LEFT JOIN territories target ON target.territory_id = source.territory_id";
    employee_manager: belongs_to(Employee::MANAGER; manager) =
        "SELECT source.employee_id, target.* FROM employees source \
         LEFT JOIN employees target ON target.employee_id = source.reports_to";
    employee_state: belongs_to(Employee::STATE; state) =
        "SELECT source.employee_id, target.* FROM employees source \
         LEFT JOIN us_states target ON target.state_abbr = source.region";
    customer_state: belongs_to(Customer::STATE; state) =
        "SELECT source.customer_id, target.* FROM customers source \
         LEFT JOIN us_states target ON target.state_abbr = source.region";
    supplier_state: belongs_to(Supplier::STATE; state) =
        "SELECT source.supplier_id, target.* FROM suppliers source \
         LEFT JOIN us_states target ON target.state_abbr = source.region";
    customer_demo_customer: belongs_to(CustomerCustomerDemo::CUSTOMER; customer) =
        "SELECT source.customer_id, source.customer_type_id, target.* \
         FROM customer_customer_demo source \
         LEFT JOIN customers target ON target.customer_id = source.customer_id";
    customer_demo_demographic: belongs_to(CustomerCustomerDemo::DEMOGRAPHIC; demographic) =
        "SELECT source.customer_id, source.customer_type_id, target.* \
         FROM customer_customer_demo source \
         LEFT JOIN customer_demographics target \
         ON target.customer_type_id = source.customer_type_id";

    customer_orders: has_many(Customer::ORDERS, Order::CUSTOMER; orders) =
        "SELECT source.customer_id, target.* FROM customers source \
         JOIN orders target ON target.customer_id = source.customer_id ORDER BY target.order_id";
    customer_demographic_links: has_many(
        Customer::DEMOGRAPHIC_LINKS, CustomerCustomerDemo::CUSTOMER; demographic_links
    ) =
        "SELECT source.customer_id, target.* FROM customers source \
         JOIN customer_customer_demo target ON target.customer_id = source.customer_id \
         ORDER BY target.customer_id, target.customer_type_id";
    demographic_customer_links: has_many(
        CustomerDemographic::CUSTOMER_LINKS, CustomerCustomerDemo::DEMOGRAPHIC; customer_links
    ) =
        "SELECT source.customer_type_id, target.* FROM customer_demographics source \
         JOIN customer_customer_demo target ON target.customer_type_id = source.customer_type_id \
         ORDER BY target.customer_id, target.customer_type_id";
    employee_orders: has_many(Employee::ORDERS, Order::EMPLOYEE; orders) =
        "SELECT source.employee_id, target.* FROM employees source \
         JOIN orders target ON target.employee_id = source.employee_id ORDER BY target.order_id";
    employee_reports: has_many(Employee::REPORTS, Employee::MANAGER; reports) =
        "SELECT source.employee_id, target.* FROM employees source \
         JOIN employees target ON target.reports_to = source.employee_id \
         ORDER BY target.employee_id";
    employee_territory_links: has_many(
        Employee::TERRITORY_LINKS, EmployeeTerritory::EMPLOYEE; territory_links
    ) =
        "SELECT source.employee_id, target.* FROM employees source \
         JOIN employee_territories target ON target.employee_id = source.employee_id \
         ORDER BY target.employee_id, target.territory_id";
    territory_employee_links: has_many(
        Territory::EMPLOYEE_LINKS, EmployeeTerritory::TERRITORY; employee_links
    ) =
        "SELECT source.territory_id, target.* FROM territories source \
         JOIN employee_territories target ON target.territory_id = source.territory_id \
         ORDER BY target.employee_id, target.territory_id";
    employee_territories: has_many(Employee::TERRITORIES, Territory::EMPLOYEES; territories) =
        "SELECT source.employee_id, target.* FROM employees source \
         JOIN employee_territories link ON link.employee_id = source.employee_id \
         JOIN territories target ON target.territory_id = link.territory_id \
         ORDER BY target.territory_id";
    territory_employees: has_many(Territory::EMPLOYEES, Employee::TERRITORIES; employees) =
        "SELECT source.territory_id, target.* FROM territories source \
         JOIN employee_territories link ON link.territory_id = source.territory_id \
         JOIN employees target ON target.employee_id = link.employee_id \
         ORDER BY target.employee_id";
    customer_demographics: has_many(
        Customer::DEMOGRAPHICS, CustomerDemographic::CUSTOMERS; demographics
    ) =
        "SELECT source.customer_id, target.* FROM customers source \
         JOIN customer_customer_demo link ON link.customer_id = source.customer_id \
         JOIN customer_demographics target ON target.customer_type_id = link.customer_type_id \
         ORDER BY target.customer_type_id";
    demographic_customers: has_many(
        CustomerDemographic::CUSTOMERS, Customer::DEMOGRAPHICS; customers
    ) =
        "SELECT source.customer_type_id, target.* FROM customer_demographics source \
         JOIN customer_customer_demo link ON link.customer_type_id = source.customer_type_id \
         JOIN customers target ON target.customer_id = link.customer_id \
         ORDER BY target.customer_id";
    region_territories: has_many(Region::TERRITORIES, Territory::REGION; territories) =
        "SELECT source.region_id, target.* FROM region source \
         JOIN territories target ON target.region_id = source.region_id \
         ORDER BY target.territory_id";
    shipper_orders: has_many(Shipper::ORDERS, Order::SHIPPER; orders) =
        "SELECT source.shipper_id, target.* FROM shippers source \
         JOIN orders target ON target.ship_via = source.shipper_id ORDER BY target.order_id";
    order_details: has_many(Order::DETAILS, OrderDetail::ORDER; details) =
        "SELECT source.order_id, target.* FROM orders source \
         JOIN order_details target ON target.order_id = source.order_id \
         ORDER BY target.order_id, target.product_id";
    product_details: has_many(Product::DETAILS, OrderDetail::PRODUCT; details) =
        "SELECT source.product_id, target.* FROM products source \
         JOIN order_details target ON target.product_id = source.product_id \
         ORDER BY target.order_id, target.product_id";
    category_products: has_many(Category::PRODUCTS, Product::CATEGORY; products) =
        "SELECT source.category_id, target.* FROM categories source \
         JOIN products target ON target.category_id = source.category_id \
         ORDER BY target.product_id";
    supplier_products: has_many(Supplier::PRODUCTS, Product::SUPPLIER; products) =
        "SELECT source.supplier_id, target.* FROM suppliers source \
         JOIN products target ON target.supplier_id = source.supplier_id \
         ORDER BY target.product_id";
    state_customers: has_many(State::CUSTOMERS, Customer::STATE; customers) =
        "SELECT source.state_id, target.* FROM us_states source \
         JOIN customers target ON target.region = source.state_abbr ORDER BY target.customer_id";
    state_employees: has_many(State::EMPLOYEES, Employee::STATE; employees) =
        "SELECT source.state_id, target.* FROM us_states source \
         JOIN employees target ON target.region = source.state_abbr ORDER BY target.employee_id";
    state_suppliers: has_many(State::SUPPLIERS, Supplier::STATE; suppliers) =
        "SELECT source.state_id, target.* FROM us_states source \
         JOIN suppliers target ON target.region = source.state_abbr ORDER BY target.supplier_id";
    state_orders: has_many(State::ORDERS, Order::SHIP_STATE; orders) =
        "SELECT source.state_id, target.* FROM us_states source \
         JOIN orders target ON target.ship_region = source.state_abbr ORDER BY target.order_id";
}

#[test]
fn no_relation_is_left_out() {
    let mut checked = checked();
    let mut declared: Vec<_> = schema()
        .entities()
        .flat_map(|entity| entity.relations)
        .map(|relation| (relation.source, relation.name))
        .collect();
    checked.sort_unstable();
    declared.sort_unstable();
    assert_eq!(checked, declared);
}

/// Copies the data to the other engine, beside the PostgreSQL that hand-written SQL reads.
#[tokio::test]
async fn every_relation_on_sqlite_is_what_it_is_on_postgres() {
    let Some(mut northwind) = super::shared().await else { return };
    let sqlite = support::sqlite().await;
    copy::all(&northwind.db, &sqlite).await;
    northwind.db = sqlite;
    assert_eq!(all(&northwind).await, 9646, "sources of all relations");
}

/// The tables that the dump leaves empty are followed too, once they have rows.
#[tokio::test]
async fn demographics_of_our_own_are_followed_both_ways() {
    let Some(northwind) = super::fresh().await else { return };
    for (id, description) in [("big", Some("Orders a lot")), ("new", None), ("none", None)] {
        let id = id.to_owned();
        let demographic = NewCustomerDemographic { id, description: description.map(Into::into) };
        demographic.insert(&northwind.db).await.unwrap();
    }
    for (customer, demographic) in [("ALFKI", "new"), ("ALFKI", "big"), ("WOLZA", "big")] {
        let link = NewCustomerCustomerDemo {
            customer_id: customer.into(),
            customer_type_id: demographic.into(),
        };
        link.insert(&northwind.db).await.unwrap();
    }
    assert_eq!(customer_demo_customer(&northwind).await, 3);
    assert_eq!(customer_demo_demographic(&northwind).await, 3);
    assert_eq!(customer_demographic_links(&northwind).await, 91);
    assert_eq!(demographic_customer_links(&northwind).await, 3);
    assert_eq!(customer_demographics(&northwind).await, 91);
    assert_eq!(demographic_customers(&northwind).await, 3);
}
