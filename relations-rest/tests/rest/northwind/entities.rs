//! The tables of Northwind as entities.

use chrono::NaiveDate;
use relations::Schema;
use relations::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "categories")]
#[has_many(Product)]
pub struct Category {
    #[id]
    #[column(name = "category_id")]
    pub id: i16,
    #[column(name = "category_name")]
    pub name: String,
    pub description: Option<String>,
    pub picture: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "customer_customer_demo")]
pub struct CustomerCustomerDemo {
    #[id]
    #[belongs_to(Customer, constraint = "fk_customer_customer_demo_customers", index = false)]
    pub customer_id: String,
    #[id]
    #[belongs_to(
        CustomerDemographic,
        name = "demographic",
        constraint = "fk_customer_customer_demo_customer_demographics",
        index = false
    )]
    pub customer_type_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "customer_demographics")]
#[has_many(CustomerCustomerDemo, name = "customer_links", key_to = "customer_type_id")]
#[has_many(Customer, through(CustomerCustomerDemo))]
pub struct CustomerDemographic {
    #[id]
    #[column(name = "customer_type_id")]
    pub id: String,
    #[column(name = "customer_desc")]
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "customers")]
#[has_many(Order)]
#[has_many(CustomerCustomerDemo, name = "demographic_links")]
#[has_many(CustomerDemographic, name = "demographics", through(CustomerCustomerDemo))]
pub struct Customer {
    #[id]
    #[column(name = "customer_id")]
    pub id: String,
    pub company_name: String,
    pub contact_name: Option<String>,
    pub contact_title: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    #[belongs_to(
        State,
        name = "state",
        key_to = "abbreviation",
        constraint = false,
        index = false
    )]
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub phone: Option<String>,
    pub fax: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "employees")]
#[has_many(Employee, name = "reports", key_to = "reports_to")]
#[has_many(Order)]
#[has_many(EmployeeTerritory, name = "territory_links")]
#[has_many(Territory, through(EmployeeTerritory))]
pub struct Employee {
    #[id]
    #[column(name = "employee_id")]
    pub id: i16,
    pub last_name: String,
    pub first_name: String,
    pub title: Option<String>,
    pub title_of_courtesy: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub hire_date: Option<NaiveDate>,
    pub address: Option<String>,
    pub city: Option<String>,
    #[belongs_to(
        State,
        name = "state",
        key_to = "abbreviation",
        constraint = false,
        index = false
    )]
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub home_phone: Option<String>,
    pub extension: Option<String>,
    pub photo: Option<Vec<u8>>,
    pub notes: Option<String>,
    #[belongs_to(Employee, name = "manager", constraint = "fk_employees_employees", index = false)]
    pub reports_to: Option<i16>,
    pub photo_path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "employee_territories")]
pub struct EmployeeTerritory {
    #[id]
    #[belongs_to(Employee, constraint = "fk_employee_territories_employees", index = false)]
    pub employee_id: i16,
    #[id]
    #[belongs_to(Territory, constraint = "fk_employee_territories_territories", index = false)]
    pub territory_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "order_details")]
pub struct OrderDetail {
    #[id]
    #[belongs_to(Order, constraint = "fk_order_details_orders", index = false)]
    pub order_id: i16,
    #[id]
    #[belongs_to(Product, constraint = "fk_order_details_products", index = false)]
    pub product_id: i16,
    pub unit_price: f32,
    pub quantity: i16,
    pub discount: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "orders")]
#[has_many(OrderDetail, name = "details")]
pub struct Order {
    #[id]
    #[column(name = "order_id")]
    pub id: i16,
    #[belongs_to(Customer, constraint = "fk_orders_customers", index = false)]
    pub customer_id: Option<String>,
    #[belongs_to(Employee, constraint = "fk_orders_employees", index = false)]
    pub employee_id: Option<i16>,
    #[column(name = "order_date")]
    pub ordered_on: Option<NaiveDate>,
    #[column(name = "required_date")]
    pub required_on: Option<NaiveDate>,
    #[column(name = "shipped_date")]
    pub shipped_on: Option<NaiveDate>,
    #[belongs_to(Shipper, name = "shipper", constraint = "fk_orders_shippers", index = false)]
    pub ship_via: Option<i16>,
    pub freight: Option<f32>,
    pub ship_name: Option<String>,
    pub ship_address: Option<String>,
    pub ship_city: Option<String>,
    #[belongs_to(
        State,
        name = "ship_state",
        key_to = "abbreviation",
        constraint = false,
        index = false
    )]
    pub ship_region: Option<String>,
    pub ship_postal_code: Option<String>,
    pub ship_country: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "products")]
#[has_many(OrderDetail, name = "details")]
pub struct Product {
    #[id]
    #[column(name = "product_id")]
    pub id: i16,
    #[column(name = "product_name")]
    pub name: String,
    #[belongs_to(Supplier, constraint = "fk_products_suppliers", index = false)]
    pub supplier_id: Option<i16>,
    #[belongs_to(Category, constraint = "fk_products_categories", index = false)]
    pub category_id: Option<i16>,
    pub quantity_per_unit: Option<String>,
    pub unit_price: Option<f32>,
    pub units_in_stock: Option<i16>,
    pub units_on_order: Option<i16>,
    pub reorder_level: Option<i16>,
    pub discontinued: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "region")]
#[has_many(Territory)]
pub struct Region {
    #[id]
    #[column(name = "region_id")]
    pub id: i16,
    #[column(name = "region_description")]
    pub description: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "shippers")]
#[has_many(Order, key_to = "ship_via")]
pub struct Shipper {
    #[id]
    #[column(name = "shipper_id")]
    pub id: i16,
    pub company_name: String,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "suppliers")]
#[has_many(Product)]
pub struct Supplier {
    #[id]
    #[column(name = "supplier_id")]
    pub id: i16,
    pub company_name: String,
    pub contact_name: Option<String>,
    pub contact_title: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    #[belongs_to(
        State,
        name = "state",
        key_to = "abbreviation",
        constraint = false,
        index = false
    )]
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub phone: Option<String>,
    pub fax: Option<String>,
    pub homepage: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "territories")]
#[has_many(EmployeeTerritory, name = "employee_links")]
#[has_many(Employee, through(EmployeeTerritory))]
pub struct Territory {
    #[id]
    #[column(name = "territory_id")]
    pub id: String,
    #[column(name = "territory_description")]
    pub description: String,
    #[belongs_to(Region, constraint = "fk_territories_region", index = false)]
    pub region_id: i16,
}

/// A state of the USA. Addresses name states by their abbreviations, beside regions of other
/// countries, so nothing holds a state to be there; nor does a constraint hold what the data keep,
/// that no two states share an abbreviation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(table = "us_states")]
#[has_many(Customer, key_from = abbreviation, key_to = region)]
#[has_many(Employee, key_from = abbreviation, key_to = region)]
#[has_many(Supplier, key_from = abbreviation, key_to = region)]
#[has_many(Order, key_from = abbreviation, key_to = ship_region)]
pub struct State {
    #[id]
    #[column(name = "state_id")]
    pub id: i16,
    #[column(name = "state_name")]
    pub name: Option<String>,
    #[unique]
    #[column(name = "state_abbr")]
    pub abbreviation: Option<String>,
    #[column(name = "state_region")]
    pub region: Option<String>,
}

/// All of it.
pub fn schema() -> Schema {
    schema![
        Category,
        CustomerCustomerDemo,
        CustomerDemographic,
        Customer,
        Employee,
        EmployeeTerritory,
        OrderDetail,
        Order,
        Product,
        Region,
        Shipper,
        Supplier,
        Territory,
        State,
    ]
}
