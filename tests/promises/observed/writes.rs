//! Inserts, updates and deletes.

use ::relations::prelude::*;

use super::world::*;

behaviour! {
    async fn inserts_are_seen(db) {
        let db = &observed(db).await;
        let ada = NewCustomer { code: "ada".into(), name: "Ada".into() }.insert(db).await.unwrap();
        assert_eq!(events(db).await, ["Customer +: ada Ada"]);

        let new = |quantity| NewOrder { customer_code: "ada".into(), quantity };
        let orders = NewOrder::insert_many([1, 2].map(new), db).await.unwrap();
        assert_eq!(orders.iter().map(|order| order.quantity).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(NewOrder::insert_many([3, 4].map(new), db).execute().await.unwrap(), 2);
        let none: [NewOrder; 0] = [];
        assert!(NewOrder::insert_many(none, db).await.unwrap().is_empty());
        let fifth = |customer_code| NewOrder { customer_code, quantity: 5 };
        Customer::ORDERS.insert(db, &ada, fifth).await.unwrap();
        assert_eq!(
            events(db).await,
            ["Order +: ada 1 v1, ada 2 v1", "Order +: ada 3 v1, ada 4 v1", "Order +: ada 5 v1"]
        );
    }

    async fn nested_writes_and_imports_are_seen(db) {
        let db = &observed(db).await;
        NewCustomer { code: "bob".into(), name: "Bob".into() }
            .with(Customer::ORDERS, |customer_code| {
                [NewOrder { customer_code, quantity: 7 }.with(Order::LINES, |order_id| {
                    [5, 6].map(|price| NewLine { order_id, number: price as i32, price })
                })]
            })
            .insert(db)
            .await
            .unwrap();
        assert_eq!(
            events(db).await,
            ["Customer +: bob Bob", "Order +: bob 7 v1", "Line +: 5 5, 6 6"]
        );
        let order = Order { id: 70, customer_code: "bob".into(), quantity: 8, version: 4 };
        assert_eq!(Order::import([order], db).await.unwrap(), 1);
        assert_eq!(events(db).await, ["Order +: bob 8 v4"]);
    }

    async fn updates_of_entities_are_seen(db) {
        let db = &observed(db).await;
        customer(db, "ada").await;
        let mut orders = orders(db, "ada", &[1, 2, 3]).await;
        orders[1].quantity = 20;
        orders[1].update(db).await.unwrap();
        assert_eq!(orders[1].version, 2);
        let mut edit = orders[2].clone().edit();
        edit.quantity = 30;
        edit.save(db).await.unwrap();
        edit.save(db).await.unwrap();
        orders[2] = edit.into_inner();
        assert_eq!(events(db).await, ["Order *: ada 2 v1 -> ada 20 v2", "Order *: ada 3 v1 -> ada 30 v2"]);

        for order in &mut orders {
            order.quantity += 1;
        }
        orders.reverse();
        Order::update_many(&mut orders, db).await.unwrap();
        assert_eq!(orders.iter().map(|order| order.version).collect::<Vec<_>>(), [3, 3, 2]);
        assert_eq!(
            events(db).await,
            ["Order *: ada 1 v1 -> ada 2 v2, ada 20 v2 -> ada 21 v3, ada 30 v2 -> ada 31 v3"]
        );
        assert_eq!(Order::find().filter(Order::QUANTITY.eq(21)).one(db).await.unwrap(), orders[1]);

        // A row of another version, or one that is gone, is written by nobody.
        let mut stale = Order { version: 1, ..orders[0].clone() };
        assert!(stale.update(db).await.unwrap_err().is_stale());
        let mut several = [orders[1].clone(), stale];
        assert!(Order::update_many(&mut several, db).await.unwrap_err().is_stale());
        let mut gone = Order { id: 999, ..orders[0].clone() };
        assert!(gone.update(db).await.unwrap_err().is_not_found());
        assert!(Order::update_many([&mut gone], db).await.unwrap_err().is_not_found());
        assert!(events(db).await.is_empty());
    }

    async fn updates_of_queries_are_seen(db) {
        let db = &observed(db).await;
        let ada = customer(db, "ada").await;
        let bob = customer(db, "bob").await;
        orders(db, "ada", &[1, 2, 3]).await;
        let small = Order::find().filter(Order::QUANTITY.lt(3));
        assert_eq!(small.clone().set_expr(Order::QUANTITY, Order::QUANTITY * 10).update(db).await.unwrap(), 2);
        assert_eq!(small.set(Order::QUANTITY, 0).update(db).await.unwrap(), 0);
        assert_eq!(events(db).await, ["Order *: ada 1 v1 -> ada 10 v2, ada 2 v1 -> ada 20 v2"]);

        let changed = Customer::ORDERS
            .of(&ada)
            .filter(Order::QUANTITY.eq(3))
            .set(Order::QUANTITY, 4)
            .update_returning(db)
            .await
            .unwrap();
        assert_eq!(changed.iter().map(Told::told).collect::<Vec<_>>(), ["ada 4 v2"]);
        let of_ada = Customer::ORDERS.of(&ada).filter(Order::QUANTITY.lt(20));
        Customer::ORDERS.reparent(db, of_ada, &bob).await.unwrap();
        assert_eq!(
            events(db).await,
            ["Order *: ada 3 v1 -> ada 4 v2", "Order *: ada 10 v2 -> bob 10 v3, ada 4 v2 -> bob 4 v3"]
        );
    }

    async fn deletes_are_seen(db) {
        let db = &observed(db).await;
        customer(db, "ada").await;
        let all = orders(db, "ada", &[1, 2, 3, 4]).await;
        let order_id = all[3].id;
        NewLine::insert_many([1, 2].map(|number| NewLine { order_id, number, price: 5 }), db)
            .await
            .unwrap();
        let lines = [(order_id, 1), (order_id, 2)].map(|id| Line::find_by_id(id));
        all[0].delete(db).await.unwrap();
        assert!(all[0].delete(db).await.unwrap_err().is_not_found());
        let deleted = Order::find().filter(Order::QUANTITY.eq(2)).delete_returning(db).await.unwrap();
        assert_eq!(deleted, [all[1].clone()]);
        assert_eq!(Order::find().filter(Order::QUANTITY.eq(2)).delete(db).await.unwrap(), 0);
        for line in lines {
            assert_eq!(line.delete(db).await.unwrap(), 1);
        }
        assert_eq!(Order::find().all_rows().delete(db).await.unwrap(), 2);
        assert_eq!(
            events(db).await,
            [
                "Line +: 1 5, 2 5",
                "Order -: ada 1 v1",
                "Order -: ada 2 v1",
                "Line -: 1 5",
                "Line -: 2 5",
                "Order -: ada 3 v1, ada 4 v1",
            ]
        );
    }

    async fn soft_deletes_are_seen(db) {
        let db = &observed(db).await;
        let new = |name: &str| NewClub { name: name.into(), members: 1 };
        let mut clubs = NewClub::insert_many(["a", "b", "c"].map(new), db).await.unwrap();
        events(db).await;
        clubs[0].delete(db).await.unwrap();
        assert_eq!(Club::find().all_rows().delete(db).await.unwrap(), 2);
        clubs[0].restore(db).await.unwrap();
        assert_eq!(Club::find().filter(Club::NAME.eq("b")).restore(db).await.unwrap(), 1);
        clubs[0].delete_permanently(db).await.unwrap();
        let rest = Club::find().only_deleted().delete_permanently(db).await.unwrap();
        assert_eq!(rest, 1);
        assert_eq!(
            events(db).await,
            [
                "Club -: a 1",
                "Club -: b 1, c 1",
                "Club *: a 1 deleted -> a 1",
                "Club *: b 1 deleted -> b 1",
                "Club -: a 1",
                "Club -: c 1 deleted",
            ]
        );
    }
}
