//! An observer that fails undoes the write.

use ::relations::prelude::*;
use ::relations::repository::Observers;
use ::relations::{Executor, IsolationLevel, TransactionOptions};

use super::world::*;
use crate::support;

fn new(quantity: i32) -> NewOrder {
    NewOrder { customer_code: "ada".into(), quantity }
}

async fn quantities(db: &impl Executor) -> Vec<i32> {
    let orders = Order::find().order_by(Order::ID.asc()).all(db).await.unwrap();
    orders.into_iter().map(|order| order.quantity).collect()
}

behaviour! {
    async fn a_write_that_an_observer_refuses_is_undone(db) {
        let plain = db;
        let db = &observed(db).await;
        let ada = customer(db, "ada").await;
        let mut all = orders(db, "ada", &[1, 2]).await;
        let refused = |error: ::relations::Error| assert_eq!(error.to_string(), "13 is refused");
        refused(new(13).insert(db).await.unwrap_err());
        refused(NewOrder::insert_many([new(3), new(13)], db).await.unwrap_err());
        refused(NewOrder::insert_many([new(3), new(13)], db).execute().await.unwrap_err());
        let with = |customer_code: String| [NewOrder { customer_code, quantity: 13 }];
        let bob = NewCustomer { code: "bob".into(), name: "Bob".into() };
        refused(bob.with(Customer::ORDERS, with).insert(db).await.unwrap_err());
        let set = Order::find().filter(Order::QUANTITY.eq(2)).set(Order::QUANTITY, 13);
        refused(set.clone().update(db).await.unwrap_err());
        refused(set.update_returning(db).await.unwrap_err());

        all[0].quantity = 13;
        refused(all[0].update(db).await.unwrap_err());
        // The entity is what it was, so that it can be written once more.
        assert_eq!(all[0].version, 1);
        refused(Order::update_many(&mut all, db).await.unwrap_err());
        assert_eq!(all[0].version, 1);
        let mut edit = Order { quantity: 1, ..all[0].clone() }.edit();
        edit.quantity = 13;
        refused(edit.save(db).await.unwrap_err());
        edit.quantity = 4;
        edit.save(db).await.unwrap();
        assert_eq!(events(db).await, ["Order *: ada 1 v1 -> ada 4 v2"]);

        all[0] = edit.into_inner();
        Order::find_by_id(all[0].id).set(Order::QUANTITY, 13).update(plain).await.unwrap();
        all[0].version = 3;
        refused(all[0].delete(db).await.unwrap_err());
        refused(Order::find().all_rows().delete(db).await.unwrap_err());
        assert_eq!(quantities(plain).await, [13, 2]);
        assert_eq!(Customer::find().all(db).await.unwrap(), [ada]);
        assert!(events(db).await.is_empty());
    }

    /// Also of rows that no observer sees, whose lines one sees.
    async fn an_update_of_many_is_of_all_or_none(db) {
        let plain = db;
        customer(&observed(db).await, "ada").await;
        for observers in [
            Observers::new(),
            Observers::new().on::<Line>(Audit),
            Observers::new().on::<Order>(Audit),
        ] {
            let db = &plain.observed(observers);
            let mut both = NewOrder::insert_many([new(1), new(2)], plain).await.unwrap();
            Order::find_by_id(both[1].id).delete(plain).await.unwrap();
            both[0].quantity = 7;
            both[1].quantity = 7;
            let tx = db.begin().await.unwrap();
            let error = Order::update_many(&mut both, &tx).await.unwrap_err();
            assert!(error.is_not_found(), "{error}");
            tx.commit().await.unwrap();
            assert_eq!(quantities(plain).await, [1]);
            Order::find().all_rows().delete(plain).await.unwrap();
        }
    }

    async fn a_transaction_goes_on_without_a_refused_write(db) {
        let db = &observed(db).await;
        customer(db, "ada").await;
        db.transaction(async |tx| {
            new(1).insert(tx).await?;
            assert!(new(13).insert(tx).await.is_err());
            tx.transaction(async |tx| new(2).insert(tx).await).await?;
            let all = Order::find().all_rows();
            assert!(all.clone().set(Order::QUANTITY, 13).update(tx).await.is_err());
            assert_eq!(all.set_expr(Order::QUANTITY, Order::QUANTITY + 1).update(tx).await?, 2);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(quantities(db).await, [2, 3]);
        let told = ["Order +: ada 1 v1", "Order +: ada 2 v1", "Order *: ada 1 v1 -> ada 2 v2, ada 2 v1 -> ada 3 v2"];
        assert_eq!(events(db).await, told);

        let tx = db.begin().await.unwrap();
        new(5).insert(&tx).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(events(db).await.is_empty());
    }
}

/// Rows that another transaction brings into reach of a query while it waits for locks.
#[tokio::test]
async fn a_query_changes_the_rows_that_are_seen_and_no_others() {
    let Some(plain) = support::postgres().await else { return };
    let db = observed(&plain).await;
    customer(&db, "ada").await;
    let all = orders(&db, "ada", &[1, 2]).await;
    let other = plain.begin().await.unwrap();
    Order::find_by_id(all[0].id).set(Order::QUANTITY, 5).update(&other).await.unwrap();
    let waiting = {
        let db = db.clone();
        tokio::spawn(async move {
            let small = Order::find().filter(Order::QUANTITY.lt(3));
            small.set_expr(Order::QUANTITY, Order::QUANTITY * 10).update(&db).await
        })
    };
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    new(1).insert(&other).await.unwrap();
    other.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    assert_eq!(quantities(&db).await, [5, 20, 1]);
    assert_eq!(events(&db).await, ["Order *: ada 2 v1 -> ada 20 v2"]);
}

#[tokio::test]
async fn a_lost_race_is_a_serialization_failure_as_of_any_transaction() {
    let Some(plain) = support::postgres().await else { return };
    let db = observed(&plain).await;
    customer(&db, "ada").await;
    let all = orders(&db, "ada", &[1]).await;
    let options = TransactionOptions::new().isolation(IsolationLevel::RepeatableRead);
    let tx = db.begin_with(options).await.unwrap();
    assert_eq!(quantities(&tx).await, [1]);
    Order::find_by_id(all[0].id).set(Order::QUANTITY, 5).update(&plain).await.unwrap();
    let error = Order::find_by_id(all[0].id).delete(&tx).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
}
