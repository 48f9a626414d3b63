//! Removals, and what a refused one tells.

use ::relations::prelude::*;
use ::relations::{Engine, Error, Executor};

use crate::cast::{self, Customer, Order};
use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
struct Category {
    #[id]
    id: i64,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

/// A shelf goes with its store, and takes its cases along; a label keeps a case where it is.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Shelf)]
struct Store {
    #[id]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Case, key_from("store_id", "number"), key_to("store_id", "shelf_number"))]
struct Shelf {
    #[id]
    #[belongs_to(Store, on_delete = "cascade")]
    store_id: i64,
    #[id]
    number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(
    Shelf,
    name = "shelf",
    key_from("store_id", "shelf_number"),
    key_to("store_id", "number"),
    on_delete = "cascade"
)]
#[has_many(Label)]
struct Case {
    #[id]
    id: i64,
    store_id: i64,
    shelf_number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Label {
    #[id]
    id: i64,
    #[belongs_to(Case, on_delete = "restrict")]
    case_id: i64,
}

/// Which relation of which entity, from which key and from how many rows.
fn told(error: &Error) -> (Option<&str>, Option<&str>, Option<&str>, Option<u64>) {
    assert!(error.is_foreign_key_violation(), "{error}");
    (error.entity(), error.relation().map(|one| one.name), error.key(), error.referencing_rows())
}

behaviour! {
    async fn deleted_rows_come_back(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let first = cast::order(db, &ada, 1).await;
        let second = cast::order(db, &bob, 2).await;
        let of_ada = Order::find().filter(Order::CUSTOMER.column(Customer::NAME).eq("Ada"));
        assert_eq!(of_ada.delete_returning(db).await.unwrap(), [first]);
        assert_eq!(Order::find_by_id(0).delete_returning(db).await.unwrap(), []);
        assert!(Order::find().delete_returning(db).await.unwrap_err().is_invalid_request());
        let all = Order::find().all_rows();
        assert_eq!(all.delete_returning(db).await.unwrap(), [second]);
        assert_eq!(Order::find().count(db).await.unwrap(), 0);
    }

    async fn a_refused_delete_tells_who_still_points_there(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        for quantity in [1, 2, 3] {
            cast::order(db, &ada, quantity).await;
        }
        cast::order(db, &bob, 4).await;
        let error = ada.delete(db).await.unwrap_err();
        assert_eq!(told(&error), (Some("Order"), Some("customer"), Some("1"), Some(3)));
        assert_eq!(
            error.to_string(),
            "cannot delete Customer 1: 3 rows of Order reference it (`orders_customer_id_fkey`)",
        );
        let named = |name| Customer::find().filter(Customer::NAME.eq(name));
        let error = named("Bob").delete(db).await.unwrap_err();
        assert_eq!(told(&error), (Some("Order"), Some("customer"), None, Some(1)));
        assert_eq!(
            error.to_string(),
            "cannot delete rows of Customer: 1 row of Order references them \
             (`orders_customer_id_fkey`)",
        );
        let error = Customer::find().all_rows().delete_returning(db).await.unwrap_err();
        assert_eq!(told(&error), (Some("Order"), Some("customer"), None, Some(4)));
        let with_few = Customer::find().filter(Customer::ORDERS.count().lt(2));
        assert_eq!(told(&with_few.delete(db).await.unwrap_err()).3, Some(1));
        let payer = Order::CUSTOMER.of_id(1).delete(db).await.unwrap_err();
        assert_eq!(told(&payer).3, Some(3));

        // No more is asked than the delete and how many there are.
        let counting = Counting::new(db);
        ada.delete(&counting).await.unwrap_err();
        assert_eq!(counting.count(), 2);
        // A change of the key is refused as well.
        let moved = named("Ada").set(Customer::PK, 77).update(db).await.unwrap_err();
        assert_eq!(told(&moved), (Some("Order"), Some("customer"), Some("2"), Some(3)));
        // A source that was made without a target does not reference one.
        let new = cast::NewOrder { customer_id: 9, payer_id: None, quantity: 1 };
        assert_eq!(told(&new.insert(db).await.unwrap_err()).3, None);
    }

    async fn what_goes_together_with_its_target_is_no_orphan(db) {
        db.create(schema![Category]).await.unwrap();
        for (id, parent_id) in [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(3)), (5, Some(5))] {
            NewCategory { id, parent_id }.insert(db).await.unwrap();
        }
        let error = Category::find().filter(Category::ID.le(2)).delete(db).await.unwrap_err();
        assert_eq!(told(&error), (Some("Category"), Some("parent"), None, Some(1)));
        let third = Category { id: 3, parent_id: Some(1) };
        assert_eq!(told(&third.delete(db).await.unwrap_err()).3, Some(1));
        assert_eq!(Category::find_by_id(5).delete(db).await.unwrap(), 1);
    }

    async fn what_is_kept_further_down_is_counted_there(db) {
        db.create(schema![Store, Shelf, Case, Label]).await.unwrap();
        for store_id in [1, 2] {
            NewStore { id: store_id }.insert(db).await.unwrap();
            for number in [1, 2] {
                NewShelf { store_id, number }.insert(db).await.unwrap();
                let id = store_id * 10 + i64::from(number);
                NewCase { id, store_id, shelf_number: number }.insert(db).await.unwrap();
                NewLabel { id, case_id: id }.insert(db).await.unwrap();
            }
        }
        let store = Store::find_by_id(1).one(db).await.unwrap();
        let error = store.delete(db).await.unwrap_err();
        assert_eq!(told(&error), (Some("Label"), Some("case"), None, Some(2)));
        let shelf = Shelf::find_by_id((2, 1)).delete(db).await.unwrap_err();
        assert_eq!(told(&shelf), (Some("Label"), Some("case"), None, Some(1)));
        let some = Shelf::find().filter(Shelf::NUMBER.eq(1));
        let some = some.delete_returning(db).await.unwrap_err();
        assert_eq!(told(&some), (Some("Label"), Some("case"), None, Some(2)));
        let every = Store::find().all_rows().delete(db).await.unwrap_err();
        assert_eq!(told(&every).3, Some(4));
        Label::find().all_rows().delete(db).await.unwrap();
        store.delete(db).await.unwrap();
        assert_eq!(Case::find().count(db).await.unwrap(), 2);
    }

    async fn a_transaction_tells_how_many_where_it_can(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        cast::order(db, &ada, 1).await;
        let transaction = db.begin().await.unwrap();
        let counting = Counting::new(&transaction);
        let error = ada.delete(&counting).await.unwrap_err();
        let orphans = (db.engine() == Engine::Sqlite).then_some(1);
        assert_eq!(told(&error), (Some("Order"), Some("customer"), Some("1"), orphans));
        assert_eq!(transaction.is_failed(), db.engine() == Engine::Postgres);
        drop(transaction);
        assert_eq!(ada.delete(db).await.unwrap_err().referencing_rows(), Some(1));
    }

    /// The entity that is deleted need not know who points to it.
    async fn a_refusal_by_a_stranger_is_one_of_a_row_that_would_go(db) {
        #[derive(Debug, Entity)]
        #[entity(table = "categories")]
        struct Bare { #[id] id: i64 }

        db.create(schema![Category]).await.unwrap();
        for (id, parent_id) in [(1, None), (2, Some(1))] {
            NewCategory { id, parent_id }.insert(db).await.unwrap();
        }
        let error = Bare { id: 1 }.delete(db).await.unwrap_err();
        assert_eq!(told(&error), (Some("Bare"), None, Some("1"), Some(1)));
        let says = "cannot delete Bare 1: 1 row of Bare references it (`categories_parent_id_fkey`)";
        assert_eq!(error.to_string(), says);
    }
}
