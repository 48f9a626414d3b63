//! Writing through a relation.

use ::relations::prelude::*;

use crate::cast::{Customer, NewOrder, Order, create, customers, order};
use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_one(Passport, key_from = "number", key_to = "person_number")]
struct Person {
    #[id(generated)]
    id: i64,
    #[unique]
    number: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Passport {
    #[id(generated)]
    id: i64,
    #[unique]
    #[belongs_to(Person, name = "person", key_to = "number")]
    person_number: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Step, key_from("tenant", "number"), key_to("tenant", "plan"))]
struct Plan {
    #[id]
    tenant: String,
    #[id]
    number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(Plan, name = "of_plan", key_from("tenant", "plan"), key_to("tenant", "number"))]
struct Step {
    #[id(generated)]
    id: i64,
    tenant: String,
    plan: i32,
}

behaviour! {
    async fn a_target_is_inserted_under_its_source(db) {
        create(db).await;
        let (ada, _) = customers(db).await;
        let new = |customer_id| NewOrder { customer_id, payer_id: None, quantity: 3 };
        let order = Customer::ORDERS.insert(db, &ada, new).await.unwrap();
        assert_eq!(order, Order { id: order.id, customer_id: ada.pk, payer_id: None, quantity: 3 });
        assert_eq!(ada.orders(db).await.unwrap(), [order]);
    }

    async fn targets_are_inserted_in_one_statement(db) {
        create(db).await;
        let (ada, bob) = customers(db).await;
        let counting = Counting::new(db);
        let orders = Customer::ORDERS.insert_many(&counting, &bob, |customer_id| {
            [1, 2, 3].map(|quantity| NewOrder { customer_id, payer_id: None, quantity })
        });
        let orders = orders.await.unwrap();
        assert_eq!(counting.count(), 1);
        assert_eq!(orders.iter().map(|order| order.quantity).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(bob.orders(db).await.unwrap(), orders);
        assert_eq!(ada.orders(db).await.unwrap(), []);
    }

    async fn a_target_takes_no_other_key(db) {
        create(db).await;
        let (ada, bob) = customers(db).await;
        let new = |customer_id| NewOrder { customer_id, payer_id: None, quantity: 3 };
        let counting = Counting::new(db);
        let stray = Customer::ORDERS.insert(&counting, &ada, |_| new(bob.pk)).await.unwrap_err();
        assert!(stray.is_invalid_request());
        assert_eq!(
            stray.to_string(),
            "a new Order holds another key than that of what it is inserted under; give \
             `customer_id` what the function is given",
        );
        let strays = Customer::ORDERS.insert_many(&counting, &ada, |own| [new(own), new(bob.pk)]);
        assert!(strays.await.unwrap_err().is_invalid_request());
        assert_eq!(counting.count(), 0);
    }

    async fn a_source_without_a_key_takes_no_target(db) {
        db.create(schema![Person, Passport]).await.unwrap();
        let nobody = NewPerson { number: None }.insert(db).await.unwrap();
        let refused = Person::PASSPORT
            .insert(db, &nobody, |person_number| NewPassport { person_number })
            .await
            .unwrap_err();
        assert!(refused.is_invalid_request());
        assert_eq!(
            refused.to_string(),
            "`Person.number` is null, so that nothing can hold it as a key",
        );
    }

    async fn a_source_takes_no_second_target_where_it_has_one(db) {
        db.create(schema![Person, Passport]).await.unwrap();
        let ada = NewPerson { number: Some(7) }.insert(db).await.unwrap();
        let bob = NewPerson { number: Some(8) }.insert(db).await.unwrap();
        let new = |person_number| NewPassport { person_number };
        let passport = Person::PASSPORT.insert(db, &ada, new).await.unwrap();
        assert_eq!(ada.passport(db).await.unwrap(), Some(passport));
        let second = Person::PASSPORT.insert(db, &ada, new).await.unwrap_err();
        assert!(second.is_unique_violation());
        Person::PASSPORT.insert(db, &bob, new).await.unwrap();
        let moved = Person::PASSPORT.reparent(db, Person::PASSPORT.of(&bob), &ada).await;
        assert!(moved.unwrap_err().is_unique_violation());
    }

    async fn targets_of_a_composite_key(db) {
        db.create(schema![Plan, Step]).await.unwrap();
        let new = |tenant: &str, number| NewPlan { tenant: tenant.into(), number };
        let first = new("a", 1).insert(db).await.unwrap();
        let second = new("b", 2).insert(db).await.unwrap();
        let step = Plan::STEPS
            .insert(db, &first, |(tenant, plan)| NewStep { tenant, plan })
            .await
            .unwrap();
        assert_eq!(first.steps(db).await.unwrap(), [step.clone()]);
        assert_eq!(Plan::STEPS.reparent(db, Step::find_by_id(step.id), &second).await.unwrap(), 1);
        assert_eq!(second.steps(db).await.unwrap().len(), 1);
        assert_eq!(first.steps(db).await.unwrap(), []);
    }

    async fn targets_are_given_to_another_source(db) {
        create(db).await;
        let (ada, bob) = customers(db).await;
        let (small, large) = (order(db, &ada, 1).await, order(db, &ada, 9).await);
        let others = order(db, &bob, 9).await;
        let chosen = Customer::ORDERS.of(&ada).filter(Order::QUANTITY.gt(5));
        assert_eq!(Customer::ORDERS.reparent(db, chosen, &bob).await.unwrap(), 1);
        let large = Order { customer_id: bob.pk, ..large };
        assert_eq!(ada.orders(db).await.unwrap(), [small]);
        assert_eq!(bob.orders(db).await.unwrap(), [large, others]);
        let every = Customer::ORDERS.reparent(db, Order::find(), &ada).await.unwrap_err();
        assert!(every.is_invalid_request());
    }

    async fn targets_do_not_leave_the_relation_that_they_are_updated_through(db) {
        create(db).await;
        let (ada, bob) = customers(db).await;
        let before = order(db, &ada, 1).await;
        let orders = || Customer::ORDERS.of(&ada);
        let refused = [
            orders().set(Order::CUSTOMER_ID, bob.pk).update(db).await.unwrap_err(),
            orders().set_expr(Order::CUSTOMER_ID, Order::ID).update(db).await.unwrap_err(),
            orders().set(Order::CUSTOMER_ID, bob.pk).update_returning(db).await.unwrap_err(),
            // The key of this source is not known, so it cannot be given either.
            Customer::ORDERS.of_id(ada.id).set(Order::CUSTOMER_ID, ada.pk).update(db).await.unwrap_err(),
        ];
        for error in refused {
            assert!(error.is_invalid_request(), "{error}");
            assert_eq!(error.relation().map(|relation| relation.name), Some("orders"));
            assert_eq!(
                error.to_string(),
                "`Order.customer_id` says whose row it is, and this would move rows out of \
                 `Customer.orders`; move them with `reparent`, or update them by a query that does not \
                 follow the relation",
            );
        }
        assert_eq!(Order::find().all(db).await.unwrap(), [before.clone()]);
        // Its own key is the same, as it is to an insert, and other queries move what they mean.
        let same = orders().set(Order::CUSTOMER_ID, ada.pk).update(db).await.unwrap();
        assert_eq!(same, 1);
        Order::find_by_id(before.id).set(Order::CUSTOMER_ID, bob.pk).update(db).await.unwrap();
        assert_eq!(bob.orders(db).await.unwrap().len(), 1);
    }

    async fn changes_and_removals_stay_within_the_relation(db) {
        create(db).await;
        let (ada, bob) = customers(db).await;
        let (of_ada, of_bob) = (order(db, &ada, 1).await, order(db, &bob, 1).await);
        let one = Order::QUANTITY.eq(1);
        let changed =
            Customer::ORDERS.of(&ada).filter(one.clone()).set(Order::QUANTITY, 5).update(db);
        assert_eq!(changed.await.unwrap(), 1);
        assert_eq!(Order::find_by_id(of_ada.id).one(db).await.unwrap().quantity, 5);
        assert_eq!(Customer::ORDERS.of(&ada).delete(db).await.unwrap(), 1);
        assert_eq!(Order::find().all(db).await.unwrap(), [of_bob]);
    }
}
