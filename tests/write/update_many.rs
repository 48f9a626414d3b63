//! Many rows that are changed at once, each to values of its own.

use ::relations::prelude::*;

use crate::support::{self, Counting};

/// Names that have to be quoted, values that the database makes, and a type that is cast.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "Stock Items")]
pub struct Item {
    #[id(generated)]
    #[column(name = "Item Id")]
    pub id: i64,
    #[column(name = "select")]
    pub name: String,
    #[column(type = "varchar(20)")]
    pub code: Option<String>,
    pub stock: i64,
    #[column(generated = "stock * 2")]
    pub twice: i64,
    #[version]
    pub version: i32,
    #[updated_at]
    pub changed: chrono::NaiveDateTime,
}

/// A composite id, and nothing that the database makes.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Seat {
    #[id]
    pub row: String,
    #[id]
    pub number: i32,
    #[unique]
    pub ticket: i64,
    pub guest: Option<String>,
}

/// Nothing but an id.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tag {
    #[id]
    pub name: String,
}

async fn items(db: &::relations::Database, count: i64) -> Vec<Item> {
    db.create(schema![Item, Seat, Tag]).await.unwrap();
    let new = (0..count).map(|stock| NewItem { name: format!("item {stock}"), code: None, stock });
    NewItem::insert_many(new, db).await.unwrap()
}

fn seat(number: i32) -> Seat {
    Seat { row: "A".into(), number, ticket: i64::from(number), guest: None }
}

async fn seats(db: &::relations::Database, count: i32) -> Vec<Seat> {
    db.create(schema![Seat]).await.unwrap();
    let new = (1..=count).map(|number| NewSeat {
        row: "A".into(),
        number,
        ticket: number.into(),
        guest: None,
    });
    NewSeat::insert_many(new, db).await.unwrap()
}

behaviour! {
    async fn each_row_gets_values_of_its_own(db) {
        let mut items = items(db, 200).await;
        items.reverse();
        let before = items.clone();
        for item in &mut items {
            item.name = format!("now {}", item.stock);
            item.stock += 1_000;
            item.code = (item.stock % 3 == 0).then(|| format!("c{}", item.stock));
        }
        let counting = Counting::new(db);
        Item::update_many(&mut items, &counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        for (item, before) in items.iter().zip(&before) {
            assert_eq!((item.id, item.stock), (before.id, before.stock + 1_000));
            assert_eq!((item.twice, item.version), (item.stock * 2, 2));
            assert!(item.changed >= before.changed);
            assert_eq!(Item::find_by_id(item.id).one(db).await.unwrap(), *item);
        }
        Item::update_many(items.iter_mut().take(2), db).await.unwrap();
        assert_eq!((items[0].version, items[1].version, items[2].version), (3, 3, 2));
        Item::update_many(&mut [], &counting).await.unwrap();
        assert_eq!(counting.count(), 0);
    }

    async fn rows_of_a_composite_id(db) {
        let mut seats = seats(db, 50).await;
        for seat in &mut seats {
            seat.ticket += 500;
            seat.guest = Some(format!("guest {}", seat.number));
        }
        Seat::update_many(&mut seats, db).await.unwrap();
        assert_eq!(Seat::find().order_by(Seat::NUMBER.asc()).all(db).await.unwrap(), seats);
    }

    async fn a_row_that_is_gone_leaves_all_as_they_were(db) {
        let seats = seats(db, 3).await;
        let mut changed: Vec<_> = [1, 2, 7].map(|number| Seat { ticket: 100 + i64::from(number), ..seat(number) }).into();
        let error = Seat::update_many(&mut changed, db).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.key(), Some("(\"A\", 7)"));
        assert_eq!(Seat::find().order_by(Seat::NUMBER.asc()).all(db).await.unwrap(), seats);
        // A transaction goes on, in which nothing of it is written.
        let transaction = db.begin().await.unwrap();
        let error = Seat::update_many(&mut changed, &transaction).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(Seat::find().order_by(Seat::NUMBER.asc()).all(&transaction).await.unwrap(), seats);
        Seat::update_many(&mut changed[..2], &transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(Seat::find_by_id(("A", 2)).one(db).await.unwrap().ticket, 102);
    }

    async fn a_row_that_another_has_written_leaves_all_as_they_were(db) {
        let mut items = items(db, 3).await;
        let mut other = items[1].clone();
        other.stock = 70;
        other.update(db).await.unwrap();
        let before = Item::find().order_by(Item::ID.asc()).all(db).await.unwrap();
        for item in &mut items {
            item.stock = 500;
        }
        let given = items.clone();
        let error = Item::update_many(&mut items, db).await.unwrap_err();
        assert!(error.is_stale(), "{error}");
        assert_eq!((error.versions(), error.key()), (Some((1, 2)), Some(&*other.id.to_string())));
        assert_eq!(Item::find().order_by(Item::ID.asc()).all(db).await.unwrap(), before);
        let transaction = db.begin().await.unwrap();
        assert!(Item::update_many(&mut items, &transaction).await.unwrap_err().is_stale());
        transaction.commit().await.unwrap();
        assert_eq!(Item::find().order_by(Item::ID.asc()).all(db).await.unwrap(), before);
        // The given rows are still there for a retry.
        for (item, given) in items.iter().zip(&given) {
            assert_eq!((item.id, item.stock), (given.id, given.stock));
        }
    }

    async fn one_row_is_not_given_twice(db) {
        let mut items = items(db, 2).await;
        items[1].id = items[0].id;
        let counting = Counting::new(db);
        let error = Item::update_many(&mut items, &counting).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(error.key(), Some(&*items[0].id.to_string()));
        assert_eq!(counting.count(), 0);
    }

    async fn a_constraint_refuses_all_of_them(db) {
        let mut seats = seats(db, 3).await;
        let before = seats.clone();
        for seat in &mut seats {
            seat.ticket = 9;
        }
        assert!(Seat::update_many(&mut seats, db).await.unwrap_err().is_unique_violation());
        assert_eq!(Seat::find().order_by(Seat::NUMBER.asc()).all(db).await.unwrap(), before);
    }

    async fn an_id_alone_has_to_be_there(db) {
        items(db, 0).await;
        NewTag { name: "a".into() }.insert(db).await.unwrap();
        let tag = |name: &str| Tag { name: name.into() };
        Tag::update_many(&mut [tag("a")], db).await.unwrap();
        let error = Tag::update_many(&mut [tag("a"), tag("b")], db).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.key(), Some("\"b\""));
    }
}

/// More values than a statement has places for parameters.
#[tokio::test]
async fn rows_are_as_many_as_one_likes() {
    let Some(db) = support::postgres().await else { return };
    let mut items = items(&db, 30_000).await;
    for item in &mut items {
        item.stock += 1;
    }
    Item::update_many(&mut items, &db).await.unwrap();
    assert_eq!(Item::find().filter(Item::VERSION.eq(2)).count(&db).await.unwrap(), 30_000);
    assert!(items.iter().all(|item| item.twice == item.stock * 2));
}

/// Two sessions that change the same rows in opposite orders.
#[tokio::test]
async fn sessions_that_meet_are_told() {
    let Some(db) = support::postgres().await else { return };
    let before = items(&db, 20).await;
    let change = async |by: i64| {
        let mut items = before.clone();
        if by == 1 {
            items.reverse();
        }
        for item in &mut items {
            item.stock += by;
        }
        Item::update_many(&mut items, &db).await
    };
    let (one, other) = futures_util::future::join(change(1), change(2)).await;
    let is_told = |error: &::relations::Error| error.is_stale() || error.is_serialization_failure();
    assert!(one.is_ok() != other.is_ok());
    assert!(one.err().or(other.err()).is_some_and(|error| is_told(&error)));
    let after = Item::find().order_by(Item::ID.asc()).all(&db).await.unwrap();
    let by = after[0].stock - before[0].stock;
    assert!(after.iter().zip(&before).all(|(after, before)| after.stock == before.stock + by));
}
