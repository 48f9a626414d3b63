//! Two tenants in the same tables. Every text of the other tenant holds the word `secret`, and its rows
//! belong to rows of this tenant and the other way round, as foreign keys of one column allow.

use ::relations::prelude::*;
use ::relations::{Database, schema, sql};

pub const OWN: i64 = 7;
pub const OTHER: i64 = 8;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
pub struct Country {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
pub struct Customer {
    #[id]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    #[unique]
    pub email: String,
    #[belongs_to(Country, name = "country")]
    pub country_code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
#[has_many(Tag, through(OrderTag))]
pub struct Order {
    #[id]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    #[belongs_to(Customer)]
    pub customer_id: i64,
    #[belongs_to(Customer, name = "payer")]
    pub payer_id: Option<i64>,
    pub note: String,
    pub total: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Line {
    #[id]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    #[belongs_to(Order)]
    pub order_id: i64,
    pub product: String,
    pub price: i64,
    #[version]
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, through(OrderTag))]
pub struct Tag {
    #[id]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    pub name: String,
    #[deleted_at]
    pub deleted_at: Option<::chrono::DateTime<::chrono::Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct OrderTag {
    #[id]
    #[belongs_to(Order)]
    pub order_id: i64,
    #[id]
    #[belongs_to(Tag, unscoped)]
    pub tag_id: i64,
    #[tenant]
    pub tenant_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Folder, name = "children", key_to = "parent_id")]
pub struct Folder {
    #[id]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    pub title: String,
    #[belongs_to(Folder, name = "parent")]
    pub parent_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Untold {
    #[id]
    pub id: i64,
    #[belongs_to(Customer)]
    pub customer_id: i64,
}

/// The statements that insert the rows of these tenants.
pub fn rows_of(tenants: &[i64]) -> String {
    let ids = || {
        let all = (1..=40_i64)
            .map(|id| if id % 2 == 1 { (id, OWN, "own") } else { (id, OTHER, "secret") });
        all.filter(|(_, tenant, _)| tenants.contains(tenant))
    };
    let mut script = String::new();
    for (id, tenant, word) in ids() {
        script += &format!(
            "INSERT INTO customers (id, tenant_id, email, country_code) VALUES ({id}, {tenant}, '{word}{id}', 'NL');\
             INSERT INTO tags (id, tenant_id, name) VALUES ({id}, {tenant}, '{word}{id}');\
             INSERT INTO folders (id, tenant_id, title, parent_id) \
             VALUES ({id}, {tenant}, '{word}{id}', {parent});",
            parent = if id > 4 { (id - 1 - id % 3).to_string() } else { "NULL".to_owned() },
        );
    }
    for (id, tenant, word) in ids() {
        let amount = if tenant == OWN { id } else { 1_000_000 + id };
        // Three of four rows point to a row of their tenant.
        let near = |step: i64| (id - 1 + 2 * step) % 40 + 1;
        let far = |step: i64| (id - 1 + 2 * step + 1) % 40 + 1;
        let payer = if id % 4 < 2 { near(3) } else { far(3) };
        script += &format!(
            "INSERT INTO orders (id, tenant_id, customer_id, payer_id, note, total) \
             VALUES ({id}, {tenant}, {customer}, {payer}, '{word}{id}', {amount});",
            customer = near(2),
        );
    }
    for (id, tenant, word) in ids() {
        let amount = if tenant == OWN { id } else { 1_000_000 + id };
        let near = |step: i64| (id - 1 + 2 * step) % 40 + 1;
        let far = |step: i64| (id - 1 + 2 * step + 1) % 40 + 1;
        let order = if id % 8 < 6 { near(1) } else { far(1) };
        let tag = if id % 8 < 6 { near(2) } else { far(2) };
        script += &format!(
            "INSERT INTO lines (id, tenant_id, order_id, product, price, version) \
             VALUES ({id}, {tenant}, {order}, '{word}{id}', {amount}, 1);\
             INSERT INTO order_tags (order_id, tag_id, tenant_id) VALUES ({id}, {tag}, {tenant});",
        );
    }
    script
}

/// Tables with a unique id each, where tenants own every other row and rows point to either.
pub async fn filled(db: &Database) {
    let schema = schema![Country, Customer, Order, Line, Tag, OrderTag, Folder, Untold];
    db.create(schema).await.unwrap();
    sql("INSERT INTO countries (code) VALUES ('NL'), ('DE')", ()).execute(db).await.unwrap();
    sql(rows_of(&[OWN, OTHER]), ()).execute_script(db).await.unwrap();
}

/// All rows of the other tenant.
pub async fn of_other(db: &Database) -> String {
    let db = db.tenant(OTHER);
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        Customer::find().order_by(Customer::ID.asc()).all(&db).await.unwrap(),
        Order::find().order_by(Order::ID.asc()).all(&db).await.unwrap(),
        Line::find().order_by(Line::ID.asc()).all(&db).await.unwrap(),
        Tag::find().order_by(Tag::ID.asc()).all(&db).await.unwrap(),
        OrderTag::find().order_by(OrderTag::ORDER_ID.asc()).all(&db).await.unwrap(),
        Folder::find().order_by(Folder::ID.asc()).all(&db).await.unwrap(),
    )
}
