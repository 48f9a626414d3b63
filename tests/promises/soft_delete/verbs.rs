//! Each kind of statement that writes: no deleted row is ever written, but by what is there to restore it.

use ::chrono::Utc;
use ::relations::prelude::*;
use ::relations::repository::Upserted;
use ::relations::{Database, Error};

use super::world::*;
use crate::support::Counting;

/// All that is known of the deleted customer and the deleted order, whatever queries see.
async fn hidden(db: &Database) -> (Vec<Customer>, Vec<Order>) {
    let customers = Customer::find().only_deleted().order_by(Customer::PK.asc()).all(db).await;
    let orders = Order::find().only_deleted().order_by(Order::ID.asc()).all(db).await;
    (customers.unwrap(), orders.unwrap())
}

behaviour! {
    async fn a_delete_marks_the_row(db) {
        let World { order, .. } = world(db).await;
        let before = rows(db, "orders").await;
        let counting = Counting::new(db);
        Order::find_by_id(order.id).one(db).await.unwrap();
        order.delete(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        assert_eq!(rows(db, "orders").await, before);
        assert_eq!(Order::find_by_id(order.id).optional(db).await.unwrap(), None);
        let deleted = Order::find_by_id(order.id).with_deleted().one(db).await.unwrap();
        let age = Utc::now() - deleted.deleted_at.unwrap();
        assert!(age.num_hours().abs() < 30, "{deleted:?}");
        assert_eq!(deleted.version, order.version + 1);
        assert!(order.delete(db).await.unwrap_err().is_not_found());
        assert_eq!(Order::find_by_id(order.id).only_deleted().one(db).await.unwrap(), deleted);
    }

    async fn a_delete_of_another_version_is_stale(db) {
        let World { mut order, .. } = world(db).await;
        let earlier = order.clone();
        order.update(db).await.unwrap();
        assert!(earlier.delete(db).await.unwrap_err().is_stale());
        order.delete(db).await.unwrap();
        // Its row is not there for whom it is deleted.
        assert!(order.update(db).await.unwrap_err().is_not_found());
    }

    async fn queries_delete_softly(db) {
        let World { ada, order, left_order, .. } = world(db).await;
        let (count, hidden_before) = (rows(db, "orders").await, hidden(db).await);
        assert_eq!(Order::find_by_id(left_order.id).delete(db).await.unwrap(), 1);
        assert_eq!(Order::find_by_id(left_order.id).delete(db).await.unwrap(), 0);
        let gone = Customer::ORDERS.of(&ada).delete_returning(db).await.unwrap();
        assert_eq!(gone.iter().map(|one| one.id).collect::<Vec<_>>(), [order.id]);
        assert!(gone[0].deleted_at.is_some());
        assert_eq!(rows(db, "orders").await, count);
        assert_eq!(Order::find().count(db).await.unwrap(), 0);
        // Rows that were deleted before have the time of their own deletion.
        let now = hidden(db).await.1;
        assert!(now.contains(&hidden_before.1[0]));
        assert_eq!(Order::find().all_rows().delete(db).await.unwrap(), 0);
        assert_eq!(Order::find().with_deleted().all_rows().delete(db).await.unwrap(), 0);
        assert_eq!(hidden(db).await.1, now);
        let refused = Order::find().only_deleted().delete(db).await.unwrap_err();
        assert!(refused.is_invalid_request());
        assert!(Order::find().delete(db).await.unwrap_err().is_invalid_request());
    }

    async fn no_verb_writes_a_deleted_row(db) {
        let World { mut bob, mut gone_order, .. } = world(db).await;
        let before = hidden(db).await;
        "Robert".clone_into(&mut bob.name);
        assert!(bob.update(db).await.unwrap_err().is_not_found());
        gone_order.quantity = 7;
        assert!(gone_order.update(db).await.unwrap_err().is_not_found());
        let mut edited = bob.clone().edit();
        "Rob".clone_into(&mut edited.name);
        assert!(edited.save(db).await.unwrap_err().is_not_found());
        assert!(Customer::update_many([&mut bob], db).await.unwrap_err().is_not_found());
        assert!(Order::update_many([&mut gone_order], db).await.unwrap_err().is_not_found());
        assert!(bob.delete(db).await.unwrap_err().is_not_found());
        let set = Customer::find().all_rows().set(Customer::NAME, "all").update(db).await.unwrap();
        assert_eq!(set, 1);
        let set = Customer::find_by_id(bob.pk).set(Customer::NAME, "one").update(db).await.unwrap();
        assert_eq!(set, 0);
        let set = Order::find().all_rows().set_expr(Order::QUANTITY, Order::QUANTITY + 1).update_returning(db).await;
        assert_eq!(set.unwrap().len(), 2);
        let locked = Customer::find_by_id(bob.pk).optional(db).await.unwrap();
        assert_eq!(locked, None);
        assert_eq!(hidden(db).await, before);
    }

    async fn a_row_is_restored(db) {
        let World { mut gone_order, mut order, mut bob, .. } = world(db).await;
        gone_order = Order::find_by_id(gone_order.id).only_deleted().one(db).await.unwrap();
        assert!(gone_order.deleted_at.is_some());
        let version = gone_order.version;
        gone_order.restore(db).await.unwrap();
        assert_eq!((gone_order.deleted_at, gone_order.version), (None, version + 1));
        assert_eq!(Order::find_by_id(gone_order.id).one(db).await.unwrap(), gone_order);
        assert!(gone_order.restore(db).await.unwrap_err().is_not_found());
        assert!(order.restore(db).await.unwrap_err().is_not_found());
        bob.restore(db).await.unwrap();
        assert_eq!(bob.deleted_at, None);
        assert_eq!(Customer::find().all_rows().delete(db).await.unwrap(), 2);
        assert!(Customer::find().restore(db).await.unwrap_err().is_invalid_request());
        let restored = Customer::find().filter(Customer::NAME.eq("bob")).restore(db).await.unwrap();
        assert_eq!(restored, 1);
        assert_eq!(Customer::find().only_deleted().restore(db).await.unwrap(), 1);
        assert_eq!(Customer::find().count(db).await.unwrap(), 2);
    }

    async fn a_row_is_deleted_permanently(db) {
        let World { gone_order, line, gone_line, left_order, .. } = world(db).await;
        let before = rows(db, "orders").await;
        let found = Order::find_by_id(gone_order.id).delete_permanently(db).await.unwrap();
        assert_eq!(found, 0);
        gone_order.delete_permanently(db).await.unwrap();
        assert!(gone_order.delete_permanently(db).await.unwrap_err().is_not_found());
        left_order.delete_permanently(db).await.unwrap();
        assert_eq!(rows(db, "orders").await, before - 2);
        let purged = Line::find().only_deleted().delete_permanently(db).await.unwrap();
        assert_eq!((purged, rows(db, "lines").await), (1, 1));
        assert_eq!(Line::find_by_id(gone_line.id).with_deleted().optional(db).await.unwrap(), None);
        assert!(Line::find().delete_permanently(db).await.unwrap_err().is_invalid_request());
        line.delete_permanently(db).await.unwrap();
        assert_eq!(rows(db, "lines").await, 0);
    }

    async fn links_are_deleted_softly(db) {
        let World { ada, bob, club, gone_club, .. } = world(db).await;
        let before = rows(db, "memberships").await;
        assert!(Customer::CLUBS.unlink(db, &ada, &club).await.unwrap());
        assert!(!Customer::CLUBS.unlink(db, &ada, &club).await.unwrap());
        assert_eq!(rows(db, "memberships").await, before);
        assert!(ada.clubs(db).await.unwrap().is_empty());
        // A deleted link does not stand in the way of a new one.
        assert!(Customer::CLUBS.link(db, &ada, &club).await.unwrap());
        assert!(!Customer::CLUBS.link(db, &ada, &club).await.unwrap());
        assert_eq!(ada.clubs(db).await.unwrap(), [club.clone()]);
        assert_eq!(Customer::CLUBS.unlink_all(db, &ada).await.unwrap(), 2);
        assert_eq!(rows(db, "memberships").await, before + 1);
        let _ = (bob, gone_club);
    }

    async fn an_upsert_by_a_unique_key_makes_a_new_row_beside_a_deleted_one(db) {
        let World { bob, .. } = world(db).await;
        let before = hidden(db).await;
        let new = NewCustomer { email: bob.email.clone(), name: "other bob".to_owned() };
        let made = new.clone().on_conflict(Customer::EMAIL).update((Customer::NAME,)).insert(db).await.unwrap();
        assert!(matches!(&made, Upserted::Inserted(customer) if customer.pk != bob.pk), "{made:?}");
        let again = NewCustomer { name: "third bob".to_owned(), ..new.clone() };
        let again = again.on_conflict(Customer::EMAIL).update((Customer::NAME,)).insert(db).await.unwrap();
        assert!(matches!(&again, Upserted::Existing(customer) if customer.name == "third bob"));
        let found = new.on_conflict(Customer::EMAIL).do_nothing().insert(db).await.unwrap();
        assert!(matches!(&found, Upserted::Existing(customer) if customer.pk == made.pk));
        assert_eq!(hidden(db).await, before);
    }

    async fn an_upsert_that_meets_a_deleted_row_is_refused(db) {
        let World { gone_product, .. } = world(db).await;
        let is_refused = |error: Error| {
            assert!(error.is_unique_violation(), "{error}");
            assert_eq!(error.entity(), Some("Product"));
            assert!(error.to_string().contains("deleted"), "{error}");
        };
        let new = NewProduct { code: gone_product.code.clone() };
        let kept = new.clone().on_conflict(Product::CODE).do_nothing().insert(db).await;
        is_refused(kept.unwrap_err());
        let updated = new.clone().on_conflict(Product::CODE).update((Product::CODE,)).insert(db).await;
        is_refused(updated.unwrap_err());
        let several = NewProduct::insert_many([new, NewProduct { code: "r".to_owned() }], db);
        let several = several.on_conflict(Product::CODE).do_nothing().await;
        is_refused(several.unwrap_err());
        assert_eq!(Product::find().count(db).await.unwrap(), 1);
        let category = NewCategory { id: 3, parent_id: None };
        let kept = category.clone().on_conflict(Category::ID).update((Category::PARENT_ID,)).insert(db).await;
        assert!(kept.unwrap_err().is_unique_violation());
        assert!(category.insert(db).await.unwrap_err().is_unique_violation());
        let three = Category::find_by_id(3).only_deleted().one(db).await.unwrap();
        assert_eq!(three.parent_id, Some(2));
    }
}
