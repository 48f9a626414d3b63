//! Writes that no observer would see.

use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::repository::{Observer, Observers};
use ::relations::{Engine, Error, Executor, Result, Transaction, sql};

use super::world::*;

/// An executor of the user's own that hides what it wraps.
struct Around<E>(E);

impl<E: Executor> Executor for Around<E> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }
}

struct Echo;

impl Observer<Event> for Echo {
    async fn inserted(&self, tx: &Transaction, _: &[Event]) -> Result<()> {
        NewEvent { told: "echo".into() }.insert(tx).await.map(drop)
    }
}

/// A key that is followed by way of rows in between.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Root {
    #[id]
    id: i64,
    #[unique]
    code: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Middle {
    #[id]
    #[belongs_to(Root, name = "root", key_to = "code", on_update = "cascade")]
    code: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Leaf {
    #[id]
    id: i64,
    #[belongs_to(Middle, name = "middle", on_update = "cascade")]
    middle_code: String,
}

impl Observer<Leaf> for Echo {}

fn refused<T: std::fmt::Debug>(done: Result<T>, why: &str) {
    let error: Error = done.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains(why), "{error}");
}

behaviour! {
    async fn sql_of_ones_own_says_that_it_writes_nothing(db) {
        let db = &observed(db).await;
        customer(db, "ada").await;
        refused(sql("DELETE FROM customers", ()).execute(db).await, "`.unobserved()`");
        refused(sql("SELECT 1", ()).one::<i32>(db).await, "`.unobserved()`");
        refused(sql("DELETE FROM customers;", ()).execute_script(db).await, "`.unobserved()`");
        let tx = db.begin().await.unwrap();
        refused(sql("DELETE FROM customers", ()).execute(&tx).await, "`.unobserved()`");
        tx.rollback().await.unwrap();
        let count = || sql("SELECT CAST(count(*) AS integer) FROM customers", ()).unobserved();
        assert_eq!(count().one::<i32>(db).await.unwrap(), 1);
        let script = sql("DELETE FROM events; DELETE FROM orders", ()).unobserved();
        assert_eq!(script.execute_script(db).await.unwrap(), 2);
        assert_eq!(count().one::<i32>(&db.batched()).await.unwrap(), 1);
    }

    async fn tables_and_sessions_are_those_of_the_plain_database(db) {
        let db = &observed(db).await;
        refused(db.create(schema![Note]).await, "tables");
        refused(db.drop(schema![Event]).await, "tables");
        refused(db.sql_session().await, "session");
    }

    async fn rows_that_would_go_with_others_are_deleted_first(db) {
        let db = &observed(db).await;
        customer(db, "ada").await;
        let all = orders(db, "ada", &[1, 2]).await;
        NewLine { order_id: all[0].id, number: 1, price: 5 }.insert(db).await.unwrap();
        events(db).await;
        let why = "rows of `Line` would be deleted or changed together with those of `Order`, by `Line.order`";
        refused(all[0].delete(db).await, why);
        refused(Order::find().all_rows().delete(db).await, why);
        refused(Order::find().all_rows().delete_returning(db).await, why);
        all[1].delete(db).await.unwrap();
        Line::find().all_rows().delete(db).await.unwrap();
        all[0].delete(db).await.unwrap();
        assert_eq!(events(db).await, ["Order -: ada 2 v1", "Line -: 1 5", "Order -: ada 1 v1"]);
    }

    /// The order is not observed, and takes observed lines along.
    async fn rows_that_are_not_observed_take_no_observed_ones_along(db) {
        observed(db).await;
        let plain = db;
        let db = &plain.observed(Observers::new().on::<Line>(Audit));
        NewCustomer { code: "ada".into(), name: "Ada".into() }.insert(db).await.unwrap();
        let new = |quantity| NewOrder { customer_code: "ada".into(), quantity };
        let all = NewOrder::insert_many([1, 2].map(new), db).await.unwrap();
        NewLine { order_id: all[0].id, number: 1, price: 5 }.insert(db).await.unwrap();
        refused(all[0].delete(db).await, "by `Line.order`");
        refused(Order::find().all_rows().delete(db).await, "by `Line.order`");
        assert_eq!(Order::find().filter(Order::QUANTITY.eq(2)).delete(db).await.unwrap(), 1);
        assert_eq!(Order::find().all(db).await.unwrap().len(), 1);
        assert_eq!(events(db).await, ["Line +: 1 5"]);
    }

    async fn a_soft_delete_takes_no_observed_rows_along(db) {
        observed(db).await;
        let plain = db;
        let db = &plain.observed(Observers::new().on::<Note>(Audit));
        let club = NewClub { name: "chess".into(), members: 1 }.insert(db).await.unwrap();
        let note = NewNote { club_id: club.id }.insert(db).await.unwrap();
        refused(club.delete(db).await, "by `Note.club`");
        refused(Club::find().all_rows().delete(db).await, "by `Note.club`");
        note.delete(db).await.unwrap();
        club.delete(db).await.unwrap();
        assert_eq!(events(db).await, ["Note +: ", "Note -: "]);
        // A deleted note would go with a club that is removed.
        refused(club.delete_permanently(db).await, "by `Note.club`");
        note.delete_permanently(db).await.unwrap();
        club.delete_permanently(db).await.unwrap();
    }

    async fn keys_of_observed_rows_do_not_change_under_them(db) {
        let db = &observed(db).await;
        let mut ada = customer(db, "ada").await;
        let all = orders(db, "ada", &[1]).await;
        let why = "`Customer.code` is a key";
        refused(Customer::find().all_rows().set(Customer::CODE, "bob").update(db).await, why);
        ada.name = "Ada".into();
        refused(ada.update(db).await, why);
        refused(Customer::update_many([&mut ada], db).await, why);
        let new = NewCustomer { code: "bob".into(), name: "Bob".into() };
        let upsert = new.on_conflict(Customer::CODE).update((Customer::CODE,));
        refused(upsert.insert(db).await, why);
        let mut edit = Customer { name: "ada's name".into(), ..ada }.edit();
        edit.name = "Ada".into();
        edit.save(db).await.unwrap();
        // Nor does the id by which a row is paired with what it was.
        let change = Order::find_by_id(all[0].id).set(Order::ID, 999).update(db).await;
        refused(change, "by its id");
        assert_eq!(Order::find().one(db).await.unwrap(), all[0]);
        assert_eq!(events(db).await, ["Customer *: ada ada's name -> ada Ada"]);
    }

    async fn keys_do_not_change_by_way_of_others(db) {
        db.create(schema![Root, Middle, Leaf]).await.unwrap();
        let db = db.observed(Observers::new().on::<Leaf>(Echo));
        NewRoot { id: 7, code: "a".into(), name: "A".into() }.insert(&db).await.unwrap();
        NewMiddle { code: "a".into(), name: "A".into() }.insert(&db).await.unwrap();
        let set = Root::find_by_id(7).set(Root::CODE, "b");
        refused(set.update(&db).await, "`Root.code` is a key");
        refused(Middle::find().all_rows().set(Middle::CODE, "b").update(&db).await, "`Middle.code`");
        assert_eq!(Root::find_by_id(7).set(Root::NAME, "B").update(&db).await.unwrap(), 1);
        assert_eq!(Middle::find().all_rows().set(Middle::NAME, "B").update(&db).await.unwrap(), 1);
    }

    async fn an_executor_around_it_cannot_hide_it(db) {
        let db = observed(db).await;
        let ada = customer(&db, "ada").await;
        let around = Around(db.clone());
        let why = "the rows are observed, and this write would not be";
        refused(NewCustomer { code: "bob".into(), name: "Bob".into() }.insert(&around).await, why);
        refused(ada.delete(&around).await, why);
        refused(Customer::CLUBS.unlink_all(&around, &ada).await, why);
        assert_eq!(Customer::find().all(&around).await.unwrap(), [ada]);
    }

    async fn an_observer_does_not_observe_itself(db) {
        let db = observed(db).await.observed(Observers::new().on::<Event>(Echo));
        refused(NewEvent { told: "hello".into() }.insert(&db).await, "would observe itself without end");
        assert!(Event::find().all(&db).await.unwrap().is_empty());
    }
}
