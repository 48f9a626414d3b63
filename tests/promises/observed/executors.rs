//! Executors that an observed database makes, and the one that it was made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::relations::prelude::*;
use ::relations::repository::{Observer, Observers};
use ::relations::{Database, Executor, Result, Transaction};
use ::tracing::span::{Attributes, Id, Record};
use ::tracing::{Event as TraceEvent, Metadata, Subscriber};

use super::world::*;
use crate::support::{self, Counting};

#[derive(Debug, Clone, PartialEq, Entity)]
struct Invoice {
    #[id(generated)]
    id: i64,
    #[tenant]
    tenant_id: i64,
    amount: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
struct Entry {
    #[id(generated)]
    id: i64,
    told: String,
}

struct Ledger;

impl Observer<Invoice> for Ledger {
    async fn updated(&self, tx: &Transaction, before: &[Invoice], after: &[Invoice]) -> Result<()> {
        // The transaction is of the tenant as well.
        let seen = Invoice::find().count(tx).await?;
        let (before, after) = (before[0].amount, after[0].amount);
        NewEntry { told: format!("{before} -> {after} of {seen}") }.insert(tx).await.map(drop)
    }
}

/// Counts statements by their traces.
#[derive(Clone, Default)]
struct Traced(Arc<AtomicUsize>);

impl Subscriber for Traced {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "relations"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &TraceEvent<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Sees rows, and writes none.
struct Silent;

impl Observer<Order> for Silent {}

async fn rename(db: &impl Executor, to: &str) {
    Customer::find().all_rows().set(Customer::NAME, to).update(db).await.unwrap();
}

async fn renamed_through(db: &Database) {
    customer(db, "ada").await;
    rename(&db.clone(), "1").await;
    rename(&Arc::new(db), "2").await;
    rename(&db.batched(), "3").await;
    let stats = db.query_stats();
    rename(&stats, "4").await;
    rename(&stats.batched(), "5").await;
    db.transaction(async |tx| {
        rename(tx, "6").await;
        tx.transaction(async |tx| {
            rename(tx, "7").await;
            Ok(())
        })
        .await
    })
    .await
    .unwrap();
    rename(&db.begin().await.unwrap(), "rolled back").await;
    let names = ["ada's name", "1", "2", "3", "4", "5", "6", "7"];
    let told = names.iter().zip(&names[1..]);
    let told: Vec<_> = told.map(|(was, is)| format!("Customer *: ada {was} -> ada {is}")).collect();
    assert_eq!(events(db).await, told);
}

behaviour! {
    async fn what_an_observed_database_makes_is_observed(db) {
        let plain = db;
        let db = &observed(db).await;
        renamed_through(db).await;
        rename(plain, "8").await;
        assert!(events(db).await.is_empty());
    }

    async fn a_database_that_is_not_observed_sends_no_more(db) {
        observed(db).await;
        let db = &Counting::new(db);
        let mut ada =
            NewCustomer { code: "ada".into(), name: "Ada".into() }.insert(db).await.unwrap();
        ada.update(db).await.unwrap();
        rename(db, "Bob").await;
        ada.delete(db).await.unwrap();
        assert_eq!(db.count(), 4);
    }

    async fn an_observed_write_takes_few_statements(db) {
        let traced = Traced::default();
        let _listening = ::tracing::subscriber::set_default(traced.clone());
        let plain = observed(db).await;
        customer(&plain, "ada").await;
        let db = &db.observed(Observers::new().on::<Order>(Silent));
        ::tracing::callsite::rebuild_interest_cache();
        let statements = || traced.0.swap(0, Ordering::Relaxed);
        let new = |quantity| NewOrder { customer_code: "ada".into(), quantity };
        statements();
        // Its own, BEGIN and COMMIT.
        let mut orders = NewOrder::insert_many((0..100).map(new), db).await.unwrap();
        assert_eq!(statements(), 3);
        // The rows before and after as well.
        orders[0].update(db).await.unwrap();
        assert_eq!(statements(), 5);
        Order::update_many(&mut orders, db).await.unwrap();
        assert_eq!(statements(), 5);
        Order::find().all_rows().set(Order::QUANTITY, 5).update(db).await.unwrap();
        assert_eq!(statements(), 5);
        // The rows before.
        Order::find().all_rows().delete(db).await.unwrap();
        assert_eq!(statements(), 4);
        assert_eq!(Order::find().all_rows().delete(db).await.unwrap(), 0);
        assert_eq!(statements(), 3);
    }

    async fn an_observer_is_of_the_tenant(db) {
        db.create(schema![Invoice, Entry]).await.unwrap();
        let db = db.observed(Observers::new().on::<Invoice>(Arc::new(Ledger)));
        let new = |amount| NewInvoice { tenant_id: None, amount };
        new(5).insert(&db.tenant(8_i64)).await.unwrap();
        let db7 = db.tenant(7_i64);
        new(5).insert(&db7).await.unwrap();
        let set = || Invoice::find().all_rows().set(Invoice::AMOUNT, 6);
        assert_eq!(set().update(&db7).await.unwrap(), 1);
        assert_eq!(set().update(&db7.batched()).await.unwrap(), 1);
        db7.transaction(async |tx| set().update(tx).await).await.unwrap();
        let told: Vec<_> = Entry::find().order_by(Entry::ID.asc()).all(&db).await.unwrap();
        let told: Vec<_> = told.into_iter().map(|entry| entry.told).collect();
        assert_eq!(told, ["5 -> 6 of 1", "6 -> 6 of 1", "6 -> 6 of 1"]);
        assert_eq!(Invoice::find().filter(Invoice::AMOUNT.eq(5)).count(&db).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_database_in_a_schema_is_observed_there() {
    let Some(db) = support::postgres().await else { return };
    let schema = schema![Customer, Order, Line, Club, Note, Membership, Event];
    db.in_schema("t7").create(schema).await.unwrap();
    let t7 = db.observed(Observers::new().on::<Customer>(Audit)).in_schema("t7");
    NewCustomer { code: "ada".into(), name: "Ada".into() }.insert(&t7).await.unwrap();
    rename(&t7, "Bob").await;
    assert_eq!(events(&t7).await, ["Customer +: ada Ada", "Customer *: ada Ada -> ada Bob"]);
}
