//! Entities that are distributed over the servers of a cluster, with all that they may relate to.

use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "id")]
#[has_many(Customer, name = "customers", key_to = "tenant_id")]
pub struct Tenant {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Country, name = "country")]
    pub country_code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(reference)]
pub struct Country {
    #[id]
    pub code: String,
    #[unique]
    pub name: String,
    #[belongs_to(Continent)]
    pub continent_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Continent {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = tenant_id)]
#[unique(tenant_id, email)]
#[has_many(Order, name = "orders", key_from("tenant_id", "id"), key_to("tenant_id", "customer_id"))]
pub struct Customer {
    #[id]
    #[belongs_to(Tenant)]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub email: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant_id")]
#[belongs_to(
    Customer,
    name = "customer",
    key_from("customer_id", "tenant_id"),
    key_to("id", "tenant_id"),
    on_delete = "set null(customer_id)"
)]
pub struct Order {
    #[id]
    pub tenant_id: i64,
    #[id(generated)]
    pub id: i64,
    pub customer_id: Option<i64>,
    #[belongs_to(Job, constraint = false)]
    pub job_id: i64,
    #[belongs_to(Country, name = "country", on_delete = "restrict")]
    pub country_code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Job {
    #[id]
    pub id: i64,
    #[belongs_to(Country, name = "country")]
    pub country_code: String,
    #[belongs_to(Tenant, constraint = false)]
    pub tenant_id: i64,
}

/// A column of the kind is read, compared and given as any other.
pub async fn uses(db: &relations::Database) -> relations::Result<()> {
    let _: Vec<(i64, Option<String>)> = Order::find()
        .filter(
            Order::TENANT_ID.eq(7).and(Order::CUSTOMER.column(Customer::TENANT_ID).is_not_null()),
        )
        .order_by(Order::TENANT_ID.desc())
        .select((Order::TENANT_ID, Order::CUSTOMER.column(Customer::EMAIL)))
        .all(db)
        .await?;
    let _ = Order::find().group_by(Order::TENANT_ID).select(Order::TENANT_ID).all(db).await?;
    let new = NewCustomer { tenant_id: 7, id: 1, email: "a@b".into() };
    let key = (Customer::TENANT_ID, Customer::EMAIL);
    let _ = new.on_conflict(key).update(Customer::ID).insert(db).await?;
    Ok(())
}
