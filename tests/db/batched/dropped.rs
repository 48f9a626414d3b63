//! Callers that are dropped or stand still.

use super::*;

behaviour! {
    async fn who_is_dropped_costs_others_nothing(db) {
        let orders = orders(db, 6, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        for dropped in [&[0][..], &[3], &[5], &[0, 1, 2, 3, 4]] {
            let mut calls: Vec<_> =
                orders.iter().map(|order| Some(Box::pin(order.customer(&batched)))).collect();
            for call in calls.iter_mut().flatten() {
                assert!(poll_once(call.as_mut()).await.is_none());
            }
            for number in dropped {
                calls[*number] = None;
            }
            let before = stats.statements();
            for (order, call) in orders.iter().zip(calls) {
                if let Some(call) = call {
                    assert_eq!(call.await.unwrap().pk, order.customer_id);
                }
            }
            assert_eq!(stats.statements() - before, 1);
        }
    }

    async fn when_all_are_dropped_nothing_is_sent(db) {
        let orders = orders(db, 3, 1).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        for order in &orders {
            let mut call = Box::pin(order.customer(&batched));
            assert!(poll_once(call.as_mut()).await.is_none());
        }
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert_eq!(stats.statements(), 0);
        orders[0].customer(&batched).await.unwrap();
        assert_eq!(stats.statements(), 1);
    }

    /// One that is kept and not asked how it goes holds up nobody.
    async fn who_stands_still_stops_nobody(db) {
        let orders = orders(db, 2, 1).await;
        let batched = db.batched();
        let mut first = Box::pin(orders[0].customer(&batched));
        assert!(poll_once(first.as_mut()).await.is_none());
        assert_eq!(orders[1].customer(&batched).await.unwrap().pk, orders[1].customer_id);
        assert_eq!(first.await.unwrap().pk, orders[0].customer_id);
    }

    async fn many_more_keys_than_a_plan_looks_at(db) {
        let orders = orders(db, 900, 2).await;
        let batched = db.batched().max_keys(5_000);
        let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
        let found = all_of(ids.iter().map(|id| Order::find_by_id(*id).one(&batched))).await;
        assert_eq!(found, orders);
    }
}
