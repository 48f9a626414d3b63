//! A shop whose customers, orders and memberships are observed, and what their observer has noted.

use ::chrono::{DateTime, Utc};
use ::relations::prelude::*;
use ::relations::repository::{Observer, Observers};
use ::relations::{Database, Error, Executor, Result, Transaction};

/// Found by a key that is not its id.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, key_from = "code", key_to = "customer_code")]
#[has_many(Club, through(Membership))]
pub struct Customer {
    #[id(generated)]
    pub pk: i64,
    #[unique]
    pub code: String,
    pub name: String,
}

/// Counts its versions.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, name = "customer", key_to = "code", on_update = "cascade")]
    pub customer_code: String,
    pub quantity: i32,
    #[version]
    pub version: i64,
}

/// Goes with its order, and has an id of two parts.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[id]
    pub number: i32,
    pub price: i64,
}

/// Deleted softly, and its notes with it.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note)]
pub struct Club {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub name: String,
    pub members: i64,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Club, on_delete = "cascade")]
    pub club_id: i64,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Membership {
    #[id]
    #[belongs_to(Customer, name = "customer")]
    pub customer_pk: i64,
    #[id]
    #[belongs_to(Club, unscoped)]
    pub club_id: i64,
    #[column(default = "0")]
    pub rank: i32,
}

/// What was observed, written in the transaction of the write.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Event {
    #[id(generated)]
    pub id: i64,
    pub told: String,
}

/// Notes what it sees, and refuses orders of 13.
#[derive(Debug, Clone, Copy)]
pub struct Audit;

/// A row in a word.
pub trait Told: Entity {
    fn told(&self) -> String;

    fn is_refused(&self) -> bool {
        false
    }
}

impl Told for Customer {
    fn told(&self) -> String {
        format!("{} {}", self.code, self.name)
    }
}

impl Told for Order {
    fn told(&self) -> String {
        format!("{} {} v{}", self.customer_code, self.quantity, self.version)
    }

    fn is_refused(&self) -> bool {
        self.quantity == 13
    }
}

impl Told for Line {
    fn told(&self) -> String {
        format!("{} {}", self.number, self.price)
    }
}

impl Told for Club {
    fn told(&self) -> String {
        let deleted = if self.deleted_at.is_some() { " deleted" } else { "" };
        format!("{} {}{deleted}", self.name, self.members)
    }
}

impl Told for Note {
    fn told(&self) -> String {
        String::new()
    }
}

impl Told for Membership {
    fn told(&self) -> String {
        format!("{} in {}", self.customer_pk, self.club_id)
    }
}

async fn note(tx: &Transaction, what: &str, mut told: Vec<String>, refuses: bool) -> Result<()> {
    told.sort();
    NewEvent { told: format!("{what}: {}", told.join(", ")) }.insert(tx).await?;
    if refuses { Err(Error::other("13 is refused")) } else { Ok(()) }
}

impl<E: Told> Observer<E> for Audit {
    async fn inserted(&self, tx: &Transaction, rows: &[E]) -> Result<()> {
        let told = rows.iter().map(Told::told).collect();
        note(tx, &format!("{} +", E::DEFINITION.name), told, rows.iter().any(Told::is_refused))
            .await
    }

    async fn updated(&self, tx: &Transaction, before: &[E], after: &[E]) -> Result<()> {
        assert_eq!(before.len(), after.len());
        let pairs = before.iter().zip(after);
        assert!(pairs.clone().all(|(before, after)| before.row_id() == after.row_id()));
        let told = pairs.map(|(before, after)| format!("{} -> {}", before.told(), after.told()));
        let refuses = after.iter().any(Told::is_refused);
        note(tx, &format!("{} *", E::DEFINITION.name), told.collect(), refuses).await
    }

    async fn deleted(&self, tx: &Transaction, rows: &[E]) -> Result<()> {
        let told = rows.iter().map(Told::told).collect();
        note(tx, &format!("{} -", E::DEFINITION.name), told, rows.iter().any(Told::is_refused))
            .await
    }
}

/// The shop, observed.
pub async fn observed(db: &Database) -> Database {
    db.create(schema![Customer, Order, Line, Club, Note, Membership, Event]).await.unwrap();
    let observers = Observers::new().on::<Customer>(Audit).on::<Order>(Audit).on::<Line>(Audit);
    db.observed(observers.on::<Club>(Audit).on::<Membership>(Audit))
}

/// What was noted since the last call.
pub async fn events(db: &impl Executor) -> Vec<String> {
    let events = Event::find().order_by(Event::ID.asc()).all(db).await.unwrap();
    Event::find().all_rows().delete(db).await.unwrap();
    events.into_iter().map(|event| event.told).collect()
}

/// A customer, of whom nothing is noted.
pub async fn customer(db: &Database, code: &str) -> Customer {
    let new = NewCustomer { code: code.into(), name: format!("{code}'s name") };
    let customer = new.insert(db).await.unwrap();
    assert_eq!(events(db).await.len(), 1);
    customer
}

/// Orders of those quantities, of which nothing is noted.
pub async fn orders(db: &Database, code: &str, quantities: &[i32]) -> Vec<Order> {
    let new = |quantity: &i32| NewOrder { customer_code: code.into(), quantity: *quantity };
    let orders = NewOrder::insert_many(quantities.iter().map(new), db).await.unwrap();
    assert_eq!(events(db).await.len(), 1);
    orders
}
