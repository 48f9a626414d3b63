//! Changes that leave a row on its server.

use ::relations::prelude::*;

use super::world::*;
use crate::support::Counting;

behaviour! {
    async fn a_row_that_is_edited_stays_on_its_server(db) {
        filled(db).await;
        let mut order = Order::find_by_id((7, 3)).one(db).await.unwrap().edit();
        order.tenant_id = 8;
        let error = order.save(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("distributed by `tenant_id`"), "{error}");
        assert!(order.update(db).await.unwrap_err().is_invalid_request());
        order.tenant_id = 7;
        order.total = 99;
        order.save(db).await.unwrap();
        assert_eq!(Order::find_by_id((7, 3)).one(db).await.unwrap().total, 99);
    }

    async fn targets_move_to_sources_of_their_server(db) {
        filled(db).await;
        let customer = async |id| Customer::find_by_id(id).one(db).await.unwrap();
        let (ada, bob) = (customer((7, 2)).await, customer((7, 3)).await);
        let (orders, of_bob) = (ada.orders(db).await.unwrap(), bob.orders(db).await.unwrap());
        let counting = Counting::new(db);
        let moved = Customer::ORDERS.reparent(&counting, Customer::ORDERS.of(&ada), &bob).await;
        assert_eq!(moved.unwrap(), orders.len() as u64);
        for sql in counting.statements() {
            let set = sql.split(" WHERE ").next().unwrap();
            assert!(!set.contains("\"tenant_id\" ="), "{sql}");
        }
        assert_eq!(bob.orders(db).await.unwrap().len(), orders.len() + of_bob.len());
        // Rows of all servers are meant, and those of this one are moved.
        let all = Order::find().filter(Order::ID.eq(orders[0].id));
        assert_eq!(Customer::ORDERS.reparent(db, all, &ada).await.unwrap(), 1);
        let other = Order::find_by_id((8, orders[0].id)).one(db).await.unwrap();
        assert_eq!(other.customer_id, orders[0].customer_id);
        // Rows of another server are known to be there.
        let of_other = customer((8, 2)).await;
        let moved = Customer::ORDERS.reparent(db, Customer::ORDERS.of(&of_other), &ada).await;
        assert!(moved.unwrap_err().is_invalid_request());
        let everything = Customer::ORDERS.reparent(db, Order::find(), &ada).await;
        assert!(everything.unwrap_err().is_invalid_request());
        // A source that rows are distributed by has all of its targets already.
        let tenant = Tenant::find_by_id(8).one(db).await.unwrap();
        let moved = Tenant::CUSTOMERS.reparent(db, Customer::find().all_rows(), &tenant).await;
        assert!(moved.unwrap_err().is_invalid_request());
        // A source that has its targets already keeps them, and they are counted.
        let again = Customer::ORDERS.reparent(db, Customer::ORDERS.of(&ada), &ada).await;
        assert_eq!(again.unwrap(), ada.orders(db).await.unwrap().len() as u64);
    }

    async fn an_upsert_has_the_time_of_the_new_row(db) {
        filled(db).await;
        let before = Customer::find_by_id((7, 1)).one(db).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let new = |id, email: &str| NewCustomer { tenant_id: Some(7), id, email: email.into() };
        let key = (Customer::TENANT_ID, Customer::ID);
        let counting = Counting::new(db);
        let kept = new(1, "a").on_conflict(key).update(Customer::EMAIL).insert(&counting).await;
        let kept = kept.unwrap();
        assert!(!kept.is_inserted());
        assert!(kept.changed_at > before.changed_at);
        assert!(new(9, "b").on_conflict(key).update(Customer::EMAIL).insert(&counting).await.unwrap().is_inserted());
        let many = (1..=9).map(|id| new(id, &format!("{id}")));
        let many = NewCustomer::insert_many(many, &counting).on_conflict(key).update(Customer::EMAIL);
        let many = many.await.unwrap();
        assert_eq!(many.iter().filter(|one| one.is_inserted()).count(), 4);
        assert!(many.iter().all(|one| one.changed_at >= kept.changed_at));
        for sql in counting.statements() {
            let update = sql.split("DO UPDATE SET ").nth(1).unwrap_or_default();
            assert!(!update.contains("now()") && !update.contains("set_config"), "{sql}");
        }
    }
}
