//! A shop of several tenants, each of whose rows are on one server.

use ::relations::prelude::*;
use ::relations::{Database, Executor, Schema, schema, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "id")]
#[has_many(Customer, name = "customers", key_to = "tenant_id")]
pub struct Tenant {
    #[id]
    #[tenant]
    pub id: i64,
    #[belongs_to(Country, name = "country")]
    pub country_code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(reference, shared)]
pub struct Country {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant_id")]
#[unique(tenant_id, email)]
#[has_many(Order, name = "orders", key_from("tenant_id", "id"), key_to("tenant_id", "customer_id"))]
pub struct Customer {
    #[id]
    #[tenant]
    #[belongs_to(Tenant)]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub email: String,
    #[updated_at]
    pub changed_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant_id")]
#[belongs_to(
    Customer,
    name = "customer",
    key_from("customer_id", "tenant_id"),
    key_to("id", "tenant_id")
)]
#[has_many(Tag, name = "tags", key_from("tenant_id", "id"), through(OrderTag))]
pub struct Order {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub customer_id: Option<i64>,
    pub total: i64,
    #[belongs_to(Country, name = "country")]
    pub country_code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant_id")]
#[has_many(Order, name = "orders", key_from("tenant_id", "id"), through(OrderTag))]
pub struct Tag {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant_id")]
#[belongs_to(Order, name = "order", key_from("tenant_id", "order_id"), key_to("tenant_id", "id"))]
#[belongs_to(Tag, name = "tag", key_from("tenant_id", "tag_id"), key_to("tenant_id", "id"))]
pub struct OrderTag {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub order_id: i64,
    #[id]
    pub tag_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant_id")]
#[belongs_to(
    Folder,
    name = "parent",
    key_from("tenant_id", "parent_id"),
    key_to("tenant_id", "id")
)]
#[has_many(
    Folder,
    name = "children",
    key_from("tenant_id", "id"),
    key_to("tenant_id", "parent_id")
)]
pub struct Folder {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub parent_id: Option<i64>,
}

pub fn shop() -> Schema {
    schema![Tenant, Country, Customer, Order, Tag, OrderTag, Folder]
}

/// Functions and a table of Citus, which record what they are asked to do.
pub const CITUS: &str = "
    CREATE TABLE calls (id bigint GENERATED ALWAYS AS IDENTITY, call text, keys bigint, mode text);
    CREATE TABLE pg_dist_partition (
        logicalrelid regclass, partmethod \"char\", partkey text, repmodel \"char\"
    );
    CREATE FUNCTION create_distributed_table(
        table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash',
        colocate_with text DEFAULT 'default', shard_count int DEFAULT NULL
    ) RETURNS void LANGUAGE sql AS $$
        INSERT INTO calls (call, keys, mode) SELECT
            table_name || ' by ' || distribution_column || ' beside ' || colocate_with,
            (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = table_name),
            current_setting('citus.multi_shard_modify_mode', true);
        INSERT INTO pg_dist_partition SELECT table_name, 'h', format(
            '{VAR :varno 1 :varattno %s :vartype 20}', attnum), 's'
        FROM pg_attribute WHERE attrelid = table_name AND attname = distribution_column
    $$;
    CREATE FUNCTION create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS $$
        INSERT INTO calls (call, keys, mode) SELECT table_name || ' everywhere',
            (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = table_name),
            current_setting('citus.multi_shard_modify_mode', true);
        INSERT INTO pg_dist_partition VALUES (table_name, 'n', NULL, 't')
    $$";

/// Has a database of PostgreSQL's record what a cluster would do.
pub async fn as_cluster(db: &Database) {
    sql(CITUS, ()).execute_script(db).await.unwrap();
}

/// Rows of a tenant.
pub async fn fill(db: &impl Executor) {
    NewTenant { id: None, country_code: "at".into() }.insert(db).await.unwrap();
    for id in 1..=4 {
        let email = format!("{id}@example.com");
        NewCustomer { tenant_id: None, id, email }.insert(db).await.unwrap();
        NewTag { tenant_id: None, id, name: format!("tag {id}") }.insert(db).await.unwrap();
        let parent_id = (id > 1).then_some(id / 2);
        NewFolder { tenant_id: None, id, parent_id }.insert(db).await.unwrap();
    }
    let orders = (1..=12).map(|id| NewOrder {
        tenant_id: None,
        id,
        customer_id: (id % 5 > 0).then_some(id % 4 + 1),
        total: id * 10,
        country_code: "at".into(),
    });
    NewOrder::insert_many(orders, db).await.unwrap();
    let tags = (1..=12).map(|id| NewOrderTag { tenant_id: None, order_id: id, tag_id: id % 4 + 1 });
    NewOrderTag::insert_many(tags, db).await.unwrap();
}

/// Two tenants with equal ids.
pub async fn filled(db: &Database) {
    db.create(shop()).await.unwrap();
    NewCountry { code: "at".into() }.insert(db).await.unwrap();
    fill(&db.tenant(7_i64)).await;
    fill(&db.tenant(8_i64)).await;
}
