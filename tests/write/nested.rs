//! Entities that are made with what belongs to them.

use ::relations::prelude::*;
use ::relations::{Database, Error};

use crate::cast::{
    Customer, CustomerWith, Line, LineWith, NewCustomer, NewLine, NewOrder, NewProduct, Order,
    OrderWith, Product, create, customers,
};

fn customer(name: &str) -> NewCustomer {
    NewCustomer { id: 1, pk: 2, name: name.into(), email: None }
}

fn order(customer_id: i64, quantity: i32) -> NewOrder {
    NewOrder { customer_id, payer_id: None, quantity }
}

fn product(code: &str) -> NewProduct {
    NewProduct { code: code.into(), price: 5.0 }
}

async fn nothing_is_there(db: &Database) {
    assert_eq!(Customer::find().count(db).await.unwrap(), 0);
    assert_eq!(Order::find().count(db).await.unwrap(), 0);
    assert_eq!(Line::find().count(db).await.unwrap(), 0);
}

behaviour! {
    async fn sources_come_before_their_targets(db) {
        create(db).await;
        let tea = product("tea").insert(db).await.unwrap();
        let ada: CustomerWith<Vec<OrderWith<_, _, Vec<Line>>>> = customer("Ada")
            .with(Customer::ORDERS, |customer_id| {
                [3, 4].map(|quantity| {
                    order(customer_id, quantity).with(Order::LINES, |order_id| {
                        [1, 2].map(|number| NewLine { order_id, number, product_id: tea.code.clone() })
                    })
                })
            })
            .insert(db)
            .await
            .unwrap();
        let loaded = Customer::find().include(Customer::ORDERS.include(Order::LINES)).one(db).await;
        assert_eq!(ada, loaded.unwrap());
        let lines = ada.orders.iter().map(|order| (order.quantity, order.lines.len()));
        assert_eq!(lines.collect::<Vec<_>>(), [(3, 2), (4, 2)]);
    }

    async fn targets_come_before_what_holds_their_key(db) {
        create(db).await;
        let order: OrderWith<Customer> = Order::CUSTOMER
            .new_with_target(customer("Ada"), |ada| order(ada.pk, 3))
            .insert(db)
            .await
            .unwrap();
        assert_eq!(order.customer.name, "Ada");
        let loaded = Order::find().include(Order::CUSTOMER).one(db).await.unwrap();
        assert_eq!(order, loaded);
    }

    async fn an_order_with_its_lines_and_a_new_customer(db) {
        create(db).await;
        let placed: OrderWith<Customer, _, Vec<LineWith<_, Product>>> = Order::CUSTOMER
            .new_with_target(customer("Ada"), |ada| {
                order(ada.pk, 3).with(Order::LINES, |order_id| {
                    [(1, "tea"), (2, "milk")].map(|(number, code)| {
                        Line::PRODUCT.new_with_target(product(code), move |product: &Product| NewLine {
                            order_id,
                            number,
                            product_id: product.code.clone(),
                        })
                    })
                })
            })
            .insert(db)
            .await
            .unwrap();
        let codes = placed.lines.iter().map(|line| (line.number, &*line.product.code));
        assert_eq!(codes.collect::<Vec<_>>(), [(1, "tea"), (2, "milk")]);
        let loaded = Order::find()
            .include(Order::CUSTOMER)
            .include(Order::LINES.include(Line::PRODUCT))
            .one(db)
            .await
            .unwrap();
        assert_eq!(placed, loaded);
    }

    async fn what_is_empty_is_no_mistake(db) {
        create(db).await;
        let ada = customer("Ada")
            .with(Customer::ORDERS, |_| Vec::<NewOrder>::new())
            .insert(db)
            .await
            .unwrap();
        assert_eq!(ada.orders, []);
    }

    async fn a_refused_row_leaves_nothing(db) {
        create(db).await;
        let placed = customer("Ada").with(Customer::ORDERS, |customer_id| {
            [order(customer_id, 3).with(Order::LINES, |order_id| {
                [NewLine { order_id, number: 1, product_id: "nothing".into() }]
            })]
        });
        let refused: Error = placed.insert(db).await.unwrap_err();
        assert!(refused.is_foreign_key_violation());
        assert_eq!(refused.relation().unwrap().name, "product");
        nothing_is_there(db).await;
    }

    async fn another_key_leaves_nothing(db) {
        create(db).await;
        let stray = customer("Ada").with(Customer::ORDERS, |_| [order(4711, 3)]);
        assert!(stray.insert(db).await.unwrap_err().is_invalid_request());
        let stray = Order::CUSTOMER.new_with_target(customer("Ada"), |_| order(4711, 3));
        assert!(stray.insert(db).await.unwrap_err().is_invalid_request());
        // The key of what is above is still to be held when something comes between.
        let stray = customer("Ada").with(Customer::ORDERS, |_| {
            [Order::PAYER.new_with_target(
                NewCustomer { id: 5, pk: 6, name: "Bob".into(), email: None },
                |bob| NewOrder { customer_id: 4711, payer_id: Some(bob.pk), quantity: 1 },
            )]
        });
        assert!(stray.insert(db).await.unwrap_err().is_invalid_request());
        nothing_is_there(db).await;
    }

    async fn in_a_transaction_it_is_a_part_of_it(db) {
        create(db).await;
        let transaction = db.begin().await.unwrap();
        let placed = customer("Ada").with(Customer::ORDERS, |customer_id| [order(customer_id, 3)]);
        placed.insert(&transaction).await.unwrap();
        assert_eq!(Order::find().count(&transaction).await.unwrap(), 1);
        transaction.rollback().await.unwrap();
        nothing_is_there(db).await;
    }

    async fn it_can_be_spawned(db) {
        create(db).await;
        let (ada, _) = customers(db).await;
        let db = db.clone();
        let placed = tokio::spawn(async move {
            order(ada.pk, 3)
                .with(Order::LINES, |order_id| {
                    [Line::PRODUCT.new_with_target(product("tea"), move |tea: &Product| NewLine {
                        order_id,
                        number: 1,
                        product_id: tea.code.clone(),
                    })]
                })
                .insert(&db)
                .await
        });
        assert_eq!(placed.await.unwrap().unwrap().lines.len(), 1);
    }
}
