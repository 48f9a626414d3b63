//! Many rows that are made unless they are there.

use ::relations::Error;
use ::relations::prelude::*;
use ::relations::repository::Upserted;

use crate::support::{self, Counting};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "Stock Items")]
pub struct Item {
    #[id(generated)]
    pub id: i64,
    #[unique]
    #[column(name = "the code")]
    pub code: String,
    pub name: String,
    pub stock: i64,
    #[column(default = "'new'")]
    pub state: Option<String>,
    #[column(generated = "stock * 2")]
    pub twice: i64,
    #[version]
    pub version: i32,
}

/// A key of two properties, of which one may be null.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(shop, number)]
pub struct Shelf {
    #[id(generated)]
    pub id: i64,
    pub shop: i64,
    pub number: Option<i32>,
    pub label: String,
}

/// A key of some rows.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(email, name = "one_open", filter = "closed = false")]
pub struct Account {
    #[id(generated)]
    pub id: i64,
    pub email: String,
    #[column(default = "false")]
    pub closed: bool,
    pub weight: i32,
}

/// A tree whose rows are given in any order, by a key that SQLite may hold in several spellings.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Node {
    #[id]
    pub id: uuid::Uuid,
    #[belongs_to(Node, name = "parent")]
    pub parent_id: Option<uuid::Uuid>,
    pub label: String,
}

fn item(code: &str, stock: i64) -> NewItem {
    NewItem { code: code.into(), name: format!("item {code}"), stock, state: None }
}

fn shelf(number: Option<i32>, label: &str) -> NewShelf {
    NewShelf { shop: 1, number, label: label.into() }
}

fn account(email: &str, closed: bool, weight: i32) -> NewAccount {
    NewAccount { email: email.into(), closed: closed.then_some(true), weight }
}

fn told(upserted: &[Upserted<Item>]) -> Vec<(bool, &str, i64)> {
    upserted.iter().map(|one| (one.is_inserted(), &*one.code, one.stock)).collect()
}

fn is_given_twice(error: &Error) -> bool {
    error.is_invalid_request()
        && error.to_string().starts_with("two rows of one call have the same key")
}

behaviour! {
    async fn each_row_tells_whether_it_is_new_in_the_order_of_the_call(db) {
        db.create(schema![Item]).await.unwrap();
        item("b", 10).insert(db).await.unwrap();
        item("d", 20).insert(db).await.unwrap();
        let rows = || [item("d", 1), item("c", 2), item("b", 3), item("a", 4)];
        let upserted = NewItem::insert_many(rows(), db)
            .on_conflict(Item::CODE)
            .update(Item::NAME)
            .set_expr(Item::STOCK, Item::STOCK + Item::STOCK.excluded())
            .await
            .unwrap();
        let expected = [(false, "d", 21), (true, "c", 2), (false, "b", 13), (true, "a", 4)];
        assert_eq!(told(&upserted), expected);
        for row in upserted {
            let row = row.into_inner();
            assert_eq!(row.twice, row.stock * 2);
            assert_eq!(row.version, if row.stock > 10 { 2 } else { 1 });
            assert_eq!(Item::find_by_id(row.id).one(db).await.unwrap(), row);
        }
        let many = || (0..50).rev().map(|at| item(&format!("x{at}"), at));
        let upsert = || NewItem::insert_many(many(), db).on_conflict(Item::CODE).update(Item::STOCK);
        let first = upsert().await.unwrap();
        assert!(first.iter().all(Upserted::is_inserted));
        let second = upsert().await.unwrap();
        assert!(!second.iter().any(Upserted::is_inserted));
        for ((new, first), second) in many().zip(&first).zip(&second) {
            assert_eq!((&new.code, first.id), (&second.code, second.id));
        }
    }

    async fn rows_are_counted_and_not_read_back(db) {
        db.create(schema![Item]).await.unwrap();
        item("a", 1).insert(db).await.unwrap();
        let upsert = || NewItem::insert_many([item("a", 5), item("b", 6)], db).on_conflict(Item::CODE);
        assert_eq!(upsert().update(Item::STOCK).execute().await.unwrap(), 2);
        assert_eq!(upsert().do_nothing().execute().await.unwrap(), 0);
        let later = upsert().update(Item::STOCK).filter(Item::STOCK.excluded().gt(5));
        assert_eq!(later.execute().await.unwrap(), 1);
        let stock = Item::find().order_by(Item::CODE.asc()).select(Item::STOCK).all(db).await.unwrap();
        assert_eq!(stock, [5, 6]);
        assert_eq!(Item::find().count(db).await.unwrap(), 2);
    }

    async fn one_statement_writes_all_of_them(db) {
        db.create(schema![Item]).await.unwrap();
        let counting = Counting::new(db);
        let rows = || [item("a", 1), item("b", 2)];
        let upsert = || NewItem::insert_many(rows(), &counting).on_conflict(Item::CODE);
        upsert().update(Item::STOCK).await.unwrap();
        assert_eq!(counting.count(), 1);
        upsert().do_nothing().await.unwrap();
        assert_eq!(counting.count(), 1);
        upsert().update(Item::STOCK).execute().await.unwrap();
        assert_eq!(counting.count(), 1);
        let none = NewItem::insert_many([], &counting).on_conflict(Item::CODE).update(Item::STOCK);
        assert!(none.await.unwrap().is_empty());
        assert_eq!(counting.count(), 0);
    }

    async fn rows_that_are_there_are_found(db) {
        db.create(schema![Item]).await.unwrap();
        let before = item("b", 10).insert(db).await.unwrap();
        let rows = [item("a", 1), item("b", 2), item("c", 3), item("a", 4)];
        let found = NewItem::insert_many(rows, db).on_conflict(Item::CODE).do_nothing().await.unwrap();
        // The second row of one key finds the first.
        assert_eq!(told(&found), [(true, "a", 1), (false, "b", 10), (true, "c", 3), (false, "a", 1)]);
        assert_eq!(found[1], Upserted::Existing(before));
        assert_eq!(found[0].id, found[3].id);
        assert_eq!(Item::find().count(db).await.unwrap(), 3);
    }

    async fn a_filter_says_which_rows_are_updated(db) {
        db.create(schema![Item]).await.unwrap();
        for (code, stock) in [("a", 10), ("b", 1)] {
            item(code, stock).insert(db).await.unwrap();
        }
        let grows = Item::STOCK.lt(Item::STOCK.excluded());
        let rows = [item("c", 5), item("a", 5), item("b", 5)];
        let upserted = NewItem::insert_many(rows, db)
            .on_conflict(Item::CODE)
            .update(Item::STOCK)
            .set(Item::STATE, "grown")
            .filter(grows.clone())
            .await
            .unwrap();
        assert_eq!(told(&upserted), [(true, "c", 5), (false, "a", 10), (false, "b", 5)]);
        let states: Vec<_> = upserted.iter().map(|one| one.state.as_deref()).collect();
        assert_eq!(states, [Some("new"), Some("new"), Some("grown")]);
        // One row by itself means the same.
        let one = |stock| item("a", stock).on_conflict(Item::CODE).update(Item::STOCK).filter(grows.clone());
        let kept = one(7).insert(db).await.unwrap();
        assert_eq!((kept.is_inserted(), kept.stock), (false, 10));
        let kept = one(70).insert(db).await.unwrap();
        assert_eq!((kept.is_inserted(), kept.stock), (false, 70));
        let kept = item("z", 1)
            .on_conflict(Item::CODE)
            .set_expr(Item::STOCK, Item::STOCK - Item::STOCK.excluded() * 2)
            .filter(grows)
            .insert(db);
        assert!(kept.await.unwrap().is_inserted());
    }

    async fn a_key_with_a_null_never_conflicts(db) {
        db.create(schema![Shelf]).await.unwrap();
        let key = (Shelf::SHOP, Shelf::NUMBER);
        let rows = || [shelf(None, "a"), shelf(Some(1), "b"), shelf(None, "c")];
        for (round, count) in [(0, 3), (1, 5)] {
            let upserted =
                NewShelf::insert_many(rows(), db).on_conflict(key).update(Shelf::LABEL).await.unwrap();
            let new: Vec<_> = upserted.iter().map(Upserted::is_inserted).collect();
            assert_eq!(new, [true, round == 0, true]);
            assert_eq!(Shelf::find().count(db).await.unwrap(), count);
        }
        let found = NewShelf::insert_many(rows(), db).on_conflict(key).do_nothing().await.unwrap();
        let labels: Vec<_> = found.iter().map(|one| (one.is_inserted(), &*one.label)).collect();
        assert_eq!(labels, [(true, "a"), (false, "b"), (true, "c")]);
    }

    async fn a_key_of_some_rows_is_met_by_these(db) {
        db.create(schema![Account]).await.unwrap();
        let rows = || [account("a", true, 1), account("a", false, 2), account("b", false, 3)];
        let upsert = || NewAccount::insert_many(rows(), db).on_conflict(Account::EMAIL);
        let told = |all: &[Upserted<Account>]| -> Vec<(bool, bool, i32)> {
            all.iter().map(|one| (one.is_inserted(), one.closed, one.weight)).collect()
        };
        let first = upsert().update(Account::WEIGHT).await.unwrap();
        assert_eq!(told(&first), [(true, true, 1), (true, false, 2), (true, false, 3)]);
        let second = upsert()
            .set_expr(Account::WEIGHT, Account::WEIGHT + Account::WEIGHT.excluded())
            .await
            .unwrap();
        assert_eq!(told(&second), [(true, true, 1), (false, false, 4), (false, false, 6)]);
        let third = upsert().do_nothing().await.unwrap();
        assert_eq!(told(&third), [(true, true, 1), (false, false, 4), (false, false, 6)]);
        assert_eq!(Account::find().count(db).await.unwrap(), 5);
    }

    async fn two_rows_of_one_key_are_not_updated(db) {
        db.create(schema![Item, Shelf, Account]).await.unwrap();
        let rows = || [item("a", 1), item("b", 2), item("a", 3)];
        let counting = Counting::new(db);
        let upsert = || NewItem::insert_many(rows(), &counting).on_conflict(Item::CODE);
        let error = upsert().update(Item::STOCK).await.unwrap_err();
        assert!(is_given_twice(&error), "{error}");
        assert_eq!(error.key(), Some("\"a\""));
        assert!(is_given_twice(&upsert().update(Item::STOCK).execute().await.unwrap_err()));
        assert_eq!(counting.count(), 0);
        // The database tells where the library cannot: of a key of some rows.
        let rows = || [account("a", false, 1), account("a", false, 2)];
        let upsert = || NewAccount::insert_many(rows(), db).on_conflict(Account::EMAIL);
        let error = upsert().update(Account::WEIGHT).await.unwrap_err();
        assert!(is_given_twice(&error), "{error}");
        assert_eq!(Account::find().count(db).await.unwrap(), 0);
        let error = upsert().update(Account::WEIGHT).execute().await.unwrap_err();
        assert!(is_given_twice(&error), "{error}");
        assert_eq!(Account::find().count(db).await.unwrap(), 0);
        assert_eq!(upsert().do_nothing().execute().await.unwrap(), 1);
    }

    async fn an_error_half_way_writes_nothing(db) {
        db.create(schema![Node]).await.unwrap();
        let id = uuid::Uuid::from_u128;
        let node = |at, parent: Option<u128>| NewNode { id: id(at), parent_id: parent.map(id), label: "a".into() };
        let rows = || [node(1, None), node(2, Some(9)), node(3, Some(1))];
        let upsert = || NewNode::insert_many(rows(), db).on_conflict(Node::ID);
        let error = upsert().update(Node::LABEL).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert!(upsert().do_nothing().execute().await.unwrap_err().is_foreign_key_violation());
        assert_eq!(Node::find().count(db).await.unwrap(), 0);
    }

    async fn rows_may_refer_to_later_ones(db) {
        db.create(schema![Node]).await.unwrap();
        let id = uuid::Uuid::from_u128;
        // A chain, the last row being the root.
        let rows = |label: &'static str| {
            (1..=40_u128).map(move |at| NewNode {
                id: id(at),
                parent_id: (at < 40).then(|| id(at + 1)),
                label: label.into(),
            })
        };
        let first = NewNode::insert_many(rows("a"), db).on_conflict(Node::ID).update(Node::LABEL);
        assert!(first.await.unwrap().iter().all(Upserted::is_inserted));
        let again = NewNode::insert_many(rows("b"), db).on_conflict(Node::ID).update(Node::LABEL);
        let again = again.await.unwrap();
        assert!(again.iter().all(|node| !node.is_inserted() && node.label == "b"));
        assert!(again.iter().zip(1..).all(|(node, at)| node.id == id(at)));
    }

    async fn what_cannot_be_meant_is_refused(db) {
        db.create(schema![Item]).await.unwrap();
        let upsert = || NewItem::insert_many([item("a", 1)], db);
        let refused = upsert().on_conflict(Item::NAME).do_nothing().await.unwrap_err();
        assert!(refused.is_invalid_request(), "{refused}");
        let refused = upsert().on_conflict(Item::ID).do_nothing().await.unwrap_err();
        assert!(refused.to_string().contains("`Item.id` is left to the database"), "{refused}");
        let refused = upsert().on_conflict(Item::CODE).do_nothing().filter(Item::STOCK.gt(1)).await;
        assert!(refused.unwrap_err().to_string().contains("a filter says which rows are updated"));
        let elsewhere = Item::find().filter(Item::STOCK.excluded().gt(1)).all(db).await.unwrap_err();
        assert!(elsewhere.is_invalid_request(), "{elsewhere}");
        let set = Item::find().all_rows().set_expr(Item::STOCK, Item::STOCK.excluded()).update(db);
        assert!(set.await.unwrap_err().is_invalid_request());
        assert!(Item::find().filter(Item::STOCK.gt(Item::STOCK)).all(db).await.unwrap().is_empty());
        let elsewhere = Item::find().filter(Item::STOCK.gt(Item::STOCK.excluded())).all(db).await;
        assert!(elsewhere.unwrap_err().is_invalid_request());
    }

    async fn many_sessions_insert_each_row_once(db) {
        db.create(schema![Item]).await.unwrap();
        let rows = |stock| (0..20).map(move |at| item(&format!("{at:02}"), stock));
        let upsert = async |stock: i64| {
            let insert = NewItem::insert_many(rows(stock), db).on_conflict(Item::CODE);
            let upserted = if stock % 2 == 0 {
                insert.update(Item::STOCK).await.unwrap()
            } else {
                insert.do_nothing().await.unwrap()
            };
            assert!(upserted.iter().zip(rows(0)).all(|(row, new)| row.code == new.code));
            upserted.iter().filter(|row| row.is_inserted()).count()
        };
        let inserted = futures_util::future::join_all((0..12).map(upsert)).await;
        assert_eq!(inserted.into_iter().sum::<usize>(), 20);
        assert_eq!(Item::find().count(db).await.unwrap(), 20);
    }
}

/// Texts that the database takes for one key, though their bytes differ.
#[tokio::test]
async fn keys_are_the_same_by_the_word_of_the_database() {
    let setup = |text: &str| {
        format!(
            "CREATE TABLE \"Stock Items\" (id {text} , \"the code\" TEXT COLLATE \"nocase\" NOT NULL UNIQUE, \
             name TEXT NOT NULL, stock BIGINT NOT NULL, state TEXT DEFAULT 'new', \
             twice BIGINT NOT NULL GENERATED ALWAYS AS (stock * 2) STORED, version INTEGER NOT NULL DEFAULT 1)",
        )
    };
    let check = async |db: &::relations::Database| {
        item("Ada", 1).insert(db).await.unwrap();
        let rows = [item("bob", 2), item("ADA", 3)];
        let found = NewItem::insert_many(rows.clone(), db).on_conflict(Item::CODE).do_nothing();
        assert_eq!(told(&found.await.unwrap()), [(true, "bob", 2), (false, "Ada", 1)]);
        let updated = NewItem::insert_many(rows, db).on_conflict(Item::CODE).update(Item::STOCK);
        assert_eq!(told(&updated.await.unwrap()), [(false, "bob", 2), (false, "Ada", 3)]);
        let twice = || [item("Eve", 1), item("EVE", 2)];
        let upsert = || NewItem::insert_many(twice(), db).on_conflict(Item::CODE);
        let error = upsert().update(Item::STOCK).await.unwrap_err();
        assert!(is_given_twice(&error), "{error}");
        assert_eq!(Item::find().count(db).await.unwrap(), 2);
        let found = upsert().do_nothing().await.unwrap();
        assert_eq!(told(&found), [(true, "Eve", 1), (false, "Eve", 1)]);
    };
    let db = support::sqlite().await;
    let sql = setup("INTEGER PRIMARY KEY AUTOINCREMENT");
    ::relations::sql(&*sql, ()).execute(&db).await.unwrap();
    check(&db).await;
    let Some(db) = support::postgres().await else { return };
    let collation = "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";
    ::relations::sql(collation, ()).execute(&db).await.unwrap();
    let sql = setup("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY");
    ::relations::sql(&*sql, ()).execute(&db).await.unwrap();
    check(&db).await;
}

/// A partitioned table has no system column that tells new rows.
#[tokio::test]
async fn a_partitioned_table_tells_new_rows_as_well() {
    let Some(db) = support::postgres().await else { return };
    for sql in [
        "CREATE TABLE shelves (id BIGINT GENERATED BY DEFAULT AS IDENTITY, shop BIGINT NOT NULL, \
         number INTEGER, label TEXT NOT NULL, UNIQUE (shop, number)) PARTITION BY LIST (shop)",
        "CREATE TABLE shelves_1 PARTITION OF shelves FOR VALUES IN (1)",
    ] {
        ::relations::sql(sql, ()).execute(&db).await.unwrap();
    }
    let rows = |from| (from..from + 10).map(|number| shelf(Some(number), "a"));
    let key = (Shelf::SHOP, Shelf::NUMBER);
    for (from, new) in [(0, 10), (5, 5), (5, 0)] {
        let upserted = NewShelf::insert_many(rows(from), &db).on_conflict(key).update(Shelf::LABEL);
        let inserted = upserted.await.unwrap().iter().filter(|row| row.is_inserted()).count();
        assert_eq!(inserted, new);
    }
}

/// A row that a trigger leaves out is an error, and nothing is written, outside and within a transaction.
#[tokio::test]
async fn a_row_that_is_left_out_leaves_nothing() {
    let Some(db) = support::postgres().await else { return };
    db.create(schema![Item]).await.unwrap();
    for sql in [
        "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN IF NEW.stock = 0 THEN RETURN NULL; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER skip BEFORE INSERT ON \"Stock Items\" FOR EACH ROW EXECUTE FUNCTION skip()",
    ] {
        ::relations::sql(sql, ()).execute(&db).await.unwrap();
    }
    let rows = || [item("a", 1), item("b", 0)];
    let upsert = || NewItem::insert_many(rows(), &db).on_conflict(Item::CODE);
    for refused in [upsert().do_nothing().await, upsert().update(Item::STOCK).await] {
        assert!(refused.unwrap_err().is_row_suppressed());
        assert_eq!(Item::find().count(&db).await.unwrap(), 0);
    }
    let transaction = db.begin().await.unwrap();
    let within =
        NewItem::insert_many(rows(), &transaction).on_conflict(Item::CODE).do_nothing().await;
    assert!(within.unwrap_err().is_row_suppressed());
    assert!(transaction.commit().await.is_err());
    assert_eq!(Item::find().count(&db).await.unwrap(), 0);
    assert_eq!(upsert().do_nothing().execute().await.unwrap(), 1);
}

/// Rows that another transaction makes after the statement has begun are found, in a transaction too.
#[tokio::test]
async fn rows_that_are_made_meanwhile_are_found() {
    let Some(db) = support::postgres().await else { return };
    db.create(schema![Item]).await.unwrap();
    for within in [false, true] {
        let code = if within { "c" } else { "b" };
        let other = db.begin().await.unwrap();
        let before = item(code, 7).insert(&other).await.unwrap();
        let rows = [item(&format!("a{within}"), 1), item(code, 2)];
        let upsert = async {
            if within {
                let transaction = db.begin().await.unwrap();
                let found =
                    NewItem::insert_many(rows, &transaction).on_conflict(Item::CODE).do_nothing();
                let found = found.await.unwrap();
                transaction.commit().await.unwrap();
                found
            } else {
                NewItem::insert_many(rows, &db).on_conflict(Item::CODE).do_nothing().await.unwrap()
            }
        };
        let commit = async {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            other.commit().await.unwrap();
        };
        let (found, ()) = futures_util::future::join(upsert, commit).await;
        assert!(found[0].is_inserted());
        assert_eq!(found[1], Upserted::Existing(before));
    }
}
