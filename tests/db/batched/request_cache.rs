//! The cache of one request.

use super::*;

behaviour! {
    async fn nothing_is_remembered_unless_asked_for(db) {
        let orders = orders(db, 1, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        for _ in 0..3 {
            orders[0].customer(&batched).await.unwrap();
        }
        assert_eq!(stats.statements(), 3);
    }

    async fn a_request_remembers_what_was_answered(db) {
        let orders = orders(db, 3, 2).await;
        let stats = db.query_stats();
        let request = stats.batched().cached();
        for _ in 0..3 {
            let customers = all_of(orders.iter().map(|order| order.customer(&request))).await;
            assert!(customers.iter().zip(&orders).all(|(one, order)| one.pk == order.customer_id));
            assert_eq!(stats.statements(), 1);
        }
        // Also what is not there, and lists.
        for _ in 0..2 {
            assert_eq!(Order::find_by_id(-1).optional(&request).await.unwrap(), None);
            assert_eq!(orders[0].customer(&request).await.unwrap().orders(&request).await.unwrap().len(), 2);
        }
        assert_eq!(stats.statements(), 3);
        // Another request knows nothing of it.
        orders[0].customer(&request.cached()).await.unwrap();
        assert_eq!(stats.statements(), 4);
    }

    async fn a_request_forgets_when_something_is_written(db) {
        let orders = orders(db, 2, 1).await;
        let request = db.batched().cached();
        let name = async || orders[0].customer(&request).await.unwrap().name;
        assert_eq!(name().await, "Customer 1");
        let rename = |name: &'static str| Customer::find_by_id(1).set(Customer::NAME, name);
        rename("Ada").update(&request).await.unwrap();
        assert_eq!(name().await, "Ada");
        // A call on another executor is not seen.
        rename("Bob").update(db).await.unwrap();
        assert_eq!(name().await, "Ada");
        sql("UPDATE customers SET name = 'Cy' WHERE id = 1", ()).execute(&request).await.unwrap();
        assert_eq!(name().await, "Cy");
        // A transaction: while it is open, and when it is done.
        let transaction = request.begin().await.unwrap();
        rename("Dee").update(&transaction).await.unwrap();
        if db.engine() == Engine::Postgres {
            assert_eq!(name().await, "Cy");
        }
        transaction.commit().await.unwrap();
        assert_eq!(name().await, "Dee");
        request.transaction(async |tx| rename("Eve").update(tx).await).await.unwrap();
        assert_eq!(name().await, "Eve");
    }

    async fn an_error_is_not_remembered(db) {
        let orders = orders(db, 1, 1).await;
        let request = db.batched().cached();
        let broken = sql("ALTER TABLE customers RENAME TO others", ());
        broken.execute(db).await.unwrap();
        orders[0].customer(&request).await.unwrap_err();
        sql("ALTER TABLE others RENAME TO customers", ()).execute(db).await.unwrap();
        orders[0].customer(&request).await.unwrap();
    }
}
