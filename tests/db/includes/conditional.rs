//! Includes that are decided at run time.

use ::relations::include::{Maybe, Strategy};
use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::to_string;

use super::*;

/// An order with whatever was wanted of it.
type Wanted = OrderWith<CustomerWith<Maybe<i64>>, Maybe<Option<Customer>>, Maybe<Lines>>;

/// Lines with their products, where these were wanted.
type Lines = Vec<LineWith<NotIncluded, Maybe<Product>>>;

behaviour! {
    async fn what_is_wanted_is_loaded_and_the_rest_is_not_asked_for(db) {
        let (ada, bob, _) = shop(db).await;
        let counting = Counting::new(db);
        for customer in [Order::CUSTOMER.joined(), Order::CUSTOMER.batched(), Order::CUSTOMER.pipelined()] {
            let typed = Order::find().include(customer.clone()).order_by(Order::ID.asc());
            let typed: Vec<OrderWith<Customer>> = typed.all(&counting).await.unwrap();
            let statements = counting.count();
            let wanted = Order::find().include_if(true, customer.clone()).order_by(Order::ID.asc());
            let wanted: Vec<OrderWith<Maybe<Customer>>> = wanted.all(&counting).await.unwrap();
            assert_eq!(counting.count(), statements);
            let customers: Vec<_> =
                wanted.iter().map(|order| order.customer.as_option().unwrap().clone()).collect();
            assert_eq!(customers, [ada.clone(), bob.clone(), ada.clone()]);
            let those: Vec<_> = typed.into_iter().map(|order| order.customer).collect();
            assert_eq!(customers, those);

            let left = Order::find().include_if(false, customer).order_by(Order::ID.asc());
            let left = left.all(&counting).await.unwrap();
            assert_eq!(counting.count(), 1);
            assert!(left.iter().all(|order| order.customer == Maybe::NotIncluded));
        }
    }

    async fn each_place_is_decided_by_itself(db) {
        let (ada, _, orders) = shop(db).await;
        for bits in 0..16 {
            let [payer, lines, product, count] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
            let customer = Order::CUSTOMER.include_if(count, Customer::ORDERS.count());
            let found: Vec<Wanted> = Order::find()
                .include(customer)
                .include_if(payer, Order::PAYER)
                .include_if(lines, Order::LINES.include_if(product, Line::PRODUCT))
                .order_by(Order::ID.asc())
                .limit(50)
                .all(db).await.unwrap();
            assert_eq!(found.len(), orders.len());
            assert_eq!(found[0].customer.orders.into_option(), count.then_some(2));
            let payers: Vec<_> = found.iter().map(|order| order.payer.as_option().cloned()).collect();
            let expected = [None, Some(ada.clone()), None];
            assert_eq!(payers, expected.map(|one| payer.then_some(one)));
            let codes: Vec<Option<Vec<_>>> = found
                .iter()
                .map(|order| {
                    let lines = order.lines.as_option()?.iter();
                    Some(lines.map(|line| line.product.as_option().map(|one| one.code.as_str())).collect())
                })
                .collect();
            let expected = [vec!["pen", "ink", "ink"], vec![], vec!["cap"]].map(|codes| {
                lines.then(|| codes.into_iter().map(|code| product.then_some(code)).collect::<Vec<_>>())
            });
            assert_eq!(codes, expected);
        }
    }

    async fn a_target_that_sources_share_is_given_to_each(db) {
        shop(db).await;
        for wanted in [true, false] {
            let lines = Line::find().include(Line::ORDER.batched().include_if(wanted, Order::CUSTOMER));
            let lines: Vec<LineWith<OrderWith<Maybe<Customer>>>> = lines.all(db).await.unwrap();
            assert_eq!(lines.len(), 4);
            assert!(lines.iter().all(|line| line.order.customer.is_included() == wanted));
        }
    }

    async fn every_verb_takes_it(db) {
        let (ada, _, orders) = shop(db).await;
        for wanted in [true, false] {
            let query = || Order::find().include_if(wanted, Order::CUSTOMER);
            let customer = wanted.then(|| ada.clone());
            let one = Order::find_by_id(orders[0].id).include_if(wanted, Order::CUSTOMER);
            assert_eq!(one.one(db).await.unwrap().customer.into_option(), customer);
            let first = query().order_by(Order::ID.asc()).first(db).await.unwrap().unwrap();
            assert_eq!(first.customer.into_option(), customer);
            let streamed: Vec<_> = query().stream(db).chunk(2).try_collect().await.unwrap();
            assert!(streamed.iter().all(|order| order.customer.is_included() == wanted));
            assert_eq!(streamed.len(), 3);
            // The rows are the same ones, wanted or not.
            let distinct = Order::find().distinct().include_if(wanted, Order::CUSTOMER);
            assert_eq!(distinct.all(db).await.unwrap().len(), 3);
            let hand = Order::preload(Order::find().order_by(Order::ID.asc()).all(db).await.unwrap());
            let hand: Vec<OrderWith<Maybe<Customer>>> =
                hand.include_if(wanted, Order::CUSTOMER).all(db).await.unwrap();
            assert_eq!(hand[0].customer.as_option(), customer.as_ref());
            let of_id = Customer::ORDERS.of(&ada).include_if(wanted, Order::CUSTOMER);
            assert_eq!(of_id.first(db).await.unwrap().unwrap().customer.into_option(), customer);
        }
    }

    async fn a_required_relation_below_one_that_may_be_left_out_leaves_out_its_sources_alone(db) {
        let (ada, _, _) = shop(db).await;
        for strategy in [Strategy::Joined, Strategy::Batched, Strategy::Pipelined] {
            let customer = |wanted| {
                let payer = match strategy {
                    Strategy::Joined => Order::PAYER.joined(),
                    Strategy::Batched => Order::PAYER.batched(),
                    Strategy::Pipelined => Order::PAYER.pipelined(),
                };
                Customer::find().order_by(Customer::ID.asc())
                    .include_if(wanted, Customer::ORDERS.include_required(payer))
            };
            let found = customer(true).all(db).await.unwrap();
            let payers: Vec<Vec<_>> = found.iter().map(|customer| {
                let orders = customer.orders.as_option().unwrap().iter();
                orders.map(|order| order.payer.clone()).collect()
            }).collect();
            assert_eq!(payers, [vec![], vec![ada.clone()]]);
            assert_eq!(customer(false).all(db).await.unwrap().len(), 2);
        }
    }

    async fn json_has_the_member_or_not(db) {
        db.create(schema![Shelf, Book]).await.unwrap();
        NewShelf { id: 7, code: 3 }.insert(db).await.unwrap();
        NewBook { id: 1, shelf_code: Some(3) }.insert(db).await.unwrap();
        NewBook { id: 2, shelf_code: None }.insert(db).await.unwrap();
        let books = || Book::find().order_by(Book::ID.asc());
        let typed = books().include(Book::SHELF).all(db).await.unwrap();
        let wanted = books().include_if(true, Book::SHELF).all(db).await.unwrap();
        assert_eq!(to_string(&wanted).unwrap(), to_string(&typed).unwrap());
        let left = books().include_if(false, Book::SHELF).all(db).await.unwrap();
        let plain = books().all(db).await.unwrap();
        assert_eq!(to_string(&left).unwrap(), to_string(&plain).unwrap());
        let typed = Shelf::find().include(Shelf::BOOKS.count()).all(db).await.unwrap();
        let wanted = Shelf::find().include_if(true, Shelf::BOOKS.count()).all(db).await.unwrap();
        assert_eq!(to_string(&wanted).unwrap(), to_string(&typed).unwrap());
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[entity(table = "shelves")]
#[has_many(Book, key_from = "code", key_to = "shelf_code")]
struct Shelf {
    #[id]
    id: i64,
    #[unique]
    code: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
struct Book {
    #[id]
    id: i64,
    #[belongs_to(Shelf, name = "shelf", key_to = "code")]
    shelf_code: Option<i64>,
}
