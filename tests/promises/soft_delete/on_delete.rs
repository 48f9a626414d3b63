//! Soft delete changes the rows that reference a deleted row, as `on_delete` of their foreign keys says.

use ::relations::prelude::*;

use super::world::*;
use crate::support::Counting;

behaviour! {
    async fn rows_that_restrict_refuse_it(db) {
        let World { ada, .. } = world(db).await;
        for _ in 0..2 {
            NewInvoice { customer_id: ada.pk }.insert(db).await.unwrap();
        }
        NewNote { customer_id: Some(ada.pk) }.insert(db).await.unwrap();
        let soft = ada.delete(db).await.unwrap_err();
        assert!(soft.is_foreign_key_violation(), "{soft}");
        assert_eq!((soft.entity(), soft.referencing_rows()), (Some("Invoice"), Some(2)));
        assert_eq!(soft.relation().map(|relation| relation.name), Some("customer"));
        assert_eq!(soft.key(), Some(&*ada.pk.to_string()));
        // A delete that removes the row is refused by the same rows.
        let hard = ada.delete_permanently(db).await.unwrap_err();
        assert_eq!(hard.entity(), soft.entity());
        assert_eq!(hard.referencing_rows(), soft.referencing_rows());
        assert_eq!(hard.to_string(), soft.to_string());
        let all = Customer::find().all_rows().delete(db).await.unwrap_err();
        assert_eq!((all.entity(), all.referencing_rows(), all.key()), (Some("Invoice"), Some(2), None));
        let all = Customer::find().all_rows().delete_returning(db).await.unwrap_err();
        assert!(all.is_foreign_key_violation());
        // Nothing was written.
        assert_eq!(Customer::find().count(db).await.unwrap(), 1);
        assert_eq!(ada.orders(db).await.unwrap().len(), 1);
        assert_eq!(Note::find().filter(Note::CUSTOMER_ID.is_null()).count(db).await.unwrap(), 0);
        Invoice::find().all_rows().delete(db).await.unwrap();
        ada.delete(db).await.unwrap();
    }

    async fn rows_go_with_it_softly(db) {
        let World { ada, order, gone_order, line, gone_line, left_order, .. } = world(db).await;
        NewNote { customer_id: Some(ada.pk) }.insert(db).await.unwrap();
        let (orders, lines) = (rows(db, "orders").await, rows(db, "lines").await);
        let before = Order::find_by_id(gone_order.id).only_deleted().one(db).await.unwrap();
        let before_line = Line::find_by_id(gone_line.id).only_deleted().one(db).await.unwrap();
        let counting = Counting::new(db);
        ada.delete(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        assert_eq!((rows(db, "orders").await, rows(db, "lines").await), (orders, lines));
        assert_eq!(Order::find().all(db).await.unwrap(), [left_order]);
        assert_eq!(Line::find().count(db).await.unwrap(), 0);
        assert_eq!(Membership::find().count(db).await.unwrap(), 1);
        let gone = Order::find_by_id(order.id).only_deleted().one(db).await.unwrap();
        assert_eq!(gone.version, order.version + 1);
        assert!(Line::find_by_id(line.id).only_deleted().exists(db).await.unwrap());
        // Rows that were deleted before keep their time.
        assert_eq!(Order::find_by_id(gone_order.id).only_deleted().one(db).await.unwrap(), before);
        assert_eq!(Line::find_by_id(gone_line.id).only_deleted().one(db).await.unwrap(), before_line);
        let notes = Note::find().all(db).await.unwrap();
        assert_eq!((notes[0].customer_id, notes[0].version), (None, 2));
        // The customer alone comes back.
        let mut ada = Customer::find_by_id(ada.pk).only_deleted().one(db).await.unwrap();
        ada.restore(db).await.unwrap();
        assert_eq!(ada.orders(db).await.unwrap(), []);
        let orders = Customer::ORDERS.of(&ada).filter(Order::ID.eq(order.id)).restore(db).await;
        assert_eq!(orders.unwrap(), 1);
        assert_eq!(ada.orders(db).await.unwrap().len(), 1);
    }

    async fn several_are_deleted_with_theirs(db) {
        let World { ada, order, .. } = world(db).await;
        let eve = customer(db, "eve").await;
        let of_eve = NewOrder { customer_id: eve.pk, quantity: 3 }.insert(db).await.unwrap();
        // The condition is of rows that go with them.
        let with_orders = Customer::find().filter(Customer::ORDERS.any(Order::QUANTITY.gt(0)));
        assert_eq!(with_orders.delete(db).await.unwrap(), 2);
        assert_eq!(Customer::find().count(db).await.unwrap(), 0);
        for id in [order.id, of_eve.id] {
            assert!(Order::find_by_id(id).only_deleted().exists(db).await.unwrap());
        }
        let mut back = Customer::find().filter(Customer::PK.is_in([ada.pk, eve.pk])).only_deleted().all(db).await.unwrap();
        for customer in &mut back {
            customer.restore(db).await.unwrap();
        }
        let gone = Customer::find().all_rows().delete_returning(db).await.unwrap();
        assert_eq!(gone.len(), 2);
        assert!(gone.iter().all(|one| one.deleted_at.is_some()));
    }

    async fn a_relation_without_scope_is_left_alone(db) {
        let World { product, .. } = world(db).await;
        let line = NewLine {
            order_id: Order::find().first(db).await.unwrap().unwrap().id,
            product_id: product.id,
            price: 5,
        };
        let line = line.insert(db).await.unwrap();
        product.delete(db).await.unwrap();
        assert_eq!(line.product(db).await.unwrap().id, product.id);
        assert_eq!(Line::find_by_id(line.id).one(db).await.unwrap(), line);
        // The database still keeps the row.
        assert!(product.delete_permanently(db).await.unwrap_err().is_foreign_key_violation());
    }

    async fn a_tree_goes_with_its_root(db) {
        world(db).await;
        // 1 > 2 > 3 (deleted) > 4, 1 > 5
        NewCategory { id: 9, parent_id: None }.insert(db).await.unwrap();
        NewCategory { id: 6, parent_id: Some(5) }.insert(db).await.unwrap();
        let deleted = Category::find_by_id(1).delete(db).await.unwrap();
        assert_eq!(deleted, 1);
        let left: Vec<i64> = Category::find().order_by(Category::ID.asc()).select(Category::ID).all(db).await.unwrap();
        // Rows below a row that was deleted before stay.
        assert_eq!(left, [4, 9]);
        let both = Category::find().filter(Category::ID.is_in([4, 9])).delete_returning(db).await.unwrap();
        assert_eq!(both.len(), 2);
    }
}
