//! Entities of tenants: with the tenant in the key and without, trees, join tables, soft delete, shared rows.

use axum::Router;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use relations::prelude::*;
use relations::{Database, schema};
use relations_rest::{Api, Problem};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[entity(shared)]
pub struct Country {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(
    Invoice,
    name = "invoices",
    key_from("tenant_id", "id"),
    key_to("tenant_id", "account_id")
)]
#[has_many(Invoice, name = "paid", key_from("tenant_id", "id"), key_to("tenant_id", "payer_id"))]
pub struct Account {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub name: String,
    #[belongs_to(Country, name = "country")]
    pub country_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[belongs_to(
    Account,
    name = "account",
    key_from("tenant_id", "account_id"),
    key_to("tenant_id", "id")
)]
#[belongs_to(Account, name = "payer", key_from("tenant_id", "payer_id"), key_to("tenant_id", "id"))]
pub struct Invoice {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub account_id: i64,
    pub payer_id: i64,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Employee, name = "reports", key_to = "manager_id")]
#[has_many(Task)]
#[has_many(Project, through(Membership))]
pub struct Employee {
    #[id(generated)]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    pub name: String,
    #[belongs_to(Employee, name = "manager")]
    pub manager_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[has_many(Employee, through(Membership))]
pub struct Project {
    #[id(generated)]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
#[allow(clippy::struct_field_names)]
pub struct Membership {
    #[id]
    #[belongs_to(Employee, on_delete = "cascade")]
    pub employee_id: i64,
    #[id]
    #[belongs_to(Project, on_delete = "cascade")]
    pub project_id: i64,
    #[tenant]
    pub tenant_id: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Entity)]
pub struct Task {
    #[id(generated)]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    #[belongs_to(Employee, on_delete = "cascade")]
    pub employee_id: i64,
    pub text: String,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

pub fn tenant(parts: &Parts) -> Result<i64, Problem> {
    let header = parts.headers.get("tenant").and_then(|value| value.to_str().ok()?.parse().ok());
    header.ok_or_else(|| Problem::new(401, "NO_TENANT", "say who you are"))
}

pub fn api(db: &Database) -> Api {
    Api::new(db)
        .serve::<Country>(|it| it.all())
        .serve::<Account>(|it| it.all())
        .serve::<Invoice>(|it| it.all())
        .serve::<Employee>(|it| it.all())
        .serve::<Project>(|it| it.all())
        .serve::<Task>(|it| it.all())
        .tenant(tenant)
}

/// The rows of a tenant: two accounts with an invoice each, a chief with two reports, a project, three tasks. Each
/// text names the tenant. The ids of tenant 1 are not those of tenant 2, apart from accounts and invoices.
async fn fill(db: &Database, tenant: i64) {
    let (of, db) = (format!("of {tenant}"), &db.tenant(tenant));
    for id in [10, 20] {
        let (name, country_code) = (of.clone(), Some("NO".to_owned()));
        NewAccount { tenant_id: None, id, name, country_code }.insert(db).await.unwrap();
        let (account_id, payer_id, note) = (id, 10, of.clone());
        let new = NewInvoice { tenant_id: None, id: id + 1, account_id, payer_id, note };
        new.insert(db).await.unwrap();
    }
    let new = |manager_id| NewEmployee { tenant_id: None, name: of.clone(), manager_id };
    let chief = new(None).insert(db).await.unwrap();
    let project = NewProject { tenant_id: None, name: of.clone() }.insert(db).await.unwrap();
    for manager_id in [chief.id, chief.id] {
        let employee = new(Some(manager_id)).insert(db).await.unwrap();
        let (employee_id, project_id) = (employee.id, project.id);
        NewMembership { employee_id, project_id, tenant_id: None }.insert(db).await.unwrap();
        NewTask { tenant_id: None, employee_id, text: of.clone() }.insert(db).await.unwrap();
    }
    let new = NewTask { tenant_id: None, employee_id: chief.id, text: of.clone() };
    new.insert(db).await.unwrap();
}

/// The rows of the tenants 1 and 2: employees 1 to 3 and 4 to 6, projects 1 and 2, tasks 1 to 3 and 4 to 6.
pub async fn filled(db: &Database) -> Router {
    db.create(schema![Country, Account, Invoice, Employee, Project, Membership, Task])
        .await
        .unwrap();
    NewCountry { code: "NO".into() }.insert(db).await.unwrap();
    fill(db, 1).await;
    fill(db, 2).await;
    api(db).router().unwrap()
}

/// All rows of a tenant, deleted ones too, as text.
pub async fn rows(db: &Database, tenant: i64) -> String {
    let db = &db.tenant(tenant);
    let accounts = Account::find().order_by(Account::ID.asc()).all(db).await.unwrap();
    let invoices = Invoice::find().order_by(Invoice::ID.asc()).all(db).await.unwrap();
    let employees = Employee::find().order_by(Employee::ID.asc()).all(db).await.unwrap();
    let projects = Project::find().order_by(Project::ID.asc()).all(db).await.unwrap();
    let links = Membership::find().order_by(Membership::EMPLOYEE_ID.asc()).all(db).await.unwrap();
    let tasks = Task::find().with_deleted().order_by(Task::ID.asc()).all(db).await.unwrap();
    format!("{accounts:?} {invoices:?} {employees:?} {projects:?} {links:?} {tasks:?}")
}
