//! Following a relation from a source's id, in one statement.

use ::relations::prelude::*;

use crate::cast::{self, Customer, NewOrder, Order};
use crate::relations::{loose, promised};
use crate::support::Counting;

/// A profile's id is the key of the account it belongs to.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_one(Profile, key_to = "id")]
pub struct Account {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Profile {
    #[id]
    #[belongs_to(Account, name = "account")]
    pub id: i64,
}

/// Tables that have the names which a careless statement would give to others.
mod named {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "source")]
    #[has_many(Target, name = "targets", key_to = "source_id")]
    pub struct Source {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "target")]
    pub struct Target {
        #[id]
        pub id: i64,
        #[belongs_to(Source)]
        pub source_id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "key")]
    #[belongs_to(Each, name = "each", key_from("left", "right"), key_to("key", "value"))]
    pub struct Key {
        #[id]
        pub value: i64,
        pub left: i64,
        pub right: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "each")]
    #[has_many(Key, name = "keys", key_from("key", "value"), key_to("left", "right"))]
    pub struct Each {
        #[id]
        pub key: i64,
        #[id]
        pub value: i64,
    }
}

behaviour! {
    async fn the_target_is_found_by_the_id_of_its_source(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 1).await;
        let counting = Counting::new(db);
        let of = || Order::CUSTOMER.of_id(order.id);
        assert_eq!(of().one(&counting).await.unwrap(), ada);
        assert_eq!(of().optional(&counting).await.unwrap(), Some(ada.clone()));
        assert_eq!(of().first(&counting).await.unwrap(), Some(ada.clone()));
        assert_eq!(of().all(&counting).await.unwrap(), [ada]);
        assert_eq!(of().count(&counting).await.unwrap(), 1);
        assert!(of().exists(&counting).await.unwrap());
        assert_eq!(counting.count(), 6);
    }

    async fn a_missing_source_is_not_found(db) {
        cast::create(db).await;
        let counting = Counting::new(db);
        for error in [
            Order::CUSTOMER.of_id(7).one(&counting).await.unwrap_err(),
            Order::CUSTOMER.of_id(7).optional(&counting).await.unwrap_err(),
            Order::PAYER.of_id(7).optional(&counting).await.unwrap_err(),
        ] {
            assert!(error.is_not_found(), "{error}");
            assert_eq!((error.entity(), error.key()), (Some("Order"), Some("7")));
            assert_eq!(error.to_string(), "no Order with key 7");
        }
        assert_eq!(counting.count(), 3);
    }

    async fn a_null_key_leads_to_none(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 1).await;
        let counting = Counting::new(db);
        assert_eq!(Order::PAYER.of_id(order.id).optional(&counting).await.unwrap(), None);
        let error = Order::PAYER.of_id(order.id).one(&counting).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.entity(), Some("Customer"));
        assert_eq!(error.relation().map(|relation| relation.name), Some("payer"));
        assert_eq!(counting.count(), 2);
    }

    async fn a_dangling_key_is_a_missing_target(db) {
        loose::create(db).await;
        let counting = Counting::new(db);
        let error = promised::Pet::OWNER.of_id(2).one(&counting).await.unwrap_err();
        assert!(error.is_target_missing());
        assert_eq!(error.entity(), Some("Owner"));
        assert_eq!(error.key(), Some("7"));
        assert_eq!(counting.count(), 1);
    }

    async fn a_filter_on_top_leaves_the_target_out(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 1).await;
        let counting = Counting::new(db);
        let of = |name: &str| Order::CUSTOMER.of_id(order.id).filter(Customer::NAME.eq(name));
        assert_eq!(of("Ada").one(&counting).await.unwrap(), ada);
        assert_eq!(of("Bob").optional(&counting).await.unwrap(), None);
        let error = of("Bob").one(&counting).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.entity(), Some("Customer"));
        assert_eq!(counting.count(), 3);
        // A filter that nothing can match, or that has a null for an answer, is no other case.
        let none = Order::CUSTOMER.of_id(order.id).filter(Customer::EMAIL.eq("x"));
        assert_eq!(none.optional(db).await.unwrap(), None);
        let missing = Order::CUSTOMER.of_id(7).filter(Customer::ID.is_in(Vec::<i64>::new()));
        assert!(missing.optional(db).await.unwrap_err().is_not_found());
        assert_eq!(Order::CUSTOMER.of_id(order.id).limit(0).optional(db).await.unwrap(), None);
    }

    async fn a_key_that_is_the_id_itself_still_needs_its_source(db) {
        db.create(schema![Account, Profile]).await.unwrap();
        let account = NewAccount { id: 1 }.insert(db).await.unwrap();
        let error = Profile::ACCOUNT.of_id(1).one(db).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.entity(), Some("Profile"));
        assert_eq!(Profile::ACCOUNT.of_id(1).all(db).await.unwrap(), []);
        let profile = NewProfile { id: 1 }.insert(db).await.unwrap();
        assert_eq!(Profile::ACCOUNT.of_id(1).one(db).await.unwrap(), account);
        assert_eq!(account.profile(db).await.unwrap(), Some(profile));
    }

    async fn many_targets_are_found_by_the_id_of_their_source(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let orders = [cast::order(db, &ada, 1).await, cast::order(db, &ada, 2).await];
        let payer = NewOrder { customer_id: bob.pk, payer_id: None, quantity: 3 };
        let bobs = payer.insert(db).await.unwrap();
        let counting = Counting::new(db);
        // Ada's id is 1 and the key of her orders 2.
        assert_eq!(Customer::ORDERS.of_id(ada.id).all(&counting).await.unwrap(), orders);
        assert_eq!(Customer::ORDERS.of_id(bob.id).all(&counting).await.unwrap(), [bobs]);
        assert_eq!(Customer::ORDERS.of_id(9).all(&counting).await.unwrap(), []);
        let large = Customer::ORDERS.of_id(ada.id).filter(Order::QUANTITY.gt(1));
        assert_eq!(large.all(&counting).await.unwrap(), orders[1..]);
        assert_eq!(counting.count(), 4);
        assert_eq!(Customer::ORDERS.of_id(ada.id).count(db).await.unwrap(), 2);
        assert_eq!(Customer::ORDERS.of_id(ada.id).first(db).await.unwrap().as_ref(), orders.first());
        assert!(Customer::ORDERS.of_id(ada.id).one(db).await.unwrap_err().is_not_unique());
        let ada_orders = Customer::ORDERS.of_id(ada.id);
        assert_eq!(ada_orders.clone().set(Order::QUANTITY, 8).update(db).await.unwrap(), 2);
        assert_eq!(ada_orders.delete(db).await.unwrap(), 2);
        assert_eq!(Order::find().count(db).await.unwrap(), 1);
    }

    async fn tables_may_have_any_name(db) {
        use named::{Each, Key, NewEach, NewKey, NewSource, NewTarget, Source, Target};
        db.create(schema![Source, Target, Each, Key]).await.unwrap();
        let source = NewSource { id: 1 }.insert(db).await.unwrap();
        let target = NewTarget { id: 2, source_id: 1 }.insert(db).await.unwrap();
        assert_eq!(Target::SOURCE.of_id(2).one(db).await.unwrap(), source);
        assert_eq!(Target::SOURCE.of_id(2).all(db).await.unwrap(), [source.clone()]);
        assert_eq!(Source::TARGETS.of_id(1).all(db).await.unwrap(), [target.clone()]);
        assert_eq!(Source::TARGETS.load(db, [&source]).await.unwrap(), [[target]]);
        let error = NewTarget { id: 3, source_id: 9 }.insert(db).await.unwrap_err();
        assert_eq!(error.relation().map(|relation| relation.name), Some("source"));
        let error = source.delete(db).await.unwrap_err();
        assert_eq!(error.relation().map(|relation| relation.name), Some("source"));

        let each = NewEach { key: 1, value: 2 }.insert(db).await.unwrap();
        let key = NewKey { value: 7, left: 1, right: 2 }.insert(db).await.unwrap();
        assert_eq!(Key::EACH.load(db, [&key]).await.unwrap(), [each.clone()]);
        assert_eq!(Each::KEYS.load(db, [&each]).await.unwrap(), [[key]]);
        assert_eq!(Key::EACH.of_id(7).one(db).await.unwrap(), each);
    }
}
