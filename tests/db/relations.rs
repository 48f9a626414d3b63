//! What a relation means.

use crate::cast::{self, Customer, Order};
use crate::support::Counting;

behaviour! {
    async fn a_required_target_is_the_entity(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let order = cast::order(db, &ada, 3).await;
        assert_eq!(order.customer(db).await.unwrap(), ada);
        assert_eq!(ada.orders(db).await.unwrap(), [order]);
        assert_eq!(bob.orders(db).await.unwrap(), []);
    }

    async fn a_null_key_sends_no_statement(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 3).await;
        let counting = Counting::new(db);
        assert_eq!(order.payer(&counting).await.unwrap(), None);
        assert_eq!(Order::PAYER.of(&order).count(&counting).await.unwrap(), 0);
        assert_eq!(counting.count(), 0);
    }

    async fn many_sources_load_in_one_statement_and_keep_their_order(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let orders = [
            cast::order(db, &bob, 1).await,
            cast::order(db, &ada, 2).await,
            cast::order(db, &bob, 3).await,
        ];
        let counting = Counting::new(db);
        let customers: Vec<Customer> = Order::CUSTOMER.load(&counting, &orders).await.unwrap();
        assert_eq!(customers, [bob.clone(), ada, bob]);
        assert_eq!(counting.count(), 1);
    }
}
