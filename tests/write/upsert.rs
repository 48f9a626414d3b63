//! Rows that are made unless they are there.

use ::relations::prelude::*;
use ::relations::repository::Upserted;
use ::relations::{Executor, Result};

use crate::cast::{self, Customer, NewCustomer, NewLine, NewOrder, NewProduct, Order, Product};
use crate::support::Counting;

/// An account is one of its tenant by its number, and of all by its address while it is open.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(tenant_id, number)]
#[unique(email, name = "one_open_account", filter = "closed = false")]
pub struct Account {
    #[id(generated)]
    pub id: i64,
    pub tenant_id: i64,
    pub number: i32,
    #[column(name = "e-mail")]
    pub email: String,
    #[column(default = "false")]
    pub closed: bool,
    #[column(default = "7")]
    pub weight: Option<i32>,
}

/// Columns with names that an upsert must not take for its own.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "inserted")]
pub struct Inserted {
    #[id]
    pub given: i64,
    #[column(name = "value_1")]
    pub value: serde_json::Value,
}

/// Keys of several conditions, which cannot be told apart by their properties.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(word, name = "a", filter = "word > 'm'")]
#[unique("word", name = "b", filter = "word < 'm'")]
pub struct Word {
    #[id]
    pub id: i64,
    pub word: String,
}

fn ada() -> NewCustomer {
    NewCustomer { id: 1, pk: 2, name: "Ada".into(), email: Some("ada@example.com".into()) }
}

fn account(number: i32, email: &str) -> NewAccount {
    NewAccount { tenant_id: 1, number, email: email.into(), closed: None, weight: None }
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Note {
    #[id(generated)]
    id: i64,
    #[unique]
    title: String,
    text: String,
    #[version]
    version: i32,
    #[updated_at]
    updated: chrono::NaiveDateTime,
}

behaviour! {
    async fn an_update_is_stamped_as_any_change(db) {
        db.create(schema![Note]).await.unwrap();
        let keep = async |text: &str| {
            let new = NewNote { title: "One".into(), text: text.into() };
            let kept = new.on_conflict(Note::TITLE).update(Note::TEXT).insert(db).await.unwrap();
            kept.into_inner()
        };
        let first = keep("a").await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let second = keep("b").await;
        assert_eq!((first.version, second.version), (1, 2));
        assert!(second.updated > first.updated);
        let mut stale = first.edit();
        stale.text = "c".into();
        assert!(stale.save(db).await.unwrap_err().is_stale());
    }

    async fn a_row_that_is_not_there_is_inserted(db) {
        cast::create(db).await;
        let counting = Counting::new(db);
        let kept = ada().on_conflict(Customer::EMAIL).update(Customer::NAME).insert(&counting);
        let kept = kept.await.unwrap();
        assert!(kept.is_inserted());
        assert_eq!(kept.name, "Ada");
        assert_eq!(Customer::find().one(db).await.unwrap(), kept.into_inner());
        let bob = NewCustomer { id: 2, pk: 1, name: "Bob".into(), email: None };
        let kept = bob.on_conflict(Customer::EMAIL).do_nothing().insert(&counting).await.unwrap();
        assert!(kept.is_inserted());
        assert_eq!(counting.count(), 2);
    }

    async fn a_row_that_is_there_is_updated(db) {
        cast::create(db).await;
        ada().insert(db).await.unwrap();
        let counting = Counting::new(db);
        let new = NewCustomer { id: 7, pk: 8, name: "Ada Lovelace".into(), ..ada() };
        let kept = new.on_conflict(Customer::EMAIL).update((Customer::NAME,)).insert(&counting);
        let kept = kept.await.unwrap();
        assert_eq!(counting.count(), 1);
        let NewCustomer { id, pk, email, .. } = ada();
        let expected = Customer { id, pk, name: "Ada Lovelace".into(), email };
        assert_eq!(kept, Upserted::Existing(expected.clone()));
        assert_eq!(Customer::find().one(db).await.unwrap(), expected);
    }

    async fn a_row_that_is_there_is_left_alone(db) {
        cast::create(db).await;
        let before = ada().insert(db).await.unwrap();
        let counting = Counting::new(db);
        let new = NewCustomer { id: 7, pk: 8, name: "Somebody".into(), ..ada() };
        let kept = new.on_conflict(Customer::EMAIL).do_nothing().insert(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        assert_eq!(kept, Upserted::Existing(before.clone()));
        assert_eq!(Customer::find().all(db).await.unwrap(), [before]);
    }

    async fn what_is_updated_twice_was_there_the_second_time(db) {
        cast::create(db).await;
        let transaction = db.begin().await.unwrap();
        assert!(kept("a", &transaction).await.unwrap().is_inserted());
        assert!(!kept("b", &transaction).await.unwrap().is_inserted());
        assert!(!kept("c", &transaction).await.unwrap().is_inserted());
        transaction.commit().await.unwrap();
        assert_eq!(kept("d", db).await.unwrap().name, "d");
        assert!(!kept("d", db).await.unwrap().is_inserted());
    }

    async fn a_key_of_several_properties_finds_the_row(db) {
        db.create(schema![Account]).await.unwrap();
        let first = account(1, "a").insert(db).await.unwrap();
        let key = (Account::NUMBER, Account::TENANT_ID);
        let kept = account(1, "b").on_conflict(key).do_nothing().insert(db).await.unwrap();
        assert_eq!(kept, Upserted::Existing(first.clone()));
        let kept = account(2, "b").on_conflict(key).do_nothing().insert(db).await.unwrap();
        assert!(kept.is_inserted());
        let new = NewAccount { weight: Some(None), ..account(1, "c") };
        let kept = new.on_conflict(key).update((Account::EMAIL, Account::WEIGHT)).insert(db);
        let expected = Account { email: "c".into(), weight: None, ..first.clone() };
        assert_eq!(kept.await.unwrap(), Upserted::Existing(expected));
        // A column without a value gets its default.
        let kept = account(1, "d").on_conflict(key).update(Account::WEIGHT).insert(db);
        let expected = Account { email: "c".into(), ..first };
        assert_eq!(kept.await.unwrap(), Upserted::Existing(expected));
    }

    async fn a_key_of_some_rows_finds_the_row_among_them(db) {
        db.create(schema![Account]).await.unwrap();
        let closed = NewAccount { closed: Some(true), ..account(1, "a") }.insert(db).await.unwrap();
        let open = account(2, "a").on_conflict(Account::EMAIL).do_nothing().insert(db).await;
        let open = open.unwrap();
        assert!(open.is_inserted());
        let kept = account(3, "a").on_conflict(Account::EMAIL).do_nothing().insert(db).await;
        assert_eq!(kept.unwrap(), Upserted::Existing(open.clone().into_inner()));
        let kept = account(4, "a").on_conflict(Account::EMAIL).update(Account::NUMBER).insert(db);
        let kept = kept.await.unwrap();
        assert_eq!(kept, Upserted::Existing(Account { number: 4, ..open.into_inner() }));
        let other = NewAccount { closed: Some(true), ..account(5, "a") };
        let kept = other.on_conflict(Account::EMAIL).do_nothing().insert(db).await.unwrap();
        assert!(kept.is_inserted());
        assert_eq!(Account::find_by_id(closed.id).one(db).await.unwrap(), closed);
    }

    async fn another_key_still_refuses_the_row(db) {
        db.create(schema![Account]).await.unwrap();
        account(1, "a").insert(db).await.unwrap();
        let key = (Account::TENANT_ID, Account::NUMBER);
        let refused = account(2, "a").on_conflict(key).do_nothing().insert(db).await.unwrap_err();
        assert!(refused.is_unique_violation(), "{refused}");
        assert_eq!(refused.constraint(), Some("one_open_account"));
        assert_eq!(refused.key(), Some("\"a\""));
        let refused = account(1, "b").insert(db).await.unwrap_err();
        assert_eq!(refused.constraint(), Some("accounts_tenant_id_number_key"));
        assert_eq!(refused.key(), Some("(1, 1)"));
        account(2, "b").insert(db).await.unwrap();
        let refused = account(1, "b").on_conflict(key).update(Account::EMAIL).insert(db).await;
        assert!(refused.unwrap_err().is_unique_violation());
        assert_eq!(Account::find().filter(Account::EMAIL.eq("a")).count(db).await.unwrap(), 1);
    }

    async fn a_foreign_key_still_refuses_the_row(db) {
        cast::create(db).await;
        let line = || NewLine { order_id: 7, number: 1, product_id: "tea".into() };
        let key = (crate::cast::Line::ORDER_ID, crate::cast::Line::NUMBER);
        let refused = line().on_conflict(key).do_nothing().insert(db).await.unwrap_err();
        assert!(refused.is_foreign_key_violation(), "{refused}");
        let product = NewProduct { code: "tea".into(), price: 1.5 };
        product.on_conflict(Product::CODE).do_nothing().insert(db).await.unwrap();
        let (ada, _) = cast::customers(db).await;
        let Order { id, .. } = cast::order(db, &ada, 1).await;
        let line = NewLine { order_id: id, ..line() };
        line.clone().insert(db).await.unwrap();
        let line = NewLine { product_id: "coffee".into(), ..line };
        let refused = line.on_conflict(key).update(crate::cast::Line::PRODUCT_ID).insert(db).await;
        let refused = refused.unwrap_err();
        assert!(refused.is_foreign_key_violation(), "{refused}");
        assert_eq!(refused.relation().map(|relation| relation.name), Some("product"));
    }

    async fn names_of_the_entity_are_its_own(db) {
        db.create(schema![Inserted]).await.unwrap();
        let new = |value| NewInserted { given: 1, value: serde_json::json!(value) };
        for (value, is_inserted) in [("a", true), ("b", false)] {
            let kept = new(value).on_conflict(Inserted::GIVEN).do_nothing().insert(db).await.unwrap();
            assert_eq!((kept.is_inserted(), &kept.value), (is_inserted, &serde_json::json!("a")));
        }
        let kept = new("c").on_conflict(Inserted::GIVEN).update(Inserted::VALUE).insert(db).await;
        assert_eq!(kept.unwrap().value, serde_json::json!("c"));
    }

    async fn what_is_no_key_is_refused(db) {
        let refused = ada().on_conflict(Customer::NAME).do_nothing().insert(db).await.unwrap_err();
        assert!(refused.is_invalid_request());
        let text = "no key of `Customer` is made of `name`; mark the property `#[unique]`, or \
                    several with `#[unique(…)]` on the struct";
        assert_eq!(refused.to_string(), text);
        let key = (Customer::ID, Customer::NAME);
        assert!(ada().on_conflict(key).do_nothing().insert(db).await.unwrap_err().is_invalid_request());
        let word = NewWord { id: 1, word: "a".into() };
        let refused = word.on_conflict(Word::WORD).do_nothing().insert(db).await.unwrap_err();
        let text = "several keys of `Word` are made of `word`, each of some rows; write this \
                    statement in SQL, which can tell which one is meant";
        assert_eq!(refused.to_string(), text);
    }

    async fn what_the_database_makes_is_refused(db) {
        let order = || NewOrder { customer_id: 1, payer_id: None, quantity: 1 };
        let refused = order().on_conflict(Order::ID).do_nothing().insert(db).await.unwrap_err();
        let text = "a conflict is found by what is given, and `Order.id` is left to the database; \
                    give it, or name another key";
        assert_eq!(refused.to_string(), text);
        let product = NewProduct { code: "tea".into(), price: 1.5 };
        let refused = product.on_conflict(Product::CODE).update(Product::ID).insert(db).await;
        let text = "`Product.id` is made by the database, so there is nothing new to update it to; \
                    leave it out of `update`";
        assert_eq!(refused.unwrap_err().to_string(), text);
    }

    async fn many_at_once_insert_one_row(db) {
        cast::create(db).await;
        let upsert = async |number: i64| {
            let new = NewCustomer { id: number, pk: number, name: number.to_string(), ..ada() };
            new.on_conflict(Customer::EMAIL).do_nothing().insert(db).await.unwrap().is_inserted()
        };
        let inserted = futures_util::future::join_all((1..=24).map(upsert)).await;
        assert_eq!(inserted.into_iter().filter(|inserted| *inserted).count(), 1);
        assert_eq!(Customer::find().count(db).await.unwrap(), 1);
        let upsert = async |number: i64| {
            let new = NewCustomer { id: -number, pk: number, name: number.to_string(), email: None };
            let new = NewCustomer { email: Some("bob@example.com".into()), ..new };
            let new = NewCustomer { pk: -number, ..new };
            new.on_conflict(Customer::EMAIL).update(Customer::NAME).insert(db).await.unwrap().is_inserted()
        };
        let inserted = futures_util::future::join_all((1..=24).map(upsert)).await;
        assert_eq!(inserted.into_iter().filter(|inserted| *inserted).count(), 1);
    }
}

async fn kept(name: &str, db: &impl Executor) -> Result<Upserted<Customer>> {
    let new = NewCustomer { name: name.into(), ..ada() };
    new.on_conflict(Customer::ID).update((Customer::NAME, Customer::PK)).insert(db).await
}

/// Another transaction makes the row after the statement has begun, and so before it is seen.
#[tokio::test]
async fn a_row_that_is_made_meanwhile_is_found() {
    let Some(db) = crate::support::postgres().await else { return };
    cast::create(&db).await;
    let other = db.begin().await.unwrap();
    let before = ada().insert(&other).await.unwrap();
    let counting = Counting::new(&db);
    let new = NewCustomer { id: 7, pk: 8, ..ada() };
    let kept = new.on_conflict(Customer::EMAIL).do_nothing().insert(&counting);
    let commit = async {
        // The insert waits for the transaction.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        other.commit().await.unwrap();
    };
    let (kept, ()) = futures_util::future::join(kept, commit).await;
    assert_eq!(kept.unwrap(), Upserted::Existing(before));
    assert_eq!(counting.count(), 2);
}
