//! A shop whose rows are deleted softly. Each entity has a row that is there, and one that is deleted.

use ::chrono::{DateTime, Utc};
use ::relations::Database;
use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
#[has_many(Order, name = "every_order", unscoped)]
#[has_many(Invoice)]
#[has_many(Note)]
#[has_many(Membership)]
#[has_many(Club, through(Membership))]
#[has_one(Card)]
pub struct Customer {
    #[id(generated)]
    pub pk: i64,
    #[unique]
    pub email: String,
    pub name: String,
    #[updated_at]
    pub updated_at: DateTime<Utc>,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Goes with its customer.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, on_delete = "cascade")]
    pub customer_id: i64,
    pub quantity: i32,
    #[version]
    pub version: i64,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Goes with its order, and sees products that are deleted.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Line {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[belongs_to(Product, unscoped)]
    pub product_id: i64,
    pub price: i64,
    #[deleted_at]
    pub removed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Product {
    #[id(generated)]
    pub id: i64,
    #[unique(with_deleted)]
    pub code: String,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Keeps its customer from being deleted, and is never deleted softly itself.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Invoice {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, on_delete = "restrict")]
    pub customer_id: i64,
}

/// Stays without its customer.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, on_delete = "set null")]
    pub customer_id: Option<i64>,
    #[version]
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Card {
    #[id(generated)]
    pub id: i64,
    #[unique]
    #[belongs_to(Customer, on_delete = "cascade")]
    pub customer_id: i64,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Membership)]
#[has_many(Customer, through(Membership))]
pub struct Club {
    #[id(generated)]
    pub id: i64,
    pub name: String,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(customer_id, club_id)]
pub struct Membership {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, on_delete = "cascade")]
    pub customer_id: i64,
    #[belongs_to(Club, on_delete = "cascade")]
    pub club_id: i64,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
pub struct Category {
    #[id]
    pub id: i64,
    #[belongs_to(Category, name = "parent", on_delete = "cascade")]
    pub parent_id: Option<i64>,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Empty tables.
pub async fn tables(db: &Database) {
    let schema =
        schema![Customer, Order, Line, Product, Invoice, Note, Card, Club, Membership, Category];
    db.create(schema).await.unwrap();
}

/// The rows of the shop.
pub struct World {
    pub ada: Customer,
    /// Deleted.
    pub bob: Customer,
    /// Of Ada.
    pub order: Order,
    /// Of Ada, deleted.
    pub gone_order: Order,
    /// Of Bob, who is deleted, though it is not.
    pub left_order: Order,
    pub line: Line,
    pub gone_line: Line,
    pub product: Product,
    pub gone_product: Product,
    pub club: Club,
    pub gone_club: Club,
}

/// Marks rows as deleted by SQL, so that what is tested has not written them.
pub async fn mark(db: &Database, table: &str, column: &str, id: &str, key: i64) {
    let sql = format!(
        "UPDATE {table} SET {column} = '2001-02-03 04:05:06.000000+00:00' WHERE {id} = {key}"
    );
    ::relations::sql(sql, ()).execute(db).await.unwrap();
}

/// The number of rows of a table, by SQL.
pub async fn rows(db: &Database, of: &str) -> i64 {
    let count: i64 =
        ::relations::sql(format!("SELECT count(*) FROM {of}"), ()).one(db).await.unwrap();
    count
}

pub async fn customer(db: &Database, name: &str) -> Customer {
    let email = format!("{name}@example.org");
    NewCustomer { email, name: name.to_owned() }.insert(db).await.unwrap()
}

pub async fn world(db: &Database) -> World {
    tables(db).await;
    // Keys that are no positions: the first id is 4.
    for name in ["x", "y", "z"] {
        customer(db, name).await.delete_permanently(db).await.unwrap();
    }
    let (ada, bob) = (customer(db, "ada").await, customer(db, "bob").await);
    let of = |customer: &Customer, quantity| NewOrder { customer_id: customer.pk, quantity };
    let order = of(&ada, 1).insert(db).await.unwrap();
    let gone_order = of(&ada, 10).insert(db).await.unwrap();
    let left_order = of(&bob, 100).insert(db).await.unwrap();
    let product = NewProduct { code: "p".to_owned() }.insert(db).await.unwrap();
    let gone_product = NewProduct { code: "q".to_owned() }.insert(db).await.unwrap();
    let line =
        |product: &Product, price| NewLine { order_id: order.id, product_id: product.id, price };
    let gone_line = line(&product, 1000).insert(db).await.unwrap();
    let line = line(&gone_product, 1).insert(db).await.unwrap();
    let club = |name: &str| NewClub { name: name.to_owned() };
    let (club, gone_club) =
        (club("chess").insert(db).await.unwrap(), club("go").insert(db).await.unwrap());
    for (customer, club) in [(&ada, &club), (&bob, &club), (&ada, &gone_club)] {
        let new = NewMembership { customer_id: customer.pk, club_id: club.id };
        new.insert(db).await.unwrap();
    }
    NewCard { customer_id: bob.pk }.insert(db).await.unwrap();
    let card = NewCard { customer_id: ada.pk }.insert(db).await.unwrap();
    let categories = [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(3)), (5, Some(1))];
    for (id, parent_id) in categories {
        NewCategory { id, parent_id }.insert(db).await.unwrap();
    }
    mark(db, "customers", "deleted_at", "pk", bob.pk).await;
    mark(db, "orders", "deleted_at", "id", gone_order.id).await;
    mark(db, "lines", "removed_at", "id", gone_line.id).await;
    mark(db, "products", "deleted_at", "id", gone_product.id).await;
    mark(db, "clubs", "deleted_at", "id", gone_club.id).await;
    mark(db, "cards", "deleted_at", "id", card.id).await;
    mark(db, "categories", "deleted_at", "id", 3).await;
    World {
        ada,
        bob,
        order,
        gone_order,
        left_order,
        line,
        gone_line,
        product,
        gone_product,
        club,
        gone_club,
    }
}
