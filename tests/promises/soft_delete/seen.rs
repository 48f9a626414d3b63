//! Each kind of statement that reads: no deleted row is ever among its rows, whichever way leads there.

use ::relations::expression::count;
use ::relations::include::Strategy;
use ::relations::prelude::*;

use super::world::*;
use crate::support::Counting;

behaviour! {
    async fn several_deleted_targets_of_a_relation_to_one_are_an_error(db) {
        let World { ada, .. } = world(db).await;
        NewCard { customer_id: ada.pk }.insert(db).await.unwrap();
        let alone = Customer::find().include(Customer::CARD).all(db).await.unwrap();
        assert!(alone[0].card.is_some());
        for card in [Customer::CARD.joined(), Customer::CARD.batched(), Customer::CARD.pipelined()] {
            let error = Customer::find().include(card.with_deleted()).all(db).await.unwrap_err();
            assert!(error.is_not_unique(), "{error}");
        }
    }

    async fn queries_leave_out_deleted_rows(db) {
        let World { ada, bob, order, left_order, .. } = world(db).await;
        assert_eq!(Customer::find().all(db).await.unwrap(), [ada.clone()]);
        assert_eq!(Customer::find().count(db).await.unwrap(), 1);
        assert_eq!(Customer::find_by_id(ada.pk).one(db).await.unwrap(), ada);
        assert_eq!(Customer::find_by_id(bob.pk).optional(db).await.unwrap(), None);
        assert!(Customer::find_by_id(bob.pk).one(db).await.unwrap_err().is_not_found());
        assert!(!Customer::find_by_id(bob.pk).exists(db).await.unwrap());
        assert!(!Customer::find().filter(Customer::NAME.eq("bob")).exists(db).await.unwrap());
        assert_eq!(Customer::find().order_by(Customer::PK.desc()).first(db).await.unwrap(), Some(ada.clone()));
        let names: Vec<String> = Customer::find().select(Customer::NAME).all(db).await.unwrap();
        assert_eq!(names, ["ada"]);
        let sum: Option<i64> = Order::find().sum(db, Order::QUANTITY).await.unwrap();
        assert_eq!(sum, Some(i64::from(order.quantity + left_order.quantity)));
        let page = Customer::find().order_by(Customer::PK.asc()).page(10).fetch(db).await.unwrap();
        assert_eq!(page.rows.len(), 1);
    }

    async fn relations_leave_out_deleted_targets(db) {
        let World { ada, bob, order, left_order, line, gone_product, club, .. } = world(db).await;
        let none: Option<Customer> = left_order.customer(db).await.unwrap();
        assert_eq!(none, None);
        assert_eq!(order.customer(db).await.unwrap(), Some(ada.clone()));
        // It sees all products.
        let product: Product = line.product(db).await.unwrap();
        assert_eq!(product.code, gone_product.code);
        assert_eq!(ada.orders(db).await.unwrap(), [order.clone()]);
        assert_eq!(ada.every_order(db).await.unwrap().len(), 2);
        assert_eq!(ada.card(db).await.unwrap(), None);
        assert_eq!(ada.clubs(db).await.unwrap().len(), 1);
        assert_eq!(club.customers(db).await.unwrap(), [ada.clone()]);
        assert_eq!(order.lines(db).await.unwrap(), [line.clone()]);
        let loaded = Order::CUSTOMER.load(db, [&order, &left_order]).await.unwrap();
        assert_eq!(loaded, [Some(ada.clone()), None]);
        assert_eq!(Customer::ORDERS.load(db, [&ada]).await.unwrap(), [vec![order.clone()]]);
        assert_eq!(Order::CUSTOMER.of_id(order.id).optional(db).await.unwrap(), Some(ada.clone()));
        assert_eq!(Order::CUSTOMER.of_id(left_order.id).optional(db).await.unwrap(), None);
        assert_eq!(Customer::CLUBS.of_id(ada.pk).count(db).await.unwrap(), 1);
        // A source that is deleted leads nowhere by its id; one that holds no key is not looked at.
        assert_eq!(Customer::ORDERS.of(&bob).all(db).await.unwrap(), [left_order.clone()]);
        let batched = db.batched();
        let (one, other) = tokio::join!(order.customer(&batched), left_order.customer(&batched));
        assert_eq!((one.unwrap(), other.unwrap()), (Some(ada.clone()), None));
    }

    async fn includes_leave_out_deleted_targets_by_each_strategy(db) {
        let World { ada, order, line, .. } = world(db).await;
        for strategy in [Strategy::Joined, Strategy::Batched, Strategy::Pipelined] {
            let customer = match strategy {
                Strategy::Joined => Order::CUSTOMER.joined(),
                Strategy::Batched => Order::CUSTOMER.batched(),
                Strategy::Pipelined => Order::CUSTOMER.pipelined(),
            };
            let lines = match strategy {
                Strategy::Joined => Order::LINES.joined(),
                Strategy::Batched => Order::LINES.batched(),
                Strategy::Pipelined => Order::LINES.pipelined(),
            };
            let orders: Vec<OrderWith<Option<Customer>, Vec<LineWith<_, Product>>>> = Order::find()
                .include(customer)
                .include(lines.include(Line::PRODUCT))
                .order_by(Order::ID.asc())
                .all(db)
                .await
                .unwrap();
            let names: Vec<_> = orders.iter().map(|order| order.customer.as_ref().map(|one| &*one.name)).collect();
            assert_eq!(names, [Some("ada"), None], "{strategy}");
            let lines: Vec<_> = orders[0].lines.iter().map(|line| line.id).collect();
            assert_eq!(lines, [line.id], "{strategy}");

            let limited = match strategy {
                Strategy::Joined => Customer::ORDERS.limit(3).joined(),
                Strategy::Batched => Customer::ORDERS.limit(3).batched(),
                Strategy::Pipelined => Customer::ORDERS.limit(3).pipelined(),
            };
            let clubs = match strategy {
                Strategy::Joined => Customer::CLUBS.joined(),
                Strategy::Batched => Customer::CLUBS.batched(),
                Strategy::Pipelined => Customer::CLUBS.pipelined(),
            };
            let customers: Vec<CustomerWith<Vec<Order>, _, _, _, _, Vec<Club>>> =
                Customer::find().include(limited).include(clubs).all(db).await.unwrap();
            assert_eq!(customers.len(), 1, "{strategy}");
            assert_eq!(customers[0].orders, [order.clone()], "{strategy}");
            assert_eq!(customers[0].clubs.len(), 1, "{strategy}");
        }
        let present = Order::find().include_required(Order::CUSTOMER).all(db).await.unwrap();
        assert_eq!(present.len(), 1);
        let counted: Vec<CustomerWith<i64>> =
            Customer::find().include(Customer::ORDERS.count()).all(db).await.unwrap();
        assert_eq!(counted[0].orders, 1);
        let preloaded = Order::preload([order.clone()]).include(Order::CUSTOMER).all(db).await.unwrap();
        assert_eq!(preloaded[0].customer, Some(ada));
    }

    async fn an_include_says_which_targets_it_sees(db) {
        let World { bob, gone_order, left_order, order, .. } = world(db).await;
        let all: Vec<OrderWith<Customer>> =
            Order::find().include(Order::CUSTOMER.unscoped()).order_by(Order::ID.asc()).all(db).await.unwrap();
        assert_eq!(all[1].customer.pk, bob.pk);
        let all: Vec<OrderWith<Customer>> = Order::find()
            .include(Order::CUSTOMER.with_deleted())
            .order_by(Order::ID.asc())
            .all(db)
            .await
            .unwrap();
        assert_eq!(all[1].customer.pk, bob.pk);
        let gone: Vec<OrderWith<Option<Customer>>> = Order::find()
            .include(Order::CUSTOMER.only_deleted())
            .order_by(Order::ID.asc())
            .all(db)
            .await
            .unwrap();
        assert_eq!(gone.iter().map(|one| one.customer.is_some()).collect::<Vec<_>>(), [false, true]);
        for strategy in [Strategy::Joined, Strategy::Batched, Strategy::Pipelined] {
            let orders = Customer::ORDERS.with_deleted();
            let orders = match strategy {
                Strategy::Joined => orders.joined(),
                Strategy::Batched => orders.batched(),
                Strategy::Pipelined => orders.pipelined(),
            };
            let customers: Vec<CustomerWith<Vec<Order>>> =
                Customer::find().include(orders).all(db).await.unwrap();
            let ids: Vec<_> = customers[0].orders.iter().map(|one| one.id).collect();
            assert_eq!(ids, [order.id, gone_order.id], "{strategy}");
        }
        let every: Vec<CustomerWith<_, Vec<Order>>> =
            Customer::find().include(Customer::EVERY_ORDER).all(db).await.unwrap();
        assert_eq!(every[0].every_order.len(), 2);
        // The root says nothing of what is included with it.
        let both: Vec<CustomerWith<Vec<Order>>> = Customer::find()
            .with_deleted()
            .include(Customer::ORDERS)
            .order_by(Customer::PK.asc())
            .all(db)
            .await
            .unwrap();
        assert_eq!(both.iter().map(|one| one.orders.len()).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(both[1].orders, [left_order]);
    }

    async fn questions_leave_out_deleted_targets(db) {
        let World { ada, order, left_order, .. } = world(db).await;
        let large = Customer::ORDERS.any(Order::QUANTITY.gt(5));
        assert!(!Customer::find().filter(large).exists(db).await.unwrap());
        assert_eq!(Customer::find().filter(Customer::ORDERS.none(Order::QUANTITY.gt(5))).count(db).await.unwrap(), 1);
        assert_eq!(Customer::find().filter(Customer::ORDERS.all(Order::QUANTITY.lt(5))).count(db).await.unwrap(), 1);
        assert_eq!(Customer::find().filter(Customer::EVERY_ORDER.any(Order::QUANTITY.gt(5))).count(db).await.unwrap(), 1);
        assert_eq!(Customer::find().filter(Customer::ORDERS.count().eq(1)).count(db).await.unwrap(), 1);
        assert_eq!(Customer::find().filter(Customer::CLUBS.count().eq(1)).count(db).await.unwrap(), 1);
        assert!(!Customer::find().filter(Customer::CARD.is_present()).exists(db).await.unwrap());
        let orphans = Order::find().filter(!Order::CUSTOMER.is_present()).all(db).await.unwrap();
        assert_eq!(orphans, [left_order.clone()]);
        let name = Order::CUSTOMER.column(Customer::NAME);
        let names: Vec<Option<String>> =
            Order::find().order_by(Order::ID.asc()).select(name).all(db).await.unwrap();
        assert_eq!(names, [Some("ada".to_owned()), None]);
        assert_eq!(Order::find().filter(name.eq("bob")).count(db).await.unwrap(), 0);
        assert_eq!(Order::find().filter(name.is_null()).all(db).await.unwrap(), [left_order]);
        let code: Vec<String> = Line::find().select(Line::PRODUCT.column(Product::CODE)).all(db).await.unwrap();
        assert_eq!(code, ["q"]);
        let sums: Vec<(i64, Option<i64>)> = Customer::find()
            .select((Customer::PK, Customer::ORDERS.sum(Order::QUANTITY)))
            .all(db)
            .await
            .unwrap();
        assert_eq!(sums, [(ada.pk, Some(i64::from(order.quantity)))]);
        let groups: Vec<(Option<String>, i64)> =
            Order::find().group_by(name).select((name, count())).all(db).await.unwrap();
        assert_eq!(groups.len(), 2);
        assert!(groups.contains(&(Some("ada".to_owned()), 1)) && groups.contains(&(None, 1)));
    }

    async fn trees_leave_out_deleted_rows_and_what_is_below(db) {
        world(db).await;
        // 1 > 2 > 3 (deleted) > 4, 1 > 5
        let one = Category::find_by_id(1).one(db).await.unwrap();
        let four = Category::find_by_id(4).one(db).await.unwrap();
        let ids = |rows: Vec<Category>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        let mut below = ids(Category::PARENT.descendants(&one).entities(db).await.unwrap());
        below.sort_unstable();
        assert_eq!(below, [2, 5]);
        assert!(ids(Category::PARENT.ancestors(&four).entities(db).await.unwrap()).is_empty());
        let mut below = ids(Category::PARENT.descendants_of_id(1).entities(db).await.unwrap());
        below.sort_unstable();
        assert_eq!(below, [2, 5]);
    }

    async fn statements_stay_as_many_as_they_were(db) {
        let World { order, .. } = world(db).await;
        let counting = Counting::new(db);
        order.customer(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        Order::find().include(Order::CUSTOMER.joined()).include(Order::LINES.batched()).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 2);
        order.delete(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
    }
}
