//! The tables of a database, written by `relations pull`. It is yours to change.

// A word that several attributes need is no mistake.
#![allow(clippy::duplicated_attributes)]

use chrono::NaiveDate;
use relations::Schema;
use relations::prelude::*;

/// All entities of this module.
pub fn schema() -> Schema {
    schema![
        Category,
        CustomerCustomerDemo,
        CustomerDemographic,
        Customer,
        EmployeeTerritory,
        Employee,
        OrderDetail,
        Order,
        Product,
        Region,
        Shipper,
        Supplier,
        Territory,
        UsState,
    ]
}

/// A row of `categories`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "categories")]
#[has_many(Product, name = "products")]
pub struct Category {
    #[id(name = "pk_categories")]
    pub category_id: i16,
    #[column(type = "character varying(15)")]
    pub category_name: String,
    pub description: Option<String>,
    pub picture: Option<Vec<u8>>,
}

/// A row of `customer_customer_demo`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customer_customer_demo")]
pub struct CustomerCustomerDemo {
    #[id(name = "pk_customer_customer_demo")]
    #[belongs_to(Customer, constraint = "fk_customer_customer_demo_customers")]
    #[column(type = "character varying(5)")]
    pub customer_id: String,
    #[id]
    #[belongs_to(
        CustomerDemographic,
        constraint = "fk_customer_customer_demo_customer_demographics",
        index = false
    )]
    #[column(type = "character varying(5)")]
    pub customer_type_id: String,
}

/// A row of `customer_demographics`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customer_demographics")]
#[has_many(CustomerCustomerDemo, name = "customer_customer_demos", key_to = "customer_type_id")]
#[has_many(
    Customer,
    name = "customers",
    through(CustomerCustomerDemo, from = "customer_type", to = "customer")
)]
pub struct CustomerDemographic {
    #[id(name = "pk_customer_demographics")]
    #[column(type = "character varying(5)")]
    pub customer_type_id: String,
    pub customer_desc: Option<String>,
}

/// A row of `customers`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
#[has_many(CustomerCustomerDemo, name = "customer_customer_demos")]
#[has_many(Order, name = "orders")]
#[has_many(
    CustomerDemographic,
    name = "customer_demographics",
    through(CustomerCustomerDemo, from = "customer", to = "customer_type")
)]
pub struct Customer {
    #[id(name = "pk_customers")]
    #[column(type = "character varying(5)")]
    pub customer_id: String,
    #[column(type = "character varying(40)")]
    pub company_name: String,
    #[column(type = "character varying(30)")]
    pub contact_name: Option<String>,
    #[column(type = "character varying(30)")]
    pub contact_title: Option<String>,
    #[column(type = "character varying(60)")]
    pub address: Option<String>,
    #[column(type = "character varying(15)")]
    pub city: Option<String>,
    #[column(type = "character varying(15)")]
    pub region: Option<String>,
    #[column(type = "character varying(10)")]
    pub postal_code: Option<String>,
    #[column(type = "character varying(15)")]
    pub country: Option<String>,
    #[column(type = "character varying(24)")]
    pub phone: Option<String>,
    #[column(type = "character varying(24)")]
    pub fax: Option<String>,
}

/// A row of `employee_territories`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "employee_territories")]
pub struct EmployeeTerritory {
    #[id(name = "pk_employee_territories")]
    #[belongs_to(Employee, constraint = "fk_employee_territories_employees")]
    pub employee_id: i16,
    #[id]
    #[belongs_to(Territory, constraint = "fk_employee_territories_territories", index = false)]
    #[column(type = "character varying(20)")]
    pub territory_id: String,
}

/// A row of `employees`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "employees")]
#[has_many(EmployeeTerritory, name = "employee_territories")]
#[has_many(Employee, name = "employees_by_reports_to", key_to = "reports_to")]
#[has_many(Order, name = "orders")]
#[has_many(
    Territory,
    name = "territories",
    through(EmployeeTerritory, from = "employee", to = "territory")
)]
pub struct Employee {
    #[id(name = "pk_employees")]
    pub employee_id: i16,
    #[column(type = "character varying(20)")]
    pub last_name: String,
    #[column(type = "character varying(10)")]
    pub first_name: String,
    #[column(type = "character varying(30)")]
    pub title: Option<String>,
    #[column(type = "character varying(25)")]
    pub title_of_courtesy: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub hire_date: Option<NaiveDate>,
    #[column(type = "character varying(60)")]
    pub address: Option<String>,
    #[column(type = "character varying(15)")]
    pub city: Option<String>,
    #[column(type = "character varying(15)")]
    pub region: Option<String>,
    #[column(type = "character varying(10)")]
    pub postal_code: Option<String>,
    #[column(type = "character varying(15)")]
    pub country: Option<String>,
    #[column(type = "character varying(24)")]
    pub home_phone: Option<String>,
    #[column(type = "character varying(4)")]
    pub extension: Option<String>,
    pub photo: Option<Vec<u8>>,
    pub notes: Option<String>,
    #[belongs_to(
        Employee,
        name = "reports_to_employee",
        constraint = "fk_employees_employees",
        index = false
    )]
    pub reports_to: Option<i16>,
    #[column(type = "character varying(255)")]
    pub photo_path: Option<String>,
}

/// A row of `order_details`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "order_details")]
pub struct OrderDetail {
    #[id(name = "pk_order_details")]
    #[belongs_to(Order, constraint = "fk_order_details_orders")]
    pub order_id: i16,
    #[id]
    #[belongs_to(Product, constraint = "fk_order_details_products", index = false)]
    pub product_id: i16,
    pub unit_price: f32,
    pub quantity: i16,
    pub discount: f32,
}

/// A row of `orders`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
#[has_many(OrderDetail, name = "order_details")]
pub struct Order {
    #[id(name = "pk_orders")]
    pub order_id: i16,
    #[belongs_to(Customer, constraint = "fk_orders_customers", index = false)]
    #[column(type = "character varying(5)")]
    pub customer_id: Option<String>,
    #[belongs_to(Employee, constraint = "fk_orders_employees", index = false)]
    pub employee_id: Option<i16>,
    pub order_date: Option<NaiveDate>,
    pub required_date: Option<NaiveDate>,
    pub shipped_date: Option<NaiveDate>,
    #[belongs_to(
        Shipper,
        name = "ship_via_shipper",
        constraint = "fk_orders_shippers",
        index = false
    )]
    pub ship_via: Option<i16>,
    pub freight: Option<f32>,
    #[column(type = "character varying(40)")]
    pub ship_name: Option<String>,
    #[column(type = "character varying(60)")]
    pub ship_address: Option<String>,
    #[column(type = "character varying(15)")]
    pub ship_city: Option<String>,
    #[column(type = "character varying(15)")]
    pub ship_region: Option<String>,
    #[column(type = "character varying(10)")]
    pub ship_postal_code: Option<String>,
    #[column(type = "character varying(15)")]
    pub ship_country: Option<String>,
}

/// A row of `products`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "products")]
#[has_many(OrderDetail, name = "order_details")]
pub struct Product {
    #[id(name = "pk_products")]
    pub product_id: i16,
    #[column(type = "character varying(40)")]
    pub product_name: String,
    #[belongs_to(Supplier, constraint = "fk_products_suppliers", index = false)]
    pub supplier_id: Option<i16>,
    #[belongs_to(Category, constraint = "fk_products_categories", index = false)]
    pub category_id: Option<i16>,
    #[column(type = "character varying(20)")]
    pub quantity_per_unit: Option<String>,
    pub unit_price: Option<f32>,
    pub units_in_stock: Option<i16>,
    pub units_on_order: Option<i16>,
    pub reorder_level: Option<i16>,
    pub discontinued: i32,
}

/// A row of `region`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "region")]
#[has_many(Territory, name = "territories")]
pub struct Region {
    #[id(name = "pk_region")]
    pub region_id: i16,
    #[column(type = "character varying(60)")]
    pub region_description: String,
}

/// A row of `shippers`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "shippers")]
#[has_many(Order, name = "orders", key_to = "ship_via")]
pub struct Shipper {
    #[id(name = "pk_shippers")]
    pub shipper_id: i16,
    #[column(type = "character varying(40)")]
    pub company_name: String,
    #[column(type = "character varying(24)")]
    pub phone: Option<String>,
}

/// A row of `suppliers`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "suppliers")]
#[has_many(Product, name = "products")]
pub struct Supplier {
    #[id(name = "pk_suppliers")]
    pub supplier_id: i16,
    #[column(type = "character varying(40)")]
    pub company_name: String,
    #[column(type = "character varying(30)")]
    pub contact_name: Option<String>,
    #[column(type = "character varying(30)")]
    pub contact_title: Option<String>,
    #[column(type = "character varying(60)")]
    pub address: Option<String>,
    #[column(type = "character varying(15)")]
    pub city: Option<String>,
    #[column(type = "character varying(15)")]
    pub region: Option<String>,
    #[column(type = "character varying(10)")]
    pub postal_code: Option<String>,
    #[column(type = "character varying(15)")]
    pub country: Option<String>,
    #[column(type = "character varying(24)")]
    pub phone: Option<String>,
    #[column(type = "character varying(24)")]
    pub fax: Option<String>,
    pub homepage: Option<String>,
}

/// A row of `territories`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "territories")]
#[has_many(EmployeeTerritory, name = "employee_territories")]
#[has_many(
    Employee,
    name = "employees",
    through(EmployeeTerritory, from = "territory", to = "employee")
)]
pub struct Territory {
    #[id(name = "pk_territories")]
    #[column(type = "character varying(20)")]
    pub territory_id: String,
    #[column(type = "character varying(60)")]
    pub territory_description: String,
    #[belongs_to(Region, constraint = "fk_territories_region", index = false)]
    pub region_id: i16,
}

/// A row of `us_states`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "us_states")]
pub struct UsState {
    #[id(name = "pk_usstates")]
    pub state_id: i16,
    #[column(type = "character varying(100)")]
    pub state_name: Option<String>,
    #[column(type = "character varying(2)")]
    pub state_abbr: Option<String>,
    #[column(type = "character varying(50)")]
    pub state_region: Option<String>,
}
