//! Tenants with the same ids: the tenant is a part of every key, and of foreign keys.

use ::relations::prelude::*;
use ::relations::{Database, Transactional, schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "accounts")]
#[has_many(
    Invoice,
    name = "invoices",
    key_from("tenant_id", "id"),
    key_to("tenant_id", "account_id")
)]
pub struct Account {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "invoices")]
#[belongs_to(
    Account,
    name = "account",
    key_from("tenant_id", "account_id"),
    key_to("tenant_id", "id")
)]
pub struct Invoice {
    #[id]
    #[tenant]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub account_id: i64,
    pub amount: i64,
}

async fn fill(db: &Database, tenant: i64) {
    let own = &db.tenant(tenant);
    for id in 1..=4 {
        let name = format!("{tenant} {id}");
        NewAccount { tenant_id: None, id, name }.insert(own).await.unwrap();
    }
    let invoices = (1..=8).map(|id| NewInvoice {
        tenant_id: None,
        id,
        account_id: (id - 1) % 4 + 1,
        amount: tenant * 100 + id,
    });
    NewInvoice::insert_many(invoices, own).await.unwrap();
}

async fn all(db: &Database, tenant: i64) -> String {
    let own = &db.tenant(tenant);
    let accounts = Account::find().order_by(Account::ID.asc()).all(own).await.unwrap();
    let invoices = Invoice::find().order_by(Invoice::ID.asc()).all(own).await.unwrap();
    format!("{accounts:?} {invoices:?}")
}

async fn work(db: &impl Transactional) {
    let accounts = Account::find().include(Account::INVOICES).all(db).await.unwrap();
    assert_eq!(accounts.len(), 4);
    assert!(accounts.iter().all(|account| account.invoices.len() == 2));
    let invoices = Invoice::find()
        .include(Invoice::ACCOUNT)
        .order_by(Invoice::ID.asc())
        .all(db)
        .await
        .unwrap();
    assert!(invoices.iter().all(|invoice| invoice.account.tenant_id == 7 && invoice.amount < 800));
    let account = Account::find().filter(Account::ID.eq(2)).one(db).await.unwrap();
    assert_eq!(account.invoices(db).await.unwrap().len(), 2);
    assert_eq!(Invoice::find().all_rows().set(Invoice::AMOUNT, 1).update(db).await.unwrap(), 8);
    let upsert = NewInvoice { tenant_id: None, id: 1, account_id: 1, amount: 2 };
    let upserted = upsert
        .on_conflict((Invoice::TENANT_ID, Invoice::ID))
        .update((Invoice::AMOUNT,))
        .insert(db)
        .await
        .unwrap();
    assert!(!upserted.is_inserted() && upserted.amount == 2);
    let new = (5..=12).map(|id| NewInvoice { tenant_id: None, id, account_id: 1, amount: 3 });
    let many = NewInvoice::insert_many(new, db)
        .on_conflict((Invoice::TENANT_ID, Invoice::ID))
        .update((Invoice::AMOUNT,))
        .await
        .unwrap();
    assert_eq!(many.iter().filter(|one| one.is_inserted()).count(), 4);
    let added = Account::INVOICES.insert(db, &account, |(_, account_id)| NewInvoice {
        tenant_id: None,
        id: 20,
        account_id,
        amount: 4,
    });
    assert_eq!(added.await.unwrap().tenant_id, 7);
    let moved =
        Account::INVOICES.reparent(db, Invoice::find().filter(Invoice::AMOUNT.eq(3)), &account);
    moved.await.unwrap();
    let other = Account { tenant_id: 8, ..account.clone() };
    let moved =
        Account::INVOICES.reparent(db, Invoice::find().filter(Invoice::AMOUNT.eq(3)), &other);
    assert!(moved.await.unwrap_err().is_invalid_request());
    let inserted = Account::INVOICES.insert(db, &other, |(tenant_id, account_id)| NewInvoice {
        tenant_id: Some(tenant_id),
        id: 21,
        account_id,
        amount: 4,
    });
    assert!(inserted.await.unwrap_err().is_invalid_request());
    // A tenant that is filled in is not that of the source.
    let new = |id, account_id| NewInvoice { tenant_id: None, id, account_id, amount: 4 };
    let inserted = Account::INVOICES.insert(db, &other, |(_, account_id)| new(22, account_id));
    assert!(inserted.await.unwrap_err().is_invalid_request());
    let inserted =
        Account::INVOICES.insert_many(db, &other, |(_, account_id)| [new(23, account_id)]);
    assert!(inserted.await.unwrap_err().is_invalid_request());
    assert!(other.invoices(db).await.unwrap().is_empty());
    let mut accounts = Account::find().all(db).await.unwrap();
    for account in &mut accounts {
        account.name.push('!');
    }
    Account::update_many(&mut accounts, db).await.unwrap();
    assert!(other.clone().delete(db).await.unwrap_err().is_not_found());
    assert_eq!(Invoice::find().all_rows().delete(db).await.unwrap(), 13);
    assert_eq!(Account::find().all_rows().delete(db).await.unwrap(), 4);
}

behaviour! {
    async fn tenants_with_the_same_ids_are_apart(db) {
        db.create(schema![Account, Invoice]).await.unwrap();
        fill(db, 7).await;
        fill(db, 8).await;
        let before = all(db, 8).await;
        work(&db.tenant(7_i64)).await;
        assert_eq!(all(db, 8).await, before);
    }
}
